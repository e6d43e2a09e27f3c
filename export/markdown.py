"""Plain text as Markdown source that shows it: marks escaped, in the way that ingestion reads back."""

from __future__ import annotations

import re

_MARK = re.compile(r"[\\`*_\[\]~|]|(?<=\])\(")
_RENDERED = re.compile(r"[<&$]")
_BEGINS_BLOCK = re.compile(r"^(?:[#>+=:-]|\d{1,9}(?=[.)]))")


def escape_markdown(text: str) -> str:
    """A text on one line, which Markdown shows as it is."""
    line = _MARK.sub(r"\\\g<0>", " ".join(text.split()))
    if match := _BEGINS_BLOCK.match(line):
        mark = match[0]
        return f"{mark}\\{line[len(mark) :]}" if mark.isdigit() else f"\\{line}"
    return line


def escape_rendered(text: str) -> str:
    """The same for a program that reads tags, entities and formulas too; ingestion leaves those as they are."""
    return _RENDERED.sub(r"\\\g<0>", escape_markdown(text))
