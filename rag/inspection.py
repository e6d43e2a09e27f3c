"""Gathers, for whoever wants to see why, all that happened to a question between its raw text and its answer.

Nothing here is on the way to an answer: the searches without a part, the matches of tokens and the draft are made when
somebody looks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.schema import Answer, Chunk, RelationKind, Span
from graph.store import GraphStore
from rag.answer import SUFFICIENT, Grounds
from rag.citations import DraftParagraph, DraftSentence, resolve_citations
from rag.compose import Draft, ExtractiveComposer
from rag.index import SearchFilter
from rag.question import Reading
from rag.relate import relation_sentence
from rag.rerank import LateInteraction
from rag.retrieve import RERANK, Retrieval
from rag.trace import Drop, Proposal
from rag.what_if import Parts, WhatIf, leave_out_each
from rag.word_match import PassageMatch, match_words

_BEST = 3  # of a stage: shown also when they were left out
_MOST_LEFT_OUT = 6


@dataclass(frozen=True, slots=True)
class Place:
    """The rank and the score that one stage gave a passage."""

    rank: int
    score: float


@dataclass(frozen=True, slots=True)
class PassageRow:
    """A passage on its way through the stages; `rank` and `score` are the final ones, None when it was left out."""

    chunk: Chunk
    rank: int | None
    score: float | None
    places: Mapping[str, Place]
    drop: Drop | None = None


@dataclass(frozen=True, slots=True)
class Widening:
    """Passages that the graph spoke for with one reason: of a named concept, or of one a relation away.

    `sentence` and `evidence` say why for a relation; `added` are those that no retriever had found, `kept` those that
    are among the results.
    """

    named_id: str
    concept_id: str
    relation: RelationKind | None
    bonus: float
    sentence: str
    evidence: Span | None
    chunk_ids: tuple[str, ...]
    added: tuple[str, ...]
    kept: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """What one ground adds to the score, or takes away."""

    name: str
    value: float


@dataclass(frozen=True, slots=True)
class Sentence:
    """A drafted sentence: the rank of the passage that it stands in, None when it is of another; whether it held."""

    text: str
    label: str
    passage_rank: int | None
    held: bool


@dataclass(frozen=True, slots=True)
class AnswerSteps:
    """From passages to an answer: what was drafted, what speaks for saying it, and what was said."""

    answer: Answer
    draft: Draft
    sentences: tuple[Sentence, ...]
    grounds: Grounds
    terms: tuple[Term, ...]
    bound: float = SUFFICIENT


@dataclass(frozen=True, slots=True)
class Inspection:
    """Every step of one question; `match` is of the first passage.

    `steps` is None for a search, which answers nothing.
    """

    retrieval: Retrieval
    reading: Reading
    rows: tuple[PassageRow, ...]
    widenings: tuple[Widening, ...]
    what_ifs: tuple[WhatIf, ...]
    match: PassageMatch | None
    steps: AnswerSteps | None = None

    def without(self, part: str) -> WhatIf | None:
        """What would have been found without a part of retrieval, if it had a say."""
        return next((what_if for what_if in self.what_ifs if what_if.part == part), None)


class Inspector:
    """Inspects questions of one generation, with the parts that its retriever is made of."""

    def __init__(
        self, parts: Parts, composer: ExtractiveComposer, grounds: Callable[[Retrieval, Draft], Grounds]
    ) -> None:
        self._parts, self._composer, self._grounds = parts, composer, grounds

    def inspect(self, found: Retrieval, where: SearchFilter | None = None, by_itself: str | None = None) -> Inspection:
        """What happened to a search; `where` is the filter that it had, `by_itself` a follow-up as it was typed."""
        return Inspection(
            retrieval=found,
            reading=self._composer.read(found),
            rows=passage_rows(found, self._parts.corpus.by_id),
            widenings=_widenings(found, self._parts.graph),
            what_ifs=leave_out_each(found, self._parts, where, by_itself),
            match=self.match_words(found, found.results[0].chunk) if found.results else None,
        )

    def inspect_answer(self, answer: Answer, where: SearchFilter | None = None) -> Inspection:
        """What happened to a question that was answered: it is searched for again, and drafted again."""
        found = self._parts.retriever().retrieve(answer.read_as or answer.question, _answer_top_k(answer), where)
        draft = self._composer.compose(found)
        grounds = self._grounds(found, draft)
        steps = AnswerSteps(answer, draft, self._sentences(draft, found), grounds, grounds_terms(grounds))
        by_itself = answer.question if answer.read_as else None
        return replace(self.inspect(found, where, by_itself), steps=steps)

    def match_words(self, found: Retrieval, chunk: Chunk) -> PassageMatch | None:
        """How a passage met each word of the question; None without late interaction, or when it was not reranked."""
        stage = found.trace.stage(RERANK)
        if not isinstance(self._parts.reranker, LateInteraction) or not stage or not stage.rank(chunk.id):
            return None
        candidates = [self._parts.corpus.by_id[scored.chunk_id] for scored in stage.candidates]
        return match_words(found.asked, chunk, candidates, self._parts.reranker, self._parts.embedder)

    def _sentences(self, draft: Draft, found: Retrieval) -> tuple[Sentence, ...]:
        return tuple(
            Sentence(sentence.text, paragraph.label, _rank_of(sentence, found), self._holds(sentence))
            for paragraph in draft.paragraphs
            for sentence in paragraph.sentences
        )

    def _holds(self, sentence: DraftSentence) -> bool:
        return not resolve_citations([DraftParagraph((sentence,))], self._document_text).dropped

    def _document_text(self, path: str) -> str | None:
        document = self._parts.corpus.document(path)
        return document.text if document else None


def passage_rows(found: Retrieval, chunks: Mapping[str, Chunk]) -> tuple[PassageRow, ...]:
    """The passages found, then the best of those left out: each with what every stage gave it."""
    places: dict[str, dict[str, Place]] = {}
    for stage in found.trace.stages:
        for rank, scored in enumerate(stage.candidates, start=1):
            places.setdefault(scored.chunk_id, {})[stage.name] = Place(rank, scored.score)
    kept = [PassageRow(r.chunk, r.rank, r.score, places.get(r.chunk.id, {})) for r in found.results]
    close = [drop for drop in found.trace.dropped if drop.reason == "repeats" or _was_close(places[drop.chunk_id])]
    left_out = (PassageRow(chunks[drop.chunk_id], None, None, places[drop.chunk_id], drop) for drop in close)
    return (*kept, *list(left_out)[:_MOST_LEFT_OUT])


def grounds_terms(grounds: Grounds) -> tuple[Term, ...]:
    """What each ground adds to the score: how much lower it would be without; the terms add up to the score."""
    neutral = {"coverage": 0.0, "unknown": 0.0, "shortfall": 0.0, "has_strange_name": False}
    without = {name: grounds.score - replace(grounds, **{name: value}).score for name, value in neutral.items()}  # type: ignore[arg-type]
    nearest = Term("nearest", grounds.score - sum(without.values()))
    return (nearest, *(Term(name, value) for name, value in without.items()))


def _was_close(places: Mapping[str, Place]) -> bool:
    return any(place.rank <= _BEST for place in places.values())


def _answer_top_k(answer: Answer) -> int:
    return max(len(answer.results), 1)


def _rank_of(sentence: DraftSentence, found: Retrieval) -> int | None:
    """The rank of the first passage found that a sentence's quote stands in."""
    return next(
        (
            result.rank
            for result in found.results
            for quote in sentence.quotes
            if result.chunk.document_id == quote.path and quote.text in result.chunk.text
        ),
        None,
    )


def _widenings(found: Retrieval, graph: GraphStore) -> tuple[Widening, ...]:
    groups: dict[tuple[str, str, RelationKind | None], list[Proposal]] = {}
    for proposal in found.trace.proposals:
        groups.setdefault((proposal.named_id, proposal.concept_id, proposal.relation), []).append(proposal)
    kept = {result.chunk.id for result in found.results}
    rows = [_widening(key, proposals, kept, graph) for key, proposals in groups.items()]
    return tuple(sorted(rows, key=lambda row: (-row.bonus, -len(row.kept), row.concept_id)))


def _widening(
    key: tuple[str, str, RelationKind | None], proposals: Sequence[Proposal], kept: set[str], graph: GraphStore
) -> Widening:
    named_id, concept_id, relation = key
    said = _reason(graph, named_id, concept_id, relation)
    ids = tuple(proposal.chunk_id for proposal in proposals)
    return Widening(
        named_id,
        concept_id,
        relation,
        proposals[0].bonus,
        said.text if said else "",
        _evidence(said),
        ids,
        tuple(proposal.chunk_id for proposal in proposals if not proposal.found_otherwise),
        tuple(chunk_id for chunk_id in ids if chunk_id in kept),
    )


def _reason(graph: GraphStore, named_id: str, concept_id: str, relation: RelationKind | None) -> DraftSentence | None:
    named = graph.concept(named_id)
    for neighbour in graph.neighbours(named_id) if named and relation else ():
        if neighbour.concept.id == concept_id and neighbour.relation.kind == relation and named:
            ends = (named, neighbour.concept) if neighbour.side == "out" else (neighbour.concept, named)
            return relation_sentence(*ends, neighbour.relation.kind, neighbour.relation.evidence[0])
    return None


def _evidence(said: DraftSentence | None) -> Span | None:
    if said is None:
        return None
    quote = said.quotes[0]
    return Span(quote.path, quote.start_line, quote.end_line, quote.text)
