"""Which engine holds the graph and which the index: files of the workspace, or the servers that settings name."""

from __future__ import annotations

import hashlib
import os
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from generation import Generation
from graph.errors import UsageError
from graph.store import GraphStore
from publication import Publisher
from publishers import Neo4jPublisher, QdrantPublisher
from rag.corpus import Corpus
from rag.index import EdgeIndex, SearchIndex
from rag.rerank import CrossEncoder, LateInteraction, Reranker
from rag.token_vectors import TokenVectors
from settings import Settings

if TYPE_CHECKING:
    from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
    from rag.qdrant_connection import QdrantConfig, QdrantConnection


def open_graph(settings: Settings, found: Generation) -> GraphStore:
    """The graph of a generation: in Neo4j where one is set, else in memory. Raises UsageError for a wrong address."""
    connection = neo4j_connection(settings)
    if connection is None:
        return found.graph()
    from graph.neo4j_store import Neo4jStore

    return Neo4jStore(connection, found.id)


def neo4j_connection(settings: Settings) -> Neo4jConnection | None:
    """The connection that this process has to the Neo4j that is set, or None without one.

    Workspaces keep their graphs apart by the name of the graph, which is made of the workspace's path unless it is set.
    """
    if not settings.neo4j_uri:
        return None
    from graph.neo4j_connection import Neo4jConfig

    password = settings.neo4j_password.get_secret_value()
    graph = settings.neo4j_graph or _graph_name(settings.workspace)
    return _neo4j(
        Neo4jConfig(settings.neo4j_uri, settings.neo4j_user, password, settings.neo4j_database or None, graph)
    )


@cache
def _neo4j(config: Neo4jConfig) -> Neo4jConnection:
    from graph.neo4j_connection import Neo4jConnection

    return Neo4jConnection(config)


def _graph_name(workspace: Path) -> str:
    return f"prepgraph-{hashlib.sha256(os.fsencode(workspace.resolve())).hexdigest()[:8]}"


def open_publishers(settings: Settings) -> list[Publisher]:
    """The servers that every generation is published to before it goes into service."""
    neo4j, qdrant = neo4j_connection(settings), qdrant_connection(settings)
    return [*([Neo4jPublisher(neo4j)] if neo4j else []), *([QdrantPublisher(qdrant)] if qdrant else [])]


def open_index(settings: Settings, found: Generation) -> SearchIndex:
    """The index of a generation: on Qdrant where one is set, else on disk. Raises UsageError for a wrong address."""
    connection = qdrant_connection(settings)
    if connection is None:
        return EdgeIndex(found.index_folder)
    from rag.qdrant_server import QdrantIndex

    return QdrantIndex(connection, found.id)


def qdrant_connection(settings: Settings) -> QdrantConnection | None:
    """The connection that this process has to the Qdrant that is set, or None without one.

    Workspaces keep their collections apart by a name, which is made of the workspace's path unless it is set.
    """
    if not settings.qdrant_url:
        return None
    from rag.qdrant_connection import QdrantConfig

    return _qdrant(
        QdrantConfig(
            url=settings.qdrant_url,
            api_key=settings.qdrant_api_key.get_secret_value(),
            name=settings.qdrant_collection or _graph_name(settings.workspace),
            prefer_grpc=settings.qdrant_prefer_grpc,
            grpc_port=settings.qdrant_grpc_port,
            timeout=settings.qdrant_timeout,
            shards=settings.qdrant_shards,
            replicas=settings.qdrant_replicas,
            uploads=settings.qdrant_uploads,
            quantise_from=settings.qdrant_quantise_from,
            keep_tokens=settings.qdrant_tokens,
        )
    )


@cache
def _qdrant(config: QdrantConfig) -> QdrantConnection:
    from rag.qdrant_connection import QdrantConnection

    return QdrantConnection(config)


def open_reranker(
    kind: str, tokens: TokenVectors, corpus: Corpus, qdrant: QdrantConnection | None = None
) -> Reranker | None:
    """What orders the candidates of a search; None for "off". Raises UsageError for a name that stands for nothing."""
    if kind == "late-interaction" and qdrant and qdrant.config.keep_tokens:
        from rag.qdrant_rerank import ServerLateInteraction

        return ServerLateInteraction(qdrant, tokens, corpus)
    if kind == "late-interaction":
        return LateInteraction(tokens, corpus)
    if kind == "cross-encoder":
        return CrossEncoder()
    if kind == "off":
        return None
    raise UsageError(f'PREPGRAPH_RERANK is "{kind}"; set it to late-interaction, cross-encoder or off.')
