"""Decides which sentences of the passages found are worth saying, and never says one thing twice."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.schema import Chunk
from ingest.plain_text import plain_text
from rag.citations import DraftSentence, Quote
from rag.orders import spans_that_say
from rag.question import Role, section_role

if TYPE_CHECKING:
    from rag.embed import FloatArray

MOST_SENTENCES = 8
_SHORTEST, _LONGEST = 4, 60  # words: below, a sentence says nothing alone; above, it is no answer
_PLAINLY = re.compile(r"^(in plain words|eli5)\s*:", re.IGNORECASE)
_FIRST = "#1"  # how the id of a note's first passage ends
_TWIN = 0.9  # cosine above which two sentences say the same
_POINTER = r"it|its|this|that|these|those|they|them|their|both|such|either|neither|the (?:same|former|latter|reverse)"
# What can only be read behind the sentence before it; "There are three of them" says what there is.
_DANGLING = re.compile(
    rf"^(?:(?:among|at|by|for|from|in|of|on|to|with) )?(?:{_POINTER})\b"
    r"|^(?:here|then|so|but|and|also|instead|otherwise|however|he|she|another is)\b"
    r"|^(?:consequently|conversely|therefore|thus)\b"
    r"|^there\b(?! (?:is|are|was|were|can|may|must|will|has|have)\b)"
    r"|^(?:in|of) the (?:first|second|other|others)\b(?= (?:the|a|an|it)\b|,)",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that an answer could hold: where it stands, its part in an answer, and how well it fits."""

    chunk: Chunk
    start: int
    end: int
    text: str
    role: Role
    row: int
    similarity: float = 0.0
    score: float = 0.0

    @property
    def source(self) -> str:
        """The sentence as its note writes it."""
        return self.chunk.text[self.start : self.end]

    def drafted(self) -> DraftSentence:
        raw = self.source
        first = self.chunk.start_line + self.chunk.text.count("\n", 0, self.start)
        quote = Quote(self.chunk.document_id, self.chunk.headings, first, first + raw.count("\n"), raw)
        return DraftSentence(self.text, (quote,))


def find_sentences(
    chunks: Iterable[Chunk], title_of: Callable[[str], str | None], *, wants_resources: bool
) -> Iterable[Candidate]:
    """The sentences that could stand in an answer; `title_of` spells out the bare wikilinks in them.

    Connection lines are left to the graph, and resources to questions that ask for reading.
    """
    row = 0
    for chunk in chunks:
        role = section_role(chunk.headings)
        begins = chunk.id.endswith(_FIRST)
        if role == "connections" or (role == "resource" and not wants_resources):
            continue
        for start, end in spans_that_say(chunk.text):
            text = plain_text(chunk.text[start:end], title_of)
            if role == "resource":
                text = f"{chunk.headings[-1]}: {text}"
            if _SHORTEST <= len(text.split()) <= _LONGEST and text[-1] not in ":|?":
                yield Candidate(chunk, start, end, text, _role_of(text, role, begins=begins), row)
                begins, row = False, row + 1


def _role_of(text: str, section: Role, *, begins: bool) -> Role:
    """A line that says of itself that it puts things plainly is no definition, wherever it stands.

    Before any heading only the first sentence of a note defines; what follows goes on to say how the thing works.
    """
    if _PLAINLY.match(text):
        return "plain"
    return "how" if section == "definition" and not begins else section


class Choice:
    """Takes the best sentences that are left, never two that say the same, in the order in which notes say them."""

    def __init__(self, candidates: Sequence[Candidate], vectors: FloatArray) -> None:
        self._candidates = sorted(candidates, key=lambda c: (-c.score, c.chunk.id, c.start))
        self._vectors = vectors
        self._best = self._candidates[0].score
        self._chosen: list[Candidate] = []

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
        elsewhere: bool = False,
        aside: bool = False,
        each: int = MOST_SENTENCES,
    ) -> list[DraftSentence]:
        """Up to `count` sentences of one note, section or subject, none scoring below `floor` of the best.

        `beside` prefers the notes that the answer already quotes, so that it stays on its subject; `elsewhere` takes
        only from other notes, `aside` only from those. At most `each` come from one passage. A sentence that points
        back brings the one before it, over and above `count`.
        """
        quoted = {candidate.chunk.document_id for candidate in self._chosen}
        order = sorted(self._candidates, key=lambda c: beside and c.chunk.document_id not in quoted)
        taken: list[Candidate] = []
        led = 0
        for candidate in order:
            if len(taken) - led >= count or self.taken >= MOST_SENTENCES:
                break
            if not _fits(candidate, owner, roles, mentions) or candidate.score < floor * self._best:
                continue
            is_quoted = candidate.chunk.document_id in quoted
            if (elsewhere and is_quoted) or (aside and not is_quoted):
                continue
            if sum(c.chunk.id == candidate.chunk.id for c in taken) >= each:
                continue
            if candidate in self._chosen or self._is_said(candidate):
                continue
            lead = [] if self._stands_alone(candidate) else self._lead_of(candidate)
            if lead or self._stands_alone(candidate):
                led += len(lead)
                taken += [*lead, candidate]
                self._chosen += [*lead, candidate]
        return [
            c.drafted() for c in sorted(taken, key=lambda c: (taken[0].chunk.id != c.chunk.id, c.chunk.id, c.start))
        ]

    def _stands_alone(self, candidate: Candidate) -> bool:
        """A sentence that points back ("it", "this") needs the one before it, which must be in the answer."""
        return not _DANGLING.match(candidate.text) or any(_follows(candidate, chosen) for chosen in self._chosen)

    def _lead_of(self, candidate: Candidate) -> list[Candidate]:
        """The sentence right before one that points back, if it stands on its own and there is room for both."""
        before = next((other for other in self._candidates if _follows(candidate, other)), None)
        fits = before and self._stands_alone(before) and not self._is_said(before) and self.taken + 2 <= MOST_SENTENCES
        return [before] if before and fits else []

    def _is_said(self, candidate: Candidate) -> bool:
        vector = self._vectors[candidate.row]
        return any(float(self._vectors[c.row] @ vector) > _TWIN or c.text == candidate.text for c in self._chosen)


def _follows(candidate: Candidate, before: Candidate) -> bool:
    """Whether nothing but space stands between two sentences of a passage."""
    if before.chunk.id != candidate.chunk.id or before.end > candidate.start:
        return False
    return not candidate.chunk.text[before.end : candidate.start].strip()


def _fits(
    candidate: Candidate, owner: str | None, roles: tuple[Role, ...], mentions: Sequence[tuple[str, ...]]
) -> bool:
    if owner is not None and candidate.chunk.owner != owner:
        return False
    if roles and candidate.role not in roles:
        return False
    text = candidate.text.casefold()
    return all(any(re.search(rf"\b{re.escape(name)}", text) for name in names) for names in mentions)
