"""Says what the graph knows: one sentence for a relation, resting on the line that gives its reason."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from graph.schema import Concept, RelationKind, Span
from graph.store import GraphStore
from ingest.plain_text import plain_text
from rag.citations import DraftSentence, Quote

_PHRASES: Mapping[RelationKind, str] = {
    "prerequisite_of": "{target} builds on {source}",
    "applies_to": "{source} is used in {target}",
    "part_of": "{source} is part of {target}",
    "contrasts_with": "{source} contrasts with {target}",
    "related_to": "{source} is related to {target}",
}
# Only a colon or nothing behind the link makes a line typed: "See [[graphs]] for more" is its own reason.
_TYPED_LINE = re.compile(r"^[\w ]*\[\[[^\]]+\]\]\s*(?::\s*|$)")


def reason_of(quote: str) -> str:
    """The reason that a typed connection line gives, without its verb and link; of other lines all of it."""
    return plain_text(_TYPED_LINE.sub("", quote.strip(), count=1))


def relation_sentence(source: Concept, target: Concept, kind: RelationKind, evidence: Span) -> DraftSentence:
    """What a relation says, as "HNSW builds on Graph: the reason." with its line as the source."""
    phrase = _PHRASES[kind].format(source=source.title, target=target.title)
    reason = reason_of(evidence.quote).rstrip(".")
    text = f"{phrase}: {reason}." if reason else f"{phrase}."
    headings = (source.title if evidence.path == source.spans[0].path else target.title, "Connections")
    return DraftSentence(
        text, (Quote(evidence.path, headings, evidence.start_line, evidence.end_line, evidence.quote),)
    )


def path_sentences(graph: GraphStore, source: Concept, target: Concept) -> Iterable[DraftSentence]:
    """How one concept leads to another: a sentence for each hop of the best explained path."""
    for step in graph.explain_path(source.id, target.id) or ():
        ends = graph.concept(step.source), graph.concept(step.target)
        first, second = ends if step.direction == "forward" else ends[::-1]
        if first and second and step.evidence:
            yield relation_sentence(first, second, step.kind, step.evidence[0])


def prerequisite_sentences(graph: GraphStore, concept: Concept) -> Iterable[DraftSentence]:
    """What a concept builds on directly, first to learn first, each with the reason."""
    needed = {
        neighbour.concept.id: neighbour
        for neighbour in graph.neighbours(concept.id)
        if neighbour.relation.kind == "prerequisite_of" and neighbour.side == "in"
    }
    for concept_id in graph.prerequisites(concept.id):
        if neighbour := needed.get(concept_id):
            evidence = neighbour.relation.evidence[0]
            yield relation_sentence(neighbour.concept, concept, "prerequisite_of", evidence)


def contrast_sentences(graph: GraphStore, first: Concept, second: Concept) -> Iterable[DraftSentence]:
    """What a note says of the contrast between two concepts."""
    for neighbour in graph.neighbours(first.id):
        if neighbour.concept.id == second.id and neighbour.relation.kind == "contrasts_with":
            source, target = (first, second) if neighbour.side == "out" else (second, first)
            yield relation_sentence(source, target, "contrasts_with", neighbour.relation.evidence[0])
