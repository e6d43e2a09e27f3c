"""Decides how a note is cut into chunks: by heading and paragraph, never longer than what the model reads.

A chunk is always one contiguous piece of its file, so that its lines and its text can never part.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, groupby

from ingest.markdown import Block
from ingest.plain_text import passage_text, plain_text
from ingest.sentences import sentence_spans

TokenCounter = Callable[[str], int]

MAX_TOKENS = 250  # of the model's 256: two are its own, and markup may count a little differently in place
TARGET_WORDS = 120
MAX_WORDS = 150
SMALL_TAIL_WORDS = 25
_SPECIAL_TOKENS = 2
_LONGEST_HEADING_TOKENS = 100
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk before it knows its document: its heading path, exact text and lines."""

    headings: tuple[str, ...]
    text: str
    start_line: int
    end_line: int


@dataclass(frozen=True, slots=True)
class _Piece:
    start: int
    end: int
    words: int
    tokens: int


def split_note(title: str, lines: Sequence[str], blocks: Sequence[Block], count_tokens: TokenCounter) -> list[Passage]:
    """The passages of a note in reading order; `title` heads every heading path unless the note's own does."""
    source = _Source(lines)
    passages = []
    for headings, section in _sections(blocks):
        path = _bounded_path(_with_title(title, headings), count_tokens)
        budget = MAX_TOKENS - _tokens(passage_text(path, ""), count_tokens)
        pieces = [piece for block in section for piece in _pieces(source, block, budget, count_tokens)]
        for start, end in _pack(pieces, budget):
            passages.append(Passage(path, source.text[start:end], source.line_at(start), source.line_at(end - 1)))
    return passages


class _Source:
    """A file's text with the way from an offset to its line and back."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = "\n".join(lines)
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def line_at(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def span(self, block: Block) -> tuple[int, int]:
        start = self._starts[block.start_line - 1]
        end = min(self._starts[block.end_line] - 1, len(self.text))
        return start, start + len(self.text[start:end].rstrip())


def _with_title(title: str, headings: tuple[str, ...]) -> tuple[str, ...]:
    return headings if headings and headings[0].casefold() == title.casefold() else (title, *headings)


def _bounded_path(path: tuple[str, ...], count_tokens: TokenCounter) -> tuple[str, ...]:
    """A heading path that leaves room for text; a heading as long as a passage is cut, its own line stays whole."""
    if count_tokens(passage_text(path, "")) <= _LONGEST_HEADING_TOKENS:
        return path
    return tuple(heading[: 240 // len(path)] for heading in path)


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[tuple[str, ...], list[Block]]]:
    """Runs of blocks under one heading. A heading with nothing below it is its own section, so that it can be found."""
    runs = [(key, list(run)) for key, run in groupby(blocks, key=lambda block: block.headings)]
    for index, (headings, run) in enumerate(runs):
        body = [block for block in run if block.kind != "heading"]
        deeper = index + 1 < len(runs) and runs[index + 1][0][: len(headings)] == headings
        if body:
            yield headings, body
        elif not deeper:
            yield headings, run


def _tokens(text: str, count_tokens: TokenCounter) -> int:
    return max(0, count_tokens(text) - _SPECIAL_TOKENS)


def _pieces(source: _Source, block: Block, budget: int, count_tokens: TokenCounter) -> Iterator[_Piece]:
    """A block whole if the model can read it at once, else cut at lines (code), sentences or, failing these, words."""
    start, end = source.span(block)
    whole = _piece(source, start, end, count_tokens)
    if whole.tokens <= budget:
        yield whole
        return
    for begin, stop in _cuts(source.text, start, end, block.kind):
        piece = _piece(source, begin, stop, count_tokens)
        if piece.tokens <= budget:
            yield piece
        else:
            yield from _word_pieces(source, begin, stop, budget, count_tokens)


def _cuts(text: str, start: int, end: int, kind: str) -> list[tuple[int, int]]:
    if kind in {"fence", "code_block", "table", "html_block"}:
        inner = [(m.start(), m.end()) for m in re.compile(r"[^\n]+").finditer(text, start, end)]
    else:
        inner = [(start + begin, start + stop) for begin, stop in sentence_spans(text[start:end])]
    if not inner:
        return [(start, end)]
    # Between two cuts nothing may be lost (bullets, code inside a list): each runs to the start of the next.
    begins = [start, *(begin for begin, _ in inner[1:])]
    return list(zip(begins, [*begins[1:], end], strict=True))


def _word_pieces(
    source: _Source, start: int, end: int, budget: int, count_tokens: TokenCounter, words: int = 64
) -> Iterator[_Piece]:
    offsets = [(m.start(), m.end()) for m in _WORD.finditer(source.text, start, end)]
    for index in range(0, len(offsets), words):
        group = offsets[index : index + words]
        piece = _piece(source, group[0][0], group[-1][1], count_tokens)
        if piece.tokens <= budget:
            yield piece
        elif len(group) > 1:
            yield from _word_pieces(source, piece.start, piece.end, budget, count_tokens, max(1, words // 4))
        else:
            yield from _character_pieces(source, piece, budget, count_tokens)


def _character_pieces(source: _Source, piece: _Piece, budget: int, count_tokens: TokenCounter) -> Iterator[_Piece]:
    """A single unbroken run of characters (base64, a long address): no character is more than one token."""
    for start in range(piece.start, piece.end, budget):
        yield _piece(source, start, min(start + budget, piece.end), count_tokens)


def _piece(source: _Source, start: int, end: int, count_tokens: TokenCounter) -> _Piece:
    # Markup that plain_text takes out at a block's edge may stay in the middle of a chunk: count the longer reading.
    text = plain_text(source.text[start:end])
    return _Piece(start, end, len(text.split()), _tokens(text, count_tokens))


def _pack(pieces: Sequence[_Piece], budget: int) -> list[tuple[int, int]]:
    """Joins neighbouring pieces into chunks of about TARGET_WORDS words that stay within the budget."""
    packed: list[list[_Piece]] = []
    for piece in pieces:
        if packed and _joins(packed[-1], piece, budget):
            packed[-1].append(piece)
        else:
            packed.append([piece])
    if len(packed) > 1 and _is_small_tail(packed[-1]) and sum(p.tokens for p in packed[-2] + packed[-1]) <= budget:
        packed[-2:] = [packed[-2] + packed[-1]]
    return [(group[0].start, group[-1].end) for group in packed]


def _is_small_tail(group: Sequence[_Piece]) -> bool:
    return sum(piece.words for piece in group) < SMALL_TAIL_WORDS


def _joins(group: Sequence[_Piece], piece: _Piece, budget: int) -> bool:
    words = sum(p.words for p in group)
    tokens = sum(p.tokens for p in group)
    return words < TARGET_WORDS and words + piece.words <= MAX_WORDS and tokens + piece.tokens <= budget
