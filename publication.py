"""The only writer: has a generation built, hands it to the servers that answer for it, then swaps one pointer."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from generation import (
    GENERATIONS_FOLDER,
    POINTER,
    Generation,
    Progress,
    Report,
    current_generation,
    previous_generation,
    write_report,
)
from generation_build import build_generation, fingerprint, remove_unfinished
from graph.errors import BusyError, StorageError, UsageError
from ingest.vault import read_sources
from rag.durable import sync_folder, write_durably
from rag.embed import Embedder
from rag.segments import SEGMENTS_FOLDER, SegmentFolder
from rag.token_vectors import TOKENS_FOLDER, named_segments

KEPT_GENERATIONS = 2


class Publisher(Protocol):
    """A server that answers for a part of each generation, such as Neo4j for the graph, besides the workspace's files.

    What it is to hold is read from the generation's folder, which is complete and on disk by then.
    """

    def publish(self, generation: Generation, kept: Collection[str], progress: Progress) -> None:
        """Makes the server hold a generation whole, and keep what it holds of those in `kept` (ids, its own included).

        Called before the pointer is swapped, by every ingest and undo, also when nothing changed: what the server holds
        already only costs the check, and what an earlier call left half written, or the server lost, is written anew.
        Readers of kept generations must not be disturbed; all others may be deleted. `progress` is told a stage named
        after the server. Raises StorageError when the server fails; the generation in service then stays.
        """


def ingest(
    root: Path,
    workspace: Path,
    embedder: Embedder,
    on_progress: Progress | None = None,
    publishers: Sequence[Publisher] = (),
    embed_workers: int = 1,
) -> Report:
    """Reads a folder and puts its generation into service; with nothing changed, only makes sure that it is there.

    With more than one of `embed_workers`, so many processes embed where much is new. Raises UsageError for a folder
    that is not there and StorageError when something cannot be written or another process is writing; the generation
    that was in service then stays.
    """
    started = time.monotonic()
    progress = on_progress or _say_nothing
    with _storage_faults(workspace), _writer_lock(workspace):
        remove_unfinished(workspace / GENERATIONS_FOLDER)
        sources = read_sources(root.absolute())
        progress("read", 0, len(sources.files))
        generation_id = fingerprint(sources, embedder.model_id)
        generation = Generation(generation_id, workspace / GENERATIONS_FOLDER / generation_id)
        if not generation.is_sound():
            build_generation(sources, generation.folder, workspace, embedder, progress, started, embed_workers)
        report = _put_into_service(workspace, generation, publishers, progress)
    progress("publish", 1, 1)
    return replace(report, seconds=round(time.monotonic() - started, 3))


def undo(workspace: Path, on_progress: Progress | None = None, publishers: Sequence[Publisher] = ()) -> Report:
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
        report = _put_into_service(workspace, previous, publishers, on_progress or _say_nothing)
    return replace(report, seconds=round(time.monotonic() - started, 3))


def _put_into_service(
    workspace: Path, generation: Generation, publishers: Sequence[Publisher], progress: Progress
) -> Report:
    """Swaps the pointer to a generation that is complete, once every server holds it too.

    It is told first what it takes over from; until the swap nobody asks it, so that a crash in between changes nothing.
    """
    report, before = generation.report(), _id_in_service(workspace)
    previous = report.previous if before in {None, generation.id} else before
    if previous != report.previous:
        write_report(generation.folder, replace(report, previous=previous))
    kept = {found for found in (generation.id, before, previous) if found}
    for publisher in publishers:
        publisher.publish(generation, kept, progress)
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
    pointer = workspace / POINTER
    if pointer.is_file() and pointer.read_bytes().strip() == generation_id.encode():
        return
    write_durably(workspace / "CURRENT.new", f"{generation_id}\n".encode())
    (workspace / "CURRENT.new").replace(pointer)
    sync_folder(workspace)


def _prune(workspace: Path, current: str, previous: str | None) -> None:
    """Keeps the generation in service, the one before it, then the newest, up to KEPT_GENERATIONS."""
    folders = [path for path in (workspace / GENERATIONS_FOLDER).iterdir() if path.is_dir() and path.name[0] != "."]
    os.utime(workspace / GENERATIONS_FOLDER / current)
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


def _say_nothing(stage: str, done: int, total: int) -> None:
    pass


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
    (workspace / GENERATIONS_FOLDER).mkdir(exist_ok=True)
    holder = workspace / "writer.txt"
    try:
        with FileLock(workspace / "writer.lock", timeout=0.2):
            holder.write_text(f"process {os.getpid()}, since {time.strftime('%H:%M:%S')}", encoding="utf-8")
            yield
            holder.unlink(missing_ok=True)
    except Timeout as fault:
        who = holder.read_text(encoding="utf-8") if holder.is_file() else "another process"
        raise BusyError(f"{workspace} is being written by {who}; wait until it is done, then try again.") from fault
