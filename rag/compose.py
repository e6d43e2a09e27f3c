"""Decides what an answer says without a language model: whole sentences of the notes, chosen and put in order.

The order is the one that interviewers reward: what it is, how it works, the trade-off, where it breaks, the number.
Every sentence stands as it is in a note, so nothing can be said that the notes don't say.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from graph.schema import WEEK_KIND, Chunk, Concept
from graph.store import GraphStore
from rag.choose import Candidate, Choice, find_sentences
from rag.citations import DraftParagraph
from rag.corpus import Corpus
from rag.coverage import NOTHING_MET, AskedQuestion, Coverage, TokenWeights, same_weights
from rag.dispute import Statement, find_dispute
from rag.embed import Embedder
from rag.facts import Evidence
from rag.question import Reading, Role, asks_of_two, asks_what_it_is, read_question
from rag.relate import contrast_sentences, path_sentences, prerequisite_sentences
from rag.retrieve import Retrieval
from rag.weigh import Weighed, weigh_sentences

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
_PASSAGES = 8
_BEST = 6  # sentences that a fact is looked for in
_OVERVIEWS = {WEEK_KIND, "sprint"}
_SAME_QUESTION = 0.6  # cosine from which a question note asks what is asked
_SETTLED_BY_ONE_SENTENCE = {"about", "direct"}
_ELSEWHERE = 0.85  # the same for one of another note
_ASIDE = 0.72  # the same for a trade-off, a failure or a number that was not asked for, of a note quoted already
_ANYWHERE = 0.8  # the same for one of any note
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
    """Paragraphs in order, the cosine of the question with the sentence nearest to it, and how much of it was met.

    `best` are the sentences that fit the question best. In a `disputed` draft the paragraphs
    are the two sides, one sentence each.
    """

    paragraphs: tuple[DraftParagraph, ...]
    similarity: float
    coverage: Coverage = NOTHING_MET
    best: tuple[Evidence, ...] = ()
    disputed: bool = False


class ExtractiveComposer:
    """Chooses sentences by their similarity to the question and by the part of an answer that their section gives."""

    mode = "extractive"

    def __init__(
        self, graph: GraphStore, corpus: Corpus, embedder: Embedder, weights: TokenWeights = same_weights
    ) -> None:
        self._graph, self._corpus, self._embedder, self._weights = graph, corpus, embedder, weights

    def compose(self, retrieval: Retrieval) -> Draft:
        focus = self._focus(retrieval)
        reading = read_question(retrieval.question, self._words_of(retrieval, focus))
        settled = self._settled_by(retrieval, focus, reading)
        found = self._sentences(retrieval, [*settled, *self._beside(settled), *focus], reading)
        if not found.candidates:
            return Draft((), 0.0)
        nearest = max(c.similarity for c in found.candidates)
        coverage = found.coverage(retrieval)
        best = found.best(_BEST, retrieval)
        asks_a_claim = not asks_what_it_is(retrieval.question, self._words_of(retrieval, focus))
        can_be_disputed = not settled and asks_a_claim and reading.intent in _SETTLED_BY_ONE_SENTENCE
        if can_be_disputed and (sides := _sides(retrieval.question, found)):
            return Draft(sides, nearest, coverage, best, disputed=True)
        choice = Choice(found.candidates, found.vectors)
        paragraphs = self._settle(choice, settled[0]) if settled else self._paragraphs(choice, focus, reading)
        return Draft(tuple(p for p in paragraphs if p.sentences), nearest, coverage, best)

    def read(self, retrieval: Retrieval) -> Reading:
        """What a question is after, given the concepts that it names and a note describes."""
        return read_question(retrieval.question, self._words_of(retrieval, self._focus(retrieval)))

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
        """The concepts that the question names and a note describes; overviews only when nothing else is named.

        One plain word may stand for something else ("the client tries again"): then retrieval must have found the note,
        unless the question asks how two things connect.
        """
        found = {result.chunk.owner for result in retrieval.results[:_PASSAGES]}
        of_two = asks_of_two(retrieval.question)
        plain = {
            i: words.islower() and " " not in words and not of_two for i, words in _names_by_concept(retrieval).items()
        }
        named = [
            concept
            for concept_id in retrieval.concepts
            if (concept := self._graph.concept(concept_id)) and concept_id in self._corpus.by_owner
            if concept_id in found or not plain.get(concept_id)
        ]
        return [concept for concept in named if concept.kind not in _OVERVIEWS] or named

    def _words_of(self, retrieval: Retrieval, focus: Sequence[Concept]) -> tuple[str, ...]:
        """The words by which the question names each of these concepts."""
        words = _names_by_concept(retrieval)
        return tuple(words.get(concept.id, concept.title) for concept in focus)

    def _sentences(self, retrieval: Retrieval, focus: Sequence[Concept], reading: Reading) -> Weighed:
        """The sentences to choose from: those of the passages found, and all of the notes of a few concepts."""
        chunks = {result.chunk.id: result.chunk for result in retrieval.results[:_PASSAGES]}
        for concept in focus[:_FOCUS]:
            chunks.update((chunk.id, chunk) for chunk in self._corpus.by_owner[concept.id])
            if reading.intent == "read":
                chunks.update((chunk.id, chunk) for chunk in self._reading_list(concept))
        found = find_sentences(chunks.values(), self._title_of, wants_resources=reading.intent == "read")
        question = AskedQuestion(retrieval.asked, retrieval.encoding, self._embedder, self._weights)
        return weigh_sentences(found, retrieval, question, self._embedder, reading.roles, self._is_overview)

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
        """The sentence that answers, what supports it in its note, and the best of another; then what else fits."""
        lead = choice.take(1)
        beside = choice.take(1, floor=_SUPPORT, beside=True)
        yield DraftParagraph((*lead, *beside, *choice.take(1, floor=_ELSEWHERE, elsewhere=True)))
        for role in _SHAPE[2:]:
            said = choice.take(1, roles=(role,), floor=_ANYWHERE)
            yield DraftParagraph(tuple(said or choice.take(1, roles=(role,), floor=_ASIDE, aside=True)), _LABELS[role])


def _sides(question: str, found: Weighed) -> tuple[DraftParagraph, ...]:
    """The two sentences that contradict each other on the question, each under its note's title; empty without such."""
    statements = [Statement(c.text, c.chunk.headings[0], c.similarity) for c in found.candidates]
    dispute = find_dispute(question, statements, found.vectors)
    if dispute is None:
        return ()
    sides = found.candidates[dispute.first], found.candidates[dispute.second]
    titles = [side.chunk.headings[0] for side in sides]
    labels = titles if titles[0] != titles[1] else ["One side", "The other side"]
    return tuple(DraftParagraph((side.drafted(),), label) for side, label in zip(sides, labels, strict=True))


def _names_by_concept(retrieval: Retrieval) -> dict[str, str]:
    return {named.concept_id: named.words for named in retrieval.trace.concepts}


def _names(concept: Concept) -> tuple[str, ...]:
    return tuple(name.casefold() for name in (concept.title, *concept.aliases))
