"""Decides how a generation of the graph gets into Neo4j: written whole beside the one in service, then switched to.

Batches are bounded transactions, so a publish can stop anywhere. Until the last one, which switches the pointer and
declares the generation complete, nobody reads what was written; what stopped half-way is deleted by the next publish.
Of two that publish at once the later one wins: a batch first makes sure that its publisher still holds the pointer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import groupby, islice
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar
from uuid import uuid4

from graph import cypher
from graph.errors import BusyError, StorageError
from graph.facts import gather_facts
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_hops import packed_hops
from graph.neo4j_rows import (
    Properties,
    concept_rows,
    facts_to_json,
    grouping_to_json,
    missing_parts,
    name_rows,
    number_circles,
    relation_rows,
    resource_rows,
)
from graph.parts import group_graph
from graph.schema import Concept, Relation, Resource

if TYPE_CHECKING:
    from neo4j import ManagedTransaction

T = TypeVar("T")
Progress = Callable[[int, int], None]
"""Told how many rows are written and how many there are."""

LAYOUT = 2  # what is written of a generation; a reader finds only what was published in its own
ROWS_A_BATCH = 2_000
DELETED_A_BATCH = 2_000  # a concept takes its relations with it


def publish_graph(
    connection: Neo4jConnection,
    generation_id: str,
    concepts: Iterable[Concept],
    relations: Iterable[Relation],
    resources: Iterable[Resource] = (),
    on_progress: Progress | None = None,
    kept: Collection[str] | None = None,
) -> None:
    """Puts a graph into service under its generation's id; one that is already whole is only switched to.

    The generations in `kept` stay for those who read them, by default the one in service before; all others are
    deleted. Raises StorageError when
    the server fails, and BusyError when another process began to publish meanwhile; what was in service then stays.
    """
    publisher = _Publisher(connection, generation_id)
    publisher.prepare()
    if not publisher.is_whole():
        publisher.delete_own()
        publisher.write(
            sorted(concepts, key=lambda c: c.id),
            sorted(relations, key=lambda r: (r.source, r.target, r.kind)),
            sorted(resources, key=lambda r: r.id),
            on_progress or (lambda done, total: None),
        )
    publisher.switch(kept)


def create_schema(connection: Neo4jConnection) -> None:
    """Creates the constraints and indexes that are not there yet, and waits until all of them can be used."""
    there = connection.read(lambda transaction: transaction.run(cypher.INDEX_NAMES).value("name"))
    missing = [statement for name, statement in cypher.SCHEMA.items() if name not in there]
    for statement in missing:
        connection.run_alone(statement)
    if missing:
        connection.run_alone(cypher.AWAIT_INDEXES)


def delete_graph(connection: Neo4jConnection) -> None:
    """Deletes every generation of the connection's graph, and its pointer first: from then on nobody finds it."""
    publisher = _Publisher(connection, "none")
    publisher.prepare()
    publisher.retire_all_but([])
    publisher.delete_unfinished()
    publisher.run(cypher.DELETE_POINTER)


class _Publisher:
    """One attempt to publish one generation; `_token` tells it from any other."""

    def __init__(self, connection: Neo4jConnection, generation_id: str) -> None:
        self._connection = connection
        self._id = generation_id
        self._token = uuid4().hex
        self._parameters = {
            "graph": connection.config.graph,
            "generation": generation_key(connection, generation_id),
        }

    def prepare(self) -> None:
        """Sees to the schema, takes the pointer over, and deletes what another publish left unfinished."""
        create_schema(self._connection)
        parameters = {**self._parameters, "publisher": self._token}
        self._connection.write(lambda transaction: transaction.run(cypher.CLAIM, parameters).consume())
        self.delete_unfinished()

    def is_whole(self) -> bool:
        """Whether the generation was completed, and all that was counted then is still there."""
        rows = self.run(cypher.FACTS)
        return bool(rows) and not self._missing(rows[0]["facts"])

    def delete_own(self) -> None:
        """Deletes what is there of the generation: something took a part of it away."""
        self.run(cypher.RETIRE_ONE)
        self.delete_unfinished()

    def write(
        self,
        concepts: Sequence[Concept],
        relations: Sequence[Relation],
        resources: Sequence[Resource],
        progress: Progress,
    ) -> None:
        """Writes all rows in batches, every batch one transaction, and makes sure that all of them arrived."""
        names = list(name_rows(concepts, self._parameters["generation"]))
        counts = {
            "concepts": len(concepts),
            "relations": len(relations),
            "resources": len(resources),
            "names": len(names),
            "longest_name": max((len(row["name"]) for row in names), default=0),
            "most_words": max((row["name"].count(" ") + 1 for row in names), default=0),
        }
        grouping, bands = group_graph(concepts, relations)
        facts = {
            **counts,
            "facts": facts_to_json(gather_facts(concepts, relations, resources)),
            "grouping": grouping_to_json(grouping),
        }
        self.run(cypher.BEGIN_GENERATION, id=self._id, facts=facts)
        total, done = len(concepts) + len(names) + len(relations) + len(resources), 0
        for statement, rows in _batches(concepts, relations, resources, names, bands):
            self.run(statement, rows=rows)
            done += len(rows)
            progress(done, total)
        self.run(cypher.AWAIT_NAMES)
        self._check(counts)

    def _check(self, expected: dict[str, int]) -> None:
        if wrong := self._missing(expected):
            raise StorageError(
                f"Neo4j at {self._connection.config.address} holds {', '.join(wrong)} after all were written, so the "
                "graph in service stays; look for what else writes to that database, then ingest again."
            )

    def _missing(self, expected: Mapping[str, Any]) -> list[str]:
        return missing_parts(self.run(cypher.COUNTS)[0], expected)

    def switch(self, kept: Collection[str] | None) -> None:
        """Puts the generation into service and deletes those that are not kept."""
        previous = self.run(cypher.COMPLETE)[0]["previous"]
        others = [generation_key(self._connection, k) for k in kept] if kept is not None else [previous]
        self.retire_all_but([self._parameters["generation"], *(key for key in others if key)])
        self.delete_unfinished()

    def retire_all_but(self, kept: Sequence[str]) -> None:
        """Takes generations out of service at one stroke, so that nobody reads one that is half deleted."""
        self.run(cypher.RETIRE, kept=list(kept))

    def delete_unfinished(self) -> None:
        for row in self.run(cypher.UNFINISHED):
            for statement in cypher.DELETE_PARTS:
                while self._delete(statement, row["generation"]):
                    pass
            self.run(cypher.DELETE_GENERATION, generation=row["generation"])

    def _delete(self, statement: LiteralString, generation: str) -> int:
        parameters = {**self._parameters, "generation": generation, "size": DELETED_A_BATCH}

        def work(transaction: ManagedTransaction) -> int:
            self._hold(transaction)
            return transaction.run(statement, parameters).consume().counters.nodes_deleted

        return self._connection.write(work)

    def run(self, statement: LiteralString, **parameters: object) -> list[dict[str, Any]]:
        """The rows of one statement, run in a transaction that holds the pointer."""

        def work(transaction: ManagedTransaction) -> list[dict[str, Any]]:
            self._hold(transaction)
            return transaction.run(statement, {**self._parameters, **parameters}).data()

        return self._connection.write(work)

    def _hold(self, transaction: ManagedTransaction) -> None:
        """Locks the pointer until the transaction ends. Raises BusyError when another process has taken it over."""
        row = transaction.run(cypher.HOLD, self._parameters).single()
        if row is None or row["publisher"] != self._token:
            raise BusyError(
                f"Another process began to publish the graph {self._connection.config.graph!r} to Neo4j at "
                f"{self._connection.config.address}; wait until it is done, then ingest again."
            )


def generation_key(connection: Neo4jConnection, generation_id: str) -> str:
    """What tells a generation from those of all other graphs in the database, and from itself in another layout."""
    return f"{connection.config.graph}/{generation_id}/{LAYOUT}"


def _batches(
    concepts: Sequence[Concept],
    relations: Sequence[Relation],
    resources: Sequence[Resource],
    names: Iterable[Properties],
    bands: Mapping[str, int],
) -> Iterator[tuple[LiteralString, list[Properties]]]:
    """Statements with the rows for each: concepts first, since all else hangs on them."""
    inner = (r for r in relations if r.source in bands and r.target in bands)
    degrees = Counter(end for r in inner for end in (r.source, r.target))
    nodes = concept_rows(concepts, number_circles(relations), bands, degrees, packed_hops(concepts, relations))
    yield from ((cypher.CREATE_CONCEPTS, rows) for rows in _slices(nodes))
    yield from ((cypher.CREATE_NAMES, rows) for rows in _slices(iter(names)))
    yield from ((cypher.CREATE_RESOURCES, rows) for rows in _slices(resource_rows(resources, concepts)))
    by_type = sorted(relation_rows(relations, concepts), key=lambda row: row[0])
    for name, group in groupby(by_type, key=lambda row: row[0]):
        yield from ((cypher.CREATE_RELATIONS[name], rows) for rows in _slices(properties for _, properties in group))


def _slices(rows: Iterator[T]) -> Iterator[list[T]]:
    while batch := list(islice(rows, ROWS_A_BATCH)):
        yield batch
