"""Decides where a note's front matter ends, what it says, and on which line each key stands."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import yaml
from yaml.constructor import BaseConstructor

_FENCE = re.compile(r"^---[ \t]*$")
_END = re.compile(r"^(---|\.\.\.)[ \t]*$")
_MAX_CHARACTERS = 64_000
_MAX_DEPTH = 50  # composing is recursive in C, where a deep nest is a crash and no error


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """The values of a note's front matter, the 1-based line of each key, and where the body begins.

    `error` says why the block could not be read; the values are then empty, and the body is read all the same.
    """

    values: Mapping[str, object] = field(default_factory=dict)
    lines: Mapping[str, tuple[int, int]] = field(default_factory=dict)
    body_line: int = 1
    error: tuple[int, str] | None = None


def parse_front_matter(lines: list[str]) -> FrontMatter:
    """Front matter of a file's lines; without an opening or a closing fence the file has none."""
    if not lines or not _FENCE.match(lines[0]):
        return FrontMatter()
    end = next((number for number, line in enumerate(lines[1:], start=2) if _END.match(line)), None)
    if end is None:
        return FrontMatter()
    block = "\n".join(lines[1 : end - 1])
    if len(block) > _MAX_CHARACTERS:
        return FrontMatter(body_line=end + 1, error=(1, f"it is longer than {_MAX_CHARACTERS:,} characters"))
    try:
        node = compose_yaml(block)
        values = construct_yaml(node)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        return FrontMatter(body_line=end + 1, error=_describe(fault))
    if values is None:
        return FrontMatter(body_line=end + 1)
    if isinstance(values, str) and ":" not in values:
        return FrontMatter()  # words between two rules are a text that begins with a rule
    if not isinstance(values, dict) or not isinstance(node, yaml.MappingNode):
        return FrontMatter(body_line=end + 1, error=(2, "it is not a list of `key: value` lines"))
    named = {key: value for key, value in values.items() if isinstance(key, str)}
    return FrontMatter(named, _key_lines(node), end + 1)


def compose_yaml(text: str) -> yaml.Node | None:
    """The nodes of a YAML document with their marks, or None if it is empty. Raises YAMLError.

    Aliases are refused: a few lines of them can stand for more text than fits in memory, or for a list within itself.
    """
    # libyaml's parser is ten times as fast; mypy knows it only where PyYAML was built with it
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if isinstance(event, yaml.AliasEvent) or depth > _MAX_DEPTH:
            fault = "YAML aliases are not read" if depth <= _MAX_DEPTH else f"it is nested deeper than {_MAX_DEPTH}"
            raise yaml.MarkedYAMLError(problem=fault, problem_mark=cast("yaml.Mark | None", event.start_mark))
    return yaml.compose(text, Loader=loader)


def construct_yaml(node: yaml.Node | None) -> object:
    """The values of composed nodes, so that nothing is parsed twice. Raises YAMLError."""
    return None if node is None else _Constructor().construct_document(node)


class _Constructor(BaseConstructor):
    """Takes every scalar as it is written, so that `010` is not 8 and no date is wrong; only an empty one is None."""


_Constructor.add_constructor("tag:yaml.org,2002:null", lambda constructor, node: None)


def _key_lines(node: yaml.MappingNode) -> dict[str, tuple[int, int]]:
    """First and last line of each key with its value; the opening fence is line 1, so the block begins on line 2."""
    lines = {}
    for key, value in node.value:
        first = key.start_mark.line + 2
        # A block value's end mark stands at the start of the line after it.
        last = value.end_mark.line + (
            1 if value.end_mark.column == 0 and value.end_mark.line > key.start_mark.line else 2
        )
        lines[str(key.value)] = (first, max(first, last))
    return lines


def _describe(fault: Exception) -> tuple[int, str]:
    mark = getattr(fault, "problem_mark", None)
    reason = getattr(fault, "problem", None) or str(fault).splitlines()[0]
    return (mark.line + 2 if mark is not None else 1), str(reason)
