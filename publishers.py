"""Hands a generation to the servers that answer for it from then on: its graph to Neo4j, its index to Qdrant."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from generation import Generation, Progress
from graph.errors import StorageError
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_publish import publish_graph
from rag.index import EdgeIndex
from rag.qdrant_connection import QdrantConnection
from rag.qdrant_publish import prune_index, publish_index
from rag.token_vectors import TokenVectors

NEO4J, QDRANT = "neo4j", "qdrant"  # the stages that progress is told


class Neo4jPublisher:
    """A `Publisher` of graphs."""

    def __init__(self, connection: Neo4jConnection) -> None:
        self._connection = connection

    def publish(self, generation: Generation, kept: Collection[str], progress: Progress) -> None:
        """Writes the graph unless it is there whole, switches to it, and deletes those that are not kept."""
        told = partial(progress, NEO4J)
        graph = generation.graph()
        publish_graph(
            self._connection, generation.id, graph.concepts(), graph.relations(), graph.resources(), told, kept
        )


class QdrantPublisher:
    """A `Publisher` of indexes."""

    def __init__(self, connection: QdrantConnection) -> None:
        self._connection = connection

    def publish(self, generation: Generation, kept: Collection[str], progress: Progress) -> None:
        """Copies the index from disk unless it is there whole, switches the alias, and deletes what is not kept."""
        index, tokens = EdgeIndex(generation.index_folder), generation.token_vectors()
        try:
            publish_index(self._connection, generation.id, index, tokens, partial(progress, QDRANT))
        finally:
            index.close()
        prune_index(self._connection, kept, [tokens, *_others(generation, kept)])


def _others(generation: Generation, kept: Collection[str]) -> list[TokenVectors]:
    """The token vectors of the other generations that are kept; none of one that can no longer be read anyway."""
    found = []
    for generation_id in kept:
        other = Generation(generation_id, generation.folder.parent / generation_id)
        if generation_id != generation.id:
            try:
                found.append(other.token_vectors())
            except StorageError:
                continue
    return found
