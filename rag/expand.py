"""Decides which passages the graph speaks for: those of the concepts that a question names, and of their neighbours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from graph.schema import WEEK_KIND, RelationKind
from graph.store import GraphStore
from rag.corpus import Corpus
from rag.trace import Proposal

_NEIGHBOUR_CHUNKS = 2
_NEIGHBOURS = 8
# A passage of a concept that is named gains up to this much on a fused score in [0, 1]; a neighbour's gains less.
NAMED_BONUS = 0.15
_NEIGHBOUR_BONUS: Mapping[RelationKind, float] = {
    "prerequisite_of": 0.04,
    "contrasts_with": 0.05,
    "part_of": 0.03,
    "applies_to": 0.03,
    "related_to": 0.02,
}


def propose(graph: GraphStore, corpus: Corpus, named: Iterable[str]) -> dict[str, Proposal]:
    """The passages of the concepts named and of those one explained step away, by chunk id; the greatest bonus wins."""
    proposals: dict[str, Proposal] = {}
    for concept_id in named:
        for chunk in corpus.by_owner.get(concept_id, ()):
            proposals[chunk.id] = Proposal(chunk.id, concept_id, concept_id, None, NAMED_BONUS)
        for neighbour_id, kind in _explained_neighbours(graph, concept_id):
            for chunk in corpus.by_owner.get(neighbour_id, ())[:_NEIGHBOUR_CHUNKS]:
                bonus = _NEIGHBOUR_BONUS[kind]
                if chunk.id not in proposals or proposals[chunk.id].bonus < bonus:
                    proposals[chunk.id] = Proposal(chunk.id, neighbour_id, concept_id, kind, bonus)
    return proposals


def _explained_neighbours(graph: GraphStore, concept_id: str) -> list[tuple[str, RelationKind]]:
    neighbours = [
        (neighbour.concept.id, neighbour.relation.kind)
        for neighbour in graph.neighbours(concept_id)
        if neighbour.concept.kind != WEEK_KIND
    ]
    return sorted(neighbours, key=lambda pair: -_NEIGHBOUR_BONUS[pair[1]])[:_NEIGHBOURS]
