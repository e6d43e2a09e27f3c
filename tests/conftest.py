"""What the tests share: the course, ingested once, and notes written for a single test."""

import os
import shutil
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

import generation
import publication
from graph.schema import Vault
from ingest.read import SourceFile
from ingest.vault import Sources, build_vault
from workspace import SHIPPED_CONTENT, Settings, ingest_folder, load_embedder, open_workspace

# Servers that the environment names are for the tests of servers, each of which gets a corner there. Taken out, they
# cannot become the store of every other test's workspace.
SERVERS = {name: os.environ.pop(name) for name in list(os.environ) if name.startswith(("NEO4J_", "QDRANT_"))}
SLOW_FOLDERS = ("e2e", "graph", "bench", "tests", "rag")


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    """Hands the servers on to a worker of pytest-xdist, which inherits an environment without them."""
    node.workerinput["servers"] = SERVERS


def pytest_configure(config):
    SERVERS.update(getattr(config, "workerinput", {}).get("servers", {}))


def pytest_collection_modifyitems(config, items):
    """Workers begin with what takes longest, so that none is left alone with it in the end."""
    if hasattr(config, "workerinput"):
        places = {name: place for place, name in enumerate(SLOW_FOLDERS)}
        items.sort(key=lambda item: places.get(item.path.parent.name, len(places)))


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
        return publication.ingest(self.root, self.workspace, self._embedder)

    def open(self, **settings):
        return open_workspace(Settings(workspace=self.workspace, **settings))

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
def shared_folder(tmp_path_factory, request):
    """A folder for what is made once and only read from then on, by all workers of the run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if hasattr(request.config, "workerinput") else own) / "shared"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def course_settings(shared_folder):
    """The shipped course in a workspace that tests only read; for a second worker, nothing has changed in it."""
    settings = Settings(workspace=shared_folder / "course")
    with FileLock(shared_folder / "course.lock"):
        ingest_folder(settings, SHIPPED_CONTENT)
    return settings


@pytest.fixture(scope="session")
def course(course_settings):
    """The shipped course, ingested once and opened."""
    return open_workspace(course_settings)


PAGE = b"<html><head><title>Heap</title></head><body><p>A heap is a tree.</p></body></html>"


class Site(BaseHTTPRequestHandler):
    """Answers a path with what `server.pages` has for it (status, headers, body); a list of bodies comes bit by bit.

    `/to/<address>` redirects, any other path is a page; `server.asked` is what was asked for.
    """

    def do_GET(self):
        self.server.asked.append(f"{self.command} {self.path}")
        path = self.path.partition("?")[0]
        status, headers, body = self.server.pages.get(path, (200, {"Content-Type": "text/html; charset=utf-8"}, PAGE))
        if path.startswith("/to/"):
            status, headers, body = 302, {"Location": self.path.removeprefix("/to/")}, b""
        pieces = body if isinstance(body, list) else [body]
        if status:
            self.send_response(status)
            length = {} if isinstance(body, list) else {"Content-Length": str(len(body))}
            for name, value in {**length, **headers}.items():
                self.send_header(name, value)
            self.end_headers()
        for piece in pieces if self.command == "GET" else ():
            time.sleep(0.1 if len(pieces) > 1 else 0)
            self.wfile.write(piece)

    do_HEAD = do_GET

    def handle(self):
        try:
            super().handle()
        except OSError:
            self.close_connection = True

    def log_message(self, *args):
        pass


@pytest.fixture
def site():
    """A web site on this machine, without a robots.txt."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    server.daemon_threads = True
    server.pages, server.asked = {"/robots.txt": (404, {}, b"")}, []
    server.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()
