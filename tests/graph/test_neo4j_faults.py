"""What is left when things stop half-way: readers see a whole graph, and the next publish finishes and cleans."""

from threading import Event, Thread
from uuid import uuid4

import pytest

from graph.errors import BusyError, StorageError
from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import LAYOUT, delete_graph, publish_graph
from graph.neo4j_store import Neo4jStore, current_generation_id
from graph.schema import Concept, Relation, Span

SIZE = 400


def make_graph(label, size=SIZE):
    """Concepts and relations that all carry a label, so that a mixture of two graphs shows."""
    span = (Span("a.md", 1, 1, label),)
    concepts = [Concept(f"c{i:05}", f"{label} {i}", (), label, None, None, "concept", span) for i in range(size)]
    ends = [(i, j) for i in range(size) for j in (i + 1, i + 7) if j < size]
    relations = [
        Relation(
            concepts[i].id, concepts[j].id, "prerequisite_of", "authored", 1.0, (Span("a.md", i + 1, j + 1, label),)
        )
        for i, j in ends
    ]
    return concepts, relations


def assert_whole(store, label, size=SIZE):
    """A store holds all of one graph and nothing of another."""
    concepts, relations = make_graph(label, size)
    assert list(store.concepts()) == concepts
    assert set(store.relations()) == set(relations)


def nodes_by_generation(connection):
    """How many nodes each generation of the connection's graph has, its own node included."""
    query = """
        MATCH (n) WHERE n.generation STARTS WITH $prefix OR n.key STARTS WITH $prefix
        RETURN coalesce(n.generation, n.key) AS generation, count(*) AS nodes
    """
    prefix = f"{connection.config.graph}/"
    rows = connection.read(lambda transaction: transaction.run(query, prefix=prefix).data())
    return {row["generation"].removeprefix(prefix).removesuffix(f"/{LAYOUT}"): row["nodes"] for row in rows}


class Stop(Exception):
    """Stands for the death of the process that publishes: nothing of ours runs after it."""


@pytest.fixture
def connection(neo4j_config):
    config = Neo4jConfig(
        neo4j_config.uri, neo4j_config.user, neo4j_config.password, neo4j_config.database, f"test-{uuid4().hex[:12]}"
    )
    with Neo4jConnection(config) as connection:
        yield connection
        delete_graph(connection)
        assert nodes_by_generation(connection) == {}


def test_nothing_is_in_service_before_the_first_publish_is_complete(connection):
    assert current_generation_id(connection) is None

    def stop(done, total):
        raise Stop

    with pytest.raises(Stop):
        publish_graph(connection, "one", *make_graph("one"), on_progress=stop)
    assert current_generation_id(connection) is None
    with pytest.raises(StorageError, match="does not hold the graph"):
        Neo4jStore(connection, "one").concepts()


def test_a_stopped_publish_leaves_the_old_graph_and_the_next_one_cleans_up(connection):
    publish_graph(connection, "one", *make_graph("one"))

    def stop(done, total):
        if done > SIZE:
            raise Stop

    with pytest.raises(Stop):
        publish_graph(connection, "two", *make_graph("two"), on_progress=stop)
    assert current_generation_id(connection) == "one"
    assert nodes_by_generation(connection)["two"] > SIZE
    assert_whole(Neo4jStore(connection, "one"), "one")
    publish_graph(connection, "three", *make_graph("three"))
    assert current_generation_id(connection) == "three"
    assert set(nodes_by_generation(connection)) == {"one", "three"}
    assert_whole(Neo4jStore(connection, "three"), "three")


def test_the_last_two_are_kept_and_going_back_writes_nothing(connection):
    for label in ("one", "two", "three"):
        publish_graph(connection, label, *make_graph(label, 20))
    assert set(nodes_by_generation(connection)) == {"two", "three"}
    assert_whole(Neo4jStore(connection, "two"), "two", 20)
    written = []
    publish_graph(connection, "two", [], [], on_progress=lambda done, total: written.append(done))
    assert written == []
    assert current_generation_id(connection) == "two"
    assert set(nodes_by_generation(connection)) == {"two", "three"}
    publish_graph(connection, "four", *make_graph("four", 20))
    assert set(nodes_by_generation(connection)) == {"two", "four"}
    with pytest.raises(StorageError, match="does not hold the graph"):
        Neo4jStore(connection, "three").concept("c00001")


def test_of_two_that_publish_at_once_the_later_wins(connection):
    with Neo4jConnection(connection.config) as other:

        def publish_another(done, total):
            if done == SIZE:
                publish_graph(other, "late", *make_graph("late"))

        with pytest.raises(BusyError, match="Another process began to publish"):
            publish_graph(connection, "early", *make_graph("early"), on_progress=publish_another)
    assert current_generation_id(connection) == "late"
    assert_whole(Neo4jStore(connection, "late"), "late")
    assert "early" not in nodes_by_generation(connection)


def test_readers_see_the_old_graph_or_the_new_one(connection):
    labels = ["g0", "g1", "g2"]
    publish_graph(connection, labels[0], *make_graph(labels[0]))
    done, seen, faults = Event(), [], []

    def read_on():
        while not done.is_set():
            current = current_generation_id(connection)
            try:
                assert_whole(Neo4jStore(connection, current), current)
                seen.append(current)
            except (AssertionError, StorageError) as fault:
                faults.append(fault)

    reader = Thread(target=read_on)
    reader.start()
    for label in labels[1:]:
        publish_graph(connection, label, *make_graph(label))
    while labels[-1] not in seen and not faults:
        done.wait(0.02)
    done.set()
    reader.join()
    assert faults == []
    assert seen == sorted(seen)
    assert labels[0] in seen


def test_killed_in_the_middle_of_a_publish_and_of_a_read(neo4j_server):
    size = 1_200
    config = Neo4jConfig(neo4j_server.uri, graph=f"test-{uuid4().hex[:12]}", retry_seconds=1.0)
    with Neo4jConnection(config) as connection:
        publish_graph(connection, "old", *make_graph("old", size))
        store, faults, counts = Neo4jStore(connection, "old"), [], set()

        def read_on():
            try:
                while True:
                    counts.add(len(store.concepts()))
            except StorageError as fault:
                faults.append(str(fault))

        killer, reader = Thread(target=neo4j_server.kill), Thread(target=read_on)

        def kill_soon(done, total):
            if done > size and killer.ident is None:  # the names are on their way, the relations are not
                killer.start()

        reader.start()
        with pytest.raises(StorageError, match=r"^Neo4j at bolt://127\.0\.0\.1:\d+ "):
            publish_graph(connection, "new", *make_graph("new", size), on_progress=kill_soon)
        killer.join()
        reader.join()
        assert counts <= {size}  # no read came back with a part
        assert len(faults) == 1
        with pytest.raises(StorageError, match=r"does not answer .*start it, then try again"):
            store.concept("c00001")
        neo4j_server.start()
        assert current_generation_id(connection) == "old"  # the same connection, without being told
        assert_whole(store, "old", size)
        assert nodes_by_generation(connection)["new"] > size
        publish_graph(connection, "newer", *make_graph("newer", size))
        assert current_generation_id(connection) == "newer"
        assert set(nodes_by_generation(connection)) == {"old", "newer"}
        assert_whole(Neo4jStore(connection, "newer"), "newer", size)
        delete_graph(connection)


def test_what_an_earlier_version_published_in_another_layout_is_published_anew(connection, monkeypatch):
    graph = make_graph("one")
    with monkeypatch.context() as earlier:
        earlier.setattr("graph.neo4j_publish.LAYOUT", LAYOUT - 1)
        publish_graph(connection, "one", *graph)
    with pytest.raises(StorageError, match=r"does not hold the graph .*run `prepgraph ingest`"):
        Neo4jStore(connection, "one").explain_path("c00001", "c00009")
    publish_graph(connection, "one", *graph, kept=["one"])
    assert_whole(Neo4jStore(connection, "one"), "one")
    assert Neo4jStore(connection, "one").explain_path("c00001", "c00009")
    assert set(nodes_by_generation(connection)) == {"one"}


def test_a_path_along_relations_that_somebody_deleted_is_told_in_one_sentence(connection):
    publish_graph(connection, "one", *make_graph("one"))
    connection.write(lambda tx: tx.run("MATCH (:Concept {id: 'c00001'})-[r]-() DELETE r").consume())
    with pytest.raises(StorageError, match=r"^Neo4j has lost relations .*run `prepgraph ingest`\.$"):
        Neo4jStore(connection, "one").explain_path("c00001", "c00009")
