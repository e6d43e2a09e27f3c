"""What is said when Neo4j cannot be used: one sentence with the address, without the password."""

import pytest

from graph.errors import StorageError, UsageError
from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_store import Neo4jStore, current_generation_id
from tests.graph.neo4j_server import free_port


def test_a_server_that_is_not_there():
    config = Neo4jConfig(f"bolt://127.0.0.1:{free_port()}", password="secret", retry_seconds=0.1)
    with Neo4jConnection(config) as connection, pytest.raises(StorageError) as caught:
        current_generation_id(connection)
    assert str(caught.value).startswith(f"Neo4j at {config.uri} does not answer (")
    assert str(caught.value).endswith("start it, then try again.")
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value) + repr(config)


@pytest.mark.parametrize(
    "uri", ["localhost", "http://localhost:7687", "bolt://localhost:none", "bolt://", "bolt://[", ""]
)
def test_an_address_that_cannot_be_meant(uri):
    with pytest.raises(UsageError, match="is no address of Neo4j; set NEO4J_URI"):
        Neo4jConnection(Neo4jConfig(uri))


def test_a_name_that_is_none():
    with pytest.raises(UsageError, match="cannot name a graph"):
        Neo4jConnection(Neo4jConfig("bolt://localhost", graph="a b"))


def test_the_address_is_told_without_credentials():
    assert Neo4jConfig("neo4j+s://me:secret@host:7687").address == "neo4j+s://host:7687"


def test_the_server_refuses_to_write_in_a_read_transaction(neo4j):
    with pytest.raises(StorageError, match="AccessMode"):
        neo4j.read(lambda transaction: transaction.run("CREATE (:Intruder)").consume())


def test_a_fault_of_the_query_is_told_by_its_code(neo4j):
    with pytest.raises(StorageError, match=r"Neo\.ClientError\.Statement\.SyntaxError"):
        neo4j.read(lambda transaction: transaction.run("NONSENSE").consume())


def test_a_closed_connection_opens_again(neo4j):
    assert neo4j.server_version().startswith("Neo4j/")
    neo4j.close()
    assert neo4j.server_version().startswith("Neo4j/")


def test_a_graph_that_was_never_published_is_no_empty_graph(neo4j):
    with pytest.raises(StorageError, match="prepgraph ingest"):
        Neo4jStore(neo4j, "unheard-of").check()
