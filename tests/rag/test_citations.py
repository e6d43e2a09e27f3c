"""No sentence without a quote that stands in its file; no marker that names nothing."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from rag.citations import (
    DraftParagraph,
    DraftSentence,
    Quote,
    protect_brackets,
    quote_holds,
    resolve_citations,
)

NOTE = "# Heap\n\nA heap keeps its\nsmallest item on top.\n\n- `a[0]` is it.\n\nA heap keeps its order."
FILES = {"heap.md": NOTE, "empty.md": ""}
LINES = NOTE.split("\n")


def quote(text, start, end, path="heap.md"):
    return Quote(path, ("Heap",), start, end, text)


GOOD = quote("A heap keeps its\nsmallest item on top.", 3, 4)


def resolve(*paragraphs):
    return resolve_citations(paragraphs, FILES.get)


def said(text, *quotes):
    return DraftSentence(text, quotes)


@pytest.mark.parametrize(
    "held",
    [
        GOOD,
        quote("A heap  keeps its smallest item on top.", 3, 4),
        quote("keeps its", 3, 3),
        quote("smallest item", 1, len(LINES)),
    ],
)
def test_a_quote_holds_where_it_stands_whatever_the_white_space(held):
    assert quote_holds(held, FILES.get)


@pytest.mark.parametrize(
    "altered",
    [
        quote("A heap keeps its largest item on top.", 3, 4),
        quote("a heap keeps its", 3, 3),
        quote("A heap keeps its smallest item on top.", 3, 3),
        quote("A heap keeps its", 4, 4),
        quote("A heap keeps its", 4, 3),
        quote("A heap keeps its", 0, 3),
        quote("A heap keeps its", -6, 3),
        quote("A heap keeps its order.", 8, 9),
        quote("", 3, 4),
        quote(" \n ", 3, 4),
        quote("A heap keeps its", 3, 3, "gone.md"),
        quote("A heap keeps its", 1, 1, "empty.md"),
    ],
)
def test_an_altered_quote_a_wrong_line_or_a_missing_file_does_not_hold(altered):
    assert not quote_holds(altered, FILES.get)


def test_citations_are_numbered_in_order_and_shared():
    other = quote("`a[0]` is it.", 6, 6)
    resolved = resolve(
        DraftParagraph((said("One.", GOOD), said("Two.", other, GOOD))),
        DraftParagraph((said("Three.", other),), "Label"),
    )
    assert resolved.text == "One. [1] Two. [2][1]\n\n**Label:** Three. [2]"
    assert [(c.number, c.quote) for c in resolved.citations] == [(1, GOOD.text), (2, other.text)]
    assert resolved.dropped == 0


def test_a_sentence_without_support_is_dropped_and_counted():
    bad = quote("A heap sorts.", 3, 4)
    resolved = resolve(
        DraftParagraph((said("Invented.", bad), said("Nothing at all."), said("True.", bad, GOOD))),
        DraftParagraph((said("Also invented.", bad),), "Numbers"),
    )
    assert resolved.text == "True. [1]"
    assert resolved.dropped == 3


def test_nothing_left_is_no_answer():
    resolved = resolve(DraftParagraph((said("Invented.", quote("no", 3, 3)), said(" ", GOOD))))
    assert (resolved.text, resolved.citations, resolved.dropped) == ("", (), 2)


def test_brackets_in_the_source_are_no_markers():
    assert protect_brackets("a[0] and [12] but [x] and [1a]") == "a[\u200b0] and [\u200b12] but [x] and [1a]"
    resolved = resolve(DraftParagraph((said("It is a[7].", GOOD),), "Array a[3]"))
    assert re.findall(r"\[(\d+)\]", resolved.text) == ["1"]


SPAN = st.builds(
    lambda start, length: (start, min(start + length, len(LINES))), st.integers(1, len(LINES)), st.integers(0, 3)
)
TRUE = SPAN.map(lambda span: quote("\n".join(LINES[span[0] - 1 : span[1]]), *span)).filter(lambda q: q.text.strip())
WILD = st.builds(quote, st.text(max_size=12) | st.sampled_from(LINES), st.integers(-2, 12), st.integers(-2, 12))
SENTENCE = st.builds(
    DraftSentence,
    st.text(st.sampled_from("ab[]0129. \n*\u0663"), max_size=12),
    st.lists(TRUE | WILD, max_size=3).map(tuple),
)
PARAGRAPH = st.builds(
    DraftParagraph, st.lists(SENTENCE, max_size=4).map(tuple), st.text(st.sampled_from("ab[]0123 "), max_size=6)
)


@given(st.lists(PARAGRAPH, max_size=4))
def test_every_marker_names_a_citation_and_every_citation_stands_in_its_file(draft):
    resolved = resolve(*draft)
    numbers = [citation.number for citation in resolved.citations]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {int(number) for number in re.findall(r"\[(\d+)\]", resolved.text)} == set(numbers)
    for citation in resolved.citations:
        window = " ".join("\n".join(LINES[citation.start_line - 1 : citation.end_line]).split())
        assert " ".join(citation.quote.split()) in window
        assert 1 <= citation.start_line <= citation.end_line <= len(LINES)
    shown = sum(len(paragraph.sentences) for paragraph in draft) - resolved.dropped
    assert bool(shown) == bool(resolved.text) == bool(numbers)


@given(TRUE, st.data())
def test_an_altered_quote_is_never_accepted(true, data):
    at = data.draw(st.integers(0, len(true.text) - 1))
    letter = data.draw(st.characters(exclude_categories=["Z", "C"]))
    altered = true.text[:at] + letter + true.text[at + 1 :]
    window = " ".join("\n".join(LINES[true.start_line - 1 : true.end_line]).split())
    assume(" ".join(altered.split()) not in window)
    assert quote_holds(true, FILES.get)
    assert not quote_holds(quote(altered, true.start_line, true.end_line), FILES.get)
