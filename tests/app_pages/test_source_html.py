"""The source of a concept: Markdown as Markdown, all else line by line."""

from __future__ import annotations

import pytest

from app_pages.source_html import SHOWN_LINES, lines_html, source_html
from graph.schema import Chunk, Document, Span

TEXT = "\n\nHeap *not bold*\n    indented # no heading\n\n<b>$x$ &amp;"


def shown(path: str, text: str = TEXT, source: object = None, chunks=(), spans=()) -> str:
    document = Document(path, path, "T", text, {"source": source} if source else {}, "")
    return source_html(document, chunks, spans, lambda name: None)


@pytest.mark.parametrize("path", ["a.html", "a.HTM", "a.xhtml", "a.pdf"])
def test_what_is_no_markdown_is_shown_by_its_lines(path: str) -> None:
    html = shown(path)
    assert '<p data-line="3">Heap *not bold*</p><p data-line="4">    indented # no heading</p>' in html
    assert '<p data-line="6">&lt;b&gt;$x$ &amp;amp;</p>' in html
    assert "<em>" not in html
    assert 'data-line="5"' not in html, "blank lines only take room"


@pytest.mark.parametrize("path", ["a.md", "a.mdx", "a.txt", "a.ipynb"])
def test_markdown_is_rendered(path: str) -> None:
    assert "<em>not bold</em>" in shown(path)


def test_the_lines_that_define_the_concept_are_marked() -> None:
    spans = (Span("a.pdf", 3, 4, "x"), Span("other.pdf", 6, 6, "x"))
    html = shown("a.pdf", spans=spans)
    assert html.count("pg-here") == 2
    assert '<p data-line="6">' in html


def test_pages_stand_above_their_first_line() -> None:
    chunks = [
        Chunk("a.pdf#2", "a.pdf", ("Heaps", "p. 2"), "x", 6, 6, ()),
        Chunk("a.pdf#1", "a.pdf", ("Heaps", "p. 1"), "x", 3, 4, ()),
        Chunk("b.pdf#1", "b.pdf", ("p. 9",), "x", 4, 4, ()),
    ]
    html = shown("a.pdf", chunks=chunks)
    assert '<h4>p. 1</h4><p data-line="3">' in html
    assert '<h4>p. 2</h4><p data-line="6">' in html
    assert "p. 9" not in html


def test_a_heading_that_is_a_line_itself_is_not_said_twice() -> None:
    html = lines_html("Heap\nIt is a tree.\nCost", {2: "Heap", 3: "Elsewhere"})
    assert html.count("Heap") == 1
    assert '<p data-line="1" class="pg-title">Heap</p>' in html
    assert "<h4>Elsewhere</h4>" in html


@pytest.mark.parametrize("path", ["a.html", "a.md"])
def test_a_fetched_page_leads_back_to_its_address(path: str) -> None:
    address = 'https://a.org/x?a="b"&c=<d>'
    html = shown(path, source=address)
    assert 'href="https://a.org/x?a=&quot;b&quot;&amp;c=&lt;d&gt;"' in html
    assert html.startswith("<div")
    for other in ("javascript:alert(1)", 3, None, ["x"]):
        assert "Saved from" not in shown(path, source=other)


def test_a_long_text_is_cut_and_says_so() -> None:
    html = lines_html("\n".join("word" for _ in range(SHOWN_LINES + 5)), {})
    assert html.count("<p data-line") == SHOWN_LINES
    assert "and 5 more lines" in html
