"""What the tests share: the course, ingested once, and notes written for a single test."""

import shutil
from pathlib import Path

import pytest

import generation
from graph.schema import Vault
from ingest.read import SourceFile
from ingest.vault import Sources, build_vault
from workspace import SHIPPED_CONTENT, Settings, ingest_folder, load_embedder, open_workspace


class Notes:
    """A folder of notes and a workspace beside it."""

    def __init__(self, folder, embedder):
        self.root, self.workspace = folder / "notes", folder / "workspace"
        self.root.mkdir(parents=True)
        self._embedder = embedder

    def write(self, files):
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return self

    def replace(self, files):
        shutil.rmtree(self.root)
        self.root.mkdir()
        return self.write(files)

    def ingest(self):
        return generation.ingest(self.root, self.workspace, self._embedder)

    def open(self):
        return open_workspace(Settings(workspace=self.workspace))

    def graph_bytes(self):
        return (generation.current_generation(self.workspace).folder / "graph.json").read_bytes()


@pytest.fixture(scope="session")
def embedder():
    return load_embedder()


@pytest.fixture
def notes(tmp_path, embedder):
    return Notes(tmp_path, embedder)


@pytest.fixture(scope="session")
def make_notes(tmp_path_factory, embedder):
    """Notes for as long as the test run; for properties, whose examples must share a cache of vectors."""
    return lambda: Notes(tmp_path_factory.mktemp("notes"), embedder)


@pytest.fixture(scope="session")
def vault_of(embedder):
    """What ingestion makes of notes that are given by path, without a file or a store."""

    def build(files) -> Vault:
        data = {path: text if isinstance(text, bytes) else text.encode() for path, text in files.items()}
        sources = tuple(SourceFile(path, data[path]) for path in sorted(data))
        return build_vault(Sources(Path("notes"), sources, ()), embedder.count_tokens)

    return build


@pytest.fixture(scope="session")
def course_settings(tmp_path_factory):
    """The shipped course in a workspace of its own."""
    settings = Settings(workspace=tmp_path_factory.mktemp("course"))
    ingest_folder(settings, SHIPPED_CONTENT)
    return settings


@pytest.fixture(scope="session")
def course(course_settings):
    """The shipped course, ingested once and opened."""
    return open_workspace(course_settings)
