"""The graph behind one protocol, and the embedded store that keeps it in memory with NetworkX."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

from graph.facts import GraphFacts, gather_facts
from graph.names import ConceptNames, Mention, normalise_name
from graph.paths import PathStep, explain_path, explain_paths, find_cycles, learning_order, prerequisite_graph
from graph.reduction import Reach
from graph.schema import Concept, Relation, Resource, Span

if TYPE_CHECKING:
    from networkx import DiGraph

    from graph.parts import GraphParts


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A concept one relation away, and whether the relation leaves (`out`) or enters (`in`) the one asked about."""

    concept: Concept
    relation: Relation
    side: Literal["out", "in"]


@dataclass(frozen=True, slots=True)
class Reached:
    """The ids of all that must be known before a concept, and of all that needs it, at any distance."""

    before: frozenset[str]
    after: frozenset[str]


class GraphStore(Protocol):
    """What every room may ask of the graph, whatever engine holds it. Unknown ids give empty answers.

    `concepts`, `relations` and `resources` without an id visit all of it: for dumps, and for graphs whose `facts` say
    that they are small. Who draws a part of a large one asks its `parts`.
    """

    def check(self) -> None:
        """Raises StorageError when what holds the graph does not answer, or no longer holds all of it."""

    def facts(self) -> GraphFacts:
        """How much there is, and what filters may choose."""

    def parts(self) -> GraphParts | None:
        """What answers for parts of a graph; None where all of it is in memory, so that nothing is gained."""

    def concepts(self) -> tuple[Concept, ...]:
        """Every concept, by id."""

    def relations(self) -> tuple[Relation, ...]:
        """Every relation, by source, target and kind."""

    def resources(self, concept_id: str | None = None) -> tuple[Resource, ...]:
        """The resources of one concept, or all of them."""

    def concept(self, concept_id: str) -> Concept | None:
        """The concept with this id."""

    def concepts_by_id(self, ids: Iterable[str]) -> dict[str, Concept]:
        """The concepts with these ids, those that there are."""

    def concepts_in(self, paths: Collection[str]) -> tuple[Concept, ...]:
        """The concepts that these files define, by id."""

    def resolve(self, name: str) -> Concept | None:
        """The concept that an id, a title, an alias or a plural stands for."""

    def suggest(self, name: str, limit: int = 3) -> tuple[Concept, ...]:
        """The concepts whose names are spelt most like this one, best first."""

    def find_mentions(self, text: str) -> list[Mention]:
        """The concepts that a question names, left to right."""

    def neighbours(self, concept_id: str) -> tuple[Neighbour, ...]:
        """The concepts one relation away."""

    def prerequisites(self, concept_id: str) -> tuple[str, ...]:
        """The ids of all that must be known before, first to learn first."""

    def unlocked_by(self, concept_id: str) -> tuple[str, ...]:
        """The ids of all that needs this concept, directly or not."""

    def reach(self, concept_id: str) -> Reached:
        """All that it needs and all that needs it, without order: in a moment."""

    def explain_path(self, source: str, target: str) -> tuple[PathStep, ...] | None:
        """The cheapest explained path between two ids, or None."""

    def explain_paths(self, source: str, target: str, limit: int = 3) -> tuple[tuple[PathStep, ...], ...]:
        """That path and really different ones, best first; none where nothing links, or both ids are the same."""

    def cycles(self) -> list[tuple[str, ...]]:
        """Prerequisite cycles; none in a sound graph."""


class NetworkxStore:
    """The embedded store: all of the graph in memory, loaded from a generation's `graph.json`."""

    def __init__(
        self, concepts: Iterable[Concept], relations: Iterable[Relation], resources: Iterable[Resource] = ()
    ) -> None:
        self._concepts = {concept.id: concept for concept in sorted(concepts, key=lambda c: c.id)}
        self._relations = tuple(sorted(relations, key=lambda r: (r.source, r.target, r.kind)))
        self._resources = tuple(sorted(resources, key=lambda r: r.id))

    def check(self) -> None:
        pass

    def facts(self) -> GraphFacts:
        return self._facts

    def parts(self) -> None:
        return None

    def concepts(self) -> tuple[Concept, ...]:
        return tuple(self._concepts.values())

    def relations(self) -> tuple[Relation, ...]:
        return self._relations

    def resources(self, concept_id: str | None = None) -> tuple[Resource, ...]:
        return tuple(r for r in self._resources if concept_id is None or concept_id in r.concept_ids)

    def concept(self, concept_id: str) -> Concept | None:
        return self._concepts.get(concept_id)

    def concepts_by_id(self, ids: Iterable[str]) -> dict[str, Concept]:
        return {found.id: found for concept_id in ids if (found := self._concepts.get(concept_id))}

    def concepts_in(self, paths: Collection[str]) -> tuple[Concept, ...]:
        wanted = frozenset(paths)
        return tuple(c for c in self._concepts.values() if c.spans and c.spans[0].path in wanted)

    def resolve(self, name: str) -> Concept | None:
        found = self._names.resolve(name)
        return self._concepts[found] if found else None

    def suggest(self, name: str, limit: int = 3) -> tuple[Concept, ...]:
        from rapidfuzz import fuzz, process

        names = self._names.names()
        matches = process.extract(
            normalise_name(name), list(names), scorer=fuzz.ratio, limit=limit * 4, score_cutoff=60
        )
        ids = dict.fromkeys(names[match] for match, _, _ in matches)
        return tuple(self._concepts[concept_id] for concept_id in list(ids)[:limit])

    def find_mentions(self, text: str) -> list[Mention]:
        return self._names.find_mentions(text, acronyms_in_any_case=True)

    def neighbours(self, concept_id: str) -> tuple[Neighbour, ...]:
        return self._neighbours.get(concept_id, ())

    def prerequisites(self, concept_id: str) -> tuple[str, ...]:
        return learning_order(self._prerequisites, concept_id, self._concepts)

    def unlocked_by(self, concept_id: str) -> tuple[str, ...]:
        import networkx as nx

        if concept_id not in self._prerequisites:
            return ()
        return tuple(sorted(nx.descendants(self._prerequisites, concept_id) - {concept_id}))

    def reach(self, concept_id: str) -> Reached:
        return Reached(frozenset(self._reach.before(concept_id)), frozenset(self._reach.after(concept_id)))

    def explain_path(self, source: str, target: str) -> tuple[PathStep, ...] | None:
        return explain_path(self._relations, source, target, self._concepts)

    def explain_paths(self, source: str, target: str, limit: int = 3) -> tuple[tuple[PathStep, ...], ...]:
        return explain_paths(self._relations, source, target, limit, self._concepts)

    def cycles(self) -> list[tuple[str, ...]]:
        return find_cycles(self._prerequisites)

    @cached_property
    def _facts(self) -> GraphFacts:
        return gather_facts(self.concepts(), self._relations, self._resources)

    @cached_property
    def _reach(self) -> Reach:
        return Reach(self._relations)

    @cached_property
    def _names(self) -> ConceptNames:
        return ConceptNames(self._concepts.values())

    @cached_property
    def _prerequisites(self) -> DiGraph[str]:
        return prerequisite_graph(self._relations)

    @cached_property
    def _neighbours(self) -> dict[str, tuple[Neighbour, ...]]:
        found: dict[str, list[Neighbour]] = {}
        for relation in self._relations:
            source, target = self._concepts[relation.source], self._concepts[relation.target]
            found.setdefault(source.id, []).append(Neighbour(target, relation, "out"))
            found.setdefault(target.id, []).append(Neighbour(source, relation, "in"))
        return {concept_id: tuple(neighbours) for concept_id, neighbours in found.items()}


def graph_to_json(concepts: Iterable[Concept], relations: Iterable[Relation], resources: Iterable[Resource]) -> bytes:
    """The graph as UTF-8 JSON with sorted keys and rows: the same bytes for the same graph, on every machine."""
    return b"".join(iter_graph_json(concepts, relations, resources))


def iter_graph_json(
    concepts: Iterable[Concept], relations: Iterable[Relation], resources: Iterable[Resource]
) -> Iterator[bytes]:
    """The same bytes row by row: as one piece, a large graph's would take more memory than the graph."""
    yield b'{\n "concepts": '
    yield from _iter_rows(sorted(concepts, key=lambda c: c.id))
    yield b',\n "relations": '
    yield from _iter_rows(sorted(relations, key=lambda r: (r.source, r.target, r.kind)))
    yield b',\n "resources": '
    yield from _iter_rows(sorted(resources, key=lambda r: r.id))
    yield b"\n}\n"


def _iter_rows(rows: Sequence[Any]) -> Iterator[bytes]:
    for number, row in enumerate(rows):
        text = json.dumps(asdict(row), sort_keys=True, ensure_ascii=False, indent=1)
        yield b",\n  " if number else b"[\n  "
        yield text.replace("\n", "\n  ").encode()
    yield b"\n ]" if rows else b"[]"


def graph_from_json(data: bytes) -> NetworkxStore:
    """The store that `graph_to_json` wrote. Raises ValueError or KeyError on anything else."""
    rows: Mapping[str, list[dict[str, Any]]] = json.loads(data)
    return NetworkxStore(
        concepts=map(concept_from_row, rows["concepts"]),
        relations=map(relation_from_row, rows["relations"]),
        resources=[
            Resource(**{**row, "concept_ids": tuple(row["concept_ids"]), "span": Span(**row["span"])})
            for row in rows["resources"]
        ],
    )


def concept_from_row(row: Mapping[str, Any]) -> Concept:
    """The concept of one row of `graph.json`."""
    return Concept(**{**row, "aliases": tuple(row["aliases"]), "spans": _spans(row["spans"])})


def relation_from_row(row: Mapping[str, Any]) -> Relation:
    """The relation of one row of `graph.json`."""
    return Relation(**{**row, "evidence": _spans(row["evidence"])})


def _spans(rows: Iterable[Mapping[str, Any]]) -> tuple[Span, ...]:
    return tuple(Span(**row) for row in rows)
