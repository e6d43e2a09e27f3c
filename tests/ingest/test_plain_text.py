"""What is left of Markdown when its marks are gone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.plain_text import passage_text, plain_text


@pytest.mark.parametrize(
    ("markdown", "words"),
    [
        ("## A heading ##", "A heading ##"),
        ("- one\n* two\n1. three\n- [x] done", "one two three done"),
        ("> [!tip] quoted\n> more", "quoted more"),
        ("| a | b |\n| --- | :-: |\n| c | d |", "a | b c | d"),
        ("**bold** __bold__ *it* _it_ ~~gone~~ ***both***", "bold bold it it gone both"),
        ("**a *b* c**", "a b c"),
        ("a * b * c and snake_case_name and a__b__c", "a * b * c and snake_case_name and a__b__c"),
        ("[text](url 'x') [t](<u>) ![alt](p.png) <https://a.org/b>", "[text](url 'x') t alt https://a.org/b"),
        ("[t](https://en.wikipedia.org/wiki/Heap_(data_structure))", "t"),
        ("[[hnsw]] [[hnsw|the index]] [[hnsw#Part]]", "hnsw the index hnsw > Part"),
        (r"\*not emphasis\* and 1\. no list", "*not emphasis* and 1. no list"),
        ("```python\nx = 1\n```", "x = 1"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("  many \n\n spaces\t", "many spaces"),
    ],
)
def test_marks_go_and_words_stay(markdown, words):
    assert plain_text(markdown) == words


@pytest.mark.parametrize(
    "code", ["2**n * 3**m", "__init__ and __eq__", "*args, *more", "[[x]]", "[a](b)", "a\\_b", "~~x~~", "# no heading"]
)
def test_code_spans_say_exactly_what_they_say(code):
    assert plain_text(f"Use `{code}` here") == f"Use {code} here"


def test_marks_around_code_go():
    assert plain_text("**`heapq` is *it***") == "heapq is it"
    assert plain_text("``a`b`` ![`c`](d)") == "a`b c"


def test_bare_wikilinks_take_the_title_they_are_given():
    titles = {"hnsw": "HNSW"}.get
    assert plain_text("[[hnsw]] [[hnsw|it]] [[other]]", titles) == "HNSW it other"


def test_the_heading_path_goes_in_front():
    assert passage_text(("Heap", "Cost"), "- O(1)") == "Heap > Cost\nO(1)"
    assert passage_text((), "- O(1)") == "O(1)"


@pytest.mark.parametrize("mark", ["**a ", "__a ", "~~a ", "*a ", "_a ", "`a ", "[[a", "[a](", "<a", "\\", "| a "])
def test_a_long_line_of_marks_that_nothing_closes_is_read_all_the_same(mark):
    assert plain_text(mark * 20_000)


@given(st.text(st.sampled_from("ab `*_~[]()|>#-\\\n\ue000\ue0010"), max_size=40))
def test_no_letter_is_lost(markdown):
    if "](" not in markdown and "[" not in markdown:
        assert plain_text(markdown).count("a") == markdown.count("a")


@given(st.text())
def test_plain_text_is_one_trimmed_line(markdown):
    text = plain_text(markdown)
    assert text == " ".join(text.split())
