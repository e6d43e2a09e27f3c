"""Decides what is wrong with a graph that was read without error: cycles, and concepts that nothing links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING

from graph.paths import prerequisite_graph
from graph.schema import WEEK_KIND, Concept, Problem, Relation

if TYPE_CHECKING:
    from networkx import DiGraph


def lint_graph(
    concepts: Iterable[Concept], relations: Iterable[Relation], exempt: Collection[str] = ()
) -> list[Problem]:
    """Problems of the graph as a whole, each at the line that would have to change.

    A concept that is `exempt` has no note of its own and may stand alone.
    """
    by_id = {concept.id: concept for concept in concepts}
    rows = list(relations)
    return [*_cycle_problems(by_id, rows), *_orphan_problems(by_id, rows, exempt)]


def _cycle_problems(concepts: Mapping[str, Concept], relations: list[Relation]) -> Iterable[Problem]:
    """One problem for each group of concepts that stand in a circle, at the line of its weakest edge.

    Two that require each other are a contradiction, which ingestion reports; here only longer circles count.
    """
    edges = {(r.source, r.target): r for r in relations if r.kind == "prerequisite_of"}
    for cycle in _long_cycles(prerequisite_graph(relations)):
        hops = list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        # The edge with the least weight is the likeliest mistake; among equals, the last one closes the circle.
        weakest = min(reversed(hops), key=lambda hop: edges[hop].weight)
        span = edges[weakest].evidence[0]
        chain = " → ".join(concepts[c].title for c in (*cycle, cycle[0]))
        edge = " → ".join(concepts[c].title for c in weakest)
        yield Problem(
            span.path,
            span.start_line,
            "error",
            "prerequisite_cycle",
            f"These concepts require each other in a circle: {chain}; the weakest edge is {edge}, so take out "
            f"{span.quote!r} or another of the lines.",
        )


def _long_cycles(graph: DiGraph[str]) -> Iterable[tuple[str, ...]]:
    """One cycle of three concepts or more in each group that has any, and every concept that requires itself."""
    import networkx as nx

    for component in sorted(nx.strongly_connected_components(graph), key=min):
        group = graph.subgraph(component)
        yield from ((concept,) for concept in sorted(component) if group.has_edge(concept, concept))
        for source, target in sorted(group.edges):
            # The shortest way back that is not the way back itself makes a cycle through no concept twice.
            back = nx.restricted_view(group, (), [(target, source)])
            if source != target and nx.has_path(back, target, source):
                yield (source, *nx.shortest_path(back, target, source)[:-1])
                break


def _orphan_problems(
    concepts: Mapping[str, Concept], relations: list[Relation], exempt: Collection[str]
) -> Iterable[Problem]:
    linked = {end for r in relations if not _is_membership(r, concepts) for end in (r.source, r.target)}
    for concept in concepts.values():
        if concept.id not in linked and concept.kind != WEEK_KIND and concept.id not in exempt:
            span = concept.spans[0]
            yield Problem(
                span.path,
                span.start_line,
                "warning",
                "unlinked_concept",
                f"{concept.title!r} has no relation to another concept; add a line under ## Connections.",
            )


def _is_membership(relation: Relation, concepts: Mapping[str, Concept]) -> bool:
    return relation.kind == "part_of" and concepts[relation.target].kind == WEEK_KIND
