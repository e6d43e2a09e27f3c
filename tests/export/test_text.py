import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from export.text import break_lines, breaks_words, shorten, text_width, wrap, wrap_within

TEXTS = st.text(alphabet=string.ascii_letters + " -/é中", max_size=60)
WIDTHS = st.floats(2, 30)


def without_spaces(text):
    return "".join(text.split())


@given(TEXTS, WIDTHS, st.booleans())
def test_lines_hold_the_whole_text_and_fit(text, width, bold):
    for lines in (break_lines(text, width, bold=bold), wrap(text, width, bold=bold)):
        assert without_spaces("".join(lines)) == without_spaces(text)
        assert all(text_width(line, bold=bold) <= width for line in lines)


@given(TEXTS, WIDTHS)
def test_balancing_takes_no_line_more(text, width):
    assert len(wrap(text, width)) == len(break_lines(text, width))


@given(TEXTS, WIDTHS, st.integers(1, 4))
def test_what_is_left_out_is_shown_by_an_ellipsis(text, width, most):
    lines = wrap_within(text, width, most)
    assert len(lines) <= most
    assert all(text_width(line) <= width for line in lines)
    if len(wrap(text, width)) > most:
        assert lines[-1].endswith("…")


def test_lines_are_of_about_equal_length():
    text = "a bc Sampling temperature of it"
    assert break_lines(text, 14) == ("a bc Sampling temperature", "of it")
    assert wrap(text, 14) == ("a bc Sampling", "temperature of it")


@pytest.mark.parametrize(
    ("text", "width", "broken"),
    [
        ("Retrieval-augmented", 12, False),
        ("Incomprehensibilities", 8, True),
        ("one two", 3, False),
        ("中文字中文字", 3, False),
    ],
)
def test_a_word_is_broken_only_where_it_must_be(text, width, broken):
    assert breaks_words(text, break_lines(text, width)) is broken


def test_bold_text_is_wider_and_a_short_text_stays():
    assert text_width("Retrieval", bold=True) > text_width("Retrieval")
    assert shorten("HNSW", 10) == "HNSW"
    assert shorten("Hierarchical navigable", 6).endswith("…")
