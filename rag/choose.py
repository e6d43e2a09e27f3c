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
_TWIN = 0.9  # cosine above which two sentences say the same
_DANGLING = re.compile(
    r"^(it|its|this|that|these|those|they|them|their|here|there|then|both|such|so|but|and|also|instead|otherwise|however|either|neither|he|she)\b",
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

    def drafted(self) -> DraftSentence:
        raw = self.chunk.text[self.start : self.end]
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
        if role == "connections" or (role == "resource" and not wants_resources):
            continue
        for start, end in spans_that_say(chunk.text):
            text = plain_text(chunk.text[start:end], title_of)
            if role == "resource":
                text = f"{chunk.headings[-1]}: {text}"
            if _SHORTEST <= len(text.split()) <= _LONGEST and text[-1] not in ":|?":
                yield Candidate(chunk, start, end, text, _role_of(text, role), row)
                row += 1


def _role_of(text: str, section: Role) -> Role:
    """A line that says of itself that it puts things plainly is no definition, wherever it stands."""
    return "plain" if _PLAINLY.match(text) else section


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
        each: int = MOST_SENTENCES,
    ) -> list[DraftSentence]:
        """Up to `count` sentences of one note, section or subject, none scoring below `floor` of the best.

        `beside` prefers the notes that the answer already quotes, so that it stays on its subject; `elsewhere` takes
        only from other notes. At most `each` come from one passage.
        """
        quoted = {candidate.chunk.document_id for candidate in self._chosen}
        order = sorted(self._candidates, key=lambda c: beside and c.chunk.document_id not in quoted)
        taken: list[Candidate] = []
        for candidate in order:
            if len(taken) == count or self.taken == MOST_SENTENCES:
                break
            if not _fits(candidate, owner, roles, mentions) or candidate.score < floor * self._best:
                continue
            if elsewhere and candidate.chunk.document_id in quoted:
                continue
            if sum(c.chunk.id == candidate.chunk.id for c in taken) >= each:
                continue
            if self._stands_alone(candidate, taken) and not self._is_said(candidate):
                taken.append(candidate)
                self._chosen.append(candidate)
        return [
            c.drafted() for c in sorted(taken, key=lambda c: (taken[0].chunk.id != c.chunk.id, c.chunk.id, c.start))
        ]

    def _stands_alone(self, candidate: Candidate, taken: Sequence[Candidate]) -> bool:
        """A sentence that points back ("it", "this") needs the one before it, which must be in the answer."""
        if not _DANGLING.match(candidate.text):
            return True
        before = (c for c in (*self._chosen, *taken) if c.chunk.id == candidate.chunk.id)
        return any(c.row == candidate.row - 1 for c in before)

    def _is_said(self, candidate: Candidate) -> bool:
        vector = self._vectors[candidate.row]
        return any(float(self._vectors[c.row] @ vector) > _TWIN or c.text == candidate.text for c in self._chosen)


def _fits(
    candidate: Candidate, owner: str | None, roles: tuple[Role, ...], mentions: Sequence[tuple[str, ...]]
) -> bool:
    if owner is not None and candidate.chunk.owner != owner:
        return False
    if roles and candidate.role not in roles:
        return False
    text = candidate.text.casefold()
    return all(any(re.search(rf"\b{re.escape(name)}", text) for name in names) for names in mentions)
