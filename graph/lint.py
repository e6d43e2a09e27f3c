"""Decides what is wrong with a graph that was read without error: cycles, and concepts that nothing links."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from graph.paths import find_cycles, prerequisite_graph
from graph.schema import WEEK_KIND, Concept, Problem, Relation


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
    edges = {(r.source, r.target): r for r in relations if r.kind == "prerequisite_of"}
    for cycle in find_cycles(prerequisite_graph(relations)):
        hops = list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
        # The edge with the least weight is the likeliest mistake; among equals, the last one closes the circle.
        weakest = min(reversed(hops), key=lambda hop: edges[hop].weight)
        span = edges[weakest].evidence[0]
        chain = " → ".join(concepts[c].title for c in (*cycle, cycle[0]))
        yield Problem(
            span.path,
            span.start_line,
            "error",
            "prerequisite_cycle",
            f"These concepts require each other: {chain}; take out one of the lines, such as {span.quote!r}.",
        )


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
