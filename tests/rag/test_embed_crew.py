"""Worker processes over one cache: real ones, counted by what they embed, killed, stopped and left by their parent."""

import json
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from graph.errors import ModelError, StorageError
from rag.embed import MiniLMEmbedder
from rag.embed_cached import embed_cached
from rag.embed_crew import TEXTS_A_WORKER
from rag.embed_worker import TEXTS_A_CLAIM, Job
from rag.embedding_cache import EmbeddingCache
from rag.segment_writer import SegmentWriter
from rag.segments import text_key, to_rows
from tests.processes import is_alive, wait_for
from tests.rag.logging_embedder import LoggingEmbedder, LoggingModel, read_log

ROOT = Path(__file__).parents[2]
TEXTS = [f"text {number}" for number in range(3 * TEXTS_A_WORKER)]
WORKER = [sys.executable, "-c", "from rag.embed_worker import main; main()"]


class Room:
    """A cache, segments and a log of what was embedded."""

    def __init__(self, folder):
        self.log = folder / "log"
        self.cache, self.segments = EmbeddingCache(folder / "cache" / "embeddings.sqlite"), folder / "segments"

    def embed(self, embedder, texts=TEXTS, workers=3, on_progress=None):
        return embed_cached(embedder, self.cache, SegmentWriter(self.segments), texts, on_progress, workers)

    def start_worker(self, embedder, texts=TEXTS):
        worker = subprocess.Popen(WORKER, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        worker.stdin.write(pickle.dumps(Job(embedder, self.cache.path, texts)))
        worker.stdin.flush()
        return worker

    def embedded(self):
        return Counter(text for _, text in read_log(self.log))

    def processes(self):
        return {process for process, _ in read_log(self.log)}

    def stuck(self):
        path = self.log.with_suffix(".stuck")
        return [int(line) for line in path.read_text().split()] if path.exists() else []

    def written(self, texts=TEXTS):
        return set(self.cache.get_many("logging", texts))

    def rows(self, table):
        with sqlite3.connect(self.cache.path) as database:
            return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]

    def segment_names(self):
        return sorted(path.name for path in self.segments.iterdir())


@pytest.fixture
def room(tmp_path):
    return Room(tmp_path)


@pytest.fixture
def other(tmp_path):
    return Room(tmp_path / "other")


def expected(embedder, texts=TEXTS):
    return np.stack([embedder.encode(text).vector for text in texts])


def finish(worker):
    """Waits for a worker that ends by itself, with its stdin open meanwhile; what it told, line by line."""
    told = [json.loads(line) for line in worker.stdout]
    assert worker.wait() == 0
    worker.communicate()
    return told


def test_workers_embed_each_text_once_and_write_what_the_embedder_gives(room):
    embedder = LoggingEmbedder(room.log, pause=0.002)
    workers = [room.start_worker(embedder) for _ in range(3)]
    told = [place for worker in workers for places in finish(worker) for place in places]
    assert room.embedded() == Counter(TEXTS)
    assert sorted(told) == list(range(len(TEXTS)))
    vectors = room.cache.get_many("logging", TEXTS)
    np.testing.assert_array_equal(np.stack([vectors[text] for text in TEXTS]), expected(embedder))
    tokens = room.cache.get_tokens([text_key("logging", text) for text in TEXTS])
    for text in TEXTS:
        rows = to_rows(text_key("logging", text), embedder.encode(text))
        np.testing.assert_array_equal(tokens[rows.key].vectors, rows.vectors)
        np.testing.assert_array_equal(tokens[rows.key].token_ids, rows.token_ids)
    assert room.rows("claims") == 0


def test_the_others_do_the_open_batch_of_one_that_is_killed_and_nothing_that_was_written(room):
    victim = room.start_worker(LoggingEmbedder(room.log, limit=TEXTS_A_CLAIM + 10))
    wait_for(room.stuck)  # it has written one batch, and is in the middle of its second
    written = room.written()
    assert len(written) == TEXTS_A_CLAIM
    others = [room.start_worker(LoggingEmbedder(room.log)) for _ in range(2)]
    wait_for(lambda: len(room.written()) == len(TEXTS) - TEXTS_A_CLAIM)
    assert set(room.embedded().values()) == {1}  # a living one's claims are left alone
    victim.kill()
    victim.communicate()
    for worker in others:
        finish(worker)
    assert room.written() == set(TEXTS)
    twice = {text for text, times in room.embedded().items() if times > 1}
    assert twice == {text for process, text in read_log(room.log) if process == victim.pid} - written
    assert len(twice) == 10
    assert max(room.embedded().values()) == 2


def test_the_result_does_not_depend_on_the_number_of_workers(room, other):
    embedder, seen = LoggingEmbedder(room.log, pause=0.002), []
    texts = [*TEXTS, *TEXTS[:100], "text 7"]
    vectors = room.embed(embedder, texts, 3, seen.append)
    np.testing.assert_array_equal(vectors, expected(embedder, texts))
    assert room.embedded() == Counter(TEXTS)
    assert os.getpid() not in room.processes()
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0, len(texts))
    np.testing.assert_array_equal(other.embed(LoggingEmbedder(other.log), texts, 1), vectors)
    assert room.segment_names() == other.segment_names()
    assert (room.rows("tokens"), room.rows("claims"), room.rows("embeddings")) == (0, 0, len(TEXTS))
    assert not any(map(is_alive, room.processes()))
    assert list(room.cache.path.with_suffix(".owners").iterdir()) == []


def test_for_a_few_texts_no_worker_is_started(room):
    room.embed(LoggingEmbedder(room.log))
    edited = [*TEXTS[2 * TEXTS_A_WORKER - 1 :], *(f"new {number}" for number in range(2 * TEXTS_A_WORKER - 1))]
    before = len(read_log(room.log))
    room.embed(LoggingEmbedder(room.log), edited, workers=4)
    assert {process for process, _ in read_log(room.log)[before:]} == {os.getpid()}
    assert set(room.embedded().values()) == {1}


def test_texts_without_token_vectors_are_embedded_again_by_workers_too(room):
    first = room.embed(LoggingEmbedder(room.log))
    names = room.segment_names()
    for path in room.segments.rglob("vectors.npy"):
        path.write_bytes(b"")
    np.testing.assert_array_equal(room.embed(LoggingEmbedder(room.log)), first)
    assert room.embedded() == Counter(TEXTS * 2)
    assert room.segment_names() == names


def test_when_every_worker_is_killed_the_ingest_finishes_alone(room, other):
    def kill_when_all_are_stuck():
        for process in wait_for(lambda: len(room.stuck()) == 3 and room.stuck()):
            os.kill(process, signal.SIGKILL)

    embedder = LoggingEmbedder(room.log, limit=TEXTS_A_CLAIM + 10)
    with ThreadPoolExecutor() as pool:
        killing = pool.submit(kill_when_all_are_stuck)
        vectors = room.embed(embedder)
        killing.result()
    np.testing.assert_array_equal(vectors, expected(embedder))
    by_worker = Counter(text for process, text in read_log(room.log) if process != os.getpid())
    alone = Counter(text for process, text in read_log(room.log) if process == os.getpid())
    assert len(by_worker) == 3 * (TEXTS_A_CLAIM + 10)
    assert len(alone) == len(TEXTS) - 3 * TEXTS_A_CLAIM  # what they had written is not embedded again
    other.embed(LoggingEmbedder(other.log), workers=1)
    assert room.segment_names() == other.segment_names()


def test_workers_that_live_and_do_nothing_are_given_up(room, monkeypatch):
    def lose_patience(done):
        if done:
            monkeypatch.setattr("rag.embed_crew.PATIENCE_SECONDS", 1.0)

    embedder = LoggingEmbedder(room.log, limit=TEXTS_A_CLAIM + 10, then="stop")
    np.testing.assert_array_equal(room.embed(embedder, on_progress=lose_patience), expected(embedder))
    assert os.getpid() in room.processes()
    assert not any(map(is_alive, room.processes() - {os.getpid()}))


PARENT = """
import sys
from pathlib import Path
from tests.processes import is_alive, wait_for
from tests.rag.logging_embedder import LoggingEmbedder
from tests.rag.test_embed_crew import Room

room = Room(Path(sys.argv[1]))
room.embed(LoggingEmbedder(room.log, pause=0.005))
"""


def test_workers_end_with_a_parent_that_is_killed_and_nothing_written_is_embedded_again(room, other, tmp_path):
    with subprocess.Popen([sys.executable, "-c", PARENT, tmp_path], cwd=ROOT) as parent:
        wait_for(lambda: len(read_log(room.log)) > 300)
        parent.kill()
    wait_for(lambda: not any(map(is_alive, room.processes())))
    written, log = room.written(), len(read_log(room.log))
    assert len(written) > TEXTS_A_CLAIM
    vectors = room.embed(LoggingEmbedder(room.log), workers=1)
    assert not written & {text for _, text in read_log(room.log)[log:]}
    assert max(room.embedded().values()) <= 2
    np.testing.assert_array_equal(vectors, other.embed(LoggingEmbedder(other.log), workers=1))
    assert room.segment_names() == other.segment_names()
    assert (room.rows("tokens"), room.rows("claims")) == (0, 0)


def test_a_worker_of_a_killed_ingest_that_still_lives_is_waited_for(room):
    """As if it had been stopped at the moment at which its parent was killed."""
    orphan = room.start_worker(LoggingEmbedder(room.log, limit=10, then="stop"))
    wait_for(room.stuck)
    seen = []
    with ThreadPoolExecutor() as pool:
        embedding = pool.submit(
            room.embed, LoggingEmbedder(room.log), TEXTS[:100], 1, lambda done: seen.append((done, orphan.poll()))
        )
        wait_for(lambda: len(seen) == 37)
        orphan.kill()
        embedding.result()
    assert seen[-1][0] == 100
    assert (36, None) in seen  # all but its batch were embedded while it lived
    assert (37, None) not in seen
    orphan.communicate()


@pytest.mark.parametrize("workers", [1, 2])
def test_two_workspaces_over_one_cache_disturb_neither_the_other(room, other, workers):
    """Each needs the token vectors in segments of its own, so texts are embedded twice: that no one waits for ever."""
    other.cache, embedder = room.cache, LoggingEmbedder(room.log, pause=0.001)
    with ThreadPoolExecutor() as pool:
        both = [pool.submit(place.embed, embedder, TEXTS, workers) for place in (room, other)]
        for vectors in both:
            np.testing.assert_array_equal(vectors.result(), expected(embedder))
    assert room.segment_names() == other.segment_names()
    assert (room.rows("tokens"), room.rows("claims")) == (0, 0)


def test_a_fault_of_a_worker_is_the_ingests_and_ends_the_others(room):
    with pytest.raises(ModelError, match=r"embedding model cannot be read: no such folder.*restore models/"):
        room.embed(MiniLMEmbedder(Path("no such folder")))


def test_a_cache_that_cannot_be_used_is_one_sentence(room):
    worker = room.start_worker(LoggingEmbedder(room.log))
    room.cache.path.mkdir(parents=True)
    (fault,) = finish(worker)
    assert (fault["kind"], fault["message"].count("\n")) == ("StorageError", 0)
    with pytest.raises(StorageError, match=r"embedding cache .* cannot be used"):
        room.embed(LoggingEmbedder(room.log))


def test_a_listener_that_fails_ends_the_workers(room):
    def fail(done):
        if done:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        room.embed(LoggingEmbedder(room.log, pause=0.005), on_progress=fail)
    assert room.processes()
    assert not any(map(is_alive, room.processes()))


def test_the_real_model_gives_the_same_bits_by_workers_and_alone(room, other):
    texts = [f"the heap number {number} keeps its smallest item on top" for number in range(2 * TEXTS_A_WORKER)]
    vectors = room.embed(LoggingModel(room.log), texts, 2)
    assert room.embedded() == Counter(texts)
    assert os.getpid() not in room.processes()
    np.testing.assert_array_equal(other.embed(MiniLMEmbedder(), texts, 1), vectors)
    assert room.segment_names() == other.segment_names()
