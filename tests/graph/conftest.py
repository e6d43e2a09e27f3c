"""A Neo4j for the tests of the graph: the server that NEO4J_URI names, else one that is started for them."""

import os
from uuid import uuid4

import pytest

from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import delete_graph, publish_graph
from graph.neo4j_store import Neo4jStore
from graph.store import NetworkxStore
from tests.conftest import SERVERS
from tests.graph.neo4j_server import HOW_TO_RUN, Neo4jServer, what_is_missing


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory):
    """A Neo4j of our own, which a test may kill and start again."""
    if lacking := what_is_missing():
        message = f"No Neo4j to test with ({lacking}): {HOW_TO_RUN}."
        if os.environ.get("CI") and "NEO4J_URI" not in SERVERS:
            pytest.fail(message)
        pytest.skip(message)
    server = Neo4jServer(tmp_path_factory.mktemp("neo4j") / "data").start()
    yield server
    server.kill()  # its data go with the test's folder


@pytest.fixture(scope="session")
def neo4j_config(request):
    """A graph with a name of its own, so that nothing else in the database is touched."""
    name = f"test-{uuid4().hex[:12]}"
    if uri := SERVERS.get("NEO4J_URI"):
        user, password = SERVERS.get("NEO4J_USER", "neo4j"), SERVERS.get("NEO4J_PASSWORD", "")
        return Neo4jConfig(uri, user, password, SERVERS.get("NEO4J_DATABASE"), graph=name)
    return Neo4jConfig(request.getfixturevalue("neo4j_server").uri, graph=name)


@pytest.fixture(scope="session")
def neo4j(neo4j_config):
    """A connection whose graph is deleted in the end."""
    with Neo4jConnection(neo4j_config) as connection:
        yield connection
        delete_graph(connection)


@pytest.fixture(scope="session")
def publish(neo4j):
    """Publishes a graph as a new generation and opens it."""

    def publish(concepts, relations=(), resources=()):
        generation_id = uuid4().hex[:12]
        publish_graph(neo4j, generation_id, concepts, relations, resources)
        return Neo4jStore(neo4j, generation_id)

    return publish


@pytest.fixture(params=["networkx", "neo4j"])
def make_store(request):
    """Makes a store of concepts, relations and resources: the same test runs over both engines."""
    return NetworkxStore if request.param == "networkx" else request.getfixturevalue("publish")
