"""Decides how the source of a concept is shown: Markdown as Markdown, any other file as its lines with their numbers.

A web page or a PDF is kept as plain text, whose line breaks, indents and odd marks mean nothing to Markdown. Notebooks
are Markdown and fenced code.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from pathlib import PurePosixPath

from app_pages.render import Resolve, note_html
from graph.schema import Chunk, Document, Span
from ingest.read import HTML_SUFFIXES
from ingest.saved_pages import SOURCE_KEY

SHOWN_LINES = 2000
_PLAIN = (*HTML_SUFFIXES, ".pdf")


def source_html(document: Document, chunks: Iterable[Chunk], spans: Sequence[Span], resolve: Resolve) -> str:
    """A file's text as HTML: with the page it was fetched from, and where it is shown by lines, those of `spans`."""
    source = _origin_html(document.metadata.get(SOURCE_KEY))
    if PurePosixPath(document.path).suffix.lower() not in _PLAIN:
        return source + note_html(document, resolve)
    marked = {n for span in spans if span.path == document.path for n in range(span.start_line, span.end_line + 1)}
    sections = _sections(chunk for chunk in chunks if chunk.document_id == document.path)
    return source + lines_html(document.text, sections, marked)


def _origin_html(address: object) -> str:
    if not isinstance(address, str) or not address.lower().startswith(("http://", "https://")):
        return ""
    link = f'<a href="{escape(address, quote=True)}" target="_blank" rel="noopener noreferrer nofollow">'
    return f'<div class="pg-note"><span class="pg-week pg-wrap">Saved from {link}{escape(address)}</a></span></div>'


def _sections(chunks: Iterable[Chunk]) -> dict[int, str]:
    """What begins on a line: the page of a PDF, or the heading."""
    begun: dict[int, str] = {}
    last: tuple[str, ...] = ()
    for chunk in sorted(chunks, key=lambda c: c.start_line):
        if chunk.headings != last and chunk.headings:
            begun.setdefault(chunk.start_line, chunk.headings[-1])
        last = chunk.headings
    return begun


def lines_html(text: str, sections: Mapping[int, str], marked: Iterable[int] = ()) -> str:
    """Lines of plain text with their numbers, without the blank ones, each section under its name."""
    rows = list(_rows(text, sections, frozenset(marked)))
    more = f'<p class="pg-week">and {len(rows) - SHOWN_LINES:,} more lines</p>' if len(rows) > SHOWN_LINES else ""
    return f'<div class="pg-lines">{"".join(rows[:SHOWN_LINES])}{more}</div>'


def _rows(text: str, sections: Mapping[int, str], marked: frozenset[int]) -> Iterator[str]:
    lines = text.split("\n")
    said = {line.strip() for line in lines} & set(sections.values())  # headings that are lines themselves
    for number, line in enumerate(lines, start=1):
        heading = sections.get(number, "")
        if not (words := line.strip()):
            continue
        classes = [name for name, is_so in (("pg-here", number in marked), ("pg-title", words in said)) if is_so]
        marks = f' class="{" ".join(classes)}"' if classes else ""
        name = f"<h4>{escape(heading)}</h4>" if heading and heading not in said else ""
        yield f'{name}<p data-line="{number}"{marks}>{escape(line.rstrip())}</p>'
