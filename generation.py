"""A published generation: where its parts lie, what it reports, and which one is in service.

    <workspace>/CURRENT             names the generation in service; replaced atomically
    <workspace>/generations/<id>/   graph.json, chunks.jsonl, documents.jsonl, index/, tokens/, report.json
    <workspace>/segments/<id>/      token vectors, shared by the generations that name them in tokens/manifest.json
    <workspace>/cache/              parsed files, and vectors by text: a rebuild parses and embeds only what is new

A generation's id is the fingerprint of all that it is made from, so the same input is never built twice, and going back
to an input that is still kept is a swap of the pointer. Its report names the generation that it took over from, which
`undo` puts back.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from graph.errors import StorageError
from graph.graph_file import GraphFile
from graph.schema import Merge, Problem
from graph.store import NetworkxStore, graph_from_json
from rag.corpus import Corpus
from rag.durable import sync_folder, write_durably
from rag.index import EdgeIndex
from rag.segments import SEGMENTS_FOLDER
from rag.spelling import Vocabulary, read_names
from rag.token_vectors import TOKENS_FOLDER, TokenVectors

GENERATIONS_FOLDER, POINTER = "generations", "CURRENT"
GRAPH_FILE, REPORT_FILE, INDEX_FOLDER = "graph.json", "report.json", "index"

Progress = Callable[[str, int, int], None]
"""Told the stage of an ingest ("read", "embed", "index", "neo4j", "publish"), how much of it is done and how much is
there."""


@dataclass(frozen=True, slots=True)
class Report:
    """What an ingest did; the counts are those of the generation that is now in service.

    `previous` is the generation that was in service before: None for the first, its own id for an ingest that changed
    nothing.
    """

    generation: str
    root: str
    documents: int
    chunks: int
    concepts: int
    relations: int
    resources: int
    problems: tuple[Problem, ...]
    seconds: float
    built_at: str
    previous: str | None = None
    merges: tuple[Merge, ...] = ()


@dataclass(frozen=True, slots=True)
class Generation:
    """A published generation on disk."""

    id: str
    folder: Path

    def report(self) -> Report:
        """What its ingest reported. Raises StorageError when the file is gone or damaged."""
        path = self.folder / REPORT_FILE
        try:
            row = json.loads(path.read_text(encoding="utf-8"))
            problems = tuple(Problem(**problem) for problem in row["problems"])
            merges = tuple(Merge(**merge) for merge in row.get("merges", ()))  # which older reports lack
            return Report(**{**row, "problems": problems, "merges": merges})
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise StorageError(f"{path} cannot be read ({fault}); run `prepgraph ingest` again.") from fault

    def graph(self) -> NetworkxStore:
        """Its graph, loaded into memory. Raises StorageError when the file is gone or damaged."""
        path = self.folder / GRAPH_FILE
        try:
            return graph_from_json(path.read_bytes())
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise StorageError(f"{path} cannot be read ({fault}); run `prepgraph ingest` again.") from fault

    def graph_file(self) -> GraphFile:
        """Its graph, to be read row by row; what reads it raises StorageError."""
        return GraphFile(self.folder / GRAPH_FILE)

    def corpus(self) -> Corpus:
        """Its passages and documents."""
        return Corpus(self.folder)

    def token_vectors(self) -> TokenVectors:
        """The token vectors of its passages. Raises StorageError when a part is gone or damaged."""
        return TokenVectors(self.folder / TOKENS_FOLDER, self.folder.parent.parent / SEGMENTS_FOLDER)

    def is_sound(self) -> bool:
        """Whether all of it is there, can still be read, and belongs together."""
        try:
            report, corpus, index = self.report(), self.corpus(), EdgeIndex(self.index_folder)
            index.close()
            self.graph()
            corpus.check()
            _ = Vocabulary(self.folder).counts, read_names(self.folder)
            tokens = self.token_vectors()
            tokens.verify()
        except StorageError:
            return False
        return report.chunks == len(corpus.chunks) == index.size == tokens.size

    @property
    def index_folder(self) -> Path:
        return self.folder / INDEX_FOLDER


def current_generation(workspace: Path) -> Generation | None:
    """The generation in service, or None in a workspace where nothing was ever published."""
    try:
        generation_id = (workspace / POINTER).read_bytes().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise StorageError(
            f"{workspace / POINTER} cannot be read ({fault.strerror}); check its permissions."
        ) from fault
    found = find_generation(workspace, generation_id)
    if found is None:
        raise StorageError(f"{workspace / POINTER} names no generation that is there; run `prepgraph ingest` again.")
    return found


def previous_generation(workspace: Path) -> Generation | None:
    """The generation that was in service before the one that is, or None when there was none or it is not kept."""
    current = current_generation(workspace)
    previous = current.report().previous if current else None
    return find_generation(workspace, previous) if previous else None


def find_generation(workspace: Path, generation_id: str) -> Generation | None:
    """The published generation with this id, or None when it is not kept."""
    folder = workspace / GENERATIONS_FOLDER / generation_id
    is_name = Path(generation_id).name == generation_id and not generation_id.startswith(".")
    return Generation(generation_id, folder) if generation_id and is_name and folder.is_dir() else None


def write_report(folder: Path, report: Report) -> None:
    """Puts a report into a generation's folder, in place of the one that is there."""
    write_durably(folder / f"{REPORT_FILE}.new", json.dumps(asdict(report), sort_keys=True, indent=1).encode())
    (folder / f"{REPORT_FILE}.new").replace(folder / REPORT_FILE)
    sync_folder(folder)
