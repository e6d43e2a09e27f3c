"""What is measured at scale, at a tiny size: a real Neo4j, a real index, and processes that start and end."""

import os
from dataclasses import replace
from io import StringIO

import pytest
from rich.console import Console

from bench.at_scale import (
    Reading,
    Size,
    apart,
    memory_table,
    open_neo4j,
    open_qdrant,
    publish_passages,
    read_as_the_app,
    resident_memory,
    search_as_the_app,
    write_passages,
)
from bench.graph_scale import GENERATION, describe_load, load
from bench.search import OURS
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_store import Neo4jStore
from rag.corpus import Corpus
from settings import Settings
from tests.conftest import SERVERS
from tests.graph.neo4j_server import HOW_TO_RUN, what_is_missing
from tests.rag.qdrant_http import QdrantOverHttp

SIZE = Size(concepts=60, relations=240, chunks=30, small=20, queries=6)


@pytest.fixture(scope="module")
def graph():
    """The address of a Neo4j for what is made up, and what was loaded into it."""
    named = {name.lower(): value for name, value in SERVERS.items() if name.startswith("NEO4J_")}
    lacking = None if "neo4j_uri" in named else what_is_missing()
    if lacking:
        message = f"No Neo4j to measure ({lacking}): {HOW_TO_RUN}."
        pytest.fail(message) if os.environ.get("CI") else pytest.skip(message)
    with open_neo4j(Settings(**named)) as config:
        yield config, apart(load, config, SIZE.concepts, SIZE.relations)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    folder = tmp_path_factory.mktemp("at-scale") / "index"
    assert write_passages(folder, SIZE) > 0
    return folder


def counted(config, graph):
    """The nodes of the graphs whose names begin so: on a server that is named, others come and go meanwhile."""
    query = "MATCH (n) WHERE n.generation STARTS WITH $graph OR n.key STARTS WITH $graph RETURN count(n) AS nodes"
    with Neo4jConnection(config) as connection:
        return connection.read(lambda t: t.run(query, graph=graph).data())[0]["nodes"]


def test_all_that_is_made_up_is_loaded_and_counted(graph):
    config, loaded = graph
    with Neo4jConnection(config) as connection:
        store = Neo4jStore(connection, GENERATION)
        concepts, relations = store.concepts(), store.relations()
    assert (loaded.concepts, loaded.relations) == (len(concepts), len(relations)) == (SIZE.concepts, SIZE.relations)
    assert loaded.rows > loaded.concepts + loaded.relations  # names are rows of their own
    assert f"{loaded.rows:,} rows" in describe_load(loaded)


def test_the_reads_find_something_and_their_times_are_in_order(graph):
    config, _ = graph
    reading = apart(read_as_the_app, config, SIZE.concepts, SIZE)
    sizes = {timing.name: timing.size for timing in [*reading.reads, *reading.views]}
    assert sizes["concept"] == sizes["resolve"] == 1
    assert sizes["mentions in a question"] >= 1
    empty = {name for name, size in sizes.items() if size == 0}
    assert empty <= {"unlocked by", "what it needs and unlocks", "prerequisites"}  # a concept may have none
    assert all(0 < timing.p50 <= timing.p95 for timing in [*reading.reads, *reading.views])
    assert 10 < reading.before <= 2 * reading.after


def test_a_graph_on_a_server_that_is_named_is_deleted_in_the_end(graph):
    config, _ = graph
    settings = Settings(
        neo4j_uri=config.uri, neo4j_user=config.user, neo4j_password=config.password, neo4j_database=config.database
    )
    with open_neo4j(settings) as named:
        assert named.graph != config.graph
        load(named, SIZE.small, SIZE.small_relations)
        one = counted(config, named.graph)
        load(replace(named, graph=f"{named.graph}-small"), SIZE.small, SIZE.small_relations)
        assert counted(config, named.graph) == 2 * one > 2 * SIZE.small
    assert counted(config, named.graph) == 0


def test_every_concept_gets_its_share_of_the_passages(index):
    owners = [chunk.owner for chunk in Corpus(index).chunks]
    assert owners == [f"c{2 * number:07}" for number in range(SIZE.chunks)]


def test_every_question_is_searched_in_each_way(graph, index):
    found = apart(search_as_the_app, index, graph[0], None, SIZE)
    assert OURS in found.timings
    assert {len(times) for times in found.timings.values()} == {SIZE.queries}
    assert min(found.timings[OURS]) > 0
    assert 10 < found.own < found.after


def test_with_a_server_it_is_the_server_that_is_searched_and_cleaned(graph, index):
    server = QdrantOverHttp().start()
    try:
        with open_qdrant(Settings(qdrant_url=server.url)) as config:
            assert publish_passages(index, config) > 0
            server.asked.clear()
            found = apart(search_as_the_app, index, graph[0], config, SIZE)
            assert {len(times) for times in found.timings.values()} == {SIZE.queries}
            assert len([asked for asked in server.asked if "points/query" in str(asked)]) > SIZE.queries
            assert server._client.get_collections().collections
        assert not server._client.get_collections().collections
    finally:
        server.stop()


def test_without_an_address_there_is_no_server():
    with open_qdrant(Settings()) as config:
        assert config is None


@pytest.mark.parametrize(("after", "verdict"), [(109.0, "flat within 10 %"), (111.0, "not flat"), (90.0, "flat")])
def test_the_figure_is_told_whether_or_not_memory_is_flat(after, verdict):
    console = Console(width=100, file=StringIO())
    console.print(memory_table(SIZE, Reading([], [], 80.0, 100.0), Reading([], [], 80.0, after)))
    said = console.file.getvalue()
    assert verdict in said
    assert f"{after - 100:+.1f}%" in said


def test_work_apart_is_done_in_another_process_with_memory_of_its_own():
    assert apart(os.getpid) != os.getpid()
    assert 5 < apart(resident_memory) < 2_000
