"""The graph in Neo4j: each answer is a query that fetches what it needs, never the whole graph.

A store belongs to one generation, as the passages and the index beside it do, so that no answer mixes two. A complete
generation never changes until it is retired as a whole, and every read ends by making sure that it still is complete:
what was read before that came from nothing half deleted.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, LiteralString

from graph import cypher
from graph.errors import StorageError
from graph.frontier import Hop, cheapest_path
from graph.lint import lint_graph
from graph.mentions import choose_mentions, possible_names
from graph.names import Mention, normalise_name
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_publish import generation_key
from graph.neo4j_rows import concept_from, index_key, pairs_of_letters, relation_from, resource_from
from graph.paths import BACKWARD_FACTOR, PathStep, explain_path, find_cycles, learning_order, prerequisite_graph
from graph.schema import WEEK_KIND, Concept, Problem, Relation, Resource
from graph.store import Neighbour

if TYPE_CHECKING:
    from neo4j import ManagedTransaction
    from networkx import DiGraph

Rows = list[dict[str, Any]]

_WINDOW = 2_000  # concepts, or resources, that are read at once where all are asked for
_NAMES_AT_ONCE = 5_000
_LIKELY_NAMES = 500  # of the names that share the most pairs of letters, those that are compared letter by letter


def current_generation_id(connection: Neo4jConnection) -> str | None:
    """The id of the generation in service, or None when none was ever published. Raises StorageError."""
    parameters = {"graph": connection.config.graph}
    rows = connection.read(lambda transaction: transaction.run(cypher.CURRENT, parameters).data())
    return rows[0]["id"] if rows else None


class Neo4jStore:
    """One published generation. Every method raises StorageError when the server fails or the generation is gone."""

    def __init__(self, connection: Neo4jConnection, generation_id: str) -> None:
        self._connection = connection
        self._key = generation_key(connection, generation_id)

    def concepts(self) -> tuple[Concept, ...]:
        rows = self._windows(cypher.CONCEPTS_FROM, self._facts["concepts"])
        return tuple(concept_from(row["concept"]) for row in rows)

    def relations(self) -> tuple[Relation, ...]:
        return tuple(relation_from(row) for row in self._windows(cypher.RELATIONS_FROM, self._facts["concepts"]))

    def resources(self, concept_id: str | None = None) -> tuple[Resource, ...]:
        if concept_id is None:
            rows = self._windows(cypher.RESOURCES_FROM, self._facts["resources"])
        else:
            rows = iter(self._read(cypher.RESOURCES_OF, key=index_key(concept_id)))
        return tuple(resource_from(row["resource"]) for row in rows)

    def concept(self, concept_id: str) -> Concept | None:
        return _first_concept(self._read(cypher.CONCEPT, key=index_key(concept_id)))

    def resolve(self, name: str) -> Concept | None:
        return _first_concept(self._read(cypher.CONCEPT_NAMED, name=index_key(normalise_name(name))))

    def suggest(self, name: str, limit: int = 3) -> tuple[Concept, ...]:
        """As the embedded store does, among the names that share the most pairs of letters with this one."""
        from rapidfuzz import fuzz, process

        asked = normalise_name(name)
        pairs = [pair for pair in pairs_of_letters(asked) if pair.isprintable()]
        if not pairs:
            return ()
        likely = self._read(cypher.NAMES_LIKE, query=self._full_text_query(pairs), limit=_LIKELY_NAMES)
        owners = {row["name"]: row["concept_id"] for row in likely}
        matches = process.extract(asked, list(owners), scorer=fuzz.ratio, limit=limit * 4, score_cutoff=60)
        ids = list(dict.fromkeys(owners[match] for match, _, _ in matches))[:limit]
        found = self._concepts_by_id(ids)
        return tuple(found[concept_id] for concept_id in ids)

    def find_mentions(self, text: str) -> list[Mention]:
        """What the text names. Time and queries grow with the text, not with the number of names."""
        places = possible_names(text, self._facts["longest_name"], self._facts["most_words"])
        names, owners = list(places), dict[str, str]()
        for first in range(0, len(names), _NAMES_AT_ONCE):
            keys = [index_key(name) for name in names[first : first + _NAMES_AT_ONCE]]
            owners |= {row["name"]: row["concept_id"] for row in self._read(cypher.NAMES_AMONG, keys=keys)}
        return choose_mentions(places, owners)

    def neighbours(self, concept_id: str) -> tuple[Neighbour, ...]:
        return tuple(_neighbour(row) for row in self._read(cypher.NEIGHBOURS, key=index_key(concept_id)))

    def prerequisites(self, concept_id: str) -> tuple[str, ...]:
        needed = self._read(cypher.NEEDED, key=index_key(concept_id))
        edges = [(needs, row["id"]) for row in needed for needs in row["needs"]]
        placed = {row["id"]: _placed(row["id"], row["week"]) for row in needed}
        return learning_order(_prerequisites(edges), concept_id, placed)

    def unlocked_by(self, concept_id: str) -> tuple[str, ...]:
        rows = self._read(cypher.UNLOCKED, key=index_key(concept_id))
        return tuple(sorted({row["id"] for row in rows} - {concept_id}))

    def explain_path(self, source: str, target: str) -> tuple[PathStep, ...] | None:
        """A cheapest path, found by asking for the neighbours of a few concepts at a time."""

        def work(transaction: ManagedTransaction) -> tuple[PathStep, ...] | None:
            found = self._explain(transaction, source, target)
            self._make_sure(transaction)
            return found

        return self._connection.read(work)

    def cycles(self) -> list[tuple[str, ...]]:
        """As the embedded store does; publishing marked the concepts that stand on a cycle, so only those are read."""
        return find_cycles(prerequisite_graph(relation_from(row) for row in self._read(cypher.CIRCLES)))

    def lint(self, exempt: Collection[str] = ()) -> list[Problem]:
        """What `lint_graph` finds in the whole graph, with only the concepts that it is about fetched."""
        circles, concepts, unlinked = self._read_all(
            (cypher.CIRCLES, {}),
            (cypher.CIRCLE_CONCEPTS, {}),
            (cypher.UNLINKED, {"week_kind": WEEK_KIND, "exempt": list(exempt)}),
        )
        involved = [concept_from(row["concept"]) for row in (*concepts, *unlinked)]
        return lint_graph(involved, map(relation_from, circles), exempt)

    def counts(self) -> Mapping[str, int]:
        """How many concepts, relations, resources and names there are, counted by the server."""
        counts: Mapping[str, int] = self._read(cypher.COUNTS)[0]
        return counts

    def check(self) -> None:
        """Raises StorageError when the server does not answer or does not hold the whole generation."""
        self._read("RETURN 1 AS alive")

    @cached_property
    def _facts(self) -> Mapping[str, Any]:
        """What publishing noted of the generation: its counts, and how long its names are."""
        facts: Mapping[str, Any] = self._connection.read(self._make_sure)
        return facts

    def _read(self, statement: LiteralString, **parameters: object) -> Rows:
        return self._read_all((statement, parameters))[0]

    def _read_all(self, *statements: tuple[LiteralString, Mapping[str, object]]) -> list[Rows]:
        """The rows of some statements, read in one transaction."""

        def work(transaction: ManagedTransaction) -> list[Rows]:
            found = [self._run(transaction, statement, parameters) for statement, parameters in statements]
            self._make_sure(transaction)
            return found

        return self._connection.read(work)

    def _run(self, transaction: ManagedTransaction, statement: LiteralString, parameters: Mapping[str, object]) -> Rows:
        return transaction.run(statement, {**parameters, "generation": self._key}).data()

    def _make_sure(self, transaction: ManagedTransaction) -> Mapping[str, Any]:
        """The generation's own facts. Raises StorageError unless it is complete."""
        rows = self._run(transaction, cypher.IS_COMPLETE, {})
        if not rows:
            raise StorageError(
                f"Neo4j at {self._connection.config.address} does not hold the graph {self._key} (any more); reload "
                "to get the one in service, or run `prepgraph ingest`."
            )
        facts: Mapping[str, Any] = rows[0]["properties"]
        return facts

    def _windows(self, statement: LiteralString, size: int) -> Iterator[dict[str, Any]]:
        for first in range(0, size, _WINDOW):
            yield from self._read(statement, first=first, end=first + _WINDOW)

    def _concepts_by_id(self, ids: Sequence[str]) -> dict[str, Concept]:
        rows = self._read(cypher.CONCEPTS_BY_KEY, keys=[index_key(concept_id) for concept_id in ids])
        found = (concept_from(row["concept"]) for row in rows)
        return {concept.id: concept for concept in found}

    def _full_text_query(self, pairs: Sequence[str]) -> str:
        return f"+generation:{_quoted(self._key)} +pairs:({' '.join(map(_quoted, pairs))})"

    def _explain(self, transaction: ManagedTransaction, source: str, target: str) -> tuple[PathStep, ...] | None:
        keys = [index_key(source), index_key(target)]
        ends = {row["id"]: row["position"] for row in self._run(transaction, cypher.ENDS, {"keys": keys})}
        if source not in ends or target not in ends:
            return None
        weeks = list(ends.values())

        def fetch(positions: Collection[int]) -> dict[int, list[Hop]]:
            rows = self._run(transaction, cypher.HOPS, {"positions": list(positions), "ends": weeks})
            return {row["position"]: _hops(row) for row in rows}

        if source == target:
            return () if fetch([ends[source]]) else None
        path = cheapest_path(ends[source], ends[target], fetch)
        if path is None:
            return None
        pairs = [[path[i], path[i + 1]] for i in range(len(path) - 1)]
        rows = self._run(transaction, cypher.RELATIONS_BETWEEN, {"pairs": pairs})
        return explain_path(map(relation_from, rows), source, target, {})


def _hops(row: Mapping[str, Any]) -> list[Hop]:
    return [
        (other, cost, cost * BACKWARD_FACTOR) if cost > 0 else (other, -cost * BACKWARD_FACTOR, -cost)
        for other, cost in zip(row["others"], row["costs"], strict=True)
    ]


def _first_concept(rows: Rows) -> Concept | None:
    return concept_from(rows[0]["concept"]) if rows else None


def _neighbour(row: Mapping[str, Any]) -> Neighbour:
    concept = concept_from(row["concept"])
    ends = (row["asked"], concept.id) if row["leaves"] else (concept.id, row["asked"])
    relation = relation_from({**row, "source": ends[0], "target": ends[1]})
    return Neighbour(concept, relation, "out" if row["leaves"] else "in")


def _placed(concept_id: str, week: int | None) -> Concept:
    """As much of a concept as its place in the learning order depends on."""
    return Concept(concept_id, concept_id, (), "", week, None, "concept", ())


def _prerequisites(edges: Sequence[tuple[str, str]]) -> DiGraph[str]:
    import networkx as nx

    graph: DiGraph[str] = nx.DiGraph()
    graph.add_edges_from(edges)
    return graph


def _quoted(term: str) -> str:
    """A term of the full-text query language, with nothing in it that the language gives a meaning."""
    escaped = term.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
