"""Decides what the sentences of a note are, each with its words, its lines and its headings, and keeps them small.

A sentence is kept as a few numbers that point into the note's text. As objects, the sentences of ten thousand long
notes would take more memory than all else together, so only those read last stay unpacked.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from graph.schema import Span
from ingest.concepts import Note
from ingest.markdown import Block
from ingest.plain_text import plain_text
from ingest.sentences import sentence_spans
from ingest.shelf import Shelf

_LONGEST_SENTENCE = 2000  # characters; what is longer is data
_MARKS = re.compile(r"[\\`*_\[\]<>~#|!\n]|^\W*\d|^[-+]")
_ITEM_MARK = re.compile(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?")
_SILENT_KINDS = frozenset({"heading", "fence", "code_block", "html_block", "stray", "hr"})
_NUMBERS = 5  # a packed sentence: start and end in the text, first line, its headings' index, its flags
_IS_ITEM, _BEGINS_BLOCK = 1, 2


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a note, its words, its place and the headings above it; `is_item` if it begins a list item."""

    span: Span
    text: str
    headings: tuple[str, ...]
    is_item: bool
    begins_block: bool


@dataclass(frozen=True, slots=True)
class PackedSentences:
    """A note's sentences in reading order, code and front matter left out: five numbers each.

    `words` holds the words of those, by their number, whose words are not simply those of the quote.
    """

    numbers: array[int]
    headings: tuple[tuple[str, ...], ...]
    words: Mapping[int, str]

    def unpack(self, path: str, text: str) -> Iterator[Sentence]:
        """The sentences of the note at this path with this text. Raises IndexError if they belong to another one."""
        rows = iter(self.numbers)
        for number, (start, end, line, heading, flags) in enumerate(zip(rows, rows, rows, rows, rows, strict=True)):
            quote = text[start:end]
            words = self.words.get(number)
            if words is None:
                words = " ".join(quote.split())
            span = Span(path, line, line + quote.count("\n"), quote)
            yield Sentence(
                span,
                quote if words == quote else words,
                self.headings[heading],
                bool(flags & _IS_ITEM),
                bool(flags & _BEGINS_BLOCK),
            )


def pack_sentences(lines: Sequence[str], blocks: Sequence[Block]) -> PackedSentences:
    """Finds the sentences of a note's blocks."""
    starts = [0, *accumulate(len(line) + 1 for line in lines)]
    numbers, words = array("I"), dict[int, str]()
    headings: dict[tuple[str, ...], int] = {}
    for block in blocks:
        if block.kind in _SILENT_KINDS:
            continue
        offset = starts[block.start_line - 1]
        text = "\n".join(lines[block.start_line - 1 : block.end_line])
        heading = headings.setdefault(block.headings, len(headings))
        for start, end in sentence_spans(text):
            if end - start > _LONGEST_SENTENCE:
                continue
            quote, before = text[start:end], text[text.rfind("\n", 0, start) + 1 : start]
            is_item = bool(_ITEM_MARK.fullmatch(before))
            flags = _IS_ITEM * is_item | _BEGINS_BLOCK * (is_item or not before.strip())
            if (said := _words_of(quote)) != " ".join(quote.split()):
                words[len(numbers) // _NUMBERS] = said
            numbers.extend((offset + start, offset + end, bisect_right(starts, offset + start), heading, flags))
    return PackedSentences(numbers, tuple(headings), words)


def _words_of(quote: str) -> str:
    """The words of a sentence; most have no marks that would have to be read."""
    return plain_text(quote) if _MARKS.search(quote) else " ".join(quote.split())


class NoteText:
    """A note's sentences in reading order, code and front matter left out.

    Who holds on to the list that `sentences` gives holds on to the memory, too.
    """

    def __init__(self, note: Note, packed: PackedSentences | None = None, shelf: Shelf | None = None) -> None:
        self.note = note
        self._packed = packed if packed is not None else pack_sentences(note.file.lines, note.parsed.blocks)
        self._shelf = shelf if shelf is not None else Shelf()

    @property
    def sentences(self) -> list[Sentence]:
        document = self.note.file.document
        return self._shelf.get(
            ("sentences", document.path), lambda: list(self._packed.unpack(document.path, document.text))
        )
