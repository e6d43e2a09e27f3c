"""Decides how a note is cut into chunks: by heading and paragraph, never longer than what the model reads.

A chunk is always one contiguous piece of its file, so that its lines and its text can never part.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby

from ingest.markdown import Block
from ingest.plain_text import passage_text, plain_text
from ingest.sentences import sentence_spans

TokenCounter = Callable[[str], int]

MAX_TOKENS = 250  # of the model's 256: two are its own, the rest is a margin
TARGET_WORDS = 120
MAX_WORDS = 150
SMALL_TAIL_WORDS = 25
_SPECIAL_TOKENS = 2
_LONGEST_PATH_TOKENS = 100
_LONGEST_HEADING_CHARACTERS = 240
_MARKS = 30  # tokens by which two pieces together may differ from their sum
_WORD = re.compile(r"\S+")
_LONGEST_BULLET = 40
_LONGEST_RUN = 1000
_MOST_CHARACTERS = 4000  # a run without a space is one unknown token to the model, however long it is
_BULLET = re.compile(r"[^\w\n]*(?:\d{1,9}[.)]\s*)?(?:\[[ xX]\]\s*)?")


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


_Join = Callable[[_Piece, _Piece], _Piece | None]


def split_note(title: str, lines: Sequence[str], blocks: Sequence[Block], count_tokens: TokenCounter) -> list[Passage]:
    """The passages of a note in reading order; `title` heads every heading path unless the note's own does."""
    source = _Source(lines)
    passages = []
    for headings, section, deeper in _sections(blocks):
        path, is_whole, path_tokens = _bounded_path(_with_title(title, headings), count_tokens)
        budget = MAX_TOKENS - path_tokens
        body = [block for block in section if block.kind != "heading"]
        if not body and deeper:
            is_whole = _bounded_path(_with_title(title, deeper), count_tokens)[1]
        # The path in front says what a heading says, unless it had to be cut or there is nothing to stand in front of.
        shown = body if is_whole and (body or deeper) else section
        pieces = [piece for block in shown for piece in _pieces(source, block, budget, count_tokens)]
        join = partial(_joined, source=source, budget=budget, count_tokens=count_tokens)
        for piece in _pack(pieces, join):
            text = source.text[piece.start : piece.end].rstrip()
            last = source.line_at(piece.start + len(text) - 1)
            passages.append(Passage(path, text, source.line_at(piece.start), last))
    return passages


class _Source:
    """A file's text with the way from an offset to its line and back."""

    def __init__(self, lines: Sequence[str]) -> None:
        self.text = "\n".join(lines)
        self._starts = [0, *accumulate(len(line) + 1 for line in lines)]

    def line_at(self, offset: int) -> int:
        return bisect_right(self._starts, offset)

    def span(self, block: Block) -> tuple[int, int]:
        start = self._starts[block.start_line - 1] + block.start_column
        end = min(self._starts[block.end_line] - 1, len(self.text))
        if block.end_column is not None:
            end = self._starts[block.end_line - 1] + block.end_column
        return start, start + len(self.text[start:end].rstrip())


def _with_title(title: str, headings: tuple[str, ...]) -> tuple[str, ...]:
    return headings if headings and headings[0].casefold() == title.casefold() else (title, *headings)


def _bounded_path(path: tuple[str, ...], count_tokens: TokenCounter) -> tuple[tuple[str, ...], bool, int]:
    """A heading path that leaves room for text, whether it is whole, and its tokens without the special ones."""
    length = _LONGEST_HEADING_CHARACTERS
    bounded = tuple(heading[: _LONGEST_HEADING_CHARACTERS * 4] for heading in path)
    while (tokens := count_tokens(passage_text(bounded, ""))) > _LONGEST_PATH_TOKENS:
        bounded = tuple(heading[:length] for heading in path)
        length //= 2
    return bounded, bounded == path, max(0, tokens - _SPECIAL_TOKENS)


def _sections(blocks: Sequence[Block]) -> Iterator[tuple[tuple[str, ...], list[Block], tuple[str, ...]]]:
    """Runs of blocks under one heading, the heading first, and the path of the deeper heading that follows, if any."""
    runs = [(key, list(run)) for key, run in groupby(blocks, key=lambda block: block.headings)]
    for index, (headings, run) in enumerate(runs):
        following = runs[index + 1][0] if index + 1 < len(runs) else ()
        yield headings, run, following if following[: len(headings)] == headings else ()


def _tokens(text: str, count_tokens: TokenCounter) -> int:
    return max(0, count_tokens(text) - _SPECIAL_TOKENS)


def _pieces(source: _Source, block: Block, budget: int, count_tokens: TokenCounter) -> Iterator[_Piece]:
    """A block whole if the model can read it at once, else cut at lines (code), sentences or, failing these, words."""
    start, end = source.span(block)
    if end - start <= _MOST_CHARACTERS and (whole := _piece(source, start, end, count_tokens)).tokens <= budget:
        yield whole
        return
    for begin, stop in _cuts(source.text, start, end, block.kind):
        is_short = stop - begin <= _MOST_CHARACTERS
        if is_short and (piece := _piece(source, begin, stop, count_tokens)).tokens <= budget:
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
    # Between two cuts nothing may be lost (code inside a list): each runs to the start of the next, bullet included.
    begins = [start, *(_with_bullet(text, begin) for begin, _ in inner[1:])]
    return list(zip(begins, [*begins[1:], end], strict=True))


def _with_bullet(text: str, begin: int) -> int:
    """The start of the line, if only a bullet or its like stands before `begin`."""
    line_start = text.rfind("\n", max(0, begin - _LONGEST_BULLET), begin) + 1
    return line_start if line_start and _BULLET.fullmatch(text, line_start, begin) else begin


def _word_pieces(
    source: _Source, start: int, end: int, budget: int, count_tokens: TokenCounter, words: int = 64
) -> Iterator[_Piece]:
    offsets = [(m.start(), m.end()) for m in _WORD.finditer(source.text, start, end)]
    for index in range(0, len(offsets), words):
        group = offsets[index : index + words]
        begin, stop = group[0][0], group[-1][1]
        if len(group) == 1:
            yield from _character_pieces(source, begin, stop, budget, count_tokens)
        elif stop - begin <= _MOST_CHARACTERS and (
            (piece := _piece(source, begin, stop, count_tokens)).tokens <= budget
        ):
            yield piece
        else:
            yield from _word_pieces(source, begin, stop, budget, count_tokens, max(1, words // 4))


def _character_pieces(
    source: _Source, start: int, end: int, budget: int, count_tokens: TokenCounter
) -> Iterator[_Piece]:
    """A single unbroken run of characters (base64, a long address), cut until the model can read each part."""
    if end - start <= _LONGEST_RUN:
        piece = _piece(source, start, end, count_tokens)
        if piece.tokens <= budget or end - start < 2:
            yield piece
            return
    step = _LONGEST_RUN if end - start > _LONGEST_RUN else (end - start + 1) // 2
    for begin in range(start, end, step):
        yield from _character_pieces(source, begin, min(begin + step, end), budget, count_tokens)


def _piece(source: _Source, start: int, end: int, count_tokens: TokenCounter) -> _Piece:
    text = plain_text(source.text[start:end].rstrip())
    return _Piece(start, end, len(text.split()), _tokens(text, count_tokens))


def _pack(pieces: Sequence[_Piece], join: _Join) -> list[_Piece]:
    """Joins neighbouring pieces into chunks of about TARGET_WORDS words; a small tail joins the chunk before it."""
    packed: list[_Piece] = []
    for piece in pieces:
        room = bool(packed) and packed[-1].words < TARGET_WORDS and packed[-1].words + piece.words <= MAX_WORDS
        joined = join(packed[-1], piece) if room else None
        packed[-1 if joined else len(packed) :] = [joined or piece]
    if len(packed) > 1 and packed[-1].words < SMALL_TAIL_WORDS and (joined := join(packed[-2], packed[-1])):
        packed[-2:] = [joined]
    return packed


def _joined(first: _Piece, second: _Piece, source: _Source, budget: int, count_tokens: TokenCounter) -> _Piece | None:
    """Two neighbours as one piece, if the model can read it at once."""
    if second.end - first.start > _MOST_CHARACTERS:
        return None
    tokens = first.tokens + second.tokens
    if budget - _MARKS < tokens <= budget:
        # A mark at a piece's edge that was left out of its count may be text in the middle of a chunk.
        tokens = _piece(source, first.start, second.end, count_tokens).tokens
    return _Piece(first.start, second.end, first.words + second.words, tokens) if tokens <= budget else None
