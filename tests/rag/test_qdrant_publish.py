"""Publishing over real HTTP: whole or not at all, resumed, switched at one stroke, pruned; and how faults are told."""

import logging
import threading
import time
from uuid import uuid4

import numpy as np
import pytest

from graph.errors import StorageError, UsageError
from rag.index import EdgeIndex, IndexRow, SearchFilter, build_edge_index
from rag.qdrant_connection import QdrantConfig, QdrantConnection
from rag.qdrant_publish import collection_in_service, delete_index, prune_index, publish_index
from rag.qdrant_server import QdrantIndex
from tests.conftest import SERVERS
from tests.rag.qdrant_http import QdrantOverHttp
from tests.rag.test_index_conformance import ANYWHERE, HOW_TO_RUN, NoTokens, unit_vectors

BUSY = (503, {"status": {"error": "Service is starting"}})
OLD, NEW, THIRD = "a" * 20, "b" * 20, "c" * 20


@pytest.fixture
def server():
    running = QdrantOverHttp().start()
    yield running
    running.stop()


@pytest.fixture
def connection(server):
    opened = QdrantConnection(QdrantConfig(server.url, name="notes", keep_tokens=False))
    yield opened
    opened.close()


@pytest.fixture(params=["http", "server"])
def anywhere(request):
    """A connection to the imitation, and to a real server where there is one."""
    if request.param == "http":
        yield request.getfixturevalue("connection")
        return
    url = SERVERS.get("QDRANT_URL")
    if not url:
        pytest.skip(f"no Qdrant server: {HOW_TO_RUN}")
    key = SERVERS.get("QDRANT_API_KEY", "")
    opened = QdrantConnection(QdrantConfig(url, key, f"test-{uuid4().hex[:12]}", shards=2, keep_tokens=False))
    yield opened
    delete_index(opened)
    opened.close()


@pytest.fixture
def edge(tmp_path):
    """Makes an embedded index of so many passages."""

    def make(count, word="graph"):
        folder = tmp_path / f"{word}{count}"
        folder.mkdir()
        rows = [IndexRow(f"{word}#{number}", f"{word} {number}", "n.md") for number in range(count)]
        build_edge_index(folder, rows, unit_vectors(count, count))
        return EdgeIndex(folder)

    return make


def publish(connection, generation_id, index, told=None):
    publish_index(connection, generation_id, index, NoTokens(), told or (lambda done, total: None))


def found_in(connection, generation_id, words="graph"):
    return QdrantIndex(connection, generation_id).search_keyword(words, 1_000, ANYWHERE)


def upserts(server):
    return [path for method, path, _ in server.asked if method == "PUT" and path.endswith("/points")]


def test_a_generation_is_written_in_bounded_batches_and_switched_to(server, connection, edge):
    told = []
    publish(connection, NEW, edge(700), lambda done, total: told.append((done, total)))
    assert collection_in_service(connection) == f"notes.{NEW}"
    assert len(found_in(connection, NEW)) == 700
    assert len(upserts(server)) == 3
    assert max(size for _, _, size in server.asked) < 1_000_000
    assert told[-1] == (700, 700)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_what_is_there_is_not_sent_again(server, connection, edge):
    index = edge(30)
    publish(connection, NEW, index)
    server.asked.clear()
    publish(connection, NEW, index)
    assert upserts(server) == []


def test_the_alias_changes_in_one_request(server, connection, edge):
    old = edge(5, "old")
    publish(connection, OLD, old)
    server.asked.clear()
    publish(connection, NEW, edge(5, "new"))
    assert [path for _, path, _ in server.asked].count("/collections/aliases") == 1
    assert collection_in_service(connection) == f"notes.{NEW}"
    publish(connection, OLD, old)
    assert collection_in_service(connection) == f"notes.{OLD}"


def test_readers_of_the_generation_before_are_not_disturbed(anywhere, edge):
    publish(anywhere, OLD, edge(5, "old"))
    reader = QdrantIndex(anywhere, OLD)
    publish(anywhere, NEW, edge(5, "new"))
    prune_index(anywhere, [OLD, NEW], [])
    assert collection_in_service(anywhere) == f"{anywhere.config.name}.{NEW}"
    assert len(reader.search_keyword("old", 10, ANYWHERE)) == 5
    assert reader.search_keyword("new", 10, ANYWHERE) == []


def test_what_is_not_kept_goes_and_nothing_else(server, connection, edge):
    other = QdrantConnection(QdrantConfig(server.url, name="notes-of-others", keep_tokens=False))
    publish(other, OLD, edge(3, "theirs"))
    for generation_id, word in ((OLD, "old"), (NEW, "new"), (THIRD, "third")):
        publish(connection, generation_id, edge(4, word))
    prune_index(connection, [NEW, THIRD], [])
    names = connection.read(lambda client: {c.name for c in client.get_collections().collections})
    assert names == {f"notes.{NEW}", f"notes.{THIRD}", f"notes-of-others.{OLD}"}
    reader = QdrantIndex(connection, OLD)
    for ask in (lambda: reader.search_keyword("old", 3, ANYWHERE), reader.check):
        with pytest.raises(StorageError, match=rf"no longer holds generation {OLD}; load the newest"):
            ask()
    delete_index(connection)
    names = connection.read(lambda client: {c.name for c in client.get_collections().collections})
    assert names == {f"notes-of-others.{OLD}"}
    other.close()


def test_a_publish_that_breaks_off_leaves_the_old_one_and_is_completed_later(server, connection, edge):
    publish(connection, OLD, edge(5, "old"))
    index = edge(2_000, "new")
    refused = (400, {"status": {"error": "Out of disk space"}})

    def break_off(done, total):
        server.faults[:] = [refused] * 20

    with pytest.raises(StorageError, match=r"failed \(status 400: Out of disk space\); look into its log"):
        publish(connection, NEW, index, break_off)
    server.faults.clear()
    assert collection_in_service(connection) == f"notes.{OLD}"
    assert 0 < len(found_in(connection, NEW, "new")) < 2_000
    publish(connection, NEW, index)
    assert collection_in_service(connection) == f"notes.{NEW}"
    assert connection.read(lambda client: client.count(f"notes.{NEW}").count) == 2_000


def test_strange_points_are_not_taken_for_ours(anywhere, edge):
    publish(anywhere, NEW, edge(9, "larch"))
    publish(anywhere, NEW, edge(4, "birch"))
    assert {found.chunk_id for found in found_in(anywhere, NEW, "birch larch")} == {f"birch#{n}" for n in range(4)}


def test_a_server_that_starts_or_is_busy_is_tried_again(server, connection, edge):
    server.faults += [BUSY, (429, {"status": {"error": "Too many requests"}}), BUSY]
    publish(connection, NEW, edge(5))
    assert len(found_in(connection, NEW)) == 5
    server.faults += [BUSY]
    assert len(found_in(connection, NEW)) == 5


def test_a_server_that_is_restarted_meanwhile_costs_only_time(server, connection, edge):
    stopped = threading.Event()

    def restart(done, total):
        if not stopped.is_set():
            stopped.set()
            server.stop()
            threading.Timer(0.5, server.start).start()

    publish(connection, NEW, edge(2_000), restart)
    assert connection.read(lambda client: client.count(f"notes.{NEW}").count) == 2_000


def test_a_server_that_is_down_is_one_sentence_and_comes_back_by_itself(server, connection, edge, caplog):
    publish(connection, NEW, edge(5))
    reader = QdrantIndex(connection, NEW)
    assert len(reader.search_keyword("graph", 9, ANYWHERE)) == 5
    server.stop()
    caplog.set_level(logging.INFO, "prepgraph")
    logger = logging.getLogger("prepgraph")
    logger.addHandler(caplog.handler)
    try:
        started = time.monotonic()
        with pytest.raises(StorageError) as caught:
            reader.search_keyword("graph", 9, ANYWHERE)
        assert time.monotonic() - started < 30
        assert str(caught.value).startswith(f"Qdrant at {server.url} does not answer (")
        assert str(caught.value).endswith("); start it, then try again.")
        assert "\n" not in str(caught.value)
        server.start()
        assert len(reader.search_keyword("graph", 9, ANYWHERE)) == 5
    finally:
        logger.removeHandler(caplog.handler)
    events = [record.getMessage() for record in caplog.records]
    assert events == ["engine_fault", "engine_recovered"]


def test_a_wrong_key_is_named_and_never_shown():
    server = QdrantOverHttp(key="right-key").start()
    try:
        connection = QdrantConnection(QdrantConfig(server.url, "wrong-key", timeout=5))
        with pytest.raises(StorageError, match="refused the key; correct QDRANT_API_KEY") as caught:
            QdrantIndex(connection, NEW).check()
        assert "wrong-key" not in str(caught.value) + repr(connection.config)
        right = QdrantConnection(QdrantConfig(server.url, "right-key"))
        with pytest.raises(StorageError, match="no longer holds"):
            QdrantIndex(right, NEW).check()
    finally:
        server.stop()


def test_something_else_that_answers_there_is_told(server, connection):
    server.faults += [(200, {"hello": "world"})]
    with pytest.raises(StorageError, match="what it answers is not Qdrant's"):
        QdrantIndex(connection, NEW).check()
    server.faults += [(500, b"<html>")]
    with pytest.raises(StorageError, match=r"failed \(status 500"):
        QdrantIndex(connection, NEW).check()


def test_a_server_that_nobody_has_started_over_grpc(server):
    server.stop()
    port = int(server.url.rpartition(":")[2])
    connection = QdrantConnection(QdrantConfig(server.url, prefer_grpc=True, grpc_port=port, timeout=2))
    with pytest.raises(StorageError, match=r"does not answer \(UNAVAILABLE"):
        QdrantIndex(connection, NEW).search_dense(np.ones(8, dtype=np.float32), 3, SearchFilter())
    connection.close()


@pytest.mark.parametrize(
    ("url", "name", "message"),
    [
        ("qdrant:6333", "notes", r'"qdrant:6333" is no address of Qdrant; set QDRANT_URL'),
        ("http://host:port", "notes", "is no address of Qdrant"),
        ("ftp://user:secret@host", "notes", '"ftp://host" is no address'),
        ("http://host", "a/b", '"a/b" cannot name a collection'),
    ],
)
def test_impossible_settings_are_wrong_use(url, name, message):
    with pytest.raises(UsageError, match=message):
        QdrantConnection(QdrantConfig(url, name=name))
