"""Sentences as exact offsets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.sentences import sentence_spans


def sentences(markdown):
    return [markdown[start:end] for start, end in sentence_spans(markdown)]


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("One. Two! Three? four", ["One.", "Two!", "Three? four"]),
        ("A list (e.g. Python's) costs 3.5 ns. Next.", ["A list (e.g. Python's) costs 3.5 ns.", "Next."]),
        ("Dr. Knuth vs. N. Wirth. Done.", ["Dr. Knuth vs. N. Wirth.", "Done."]),
        ('He said "stop." Then he left.', ['He said "stop."', "Then he left."]),
        ("**Bold ends here.** More.", ["**Bold ends here.**", "More."]),
        ("Over two\nlines. And\nmore.", ["Over two\nlines.", "And\nmore."]),
        ("One paragraph\n\nanother", ["One paragraph", "another"]),
        ("- first item. Still.\n- [ ] second\n1. third", ["first item.", "Still.", "second", "third"]),
        ("## Heading\nText.", ["Heading\nText."]),
        ("> [!note] Quoted. Text.\n> more", ["Quoted.", "Text.", "more"]),
        ("Before.\n```\nCode. Here.\n```\nAfter.", ["Before.", "After."]),
        ("~~~\nopen. Never closed.", []),
        ("", []),
    ],
)
def test_sentences(markdown, expected):
    assert sentences(markdown) == expected


WORDS = ["A b. ", "C! ", "d? ", "e.g. ", "word ", '"Q." ', "(R.) ", "Ä. ", "`x.` "]
MARKS = ["\n", "\n\n", "- ", "1. ", "# ", "> ", "| a | b |\n", "**", "\n```\n", "\u2028", "\x0c"]
MARKDOWN = st.lists(st.sampled_from([*WORDS, *MARKS]), max_size=30).map("".join)


@given(MARKDOWN | st.text())
def test_spans_are_in_order_apart_and_trimmed(markdown):
    end = 0
    for start, stop in sentence_spans(markdown):
        assert end <= start < stop <= len(markdown)
        assert markdown[start:stop] == markdown[start:stop].strip()
        end = stop


@given(MARKDOWN)
def test_no_word_outside_code_is_lost(markdown):
    prose = markdown.replace("```", "")
    inside = "".join(sentences(prose))
    outside = prose
    for sentence in sentences(prose):
        outside = outside.replace(sentence, " ", 1)
    assert not [word for word in ("b", "d", "word", "Q", "R", "Ä", "x") if word in outside], inside
