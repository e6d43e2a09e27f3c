"""Decides whether a workspace's servers answer, how fast, and whether they hold the generation in service."""

from __future__ import annotations

from collections.abc import Iterator

from doctor.findings import Finding, median_milliseconds
from doctor.qdrant import look_at_index_server
from engines import neo4j_connection
from generation import Generation
from graph.errors import PrepgraphError, UsageError
from graph.neo4j_connection import Neo4jConnection
from settings import Settings

_INGEST = "Run `prepgraph ingest`: it publishes what is missing."


def look_at_servers(settings: Settings, current: Generation | None) -> Iterator[Finding]:
    """A finding for each server that is set; without one there is nothing to tell."""
    yield from _look_at_graph_server(settings, current)
    yield from look_at_index_server(settings, current)


def _look_at_graph_server(settings: Settings, current: Generation | None) -> Iterator[Finding]:
    try:
        connection = neo4j_connection(settings)
    except UsageError as fault:
        yield Finding("graph server", "broken", str(fault), "Correct the variable that it names.")
        return
    if connection is not None:
        yield _graph_server(connection, current)


def _graph_server(connection: Neo4jConnection, current: Generation | None) -> Finding:
    """Neo4j's version and speed, and whether it holds the graph of the generation in service, whole."""
    from graph.neo4j_store import Neo4jStore, current_generation_id

    name = "graph server"
    try:
        where = f"{connection.server_version()} at {connection.config.address}, graph {connection.config.graph}"
        where += f", {median_milliseconds(connection.server_version):.1f} ms a question"
        published = current_generation_id(connection)
    except PrepgraphError as fault:
        return Finding(name, "broken", str(fault), "Do as the message says; then ingest again.")
    if current is None:
        return Finding(name, "ok", f"{where}, waits for the first ingest")
    try:
        missing = Neo4jStore(connection, current.id).missing()
    except PrepgraphError:
        holds = f"holds generation {published}" if published else "holds no graph of this name"
        return Finding(name, "broken", f"{where}, {holds}, but {current.id} is in service", _INGEST)
    if missing:
        return Finding(name, "broken", f"{where}, holds only {', '.join(missing)} of {current.id}", _INGEST)
    return Finding(name, "ok", f"{where}, holds generation {current.id} whole")
