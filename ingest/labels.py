"""Decides what a label or a heading says of the names beside or below it: "requires:: [[a]]", "## Prerequisites"."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph.names import normalise_name
from ingest.concepts import Note
from ingest.markdown import Link
from ingest.plain_text import plain_text
from ingest.verbs import PROPERTY_VERBS, Verb

_BULLET = r"[\s>]*(?:(?:[-*+]|\d{1,9}[.)])\s+)?(?:\[[ xX]\]\s+)?"
_WORDS = r"[*_]{0,3}([A-Za-z][A-Za-z _-]{1,30}?)[*_]{0,3}"
# "Prerequisites: …" and "**Prerequisites:** …" begin a line, "(requires:: …)" stands anywhere
_LABEL = re.compile(rf"^{_BULLET}{_WORDS}::?[*_]{{0,3}}(?=\s)")
_FIELD = re.compile(rf"[(\[]{_WORDS}::(?=\s)")
_BEGINS_ITEM = re.compile(r"[\s>]*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?[*_\"']*")
_MOST_WORDS = 8
LONGEST_LINE = 10_000  # characters; what is longer is data, and to search it for each of its links takes minutes


@dataclass(frozen=True, slots=True)
class Named:
    """A name without a link that a label or a heading types, on the line where it stands."""

    name: str
    verb: Verb
    line: int


def label_verb(note: Note, link: Link) -> Verb | None:
    """How a link's label or, for the link that begins a list item, the heading of the list types it."""
    line = note.file.lines[link.line - 1]
    at = place_in_line(line, link)
    if (match := _LABEL.match(line)) and match.end() <= at and (verb := _verb(match[1])):
        return verb
    for match in _FIELD.finditer(line, 0, at):
        closing = ")" if line[match.start()] == "(" else "]"
        is_open = closing not in line[match.end() : at].replace("]]", "")
        if is_open and (verb := _verb(match[1])):
            return verb
    return _verb(link.headings[-1]) if link.headings and _BEGINS_ITEM.fullmatch(line[:at]) else None


def place_in_line(line: str, link: Link) -> int:
    """Where in its line a link stands; 0 if it is written in a way that cannot be found again, or the line is data."""
    if len(line) > LONGEST_LINE:
        return 0
    needles = (f"[[{link.target}", f"[{link.label}](", f"]({link.target}", link.label or link.target)
    return next((line.index(needle) for needle in needles if needle in line), 0)


def plain_names(note: Note) -> Iterator[Named]:
    """The names that stand without a link behind a label or as an item of a list under a typing heading."""
    linked = {link.line for link in note.parsed.links}
    items = {item.start_line: item for item in note.parsed.items}
    for block in note.parsed.blocks:
        if block.kind not in {"paragraph", "bullet_list", "ordered_list"}:
            continue
        heading = _verb(block.headings[-1]) if block.headings else None
        for number in range(block.start_line, block.end_line + 1):
            line = note.file.lines[number - 1]
            if number in linked or not (heading or ":" in line):
                continue
            if (match := _LABEL.match(line)) and (verb := _verb(match[1])):
                yield from (Named(name, verb, number) for name in re.split(r"[,;]", line[match.end() :]))
            elif heading and number in items:
                yield Named(items[number].text, heading, number)


def bare_name(words: str) -> str | None:
    """The words of an item as a name, or None when they are a sentence."""
    name = plain_text(words).strip(" .,;\"'")
    return name if name and len(name.split()) <= _MOST_WORDS else None


def _verb(words: str) -> Verb | None:
    return PROPERTY_VERBS.get(normalise_name(words).strip(":*_ "))
