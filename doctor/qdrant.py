"""Decides whether the Qdrant that holds the index answers, how fast, and whether it holds what is in service."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import version
from ipaddress import ip_address
from urllib.parse import urlsplit

from doctor.findings import Finding, median_milliseconds
from engines import qdrant_connection
from generation import Generation
from graph.errors import PrepgraphError, UsageError
from rag.qdrant_connection import QdrantConnection
from rag.qdrant_publish import collection_in_service, collection_state, count_passages
from rag.qdrant_schema import collection_of, generation_of
from rag.qdrant_tokens import missing_texts
from settings import Settings

_NAME = "index server"
_INGEST = "Run `prepgraph ingest`: it publishes what is missing."


def look_at_index_server(settings: Settings, current: Generation | None) -> Iterator[Finding]:
    """What is found of the Qdrant that is set; without one there is nothing to tell."""
    try:
        connection = qdrant_connection(settings)
    except UsageError as fault:
        yield Finding(_NAME, "broken", str(fault), "Correct the variable that it names.")
        return
    if connection is None:
        return
    try:
        yield _look(connection, current)
    except PrepgraphError as fault:
        yield Finding(
            _NAME, "broken", str(fault), "Do as the message says; `prepgraph ingest` then adds what it lacks."
        )
    if connection.config.api_key and not _is_private(connection.config.url):
        yield Finding(
            "index server's key", "warning", f"it travels to {connection.config.address} unencrypted", "Use https://."
        )


def _look(connection: QdrantConnection, current: Generation | None) -> Finding:
    config = connection.config
    served = connection.read(lambda client: client.info().version)
    pace = median_milliseconds(lambda: connection.read(lambda client: client.collection_exists(config.name)))
    where = f"Qdrant {served} at {config.address}, name {config.name}, {pace:.1f} ms a question"
    if far := _too_far_apart(served, version("qdrant-client")):
        return Finding(_NAME, "warning", f"{where}, {far}", "Install releases that are at most one minor apart.")
    if current is None:
        return Finding(_NAME, "ok", f"{where}, waits for the first ingest")
    if lacking := _lacks(connection, current):
        return Finding(_NAME, "broken", f"{where}, {lacking}", _INGEST)
    state = collection_state(connection, collection_of(config, current.id))
    if state != "green":
        return Finding(_NAME, "warning", f"{where}, {state}: it is still indexing or has a fault", "See its log.")
    return Finding(_NAME, "ok", f"{where}, holds generation {current.id} whole")


def _lacks(connection: QdrantConnection, current: Generation) -> str:
    """What the server lacks of the generation in service, in words; nothing when it holds it whole."""
    config, tokens = connection.config, current.token_vectors()
    passages, held = tokens.size, count_passages(connection, collection_of(config, current.id))
    if held is None:
        return f"holds no index of {current.id}, which is in service"
    if held != passages:
        return f"holds {held} of the {passages} passages of {current.id}"
    if config.keep_tokens and (missing := sum(1 for _ in missing_texts(connection, tokens))):
        return f"lacks the token vectors of {missing} texts of {current.id}"
    alias = collection_in_service(connection)
    if alias != collection_of(config, current.id):
        named = generation_of(config, alias) if alias else None
        return f"its alias names {named or alias or 'nothing'}, but {current.id} is in service"
    return ""


def _too_far_apart(server: str, client: str) -> str:
    """Qdrant promises that client and server understand each other when they are at most one minor release apart."""
    try:
        theirs, ours = ([int(part) for part in release.split(".")[:2]] for release in (server, client))
    except ValueError:  # a release of somebody's own
        return ""
    apart = theirs[0] != ours[0] or abs(theirs[1] - ours[1]) > 1
    return f"too far from the client, {client}" if apart else ""


def _is_private(url: str) -> bool:
    """Whether what is sent there is encrypted, or stays on this machine or in a private network."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    try:
        return parts.scheme == "https" or ip_address(host).is_private
    except ValueError:
        return "." not in host  # such as localhost, or a container's name
