"""The only writer: builds a complete generation beside the one in service, then swaps one pointer.

    <workspace>/CURRENT             names the generation in service; replaced atomically
    <workspace>/generations/<id>/   graph.json, chunks.jsonl, documents.jsonl, index/, tokens/, report.json
    <workspace>/segments/<id>/      token vectors, shared by the generations that name them in tokens/manifest.json
    <workspace>/cache/              parsed files, and vectors by text: a rebuild parses and embeds only what is new

A generation's id is the fingerprint of all that it is made from, so the same input is never built twice, and going back
to an input that is still kept is a swap of the pointer. Its report names the generation that it took over from, which
`undo` puts back.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path

from graph.errors import BusyError, StorageError, UsageError
from graph.schema import Concept, Merge, Problem, Vault
from graph.store import NetworkxStore, graph_from_json, iter_graph_json
from ingest.plain_text import passage_text
from ingest.vault import Sources, build_vault, read_sources
from parse_cache import PARSED_FILES, ParsedFiles
from rag.corpus import Corpus, write_corpus
from rag.durable import sync_folder, sync_tree, write_durably
from rag.embed import Embedder
from rag.embedding_cache import EmbeddingCache, embed_cached
from rag.index import EdgeIndex, IndexRow, build_edge_index
from rag.segment_writer import SegmentWriter
from rag.segments import SEGMENTS_FOLDER, SegmentFolder, text_key
from rag.spelling import Vocabulary, write_vocabulary
from rag.token_vectors import TOKENS_FOLDER, TokenVectors, named_segments, write_token_vectors

KEPT_GENERATIONS = 2
GRAPH_FILE, REPORT_FILE, INDEX_FOLDER = "graph.json", "report.json", "index"
_CODE_ROOMS = ("graph", "ingest", "rag", "generation.py")
_BUILDING = ".building-"

Progress = Callable[[str, int, int], None]
"""Told the stage ("read", "embed", "index", "publish"), how much of it is done and how much there is."""


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
            _ = Vocabulary(self.folder).counts
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
        generation_id = (workspace / "CURRENT").read_bytes().decode("utf-8", "replace").strip()
    except FileNotFoundError:
        return None
    except OSError as fault:
        raise StorageError(
            f"{workspace / 'CURRENT'} cannot be read ({fault.strerror}); check its permissions."
        ) from fault
    found = find_generation(workspace, generation_id)
    if found is None:
        raise StorageError(f"{workspace / 'CURRENT'} names no generation that is there; run `prepgraph ingest` again.")
    return found


def previous_generation(workspace: Path) -> Generation | None:
    """The generation that was in service before the one that is, or None when there was none or it is not kept."""
    current = current_generation(workspace)
    previous = current.report().previous if current else None
    return find_generation(workspace, previous) if previous else None


def find_generation(workspace: Path, generation_id: str) -> Generation | None:
    """The published generation with this id, or None when it is not kept."""
    folder = workspace / "generations" / generation_id
    is_name = Path(generation_id).name == generation_id and not generation_id.startswith(".")
    return Generation(generation_id, folder) if generation_id and is_name and folder.is_dir() else None


def ingest(root: Path, workspace: Path, embedder: Embedder, on_progress: Progress | None = None) -> Report:
    """Reads a folder and puts its generation into service; with nothing changed, only says so.

    Raises UsageError for a folder that is not there and StorageError when something cannot be written or another
    process is writing; the generation that was in service then stays.
    """
    started = time.monotonic()
    progress = on_progress or (lambda stage, done, total: None)
    with _storage_faults(workspace), _writer_lock(workspace):
        _remove_unfinished(workspace / "generations")
        sources = read_sources(root.absolute())
        progress("read", 0, len(sources.files))
        generation_id = fingerprint(sources, embedder.model_id)
        generation = Generation(generation_id, workspace / "generations" / generation_id)
        if not generation.is_sound():
            _build(sources, generation.folder, workspace, embedder, progress, started)
        report = _put_into_service(workspace, generation)
    progress("publish", 1, 1)
    return replace(report, seconds=round(time.monotonic() - started, 3))


def undo(workspace: Path) -> Report:
    """Puts the generation that was in service before back; a second undo goes forward again.

    Raises UsageError when there is none, and StorageError when it is damaged or another process is writing; the
    generation in service then stays.
    """
    started = time.monotonic()
    if current_generation(workspace) is None:
        raise UsageError(f"Nothing has been ingested into {workspace} yet; run `prepgraph ingest` first.")
    with _storage_faults(workspace), _writer_lock(workspace):
        previous = previous_generation(workspace)
        if previous is None:
            raise UsageError(f"{workspace} keeps no generation before the one in service; ingest something else first.")
        if not previous.is_sound():
            raise StorageError(f"{previous.folder} is damaged, so it stays out of service; run `prepgraph ingest`.")
        report = _put_into_service(workspace, previous)
    return replace(report, seconds=round(time.monotonic() - started, 3))


def fingerprint(sources: Sources, model_id: str) -> str:
    """Names all that a generation is made from: files, model and code. 20 hexadecimal digits."""
    digest = hashlib.sha256(model_id.encode())
    digest.update(str(sources.root.resolve()).encode("utf-8", "surrogateescape"))
    for path in _code_files():
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for source in sources.files:
        digest.update(f"\0{source.path}\0".encode("utf-8", "surrogateescape") + hashlib.sha256(source.data).digest())
    for problem in sources.problems:
        digest.update(repr(problem).encode("utf-8", "surrogateescape"))
    return digest.hexdigest()[:20]


def _code_files() -> Iterator[Path]:
    here = Path(__file__).resolve().parent
    for room in _CODE_ROOMS:
        yield from sorted((here / room).glob("*.py")) if (here / room).is_dir() else [here / room]


def _build(
    sources: Sources, folder: Path, workspace: Path, embedder: Embedder, progress: Progress, started: float
) -> None:
    """Writes a generation under a name that nobody reads, and gives it its own when it is complete and on disk."""
    parsed = ParsedFiles(workspace / PARSED_FILES, embedder.model_id)
    vault = build_vault(sources, embedder.count_tokens, parsed, partial(progress, "read"))
    parsed.end_build()
    building = folder.parent / f"{_BUILDING}{os.getpid()}"
    building.mkdir(parents=True)
    try:
        _write_generation(vault, building, workspace, embedder, progress)
        report = _report(vault, folder.name, time.monotonic() - started)
        _write_report(building, replace(report, previous=_predecessor(folder)))
        sync_tree(building)
        shutil.rmtree(folder, ignore_errors=True)  # of an older build that was damaged
        building.replace(folder)
        sync_folder(folder.parent)
    except BaseException:
        shutil.rmtree(building, ignore_errors=True)
        raise


def _predecessor(folder: Path) -> str | None:
    """What a generation that is built again took over from: by its report, or if that is lost, the one kept beside it.

    None for a new one, which is told when it goes into service.
    """
    if not folder.is_dir():
        return None
    try:
        return Generation(folder.name, folder).report().previous
    except StorageError:
        others = [path.name for path in folder.parent.iterdir() if path.name[0] != "." and path != folder]
        return others[0] if len(others) == 1 else None


def _write_generation(vault: Vault, folder: Path, workspace: Path, embedder: Embedder, progress: Progress) -> None:
    texts = [passage_text(chunk.headings, chunk.text) for chunk in vault.chunks]
    cache = EmbeddingCache(workspace / "cache" / "embeddings.sqlite")
    segments = SegmentWriter(workspace / SEGMENTS_FOLDER)
    progress("embed", 0, len(texts))
    vectors = embed_cached(embedder, cache, segments, texts, lambda done: progress("embed", done, len(texts)))
    progress("index", 0, len(texts))
    keys = [text_key(embedder.token_model_id, text) for text in texts]
    segments.compact(keys)
    (folder / TOKENS_FOLDER).mkdir()
    write_token_vectors(folder / TOKENS_FOLDER, keys, segments)
    (folder / INDEX_FOLDER).mkdir()
    build_edge_index(folder / INDEX_FOLDER, _index_rows(vault, texts), vectors)
    progress("index", len(texts), len(texts))
    with (folder / GRAPH_FILE).open("wb") as file:
        file.writelines(iter_graph_json(vault.concepts, vault.relations, vault.resources))
    write_corpus(folder, vault.documents, vault.chunks)
    write_vocabulary(folder, texts)


def _index_rows(vault: Vault, texts: Sequence[str]) -> list[IndexRow]:
    concepts = {concept.id: concept for concept in vault.concepts}
    rows = []
    for chunk, text in zip(vault.chunks, texts, strict=True):
        # A note's passage is filed under the note's own week, a resource under those of the concepts it serves.
        owners: list[Concept] = [concepts[c] for c in ([chunk.owner] if chunk.owner else chunk.concept_ids)]
        weeks = sorted({c.week for c in owners if c.week is not None})
        tracks = sorted({c.track for c in owners if c.track is not None})
        rows.append(IndexRow(chunk.id, text, chunk.document_id, tuple(weeks), tuple(tracks)))
    return rows


def _report(vault: Vault, generation_id: str, seconds: float) -> Report:
    return Report(
        generation=generation_id,
        root=vault.root,
        documents=len(vault.documents),
        chunks=len(vault.chunks),
        concepts=len(vault.concepts),
        relations=len(vault.relations),
        resources=len(vault.resources),
        problems=vault.problems,
        seconds=round(seconds, 3),
        built_at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        merges=vault.merges,
    )


def _write_report(folder: Path, report: Report) -> None:
    write_durably(folder / f"{REPORT_FILE}.new", json.dumps(asdict(report), sort_keys=True, indent=1).encode())
    (folder / f"{REPORT_FILE}.new").replace(folder / REPORT_FILE)
    sync_folder(folder)


def _put_into_service(workspace: Path, generation: Generation) -> Report:
    """Swaps the pointer to a generation that is complete.

    It is told first what it takes over from; until the swap nobody asks it, so that a crash in between changes nothing.
    """
    report, before = generation.report(), _id_in_service(workspace)
    previous = report.previous if before in {None, generation.id} else before
    if previous != report.previous:
        _write_report(generation.folder, replace(report, previous=previous))
    _swap_pointer(workspace, generation.id)
    _prune(workspace, generation.id, previous)
    return replace(report, previous=before)


def _id_in_service(workspace: Path) -> str | None:
    """The id that the pointer names; None when it names nothing that is there, which an ingest mends."""
    try:
        found = current_generation(workspace)
    except StorageError:
        return None
    return found.id if found else None


def _swap_pointer(workspace: Path, generation_id: str) -> None:
    pointer = workspace / "CURRENT"
    if pointer.is_file() and pointer.read_bytes().strip() == generation_id.encode():
        return
    write_durably(workspace / "CURRENT.new", f"{generation_id}\n".encode())
    (workspace / "CURRENT.new").replace(pointer)
    sync_folder(workspace)


def _prune(workspace: Path, current: str, previous: str | None) -> None:
    """Keeps the generation in service, the one before it, then the newest, up to KEPT_GENERATIONS."""
    folders = [path for path in (workspace / "generations").iterdir() if path.is_dir() and path.name[0] != "."]
    os.utime(workspace / "generations" / current)
    by_use = sorted(folders, key=lambda path: (path.name == current, path.name == previous, path.stat().st_mtime))
    for path in by_use[:-KEPT_GENERATIONS]:
        shutil.rmtree(path, ignore_errors=True)
    named = [name for path in by_use[-KEPT_GENERATIONS:] for name in _segments_of(path)]
    SegmentFolder(workspace / SEGMENTS_FOLDER).remove_all_but(named)


def _segments_of(folder: Path) -> tuple[str, ...]:
    """The segments that a generation names: none when its manifest is damaged, or older than segments are."""
    try:
        return named_segments(folder / TOKENS_FOLDER)
    except StorageError:
        return ()


def _remove_unfinished(generations: Path) -> None:
    """Takes away what a killed ingest left; safe, since only the holder of the lock gets here."""
    for path in generations.glob(f"{_BUILDING}*"):
        shutil.rmtree(path, ignore_errors=True)


@contextmanager
def _storage_faults(workspace: Path) -> Iterator[None]:
    try:
        yield
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise StorageError(
            f"The workspace {workspace} could not be written ({reason}), and what was in service stays; "
            "free some space or check its permissions, then ingest again."
        ) from fault


@contextmanager
def _writer_lock(workspace: Path) -> Iterator[None]:
    """One writer at a time; a second one is told who holds the lock. The system frees it when a holder dies."""
    from filelock import FileLock, Timeout

    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "generations").mkdir(exist_ok=True)
    holder = workspace / "writer.txt"
    try:
        with FileLock(workspace / "writer.lock", timeout=0.2):
            holder.write_text(f"process {os.getpid()}, since {time.strftime('%H:%M:%S')}", encoding="utf-8")
            yield
            holder.unlink(missing_ok=True)
    except Timeout as fault:
        who = holder.read_text(encoding="utf-8") if holder.is_file() else "another process"
        raise BusyError(f"{workspace} is being written by {who}; wait until it is done, then try again.") from fault
