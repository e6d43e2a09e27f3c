"""What the pages show of notes and answers: escaped, marked at the quote, linked only where links are safe."""

from __future__ import annotations

import re

import pytest

from app_pages.render import (
    answer_html,
    citation_html,
    concept_resolver,
    connections_html,
    markdown_html,
    passage_html,
    reason_html,
)
from graph.schema import Answer, Citation, Concept, Relation, RelationOrigin, Span
from graph.store import Neighbour, NetworkxStore

HNSW = Concept(
    "hnsw", "HNSW", ("small world",), "An index.", 5, "rag", "concept", (Span("hnsw.md", 1, 1, "An index."),)
)
RESOLVE = concept_resolver(NetworkxStore([HNSW], []))


def tags(html: str) -> set[str]:
    return set(re.findall(r"<(\w+)", html))


@pytest.mark.parametrize(
    "note",
    [
        "<script>alert(1)</script>",
        "text <img src=x onerror=alert(1)> text",
        "<iframe src='https://example.com'></iframe>",
        "<b onmouseover=alert(1)>bold</b>",
        "![pixel](https://example.com/pixel.png)",
        "`<script>` and\n\n    <script>alert(1)</script>",
        "[[hnsw|<svg onload=alert(1)>]]",
        '[words](<javascript:alert(1)> "title")',
    ],
)
def test_nothing_in_a_note_becomes_an_active_element(note: str) -> None:
    html = markdown_html(note, RESOLVE)
    assert not tags(html) & {"script", "img", "iframe", "svg", "b", "style", "object"}
    assert "javascript:" not in html or "href" not in html


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "file:///etc/passwd", "vbscript:x"])
def test_only_web_addresses_are_links(address: str) -> None:
    assert f'href="{address}' not in markdown_html(f"[words]({address})", RESOLVE)
    assert 'href="https://example.org/"' in markdown_html("[words](https://example.org/)", RESOLVE)


def test_wikilinks_and_relative_links_lead_to_concepts() -> None:
    html = markdown_html("[[hnsw]], [[small world|this]], [there](../x/hnsw.md#part) and [[nowhere]]", RESOLVE)
    assert html.count('href="?concept=hnsw"') == 3
    assert ">this</a>" in html
    assert "nowhere" in html
    assert "concept=nowhere" not in html


def test_streamlit_syntax_in_a_note_stays_text() -> None:
    html = markdown_html("$a_1$ and :red[x] and :material/home:", RESOLVE)
    assert "$a_1$" in html
    assert ":red[x]" in html


@pytest.mark.parametrize(
    ("passage", "quote", "marked"),
    [
        ("One thing. Another thing.", "Another thing.", "<mark>Another thing.</mark>"),
        ("- first item\n- **bold** item here", "**bold** item here", "<mark><strong>bold</strong> item here</mark>"),
        ("A line that\nbreaks here.", "A line that\nbreaks here.", "<mark>A line that\nbreaks here.</mark>"),
        ("See [[hnsw]] first.", "See [[hnsw]] first.", '<mark>See <a class="pg-concept" href="?concept=hnsw">'),
    ],
)
def test_the_quote_is_marked_in_its_passage(passage: str, quote: str, marked: str) -> None:
    assert marked in passage_html(passage, quote, RESOLVE)


def answer(text: str, *citations: Citation) -> Answer:
    return Answer("Q?", text, citations, (), (), "answered", "extractive", {})


def test_only_citations_that_exist_become_links() -> None:
    citation = Citation(1, "hnsw.md", ("HNSW",), 1, 1, "An index.")
    html = answer_html(answer("An index. [1] Made up. [9] Code a[\u200b0].", citation), 3)
    assert html.count("<a ") == 1
    assert 'href="#cite-3-1"' in html
    assert "[9]" in html
    assert "a[\u200b0]" in html


def test_a_growing_answer_has_no_links_yet() -> None:
    citation = Citation(1, "hnsw.md", ("HNSW",), 1, 1, "An index.")
    html = answer_html(answer("An index. [1]", citation), None)
    assert "<a " not in html
    assert "[1]" in html


def test_an_answer_is_escaped() -> None:
    assert "<script>" not in answer_html(answer("<script>alert(1)</script> **Trade-off:** x"), 0)


def test_a_source_says_where_it_stands() -> None:
    html = citation_html(Citation(2, "a/b.md", ("B", "How"), 4, 6, "words"), "some words here", RESOLVE)
    assert "a/b.md:4–6" in html
    assert "<mark>words</mark>" in html


def test_a_reason_is_shown_without_its_verb() -> None:
    html = reason_html(Span("x.md", 9, 9, "requires [[hnsw]]: the walk is greedy"))
    assert "the walk is greedy" in html
    assert "requires" not in html
    assert "x.md:9" in html


@pytest.mark.parametrize(("origin", "words"), [("statistics", "a guess"), ("pattern", "read from"), ("authored", None)])
def test_what_is_only_inferred_says_so(origin: RelationOrigin, words: str | None) -> None:
    relation = Relation("x", "hnsw", "prerequisite_of", origin, 0.5, (Span("x.md", 2, 2, "It needs HNSW."),))
    html = connections_html([Neighbour(HNSW, relation, "in")])
    assert "It needs HNSW." in html
    if words:
        assert words in html
    else:
        assert "a guess" not in html
        assert "read from" not in html


def test_a_sentence_that_only_links_keeps_its_words() -> None:
    html = reason_html(Span("x.md", 3, 3, "Look at [[hnsw]] before you tune anything."))
    assert "Look at hnsw before you tune anything." in html
