"""Scores of answers: whether their citations are the right ones, and whether they refuse and dispute where they should.

A sentence of an answer is what stands before a run of `[n]` marks. It is right by lines when one of its citations
shares a line with a gold passage, and right by page when one is from the file of a gold passage.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evals.questions import NOT_IN_SOURCES, Place, Question
from graph.schema import Answer

_CITED = re.compile(r"(.*?)((?:\[\d+\]\s*)+)", re.DOTALL)
_NUMBER = re.compile(r"\[(\d+)\]")
_WORD = re.compile(r"\w")
_LABEL = re.compile(r"\*\*[^*]+:\*\*")

Judged = tuple[str, str]
"""The status that is right and the one that was given."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of an answer and the numbers that it cites."""

    text: str
    numbers: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class CitationScore:
    """How an answer's citations compare with the gold passages.

    `sentences` and `groups` count what there is, `right_…` those that match by lines and by page, `uncited` the
    sentences that cite nothing.
    """

    sentences: int
    right_by_lines: int
    right_by_page: int
    uncited: int
    groups: int
    found_by_lines: int
    found_by_page: int


def sentences(text: str) -> list[Sentence]:
    """The sentences of an answer in order; a paragraph's label is none."""
    found, end = [], 0
    for match in _CITED.finditer(text):
        said, end = _said(match[1]), match.end()
        if said:
            found.append(Sentence(said, tuple(int(n) for n in _NUMBER.findall(match[2]))))
    rest = _said(text[end:])
    return [*found, Sentence(rest, ())] if rest else found


def score_citations(question: Question, answer: Answer) -> CitationScore:
    """Compares an answer with the gold passages of its question; a refusal says nothing and finds none of them."""
    cited = {c.number: Place(c.path, c.start_line, c.end_line) for c in answer.citations}
    said = sentences(answer.text) if answer.status != NOT_IN_SOURCES else []
    places = [[cited[n] for n in sentence.numbers if n in cited] for sentence in said]
    everywhere = [place for group in question.gold for place in group]
    return CitationScore(
        sentences=len(said),
        right_by_lines=sum(_overlap(of_sentence, everywhere) for of_sentence in places),
        right_by_page=sum(_same_page(of_sentence, everywhere) for of_sentence in places),
        uncited=sum(not of_sentence for of_sentence in places),
        groups=len(question.gold),
        found_by_lines=sum(_overlap(cited.values(), group) for group in question.gold),
        found_by_page=sum(_same_page(cited.values(), group) for group in question.gold),
    )


def precision(judged: Sequence[Judged], status: str) -> float | None:
    """Of the answers given this status, the share for which it is right; None when it was never given."""
    given = [right for right, was in judged if was == status]
    return given.count(status) / len(given) if given else None


def recall(judged: Sequence[Judged], status: str) -> float | None:
    """Of the questions for which this status is right, the share that got it; None when there are none."""
    got = [was for right, was in judged if right == status]
    return got.count(status) / len(got) if got else None


def f1(judged: Sequence[Judged], status: str) -> float | None:
    """The harmonic mean of precision and recall; 0 when nothing is right, None when the status is right nowhere."""
    found = recall(judged, status)
    if found is None:
        return None
    exact = precision(judged, status) or 0.0
    return 2 * exact * found / (exact + found) if exact + found else 0.0


def macro_f1(judged: Sequence[Judged]) -> float | None:
    """The plain mean of F1 over the statuses that are right somewhere; None for no questions."""
    scores = [score for status in sorted({right for right, _ in judged}) if (score := f1(judged, status)) is not None]
    return sum(scores) / len(scores) if scores else None


def _said(text: str) -> str:
    said = _LABEL.sub("", text).strip()
    return said if _WORD.search(said) else ""


def _overlap(places: Iterable[Place], gold: Sequence[Place]) -> bool:
    return any(place.overlaps(wanted) for place in places for wanted in gold)


def _same_page(places: Iterable[Place], gold: Sequence[Place]) -> bool:
    pages = {wanted.path for wanted in gold}
    return any(place.path in pages for place in places)
