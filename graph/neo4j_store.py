"""The graph in Neo4j: each answer is a query that fetches what it needs, never the whole graph.

A store belongs to one generation, as the passages and the index beside it do, so that no answer mixes two. A complete
generation never changes until it is retired as a whole, and every read ends by making sure that it still is complete:
what was read before that came from nothing half deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any, LiteralString, TypeVar

from graph import cypher
from graph.errors import StorageError
from graph.facts import GraphFacts
from graph.lint import lint_graph
from graph.mentions import choose_mentions, possible_names
from graph.names import Mention, normalise_name
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_parts import Neo4jParts
from graph.neo4j_paths import Rows, Run, explain_paths, has_hops
from graph.neo4j_publish import generation_key
from graph.neo4j_rows import (
    concept_from,
    facts_from_json,
    index_key,
    mark_of,
    missing_parts,
    pairs_of_letters,
    relation_from,
    resource_from,
)
from graph.paths import PathStep, find_cycles, learning_order, prerequisite_graph
from graph.schema import WEEK_KIND, Concept, Problem, Relation, Resource
from graph.store import Neighbour, Reached

if TYPE_CHECKING:
    from neo4j import ManagedTransaction
    from networkx import DiGraph

T = TypeVar("T")

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

    def check(self) -> None:
        self._read("RETURN 1 AS alive")

    def facts(self) -> GraphFacts:
        return facts_from_json(self._noted["facts"])

    def parts(self) -> Neo4jParts:
        return self._parts

    def concepts(self) -> tuple[Concept, ...]:
        rows = self._windows(cypher.CONCEPTS_FROM, self._noted["concepts"])
        return tuple(concept_from(row["concept"]) for row in rows)

    def relations(self) -> tuple[Relation, ...]:
        return tuple(relation_from(row) for row in self._windows(cypher.RELATIONS_FROM, self._noted["concepts"]))

    def resources(self, concept_id: str | None = None) -> tuple[Resource, ...]:
        if concept_id is None:
            rows = self._windows(cypher.RESOURCES_FROM, self._noted["resources"])
        else:
            rows = iter(self._read(cypher.RESOURCES_OF, key=index_key(concept_id)))
        return tuple(resource_from(row["resource"]) for row in rows)

    def concept(self, concept_id: str) -> Concept | None:
        return _first_concept(self._read(cypher.CONCEPT, key=index_key(concept_id)))

    def concepts_by_id(self, ids: Iterable[str]) -> dict[str, Concept]:
        rows = self._read(cypher.CONCEPTS_BY_KEY, keys=[index_key(concept_id) for concept_id in ids])
        found = (concept_from(row["concept"]) for row in rows)
        return {concept.id: concept for concept in found}

    def concepts_in(self, paths: Collection[str]) -> tuple[Concept, ...]:
        rows = self._read(cypher.CONCEPTS_IN, paths=[index_key(path) for path in dict.fromkeys(paths)])
        return tuple(concept_from(row["concept"]) for row in rows)

    def resolve(self, name: str) -> Concept | None:
        return _first_concept(self._read(cypher.CONCEPT_NAMED, name=index_key(normalise_name(name))))

    def suggest(self, name: str, limit: int = 3) -> tuple[Concept, ...]:
        """As the embedded store does, among the names that share the most pairs of letters with this one."""
        from rapidfuzz import fuzz, process

        asked = normalise_name(name)
        pairs = [pair for pair in pairs_of_letters(asked, mark_of(self._key)) if pair.isprintable()]
        if not pairs:
            return ()
        query = f"pairs:({' '.join(map(_quoted, pairs))})"
        [likely] = self._read(cypher.NAMES_LIKE, query=query, limit=_LIKELY_NAMES)
        owners = dict(zip(likely["names"], likely["concept_ids"], strict=True))
        matches = process.extract(asked, list(owners), scorer=fuzz.ratio, limit=limit * 4, score_cutoff=60)
        ids = list(dict.fromkeys(owners[match] for match, _, _ in matches))[:limit]
        found = self.concepts_by_id(ids)
        return tuple(found[concept_id] for concept_id in ids)

    def find_mentions(self, text: str) -> list[Mention]:
        """What the text names. Time and queries grow with the text, not with the number of names."""
        places = possible_names(text, self._noted["longest_name"], self._noted["most_words"])
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

    def reach(self, concept_id: str) -> Reached:
        asked = {"key": index_key(concept_id)}
        before, after = self._read_all((cypher.ALL_NEEDED, asked), (cypher.UNLOCKED, asked))
        sides = (frozenset(row["id"] for row in rows) - {concept_id} for rows in (before, after))
        return Reached(*sides)

    def explain_path(self, source: str, target: str) -> tuple[PathStep, ...] | None:
        """A cheapest path, found by asking for the neighbours of a few concepts at a time."""
        if source == target:
            return () if self._work(lambda run: has_hops(run, source)) else None
        found = self.explain_paths(source, target, limit=1)
        return found[0] if found else None

    def explain_paths(self, source: str, target: str, limit: int = 3) -> tuple[tuple[PathStep, ...], ...]:
        """As the embedded store does; in the neighbourhood of a hub, among the nearest concepts."""
        return self._work(lambda run: explain_paths(run, source, target, limit))

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

    def missing(self) -> list[str]:
        """What the server holds less of than was published, counted by it, such as "3 of 5 names"."""
        return missing_parts(self._read(cypher.COUNTS)[0], self._noted)

    @cached_property
    def _parts(self) -> Neo4jParts:
        return Neo4jParts(self._read_all)

    @cached_property
    def _noted(self) -> Mapping[str, Any]:
        """What publishing noted of the generation: its counts, and how long its names are."""
        rows = self._read(cypher.FACTS)
        facts: Mapping[str, Any] = rows[0]["facts"]
        return facts

    def _read(self, statement: LiteralString, **parameters: object) -> Rows:
        return self._read_all((statement, parameters))[0]

    def _read_all(self, *statements: tuple[LiteralString, Mapping[str, object]]) -> list[Rows]:
        """The rows of some statements, read in one transaction."""

        return self._work(lambda run: [run(statement, parameters) for statement, parameters in statements])

    def _work(self, ask: Callable[[Run], T]) -> T:
        """What is found by statements that all run in one transaction."""

        def work(transaction: ManagedTransaction) -> T:
            found = ask(lambda statement, parameters: self._run(transaction, statement, parameters))
            self._make_sure(transaction)
            return found

        return self._connection.read(work)

    def _run(self, transaction: ManagedTransaction, statement: LiteralString, parameters: Mapping[str, object]) -> Rows:
        # Not by the driver's `data()`: that walks through every value for nodes, which nothing here returns.
        found = transaction.run(statement, {**parameters, "generation": self._key})
        return [dict(zip(found.keys(), record, strict=True)) for record in found]

    def _make_sure(self, transaction: ManagedTransaction) -> None:
        """Raises StorageError unless the generation is complete."""
        if not self._run(transaction, cypher.IS_COMPLETE, {}):
            raise StorageError(
                f"Neo4j at {self._connection.config.address} does not hold the graph {self._key} (any more); reload "
                "to get the one in service, or run `prepgraph ingest`."
            )

    def _windows(self, statement: LiteralString, size: int) -> Iterator[dict[str, Any]]:
        for first in range(0, size, _WINDOW):
            yield from self._read(statement, first=first, end=first + _WINDOW)


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
