"""Decides what an answer says without a language model: whole sentences of the notes, chosen and put in order.

The order is the one that interviewers reward: what it is, how it works, the trade-off, where it breaks, the number. Every sentence stands
as it is in a note, so nothing can be said that the notes don't say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from graph.schema import WEEK_KIND, Chunk, Concept
from graph.store import GraphStore
from ingest.plain_text import plain_text
from ingest.sentences import sentence_spans
from rag.citations import DraftParagraph, DraftSentence, Quote
from rag.corpus import Corpus
from rag.embed import Embedder
from rag.question import Reading, Role, read_question, section_role
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
_MOST_SENTENCES = 8
_PASSAGES = 6
_SHORTEST, _LONGEST = 4, 60  # words: below, a sentence says nothing alone; above, it is no answer
_ROLE_BONUS = 0.08
_TWIN = 0.9  # cosine above which two sentences say the same
_SUPPORT = 0.62  # a supporting sentence has at least this share of the best one's score
_DANGLING = re.compile(r"^(it|its|this|that|these|those|they|them|their|here|there|then|both|such|so|but|and|also|instead|otherwise|however|either|neither|he|she)\b", re.I)


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


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence that an answer could hold: where it stands, its part in an answer, and how well it fits."""

    chunk: Chunk
    start: int
    end: int
    text: str
    role: Role
    row: int
    similarity: float = 0.0
    score: float = 0.0

    def drafted(self) -> DraftSentence:
        raw = self.chunk.text[self.start : self.end]
        first = self.chunk.start_line + self.chunk.text.count("\n", 0, self.start)
        quote = Quote(self.chunk.document_id, self.chunk.headings, first, first + raw.count("\n"), raw)
        return DraftSentence(self.text, (quote,))


class ExtractiveComposer:
    """Chooses sentences by their similarity to the question and by the part of an answer that their section gives."""

    mode = "extractive"

    def __init__(self, graph: GraphStore, corpus: Corpus, embedder: Embedder) -> None:
        self._graph, self._corpus, self._embedder = graph, corpus, embedder

    def compose(self, retrieval: Retrieval) -> Draft:
        focus = self._focus(retrieval)
        reading = read_question(retrieval.question, len(focus))
        candidates, vectors = self._candidates(retrieval, focus, reading)
        if not candidates:
            return Draft((), 0.0)
        choice = _Choice(candidates, vectors)
        if reading.compares:
            paragraphs = self._compare(choice, focus)
        elif _is_broad(reading, focus):
            paragraphs = self._shape(choice, focus[:1], reading)
        else:
            paragraphs = self._direct(choice, reading)
        return Draft(tuple(p for p in paragraphs if p.sentences), max(c.similarity for c in candidates))

    def _focus(self, retrieval: Retrieval) -> list[Concept]:
        """The concepts that the question names and a note describes; weeks only when nothing else is named."""
        named = [c for i in retrieval.concepts if (c := self._graph.concept(i)) and i in self._corpus.by_owner]
        return [concept for concept in named if concept.kind != WEEK_KIND] or named

    def _candidates(
        self, retrieval: Retrieval, focus: Sequence[Concept], reading: Reading
    ) -> tuple[list[_Candidate], FloatArray]:
        chunks = {result.chunk.id: result.chunk for result in retrieval.results[:_PASSAGES]}
        for concept in focus[:3]:
            chunks.update((chunk.id, chunk) for chunk in self._corpus.by_owner[concept.id])
        found = list(_sentences(chunks.values(), wants_resources="resource" in reading.roles))
        texts = [f"{candidate.chunk.headings[0]}: {candidate.text}" for candidate in found]
        vectors = self._embedder.embed_texts(texts)
        similarity = vectors @ retrieval.vector if found else vectors[:, 0]
        results = {result.chunk.id: result.score for result in retrieval.results}
        scored = []
        for candidate, cosine in zip(found, similarity.tolist(), strict=True):
            bonus = _ROLE_BONUS * (candidate.role in reading.roles) + 0.15 * results.get(candidate.chunk.id, 0.0)
            scored.append(
                _Candidate(
                    candidate.chunk, candidate.start, candidate.end, candidate.text, candidate.role, candidate.row,
                    cosine, cosine + bonus,
                )  # fmt: skip
            )
        return scored, vectors

    def _shape(self, choice: _Choice, focus: Sequence[Concept], reading: Reading) -> Iterable[DraftParagraph]:
        """What it is first, then what was asked for at length, and of the rest of the shape one sentence each."""
        owner = focus[0].id
        asked = set(reading.roles) - {"definition"}
        yield DraftParagraph(tuple(choice.take(1, owner=owner, roles=("definition",))))
        for role in _SHAPE[1:]:
            count = 2 if role in asked or (role == "how" and not asked) else 1
            yield DraftParagraph(tuple(choice.take(count, owner=owner, roles=(role,))), _LABELS.get(role, ""))
        if choice.taken < 3:
            yield DraftParagraph(tuple(choice.take(3 - choice.taken, floor=_SUPPORT)))

    def _compare(self, choice: _Choice, focus: Sequence[Concept]) -> Iterable[DraftParagraph]:
        """The sentences about both come first, then each side: what it is, its trade-off, where it breaks."""
        sides = focus[:2]
        names = [_names(concept) for concept in sides]
        yield DraftParagraph(tuple(choice.take(2, mentions=names, floor=_SUPPORT)))
        for concept in sides:
            sentences = [
                sentence
                for role in ("definition", "trade_off", "failure")
                for sentence in choice.take(1, owner=concept.id, roles=(role,))  # type: ignore[arg-type]
            ]
            yield DraftParagraph(tuple(sentences), concept.title)

    def _direct(self, choice: _Choice, reading: Reading) -> Iterable[DraftParagraph]:
        """The sentence that answers, then what supports it, best first; then trade-off, failure and number if they fit."""
        lead = choice.take(1)
        yield DraftParagraph(tuple([*lead, *choice.take(2, floor=_SUPPORT, beside=True)]))
        for role in ("trade_off", "failure", "number"):
            sentences = choice.take(1, roles=(role,), floor=_SUPPORT)  # type: ignore[arg-type]
            yield DraftParagraph(tuple(sentences), _LABELS[role])  # type: ignore[index]
        if "resource" in reading.roles:
            yield DraftParagraph(tuple(choice.take(3, roles=("resource",), floor=_SUPPORT)), _LABELS["resource"])


def _is_broad(reading: Reading, focus: Sequence[Concept]) -> bool:
    """Whether a question asks about a concept as a whole, so that the shape answers it better than single sentences."""
    return len(focus) == 1 and bool({"definition", "how"} & set(reading.roles[:1])) and "resource" not in reading.roles


def _names(concept: Concept) -> tuple[str, ...]:
    return tuple(name.casefold() for name in (concept.title, *concept.aliases))


def _sentences(chunks: Iterable[Chunk], *, wants_resources: bool) -> Iterable[_Candidate]:
    row = 0
    for chunk in chunks:
        role = section_role(chunk.headings)
        if role == "connections" or (role == "resource" and not wants_resources):
            continue
        for start, end in sentence_spans(chunk.text):
            text = plain_text(chunk.text[start:end])
            if _SHORTEST <= len(text.split()) <= _LONGEST and text[-1] not in ":|":
                yield _Candidate(chunk, start, end, text, role, row)
                row += 1


class _Choice:
    """Takes the best sentences that are left, never two that say the same, in the order in which notes say them."""

    def __init__(self, candidates: Sequence[_Candidate], vectors: FloatArray) -> None:
        self._candidates = sorted(candidates, key=lambda c: (-c.score, c.chunk.id, c.start))
        self._vectors = vectors
        self._best = self._candidates[0].score
        self._chosen: list[_Candidate] = []

    @property
    def taken(self) -> int:
        """How many sentences the answer has so far."""
        return len(self._chosen)

    def take(
        self,
        count: int,
        *,
        owner: str | None = None,
        roles: tuple[Role, ...] = (),
        mentions: Sequence[tuple[str, ...]] = (),
        floor: float = 0.0,
        beside: bool = False,
    ) -> list[DraftSentence]:
        """Up to `count` sentences of one note, section or subject, none scoring below `floor` of the best.

        `beside` prefers the notes that the answer already quotes, so that it stays on its subject.
        """
        quoted = {candidate.chunk.document_id for candidate in self._chosen} if beside else set()
        taken: list[_Candidate] = []
        for candidate in sorted(self._candidates, key=lambda c: bool(quoted) and c.chunk.document_id not in quoted):
            if len(taken) == count or self.taken == _MOST_SENTENCES:
                break
            if not _fits(candidate, owner, roles, mentions) or candidate.score < floor * self._best:
                continue
            if self._stands_alone(candidate, taken) and not self._is_said(candidate):
                taken.append(candidate)
                self._chosen.append(candidate)
        return [c.drafted() for c in sorted(taken, key=lambda c: (taken[0].chunk.id != c.chunk.id, c.chunk.id, c.start))]

    def _stands_alone(self, candidate: _Candidate, taken: Sequence[_Candidate]) -> bool:
        """A sentence that points back ("it", "this") needs the one before it, which must be in the answer."""
        if not _DANGLING.match(candidate.text):
            return True
        before = (c for c in (*self._chosen, *taken) if c.chunk.id == candidate.chunk.id)
        return any(c.row == candidate.row - 1 for c in before)

    def _is_said(self, candidate: _Candidate) -> bool:
        vector = self._vectors[candidate.row]
        return any(float(self._vectors[c.row] @ vector) > _TWIN or c.text == candidate.text for c in self._chosen)


def _fits(
    candidate: _Candidate, owner: str | None, roles: tuple[Role, ...], mentions: Sequence[tuple[str, ...]]
) -> bool:
    if owner is not None and candidate.chunk.owner != owner:
        return False
    if roles and candidate.role not in roles:
        return False
    text = candidate.text.casefold()
    return all(any(re.search(rf"\b{re.escape(name)}", text) for name in names) for names in mentions)
