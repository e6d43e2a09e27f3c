"""What a relation says, as a sentence, and the lines behind it in their place, as HTML."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from app_pages.source_html import lines_html
from graph.schema import RelationKind, Span
from rag.corpus import Corpus

CONTEXT_LINES = 4  # of the source, above and below a quoted line
SENTENCES: Mapping[RelationKind, str] = {
    "prerequisite_of": "{source} comes before {target}",
    "part_of": "{source} is part of {target}",
    "applies_to": "{source} applies to {target}",
    "related_to": "{source} is related to {target}",
    "contrasts_with": "{source} contrasts with {target}",
}


def quote_html(span: Span) -> str:
    """The quoted words."""
    return f'<blockquote class="pg-quote">{escape(span.quote)}</blockquote>'


def evidence_html(corpus: Corpus, span: Span) -> str:
    """A quote, and what opens to show it among its neighbours, where the file is still there."""
    document = corpus.document(span.path)
    if document is None:
        return quote_html(span)
    place = f'<code class="pg-place">{escape(span.path)}:{span.start_line}</code>'
    inside = context_html(document.text, span)
    return f"{quote_html(span)}<details><summary>{place} in its place</summary>{inside}</details>"


def context_html(text: str, span: Span) -> str:
    """The quoted lines among their neighbours, marked, with their numbers."""
    lines = text.split("\n")
    first = max(0, span.start_line - 1 - CONTEXT_LINES)
    kept = ["" if at < first else line for at, line in enumerate(lines[: span.end_line + CONTEXT_LINES])]
    return lines_html("\n".join(kept), {}, range(span.start_line, span.end_line + 1))
