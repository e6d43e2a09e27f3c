"""Decides how a Jupyter notebook becomes a document: Markdown cells as Markdown, code cells as code, no outputs.

Each line of a cell stands on the line that it has in the notebook's file as Jupyter saves it (one line of source a line
of JSON), so lines lead back to the file; a file that was saved otherwise is counted as if Jupyter had saved it. The
brackets around a cell's source give the code fences their lines, and all else (outputs, metadata) is blank.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from graph.schema import Problem
from ingest.markdown import ParsedNote, parse_note
from ingest.read_mdx import open_fence, prepare_markdown
from ingest.source import ReadFile, SourceFile, decode, humanise_stem, read_file

_PLACEHOLDER = re.compile(r'^\s*"\ue000(\d+)\ue001",?$')
_PRIVATE = re.compile("[\ue000\ue001]")
_TICKS = re.compile(r"`{3,}")
_LANGUAGE = re.compile(r"[\w+#-]{1,20}")


def read_notebook(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A notebook; one that is no JSON or has no cells is a problem."""
    decoded = decode(source)
    if isinstance(decoded, Problem):
        return None, [decoded]
    text, problems = decoded
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as fault:
        line = fault.lineno if isinstance(fault, json.JSONDecodeError) else None
        return None, [_broken(source, line, "it is not the JSON that a notebook is made of")]
    cells = list(_cells(notebook))
    if not cells:
        return None, [_broken(source, None, "it has no cells")]
    lines = _lay_out(notebook, cells)
    parsed = parse_note(lines, 1, prepare_markdown(lines))
    return read_file(source, _title(notebook, parsed, source.path), lines, parsed), problems


def _broken(source: SourceFile, line: int | None, reason: str) -> Problem:
    message = f"The notebook could not be read ({reason}); open it in Jupyter and save it again."
    return Problem(source.path, line, "error", "broken_notebook", message)


def _cells(notebook: object) -> Iterator[dict[str, Any]]:
    """The cells of a notebook, those of the older format with worksheets too."""
    if isinstance(notebook, dict):
        sheets = notebook.get("worksheets")
        for holder in [notebook, *(sheets if isinstance(sheets, list) else [])]:
            cells = holder.get("cells") if isinstance(holder, dict) else None
            yield from (cell for cell in (cells if isinstance(cells, list) else []) if isinstance(cell, dict))


def _lay_out(notebook: dict[str, Any], cells: list[dict[str, Any]]) -> list[str]:
    """The lines of the notebook as Jupyter saves it, blank but for what its cells say."""
    language = _language(notebook)
    said: list[str] = []
    edges: dict[int, tuple[str, str]] = {}
    for cell in cells:
        key = "input" if "input" in cell and "source" not in cell else "source"
        content = _source_lines(cell.get(key))
        first = len(said)
        said += _marked(cell, content)
        cell[key] = [f"\ue000{number}\ue001" for number in range(first, len(said))]
        if len(said) > first:
            edges[first] = (_opening(cell, content, language), "")
            edges[len(said) - 1] = (edges[first][0], _closing(cell, content))
    try:
        saved = json.dumps(notebook, indent=1, ensure_ascii=False).split("\n")
    except RecursionError:
        return said
    lines = [""] * len(saved)
    for at, line in enumerate(saved):
        if match := _PLACEHOLDER.match(line):
            number = int(match[1])
            lines[at] = said[number]
            if number in edges and not _PLACEHOLDER.match(saved[at - 1]):
                lines[at - 1] = edges[number][0]
            if number in edges and not _PLACEHOLDER.match(saved[at + 1]):
                lines[at + 1] = edges[number][1]
    return lines


def _source_lines(source: object) -> list[str]:
    text = "".join(part for part in source if isinstance(part, str)) if isinstance(source, list) else source
    if not isinstance(text, str) or not text.strip():
        return []
    return _PRIVATE.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")).removesuffix("\n").split("\n")


def _marked(cell: dict[str, Any], content: list[str]) -> list[str]:
    """A heading cell of the older format as a Markdown heading."""
    if cell.get("cell_type") == "heading" and content and isinstance(cell.get("level"), int):
        return [f"{'#' * max(1, min(6, cell['level']))} {' '.join(content)}"]
    return content


def _fence(content: list[str]) -> str:
    return "`" * max([3, *(len(ticks) + 1 for line in content for ticks in _TICKS.findall(line))])


def _opening(cell: dict[str, Any], content: list[str], language: str) -> str:
    return f"{_fence(content)}{language}" if cell.get("cell_type") == "code" else ""


def _closing(cell: dict[str, Any], content: list[str]) -> str:
    """What ends a cell: the fence of its code, or one that its Markdown forgot, lest it swallow the cells below."""
    if cell.get("cell_type") == "code":
        return _fence(content)
    if not open_fence(content):
        return ""
    opening = next(line for line in reversed(content) if line.strip(" >")[:3] in {"```", "~~~"})
    mark = opening.strip(" >")[0]
    return mark * (len(opening.strip(" >")) - len(opening.strip(" >").lstrip(mark)))


def _language(notebook: dict[str, Any]) -> str:
    metadata = notebook.get("metadata")
    for key, name in (("language_info", "name"), ("kernelspec", "language")):
        part = metadata.get(key) if isinstance(metadata, dict) else None
        value = part.get(name) if isinstance(part, dict) else None
        if isinstance(value, str) and _LANGUAGE.fullmatch(value):
            return value.lower()
    return ""


def _title(notebook: dict[str, Any], parsed: ParsedNote, path: str) -> str:
    metadata = notebook.get("metadata")
    declared = metadata.get("title") if isinstance(metadata, dict) else None
    if isinstance(declared, str) and declared.strip():
        return " ".join(declared.split())
    return next((b.headings[0] for b in parsed.blocks if b.kind == "heading"), "") or humanise_stem(path)
