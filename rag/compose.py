"""Decides what an answer says without a language model: whole sentences of the notes, chosen and put in order.

The order is the one that interviewers reward: what it is, how it works, the trade-off, where it breaks, the number.
Every sentence stands as it is in a note, so nothing can be said that the notes don't say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from graph.schema import WEEK_KIND, Chunk, Concept
from graph.store import GraphStore
from rag.choose import Candidate, Choice, find_sentences
from rag.citations import DraftParagraph
from rag.corpus import Corpus
from rag.embed import Embedder
from rag.question import Reading, Role, read_question
from rag.relate import contrast_sentences, path_sentences, prerequisite_sentences
from rag.retrieve import Retrieval

if TYPE_CHECKING:
    from rag.embed import FloatArray

_LABELS: Mapping[Role, str] = {
    "trade_off": "Trade-off",
    "failure": "Where it breaks",
    "number": "Numbers",
    "interview": "In an interview",
    "resource": "To read",
}
_SHAPE: tuple[Role, ...] = ("definition", "how", "trade_off", "failure", "number")
_FEWEST_SENTENCES = 3
_FOCUS = 3
_LONGEST_SUBJECT = 6  # words
_PASSAGES = 6
_ROLE_BONUS = 0.08
_PASSAGE_SHARE = 0.15  # how much a passage's own score says about its sentences
_OVERVIEWS = {WEEK_KIND, "sprint"}
_OVERVIEW_MALUS = 0.1
_SAME_QUESTION = 0.6  # cosine from which a question note asks what is asked
_SUPPORT = 0.62  # a supporting sentence has at least this share of the best one's score


class Composer(Protocol):
    """Drafts an answer from the passages found. Whatever it drafts is checked before it is shown."""

    @property
    def mode(self) -> str:
        """What the answer says of how it was made."""

    def compose(self, retrieval: Retrieval) -> Draft:
        """Drafts an answer; empty when the passages give nothing to say."""


@dataclass(frozen=True, slots=True)
class Draft:
    """Paragraphs in order, and the cosine of the question with the sentence nearest to it."""

    paragraphs: tuple[DraftParagraph, ...]
    similarity: float


class ExtractiveComposer:
    """Chooses sentences by their similarity to the question and by the part of an answer that their section gives."""

    mode = "extractive"

    def __init__(self, graph: GraphStore, corpus: Corpus, embedder: Embedder) -> None:
        self._graph, self._corpus, self._embedder = graph, corpus, embedder

    def compose(self, retrieval: Retrieval) -> Draft:
        focus = self._focus(retrieval)
        reading = read_question(retrieval.question, len(focus))
        settled = self._settled_by(retrieval, focus, reading)
        candidates, vectors = self._candidates(retrieval, [*settled, *self._beside(settled), *focus], reading)
        if not candidates:
            return Draft((), 0.0)
        choice = Choice(candidates, vectors)
        paragraphs = self._settle(choice, settled[0]) if settled else self._paragraphs(choice, focus, reading)
        return Draft(tuple(p for p in paragraphs if p.sentences), max(c.similarity for c in candidates))

    def _paragraphs(self, choice: Choice, focus: Sequence[Concept], reading: Reading) -> Iterable[DraftParagraph]:
        match reading.intent:
            case "relate":
                return self._relate(choice, focus)
            case "compare":
                return self._compare(choice, focus)
            case "prepare":
                return self._prepare(choice, focus[0])
            case "read":
                return self._read(choice)
            case "about":
                return self._shape(choice, focus[0], reading)
            case "direct":
                return self._direct(choice)

    def _settled_by(self, retrieval: Retrieval, focus: Sequence[Concept], reading: Reading) -> list[Concept]:
        """The note that was written to settle just this question, if there is one: a question or a comparison."""
        if reading.intent in {"relate", "prepare", "read"}:
            return []
        for result in retrieval.results[:_PASSAGES]:
            owner = self._graph.concept(result.chunk.owner) if result.chunk.owner else None
            if owner and owner.kind == "question" and retrieval.similarity.get(result.chunk.id, 0.0) >= _SAME_QUESTION:
                return [owner]
        named = [concept for concept in focus if concept.kind == "comparison"]
        if not named and reading.intent == "compare":
            sides = [{n.concept.id: n.concept for n in self._graph.neighbours(c.id)} for c in focus[:2]]
            named = [c for i, c in sides[0].items() if c.kind == "comparison" and i in sides[1]]
        return named[:1]

    def _beside(self, settled: Sequence[Concept]) -> list[Concept]:
        """The concept that a settling note rests on first, so that a second note can confirm it."""
        beside = (n.concept for note in settled for n in self._graph.neighbours(note.id))
        return [concept for concept in beside if concept.id in self._corpus.by_owner and concept.kind == "concept"][:1]

    def _focus(self, retrieval: Retrieval) -> list[Concept]:
        """The concepts that the question names and a note describes; overviews only when nothing else is named."""
        named = [c for i in retrieval.concepts if (c := self._graph.concept(i)) and i in self._corpus.by_owner]
        return [concept for concept in named if concept.kind not in _OVERVIEWS] or named

    def _candidates(
        self, retrieval: Retrieval, focus: Sequence[Concept], reading: Reading
    ) -> tuple[list[Candidate], FloatArray]:
        """The sentences to choose from, scored, and their vectors: shape (candidates, dimension)."""
        chunks = {result.chunk.id: result.chunk for result in retrieval.results[:_PASSAGES]}
        for concept in focus[:_FOCUS]:
            chunks.update((chunk.id, chunk) for chunk in self._corpus.by_owner[concept.id])
            if reading.intent == "read":
                chunks.update((chunk.id, chunk) for chunk in self._reading_list(concept))
        found = list(find_sentences(chunks.values(), self._title_of, wants_resources=reading.intent == "read"))
        vectors = self._embedder.embed_texts([f"{_subject(c.chunk)}{c.text}" for c in found])
        similarity = (vectors @ retrieval.vector).tolist()
        fused = {result.chunk.id: result.score for result in retrieval.results}
        scored = []
        for candidate, cosine in zip(found, similarity, strict=True):
            score = cosine + _PASSAGE_SHARE * fused.get(candidate.chunk.id, 0.0)
            score += _ROLE_BONUS * (candidate.role in reading.roles) - _OVERVIEW_MALUS * self._is_overview(candidate)
            scored.append(replace(candidate, similarity=cosine, score=score))
        return scored, vectors

    def _is_overview(self, candidate: Candidate) -> bool:
        """Whether a sentence comes from a note about other notes, which names things rather than explains them."""
        owner = self._graph.concept(candidate.chunk.owner) if candidate.chunk.owner else None
        return owner is not None and owner.kind in _OVERVIEWS

    def _reading_list(self, concept: Concept) -> Iterable[Chunk]:
        ids = (f"{resource.span.path}#{resource.id}" for resource in self._graph.resources(concept.id))
        return (self._corpus.by_id[chunk_id] for chunk_id in ids if chunk_id in self._corpus.by_id)

    def _title_of(self, name: str) -> str | None:
        concept = self._graph.resolve(name)
        return concept.title if concept else None

    def _settle(self, choice: Choice, note: Concept) -> Iterable[DraftParagraph]:
        """The note's position, when to choose which, the trade-off, the failure and the number; then another note."""
        counts: Mapping[Role, int] = {"definition": 1, "position": 2, "choice": 4}
        opening = (choice.take(count, owner=note.id, roles=(role,), each=2) for role, count in counts.items())
        yield DraftParagraph(tuple(sentence for sentences in opening for sentence in sentences))
        most = 1 if choice.taken >= _FEWEST_SENTENCES else 2
        for role in _SHAPE[2:]:
            yield DraftParagraph(tuple(choice.take(most, owner=note.id, roles=(role,))), _LABELS[role])
        yield DraftParagraph(tuple(choice.take(1, elsewhere=True)))

    def _shape(self, choice: Choice, concept: Concept, reading: Reading) -> Iterable[DraftParagraph]:
        """What it is first, then what was asked for at length, and of the rest of the shape one sentence each."""
        asked = set(reading.roles) - {"definition"}
        yield DraftParagraph(tuple(choice.take(1, owner=concept.id, roles=("definition",))))
        if "plain" in asked:
            yield DraftParagraph(tuple(choice.take(1, owner=concept.id, roles=("plain",))))
        for role in _SHAPE[1:]:
            count = 2 if role in asked or (role == "how" and not asked) else 1
            yield DraftParagraph(tuple(choice.take(count, owner=concept.id, roles=(role,))), _LABELS.get(role, ""))
        if choice.taken < _FEWEST_SENTENCES:
            yield DraftParagraph(tuple(choice.take(_FEWEST_SENTENCES - choice.taken, floor=_SUPPORT)))

    def _compare(self, choice: Choice, focus: Sequence[Concept]) -> Iterable[DraftParagraph]:
        """What a note says of the contrast and of both, then each side: what it is, its trade-off, where it breaks."""
        first, second = focus[:2]
        both = choice.take(2, mentions=[_names(first), _names(second)], floor=_SUPPORT)
        yield DraftParagraph((*contrast_sentences(self._graph, first, second), *both))
        for concept in (first, second):
            roles: tuple[Role, ...] = ("definition", "trade_off", "failure")
            sides = (choice.take(1, owner=concept.id, roles=(role,)) for role in roles)
            yield DraftParagraph(tuple(sentence for side in sides for sentence in side), concept.title)

    def _relate(self, choice: Choice, focus: Sequence[Concept]) -> Iterable[DraftParagraph]:
        """The explained path from one to the other, hop by hop; then what both are."""
        yield DraftParagraph(tuple(path_sentences(self._graph, focus[0], focus[1])))
        for concept in focus[:2]:
            yield DraftParagraph(tuple(choice.take(1, owner=concept.id, roles=("definition",))))

    def _prepare(self, choice: Choice, concept: Concept) -> Iterable[DraftParagraph]:
        """What it builds on, first to learn first, with the reasons; then what it is."""
        yield DraftParagraph(tuple(prerequisite_sentences(self._graph, concept)), "Learn first")
        yield DraftParagraph(tuple(choice.take(1, owner=concept.id, roles=("definition",))))

    def _read(self, choice: Choice) -> Iterable[DraftParagraph]:
        """What to read, best first; where nothing is listed, what the notes themselves say."""
        listed = choice.take(4, roles=("resource",))
        yield DraftParagraph(tuple(listed), _LABELS["resource"])
        if not listed:
            yield from self._direct(choice)

    def _direct(self, choice: Choice) -> Iterable[DraftParagraph]:
        """The sentence that answers, then what supports it, best first; then trade-off, failure and number that fit."""
        lead = choice.take(1)
        yield DraftParagraph((*lead, *choice.take(2, floor=_SUPPORT, beside=True)))
        for role in _SHAPE[2:]:
            yield DraftParagraph(tuple(choice.take(1, roles=(role,), floor=_SUPPORT)), _LABELS[role])


def _subject(chunk: Chunk) -> str:
    """A short title in front tells the model what "it" is; a long one would make all sentences of a note alike."""
    title = chunk.headings[0]
    return f"{title}: " if len(title.split()) <= _LONGEST_SUBJECT else ""


def _names(concept: Concept) -> tuple[str, ...]:
    return tuple(name.casefold() for name in (concept.title, *concept.aliases))
