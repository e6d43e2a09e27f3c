"""Decides which notes the front matter of a note names: links under any property, and names under those that relate.

Links are read from the lines themselves, since `up: [[x]]` is a list within a list to YAML, `up: [[a]], [[b]]` is
broken YAML, and both are what people write.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from graph.names import normalise_name
from ingest.markdown import wikilinks
from ingest.source import ReadFile

_KEY = re.compile(r"^([^\s#:'\"\-\[{][^:]*?|\"[^\"]+\"|'[^']+')\s*:(?:\s|$)")
_MARKDOWN_LINK = re.compile(r"\[[^\[\]]*\]\((?:<([^<>\n]+)>|([^()\s]+))\)")
_TEXTS = {"title", "summary", "description", "aliases", "alias"}  # what they hold is words, not a relation


@dataclass(frozen=True, slots=True)
class PropertyLink:
    """One note that a property names, and the line that does."""

    key: str
    target: str
    line: int
    is_wikilink: bool


def property_links(file: ReadFile, relating: Collection[str]) -> Iterator[PropertyLink]:
    """Each link of the front matter with its property; under `relating` properties, a bare name is a link too."""
    linked: dict[str, set[str]] = {}
    key = ""
    for number, line in _front_lines(file):
        if match := _KEY.match(line):
            key = match[1].strip("\"'")
        if "[" not in line or line.lstrip().startswith("#"):
            continue
        for target, is_wikilink in _line_links(line):
            linked.setdefault(key, set()).add(target)
            if normalise_name(key) not in _TEXTS:
                yield PropertyLink(key, target, number, is_wikilink)
    for name, value in file.front.values.items():
        if normalise_name(name) not in relating:
            continue
        for text in _flatten(value):
            if not any(text in target for target in linked.get(name, ())) and not next(_line_links(text), None):
                yield PropertyLink(name, text, _line_of(file, name, text), is_wikilink=True)


def _front_lines(file: ReadFile) -> Iterator[tuple[int, str]]:
    return ((number, line) for number, line in enumerate(file.lines[: file.front.body_line - 1], start=1) if number > 1)


def _line_links(line: str) -> Iterator[tuple[str, bool]]:
    for _, page, _ in wikilinks(line) if "[[" in line else ():
        yield page, True
    for match in _MARKDOWN_LINK.finditer(line):
        yield match[1] or match[2], False


def _flatten(value: object) -> Iterator[str]:
    if isinstance(value, list):
        for entry in value:
            yield from _flatten(entry)
    elif isinstance(value, str) and value.strip():
        yield value.strip()


def _line_of(file: ReadFile, key: str, text: str) -> int:
    first, last = file.front.lines[key]
    lines = range(first, min(last, len(file.lines)) + 1)
    return next((n for n in lines if text in file.lines[n - 1]), first)
