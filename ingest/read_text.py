"""Decides how Markdown, MDX and plain text become documents: the document's text is the file's, line for line.

Only the parser sees a prepared copy of the lines (footnotes, MDX, admonitions); blocks are cut from the file itself, so
that whatever the syntax, a quote is a substring of its file. A `.txt` file is read as Markdown without front matter,
which is what most people's plain notes are.
"""

from __future__ import annotations

import re
from dataclasses import replace

from graph.schema import Problem
from ingest.frontmatter import FrontMatter, parse_front_matter
from ingest.markdown import Block, ParsedNote, parse_note
from ingest.plain_text import plain_text
from ingest.read_mdx import SILENT, hide_comments, prepare_markdown, prepare_mdx, says_nothing
from ingest.source import ReadFile, SourceFile, decode, humanise_stem, read_file

_CLOSING_HASHES = re.compile(r"\s+#+\s*$")


def read_markdown(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A Markdown note, with its front matter."""
    return _read(source, has_front_matter=True, is_mdx=False)


def read_mdx(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A Markdown note with imports, exports and JSX components between its paragraphs."""
    return _read(source, has_front_matter=True, is_mdx=True)


def read_plain_text(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A plain text file."""
    return _read(source, has_front_matter=False, is_mdx=False)


def _read(source: SourceFile, *, has_front_matter: bool, is_mdx: bool) -> tuple[ReadFile | None, list[Problem]]:
    decoded = decode(source)
    if isinstance(decoded, Problem):
        return None, [decoded]
    text, problems = decoded
    lines = text.split("\n")
    front = parse_front_matter(lines) if has_front_matter else FrontMatter()
    if front.error:
        line, reason = front.error
        message = f"The front matter could not be read ({reason}), so its settings are ignored; mend the YAML."
        problems = [*problems, Problem(source.path, line, "error", "broken_front_matter", message)]
    body = lines[front.body_line - 1 :]
    shown = prepare_mdx(body) if is_mdx else prepare_markdown(body)
    if has_front_matter and not is_mdx:
        shown = hide_comments(body, shown)
    prepared = [*lines[: front.body_line - 1], *shown]
    parsed = _without_silent_lines(parse_note(lines, front.body_line, prepared), lines, prepared)
    title = _title(front, prepared, source.path)
    file = read_file(source, title, lines, parsed, front)
    if "title" in front.values and file.document.title != title:
        message = f"The title has {len(title):,} characters and was cut; put a short name there and the rest below."
        problems = [*problems, Problem(source.path, front.lines["title"][0], "warning", "long_title", message)]
    return file, problems


def _without_silent_lines(parsed: ParsedNote, lines: list[str], prepared: list[str]) -> ParsedNote:
    """Leaves out the blocks of lines that were kept from the parser and say nothing, such as the end of a component."""

    def is_silent(block: Block) -> bool:
        at = block.start_line - 1
        if block.kind != "stray" or prepared[at].strip():
            return False
        return prepared[at] == SILENT or says_nothing(lines[at])

    return replace(parsed, blocks=tuple(block for block in parsed.blocks if not is_silent(block)))


def _title(front: FrontMatter, lines: list[str], path: str) -> str:
    declared = front.values.get("title")
    if isinstance(declared, str) and declared.strip():
        return " ".join(declared.split())
    for line in lines[front.body_line - 1 :]:
        if line.startswith("# ") and line[2:].strip():
            return plain_text(_CLOSING_HASHES.sub("", line)) or humanise_stem(path)
        if line.strip() and not line.startswith(("#", "<", "!", ">", "[")):
            break
    return humanise_stem(path)
