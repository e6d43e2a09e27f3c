"""What is known of a graph as a whole without walking it: counts, what filters may choose, and where to begin."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from graph.schema import WEEK_KIND, Concept, Relation, RelationOrigin, Resource

_HUBS = 8


@dataclass(frozen=True, slots=True)
class GraphFacts:
    """`weeks` has None last where a concept has none; `hubs` are the ids of those with the most relations, weeks aside.

    `contrasts` are the ids of pairs that contrast with each other, those with the most relations first.
    """

    concepts: int
    relations: int
    resources: int
    weeks: tuple[int | None, ...] = ()
    tracks: tuple[str, ...] = ()
    origins: tuple[RelationOrigin, ...] = ()
    hubs: tuple[str, ...] = ()
    contrasts: tuple[tuple[str, str], ...] = ()


def gather_facts(
    concepts: Sequence[Concept], relations: Sequence[Relation], resources: Sequence[Resource]
) -> GraphFacts:
    """The facts of a graph; the same for the same graph."""
    ids = {concept.id for concept in concepts if concept.kind != WEEK_KIND}
    degree = Counter(end for relation in relations for end in (relation.source, relation.target))
    pairs = [
        (r.source, r.target) for r in relations if r.kind == "contrasts_with" and r.source in ids and r.target in ids
    ]
    weeks = {concept.week for concept in concepts}
    return GraphFacts(
        len(concepts),
        len(relations),
        len(resources),
        (*sorted(week for week in weeks if week is not None), *([None] if None in weeks else [])),
        tuple(sorted({concept.track for concept in concepts if concept.track})),
        tuple(sorted({relation.origin for relation in relations})),
        tuple(sorted(ids, key=lambda c: (-degree[c], c))[:_HUBS]),
        tuple(sorted(pairs, key=lambda pair: (-degree[pair[0]] - degree[pair[1]], pair))[:_HUBS]),
    )
