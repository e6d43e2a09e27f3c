"""Decides what must be learnt before what, and how two concepts are best explained by one another.

The functions take plain relations and build the small directed graphs that they need.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf
from typing import TYPE_CHECKING, Literal

from graph.alternatives import different_paths
from graph.schema import WEEK_KIND, Concept, Relation, RelationKind, Span

if TYPE_CHECKING:
    from networkx import DiGraph

# How far apart a relation puts its two ends: the less it explains, the more it costs.
# Against its direction a relation explains less well ("B needs A" is not "A leads to B").
FORWARD_COST: Mapping[RelationKind, float] = {
    "prerequisite_of": 1.0,
    "applies_to": 1.0,
    "part_of": 1.4,
    "contrasts_with": 1.8,
    "related_to": 2.0,
}
BACKWARD_FACTOR = 1.5
# That two concepts share a week explains nothing, so weeks are only ever the ends of a path.
Direction = Literal["forward", "backward"]


@dataclass(frozen=True, slots=True)
class PathStep:
    """One hop. `direction` is backward when the relation points from `target` to `source`."""

    source: str
    target: str
    kind: RelationKind
    direction: Direction
    evidence: tuple[Span, ...]


def prerequisite_graph(relations: Iterable[Relation]) -> DiGraph[str]:
    """The `prerequisite_of` relations as a graph whose edges point from what is learnt first."""
    import networkx as nx

    graph: DiGraph[str] = nx.DiGraph()
    for relation in relations:
        if relation.kind == "prerequisite_of":
            graph.add_edge(relation.source, relation.target, weight=relation.weight)
    return graph


def find_cycles(graph: DiGraph[str]) -> list[tuple[str, ...]]:
    """The groups of concepts that require one another, each as one cycle through its first concept."""
    import networkx as nx

    cycles = []
    for component in nx.strongly_connected_components(graph):
        first = min(component)
        if len(component) > 1 or graph.has_edge(first, first):
            edges = nx.find_cycle(graph.subgraph(component), source=first)
            cycles.append(tuple(edge[0] for edge in edges))
    return sorted(cycles)


def learning_order(graph: DiGraph[str], concept_id: str, concepts: Mapping[str, Concept]) -> tuple[str, ...]:
    """All that must be known before a concept, first to learn first: by dependency, then week, then id.

    Concepts on a cycle have no order among themselves; they stand together, by week and id.
    """
    import networkx as nx

    if concept_id not in graph:
        return ()
    needed = graph.subgraph(nx.ancestors(graph, concept_id) - {concept_id})
    groups = nx.condensation(needed)
    members: Mapping[int, list[str]] = {
        group: sorted(groups.nodes[group]["members"], key=lambda c: _curriculum_key(c, concepts)) for group in groups
    }
    order = nx.lexicographical_topological_sort(groups, key=lambda g: _curriculum_key(members[g][0], concepts))
    return tuple(concept for group in order for concept in members[group])


def _curriculum_key(concept_id: str, concepts: Mapping[str, Concept]) -> tuple[int, str]:
    concept = concepts.get(concept_id)
    return (concept.week if concept and concept.week is not None else 10**6, concept_id)


def explain_path(
    relations: Iterable[Relation], source: str, target: str, concepts: Mapping[str, Concept]
) -> tuple[PathStep, ...] | None:
    """The cheapest explained path from one concept to another, or None if nothing links them."""
    hops = hop_graph(relations, source, target, concepts)
    path = _cheapest_path(hops, source, target)
    return None if path is None else steps_along(hops, path)


def explain_paths(
    relations: Iterable[Relation], source: str, target: str, limit: int, concepts: Mapping[str, Concept]
) -> tuple[tuple[PathStep, ...], ...]:
    """The cheapest explained path and up to `limit` - 1 really different ones, best first; none where nothing links."""
    hops = hop_graph(relations, source, target, concepts)
    path = None if source == target else _cheapest_path(hops, source, target)
    found = [] if path is None else different_paths(hops, path, limit)
    return tuple(steps_along(hops, path) for path in found)


def hop_graph(relations: Iterable[Relation], source: str, target: str, concepts: Mapping[str, Concept]) -> DiGraph[str]:
    """What a path between two concepts may go along: the best hop for each pair, as an edge's `cost` and `step`."""
    import networkx as nx

    graph: DiGraph[str] = nx.DiGraph()
    for relation in relations:
        if _is_transit(relation, {source, target}, concepts):
            cost = FORWARD_COST[relation.kind] / max(relation.weight, 0.1)
            _add_hop(graph, cost, _step(relation, "forward"))
            _add_hop(graph, cost * BACKWARD_FACTOR, _step(relation, "backward"))
    return graph


def steps_along(hops: DiGraph[str], path: Sequence[str]) -> tuple[PathStep, ...]:
    """The steps from each concept of a path to the next."""
    return tuple(hops.edges[hop]["step"] for hop in pairwise(path))


def _cheapest_path(hops: DiGraph[str], source: str, target: str) -> list[str] | None:
    import networkx as nx

    if source not in hops or target not in hops:
        return None
    try:
        return list(nx.dijkstra_path(hops, source, target, weight="cost"))
    except nx.NetworkXNoPath:
        return None


def _is_transit(relation: Relation, ends: set[str], concepts: Mapping[str, Concept]) -> bool:
    weeks = {end for end in (relation.source, relation.target) if end in concepts and concepts[end].kind == WEEK_KIND}
    return weeks <= ends


def _step(relation: Relation, direction: Direction) -> PathStep:
    source, target = relation.source, relation.target
    if direction == "backward":
        source, target = target, source
    return PathStep(source, target, relation.kind, direction, relation.evidence)


def _add_hop(graph: DiGraph[str], cost: float, step: PathStep) -> None:
    known = graph.get_edge_data(step.source, step.target, default={"cost": inf})
    if cost < known["cost"]:
        graph.add_edge(step.source, step.target, cost=cost, step=step)
