"""Decides what a file is to ingestion: its bytes before it is read, and its document, lines and structure after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from graph.schema import Document, Problem
from ingest.frontmatter import FrontMatter
from ingest.markdown import ParsedNote

_LONGEST_TITLE = 240  # characters; what is longer is a text
NO_STRUCTURE = ParsedNote((), (), ())


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that ingestion reads: its path relative to the root, with forward slashes, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that could be read: the document, its lines, its front matter, and its blocks, links and list items."""

    document: Document
    lines: Sequence[str]
    front: FrontMatter
    parsed: ParsedNote = field(default=NO_STRUCTURE)


Reader = Callable[[SourceFile], tuple[ReadFile | None, list[Problem]]]
"""Reads one format: a document or None, and what was wrong with the file."""


def read_file(
    source: SourceFile, title: str, lines: list[str], parsed: ParsedNote, front: FrontMatter | None = None
) -> ReadFile:
    """What a reader found, as a document whose lines are those that blocks, quotes and citations count."""
    front = front or FrontMatter()
    document = Document(
        id=source.path,
        path=source.path,
        title=title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1].rstrip()}…",
        text="\n".join(lines),
        metadata=front.values,
        content_hash=hashlib.sha256(source.data).hexdigest(),
    )
    return ReadFile(document, lines, front, parsed)


def decode(source: SourceFile) -> tuple[str, list[Problem]] | Problem:
    """The text of a file with newlines for line ends. Bytes that are no text are one problem, not a guess."""
    if b"\0" in source.data:
        return Problem(source.path, None, "error", "unreadable", "The file is binary, not text; remove or convert it.")
    try:
        text, problems = source.data.decode("utf-8-sig"), []
    except UnicodeDecodeError as fault:
        line = source.data.count(b"\n", 0, fault.start) + 1
        text = source.data.decode("cp1252", errors="replace")
        message = "The file is not UTF-8 and was read as Windows-1252; save it as UTF-8 so that no character is lost."
        problems = [Problem(source.path, line, "warning", "not_utf8", message)]
    return text.replace("\r\n", "\n").replace("\r", "\n"), problems


def humanise_stem(path: str) -> str:
    """A file's name as a title; an index file is called by its folder."""
    stem = Path(path).stem
    if stem.casefold() in {"readme", "index"} and "/" in path:
        stem = Path(path).parent.name
    words = stem.replace("_", " ").replace("-", " ").strip() or stem
    return words[:1].upper() + words[1:]
