"""Hands a generation's graph to Neo4j, which answers for it from then on."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from generation import Generation, Progress
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_publish import publish_graph

STAGE = "neo4j"


class Neo4jPublisher:
    """A `Publisher` of graphs."""

    def __init__(self, connection: Neo4jConnection) -> None:
        self._connection = connection

    def publish(self, generation: Generation, kept: Collection[str], progress: Progress) -> None:
        """Writes the graph unless it is there whole, switches to it, and deletes those that are not kept."""
        told = partial(progress, STAGE)
        graph = generation.graph()
        publish_graph(
            self._connection, generation.id, graph.concepts(), graph.relations(), graph.resources(), told, kept
        )
