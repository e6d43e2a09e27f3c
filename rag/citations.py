"""Decides whether a drafted sentence may be shown: only when each quote under it stands in its file at its lines."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from graph.schema import Citation

DocumentText = Callable[[str], str | None]
_NUMBER_IN_BRACKETS = re.compile(r"\[(?=\d+\])")
_ZERO_WIDTH_SPACE = "\u200b"


@dataclass(frozen=True, slots=True)
class Quote:
    """What a drafted sentence rests on: an exact substring of those lines of that file, under those headings."""

    path: str
    headings: tuple[str, ...]
    start_line: int
    end_line: int
    text: str


@dataclass(frozen=True, slots=True)
class DraftSentence:
    """A sentence that a composer would like to say, and the quotes that support it."""

    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class DraftParagraph:
    """Sentences that belong together, with a word in front that says what they are, or none."""

    sentences: tuple[DraftSentence, ...]
    label: str = ""


@dataclass(frozen=True, slots=True)
class ResolvedDraft:
    """What is left of a draft: its text with [n] markers, the citations, and how many sentences had no support."""

    text: str
    citations: tuple[Citation, ...]
    dropped: int


def resolve_citations(draft: Sequence[DraftParagraph], document_text: DocumentText) -> ResolvedDraft:
    """Numbers the quotes that hold in order of appearance and drops every sentence that has none."""
    numbers: dict[Quote, int] = {}
    paragraphs, dropped = [], 0
    for paragraph in draft:
        shown = []
        for sentence in paragraph.sentences:
            held = [quote for quote in sentence.quotes if quote_holds(quote, document_text)]
            if held and sentence.text.strip():
                marks = "".join(f"[{numbers.setdefault(quote, len(numbers) + 1)}]" for quote in held)
                shown.append(f"{protect_brackets(sentence.text)} {marks}")
            else:
                dropped += 1
        if shown:
            label = f"**{protect_brackets(paragraph.label)}:** " if paragraph.label else ""
            paragraphs.append(label + " ".join(shown))
    return ResolvedDraft("\n\n".join(paragraphs), tuple(_citations(numbers)), dropped)


def _citations(numbers: dict[Quote, int]) -> Iterable[Citation]:
    for quote, number in numbers.items():
        yield Citation(number, quote.path, quote.headings, quote.start_line, quote.end_line, quote.text)


def quote_holds(quote: Quote, document_text: DocumentText) -> bool:
    """Whether the quote stands in its document at its lines; only runs of white space may differ."""
    text = document_text(quote.path)
    if text is None or not quote.text.strip():
        return False
    lines = text.split("\n")
    if not 1 <= quote.start_line <= quote.end_line <= len(lines):
        return False
    window = "\n".join(lines[quote.start_line - 1 : quote.end_line])
    return " ".join(quote.text.split()) in " ".join(window.split())


def protect_brackets(text: str) -> str:
    """Source text in which `a[0]` is no citation marker: a zero-width space parts bracket and number."""
    return _NUMBER_IN_BRACKETS.sub(f"[{_ZERO_WIDTH_SPACE}", text)
