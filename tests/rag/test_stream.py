"""Sentences out of a text that is still being written: whole, each with what it cites, however the text is cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.stream import SentenceReader

TEXT = """Here is the answer: a heap is a tree. [1] Its root, e.g. the smallest item, is on top [2][3].
It takes 3.45 ms on average, i.e. little.[1, 2] Is it quick? [3]

## Details
- **Trade-off:** the rest stays unsorted [2]
- See [the manual](http://example.com/x) first. [1]
1. ![secret](http://example.com/p.png?q=1) An image is only its words. 【2】
```python
print("A fenced line says nothing. [1]")
```
| a | table [1] |
Both cost O(log n). [9]  The end has no full stop"""

EXPECTED = [
    ("Here is the answer: a heap is a tree.", (1,), True),
    ("Its root, e.g. the smallest item, is on top.", (2, 3), False),
    ("It takes 3.45 ms on average, i.e. little.", (1, 2), True),
    ("Is it quick?", (3,), False),
    ("Trade-off: the rest stays unsorted", (2,), True),
    ("See the manual first.", (1,), True),
    ("secret An image is only its words.", (2,), True),
    ("Both cost O(log n).", (9,), True),
    ("The end has no full stop", (), False),
]


def read(pieces):
    reader = SentenceReader()
    found = [sentence for piece in pieces for sentence in reader.feed(piece)]
    return [(s.text, s.cited, s.opens) for s in (*found, *reader.close())]


def test_sentences_with_their_citations():
    assert read([TEXT]) == EXPECTED


@given(st.lists(st.integers(0, len(TEXT)), max_size=40))
def test_it_does_not_matter_how_the_text_arrives(cuts):
    at = sorted({0, *cuts, len(TEXT)})
    assert read([TEXT[start:end] for start, end in pairwise(at)]) == EXPECTED


def test_it_does_not_matter_that_letters_come_one_by_one():
    assert read(list(TEXT)) == EXPECTED


def test_a_sentence_waits_for_its_citation():
    reader = SentenceReader()
    assert list(reader.feed("A heap is a tree. ")) == []
    assert list(reader.feed("[1")) == []
    (sentence,) = reader.feed("] It is")
    assert (sentence.text, sentence.cited) == ("A heap is a tree.", (1,))


@pytest.mark.parametrize("tag", ["think", "thinking"])
def test_thoughts_are_no_answer(tag):
    text = f"<{tag}>Let me see. The user wants a heap. [1]</{tag}>A heap is a tree. [1]"
    assert read(list(text)) == [("A heap is a tree.", (1,), True)]
    assert read([f"<{tag}>A thought without an end. [1]"]) == []


@given(st.text(alphabet=st.sampled_from("ab. [1]\n#`|*-<think/>!?:"), max_size=80))
def test_no_text_breaks_it_and_nothing_is_said_twice(text):
    assert read(list(text)) == read([text])
