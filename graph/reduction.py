"""Decides which relations are worth a line, and how deep in prerequisites each concept stands.

The transitive reduction and the depths are found on the strongly connected components, so that a cycle, which has no
unique reduction, is drawn as it is. Reachability is kept in integers used as bit sets: 5,000 concepts take
milliseconds.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.paths import prerequisite_graph
from graph.placement import PlacedEdge
from graph.schema import Relation

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class _Components:
    """Concepts by strongly connected component; components are numbered so that edges lead to lower numbers."""

    of: dict[str, int]
    pairs: list[Pair]
    successors: list[set[int]]


def drawn_edges(relations: Sequence[Relation]) -> tuple[PlacedEdge, ...]:
    """The relations worth a line: prerequisites that no longer way implies, and one a pair of the other kinds."""
    prerequisites = reduce_prerequisites(relations)
    drawn = [PlacedEdge(s, t, "prerequisite_of") for s, t in prerequisites]
    joined = {frozenset((r.source, r.target)) for r in relations if r.kind == "prerequisite_of"}
    for relation in relations:
        pair = frozenset((relation.source, relation.target))
        if relation.kind != "prerequisite_of" and pair not in joined:
            joined.add(pair)
            drawn.append(PlacedEdge(relation.source, relation.target, relation.kind))
    return tuple(drawn)


def reduce_prerequisites(relations: Iterable[Relation]) -> list[Pair]:
    """The prerequisites that no longer way implies (Aho, Garey and Ullman, 1972), by source and target."""
    components = _components(relations)
    reach: list[int] = []
    kept: set[tuple[int, int]] = set()
    for component, successors in enumerate(components.successors):
        seen = 0
        for successor in sorted(successors, reverse=True):  # nearest first, so that it covers those behind it
            if not seen >> successor & 1:
                kept.add((component, successor))
                seen |= reach[successor] | 1 << successor
        reach.append(seen)
    of = components.of
    return [(s, t) for s, t in components.pairs if of[s] == of[t] or (of[s], of[t]) in kept]


def prerequisite_depths(concept_ids: Iterable[str], relations: Iterable[Relation]) -> dict[str, int]:
    """The longest chain of prerequisites below each concept; those on a cycle share theirs."""
    components = _components(relations)
    depth = [0] * len(components.successors)
    for component in reversed(range(len(depth))):
        for successor in components.successors[component]:
            depth[successor] = max(depth[successor], depth[component] + 1)
    return {c: depth[components.of[c]] if c in components.of else 0 for c in concept_ids}


def _components(relations: Iterable[Relation]) -> _Components:
    import networkx as nx

    graph = prerequisite_graph(relations)
    groups = list(nx.strongly_connected_components(graph))  # Tarjan's order: what comes last in the graph is first
    of = {concept: number for number, group in enumerate(groups) for concept in group}
    successors: list[set[int]] = [set() for _ in groups]
    for source, target in graph.edges:
        if of[source] != of[target]:
            successors[of[source]].add(of[target])
    return _Components(of, sorted(graph.edges), successors)


class Reach:
    """What must be known before a concept and what needs it, at any distance, without their order: in a moment."""

    def __init__(self, relations: Iterable[Relation]) -> None:
        self._before: defaultdict[str, list[str]] = defaultdict(list)
        self._after: defaultdict[str, list[str]] = defaultdict(list)
        for relation in relations:
            if relation.kind == "prerequisite_of":
                self._before[relation.target].append(relation.source)
                self._after[relation.source].append(relation.target)

    def before(self, concept_id: str) -> set[str]:
        """All prerequisites."""
        return _walk(self._before, concept_id)

    def after(self, concept_id: str) -> set[str]:
        """All that has it as a prerequisite."""
        return _walk(self._after, concept_id)


def _walk(onward: Mapping[str, Sequence[str]], start: str) -> set[str]:
    found: set[str] = set()
    todo = [start]
    while todo:
        new = set(onward.get(todo.pop(), ())) - found
        found |= new
        todo += new
    return found - {start}
