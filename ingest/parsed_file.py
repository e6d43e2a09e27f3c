"""Decides what is known of one file alone, whatever the others say, and how it is written down to be read again.

What is written is JSON of rows and numbers, for it must be quick and harmless to read; texts are kept as places in the
file's text, and the text itself only where it is not simply the file's. Rows that make no sense are no parsed file.
"""

from __future__ import annotations

import json
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from graph.schema import Document, Problem
from ingest.frontmatter import FrontMatter
from ingest.note_text import PackedSentences
from ingest.packed_note import PackedNote, compress, pack_note
from ingest.shelf import Lines, Shelf
from ingest.source import ReadFile, SourceFile, decode
from ingest.split import Passage

_LENGTH = 4  # bytes that tell how long the first part is


@dataclass(frozen=True, slots=True)
class PackedPassages:
    """The passages of a file, five numbers each: headings, first and last line, start and end in the text."""

    numbers: array[int]
    headings: tuple[tuple[str, ...], ...]

    def unpack(self, text: str) -> Iterator[Passage]:
        """The passages of the document with this text."""
        rows = iter(self.numbers)
        for heading, first, last, start, end in zip(rows, rows, rows, rows, rows, strict=True):
            yield Passage(self.headings[heading], text[start:end], first, last)


def pack_passages(lines: Sequence[str], passages: Sequence[Passage]) -> PackedPassages:
    """Passages as places in the text of the lines that they were cut from."""
    text, starts = "\n".join(lines), [0, *accumulate(len(line) + 1 for line in lines)]
    numbers, headings = array("I"), dict[tuple[str, ...], int]()
    for passage in passages:
        start = text.index(passage.text, starts[passage.start_line - 1])
        heading = headings.setdefault(passage.headings, len(headings))
        numbers.extend((heading, passage.start_line, passage.end_line, start, start + len(passage.text)))
    return PackedPassages(numbers, tuple(headings))


@dataclass(frozen=True, slots=True)
class ParsedFile:
    """A file as it was read, what was wrong with it, its sentences and its passages; `file` is None if unreadable."""

    path: str
    file: ReadFile | None
    problems: list[Problem]
    sentences: PackedSentences
    passages: PackedPassages


def to_bytes(parsed: ParsedFile, source: SourceFile) -> bytes | None:
    """A parsed file as bytes, or None for one that cannot be written down, such as a file without text."""
    file = parsed.file
    if file is None or file.document.text.split("\n") != file.lines:
        return None
    values = dict(file.front.values)
    if file.front.values is not file.document.metadata or json.loads(json.dumps(values, default=str)) != values:
        return None
    headings: dict[tuple[str, ...], int] = {}

    def index(path: tuple[str, ...]) -> int:
        return headings.setdefault(path, len(headings))

    decoded = decode(source)
    row = {
        "text": None if not isinstance(decoded, Problem) and decoded[0] == file.document.text else file.document.text,
        "title": file.document.title,
        "front": [values, file.front.lines, file.front.body_line, file.front.error],
        "problems": [[p.path, p.line, p.severity, p.code, p.message] for p in parsed.problems],
        "sentences": [
            parsed.sentences.numbers.tolist(),
            [index(path) for path in parsed.sentences.headings],
            [*parsed.sentences.words.items()],
        ],
        "passages": [parsed.passages.numbers.tolist(), [index(path) for path in parsed.passages.headings]],
        "headings": [*headings],
    }
    try:
        first = compress(row)
        return len(first).to_bytes(_LENGTH) + first + pack_note(file.parsed)
    except UnicodeEncodeError:
        return None


def from_bytes(data: bytes, source: SourceFile, content_hash: str, shelf: Shelf) -> ParsedFile | None:
    """The parsed file that `to_bytes` wrote of this source, or None if the bytes are no such thing.

    Its lines and its structure are unpacked when they are asked for, and kept on the shelf.
    """
    end = _LENGTH + int.from_bytes(data[:_LENGTH])
    try:
        row = json.loads(zlib.decompress(data[_LENGTH:end]))
        return _parsed_file(row, PackedNote(source.path, data[end:], shelf), source, content_hash, shelf)
    except (zlib.error, ValueError, KeyError, TypeError, IndexError, OverflowError):
        return None


def _parsed_file(
    row: Mapping[str, Any], note: PackedNote, source: SourceFile, content_hash: str, shelf: Shelf
) -> ParsedFile:
    headings = [tuple(path) for path in row["headings"]]
    text = row["text"]
    if text is None:
        decoded = decode(source)
        text = "" if isinstance(decoded, Problem) else decoded[0]
    values, lines, body_line, error = row["front"]
    front = FrontMatter(
        values, {key: (a, b) for key, (a, b) in lines.items()}, body_line, (error[0], error[1]) if error else None
    )
    document = Document(source.path, source.path, row["title"], text, front.values, content_hash)
    numbers, paths, words = row["sentences"]
    sentences = PackedSentences(array("I", numbers), tuple(headings[h] for h in paths), dict(words))
    numbers, paths = row["passages"]
    passages = PackedPassages(array("I", numbers), tuple(headings[h] for h in paths))
    file = ReadFile(document, Lines(source.path, text, shelf), front, note)
    return ParsedFile(source.path, file, [Problem(*problem) for problem in row["problems"]], sentences, passages)
