"""What is left out as a repeat, and what is not, however alike it looks."""

import pytest

from graph.schema import Chunk
from rag.repeats import drop_repeats

TEXT = (
    "A message queue keeps what was sent until a consumer takes it, so that a slow consumer does not stop the sender. "
    "Messages of one partition arrive in order, and a consumer that fails reads them again from its last offset."
)


def chunk(number, text):
    return Chunk(f"{number}.md#1", f"{number}.md", ("Title",), text, 1, 1, ())


def dropped(*texts, limit=10):
    return drop_repeats([chunk(number, text) for number, text in enumerate(texts)], limit)[1]


@pytest.mark.parametrize(
    "repeat",
    [
        TEXT,
        TEXT.upper(),
        TEXT.replace("A message queue", "**The** message queue"),
        TEXT.replace(". ", ".\n\n"),
        TEXT.split(". ")[0],  # all of it stands in the better one
    ],
)
def test_what_says_nothing_new_is_dropped_and_what_it_repeats_is_named(repeat):
    assert dropped(TEXT, repeat) == {"1.md#1": "0.md#1"}


@pytest.mark.parametrize(
    "other",
    [
        TEXT.replace("does not stop", "does stop"),
        TEXT.replace("arrive in order", "never arrive in order"),
        TEXT.replace("a consumer takes", "2 consumers take"),
        TEXT.replace("slow", "fast"),
        f"{TEXT} It has a limit.",
        "Something else.",
    ],
)
def test_what_says_something_else_is_kept(other):
    assert dropped(TEXT, other) == {}


@pytest.mark.parametrize(("one", "other"), [("does not stop", "does stop"), ("is not", "is")])
def test_a_passage_that_denies_another_is_kept_in_either_order(one, other):
    assert dropped(TEXT.replace("does not stop", one), TEXT.replace("does not stop", other)) == {}
    assert dropped(TEXT.replace("does not stop", other), TEXT.replace("does not stop", one)) == {}


def test_no_more_is_read_than_is_asked_for():
    def endless():
        number = 0
        while True:
            yield chunk(number, f"Number {number} of many numbers.")
            number += 1

    kept, _ = drop_repeats(endless(), 3)
    assert [c.document_id for c in kept] == ["0.md", "1.md", "2.md"]


def test_texts_without_words():
    assert len(drop_repeats([chunk(1, ""), chunk(2, "—"), chunk(3, "word")], 5)[0]) == 2
