"""Decides where sentences begin and end in Markdown source, as exact offsets, so that a quote stays a substring."""

from __future__ import annotations

import re
from collections.abc import Iterator

_FENCE = re.compile(r"^\s*(```|~~~)")
_UNIT_START = re.compile(r"^\s*(?:[-*+]\s|\d{1,9}[.)]\s|#{1,6}\s|>|\|)")
_MARKER = re.compile(r"^\s*(?:(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+|>\s?(?:\[!\w+\][+-]?\s*)?)*")
# A full stop ends a sentence when space and something that can begin one follow.
_BOUNDARY = re.compile(r"(?<=[.!?])[\"')\]*_`]*\s+(?=[\"'(\[*_`]*[A-Z0-9\u00c0-\u024f])")
_LONGEST_ABBREVIATION = 20  # characters, with what must stand before it
_ABBREVIATION = re.compile(
    r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Dr|Mr|Mrs|Ms|St|No|Fig|Eq|resp|al)|(?:^|[\s(])[A-Z])\.$"
)


def sentence_spans(markdown: str) -> list[tuple[int, int]]:
    """Start and end offsets of each sentence, list item or table row; code blocks hold none."""
    return [span for start, end in _units(markdown) for span in _split_unit(markdown, start, end)]


def _units(markdown: str) -> Iterator[tuple[int, int]]:
    """Paragraphs, list items, headings and rows: what a sentence never runs across."""
    start: int | None = None
    offset, fence = 0, ""
    for line in markdown.splitlines(keepends=True):
        mark = _FENCE.match(line)
        opens_unit = bool(_UNIT_START.match(line)) or not line.strip() or bool(mark) or bool(fence)
        if opens_unit and start is not None:
            yield start, offset
            start = None
        if mark:
            fence = "" if fence == mark[1] else (fence or mark[1])
        elif not fence and line.strip() and start is None:
            start = offset
        offset += len(line)
    if start is not None:
        yield start, offset


def _split_unit(markdown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    marker = _MARKER.match(markdown[start:end])
    begin = start + (marker.end() if marker else 0)
    for match in _BOUNDARY.finditer(markdown, begin, end):
        ending = markdown[max(begin, match.start() - _LONGEST_ABBREVIATION) : match.start()]
        if not _ABBREVIATION.search(ending):
            yield from _trimmed(markdown, begin, _closing(markdown, match))
            begin = match.end()
    yield from _trimmed(markdown, begin, end)


def _closing(markdown: str, match: re.Match[str]) -> int:
    """The end of a sentence with the quotation marks and brackets that close behind its full stop."""
    return match.start() + len(markdown[match.start() : match.end()].rstrip())


def _trimmed(markdown: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    text = markdown[start:end]
    stripped = text.strip()
    if stripped:
        begin = start + text.index(stripped)
        yield begin, begin + len(stripped)
