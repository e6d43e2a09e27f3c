"""The worker processes of one ingest, seen from their parent: started, listened to, and ended.

The parent depends on none of them. What is missing when the last has ended, it embeds itself.
"""

from __future__ import annotations

import json
import pickle
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from graph.errors import ModelError, StorageError
from logs import log_event
from rag.embed import available_cpus
from rag.embed_worker import Job

if TYPE_CHECKING:
    from rag.embed import Embedder
    from rag.embedding_cache import EmbeddingCache

TEXTS_A_WORKER = 256  # a worker takes a second to start; for fewer than so many texts that is not worth it
PATIENCE_SECONDS = 120.0  # without news, after which workers that live but do not work are given up
LOOK_SECONDS = 0.25
_END_SECONDS = 2.0
_ROOT = Path(__file__).resolve().parent.parent
_COMMAND = [sys.executable, "-c", "from rag.embed_worker import main; main()"]
_FAULTS = {fault.__name__: fault for fault in (StorageError, ModelError)}


class Crew:
    """Up to `count` workers that embed texts, all of them different, into a cache; as many as the texts are worth.

    They are there between entering and leaving, and none outlives this process. None at all is a crew too.
    """

    def __init__(self, embedder: Embedder, cache: EmbeddingCache, texts: Sequence[str], count: int) -> None:
        worth = min(count, len(texts) // TEXTS_A_WORKER)
        self._count = worth if worth > 1 else 0
        self._embedder, self._cache, self._texts = embedder, cache, texts
        self._workers: list[tuple[subprocess.Popen[bytes], threading.Thread]] = []
        self._working: set[int] = set()
        self._news: queue.SimpleQueue[tuple[int, Any]] = queue.SimpleQueue()
        self._quiet_seconds = 0.0

    def __enter__(self) -> Self:
        if self._count:
            embedder = self._embedder.with_threads(max(1, available_cpus() // self._count))
            job = pickle.dumps(Job(embedder, self._cache.path.resolve(), self._texts))
            try:
                for _ in range(self._count):
                    self._start(job)
            except BaseException:
                self._end(0)
                raise
        return self

    def __exit__(self, *exception: object) -> None:
        self._end(_END_SECONDS if exception[0] is None else 0)

    @property
    def is_working(self) -> bool:
        """Whether any worker is left."""
        return bool(self._working)

    def wait(self) -> list[str]:
        """Waits for a moment or until something happens; the texts that a worker has handed over, if that was it.

        Raises the StorageError or ModelError that a worker met. A worker that just dies is only logged.
        """
        try:
            number, news = self._news.get(timeout=LOOK_SECONDS)
        except queue.Empty:
            self._grow_impatient()
            return []
        self._quiet_seconds = 0.0
        if isinstance(news, dict):
            raise _FAULTS.get(news["kind"], StorageError)(news["message"])
        if news is None:
            self._working.discard(number)
            if code := _end_process(self._workers[number][0], _END_SECONDS):
                log_event("embed_worker_lost", "warning", worker=number, code=code)
            return []
        return [self._texts[place] for place in news]

    def _start(self, job: bytes) -> None:
        number = len(self._workers)
        try:
            worker = subprocess.Popen(
                _COMMAND, cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **_out_of_reach_of_ctrl_c()
            )
        except OSError as fault:  # no process to be had: those that there are do it, or the parent
            log_event("embed_worker_lost", "warning", error=str(fault))
            return
        listener = threading.Thread(target=self._listen, args=(number, worker, job), daemon=True)
        self._workers.append((worker, listener))
        self._working.add(number)
        listener.start()

    def _listen(self, number: int, worker: subprocess.Popen[bytes], job: bytes) -> None:
        assert worker.stdin is not None
        assert worker.stdout is not None
        try:
            worker.stdin.write(job)
            worker.stdin.flush()  # and stays open: its end would tell the worker that its parent has ended
            for line in worker.stdout:
                self._news.put((number, json.loads(line)))
        except (OSError, ValueError):  # it died over its job, or in the middle of a line
            worker.kill()
        finally:
            worker.stdout.close()
            with suppress(OSError):
                worker.stdin.close()
            self._news.put((number, None))

    def _grow_impatient(self) -> None:
        """Gives up workers that have been silent for long; counted in waits, so that a sleeping machine ends nobody."""
        self._quiet_seconds += LOOK_SECONDS
        if self._working and self._quiet_seconds > PATIENCE_SECONDS:
            log_event("embed_workers_given_up", "warning", seconds=PATIENCE_SECONDS)
            self._end(0)

    def _end(self, seconds: float) -> None:
        """Ends all workers: those that are done have so many seconds to go by themselves."""
        for worker, listener in self._workers:
            _end_process(worker, seconds)
            listener.join()
        self._working.clear()


def _end_process(worker: subprocess.Popen[bytes], seconds: float) -> int:
    """What a process ended with, which it has so many seconds for."""
    try:
        return worker.wait(seconds)
    except subprocess.TimeoutExpired:
        worker.kill()
        return worker.wait()


def _out_of_reach_of_ctrl_c() -> dict[str, Any]:
    """A process group of their own: Ctrl-C is for the parent, which then ends its workers without a word of theirs."""
    if sys.platform == "win32":
        return {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
    return {"process_group": 0}
