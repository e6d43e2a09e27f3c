"""Front matter as people write it, as they break it, and as someone hostile might."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.frontmatter import FrontMatter, parse_front_matter


def parse(block, body="Body."):
    return parse_front_matter(["---", *block.split("\n"), "---", *body.split("\n")])


def test_values_lines_and_body():
    front = parse("title: HNSW\naliases:\n  - one\n  - two\nweek: 5")
    assert front.values == {"title": "HNSW", "aliases": ["one", "two"], "week": "5"}
    assert front.lines == {"title": (2, 2), "aliases": (3, 5), "week": (6, 6)}
    assert front.body_line == 8
    assert front.error is None


def test_scalars_stay_as_they_are_written():
    front = parse("week: 010\ndate: 2024-02-30\naliases: [yes, 1e3, 3.10]\nflag: !!bool maybe\nother: !thing x")
    assert front.values["week"] == "010"
    assert front.values["date"] == "2024-02-30"
    assert front.values["aliases"] == ["yes", "1e3", "3.10"]
    assert (front.values["flag"], front.values["other"]) == ("maybe", "x")


def test_empty_values_are_none():
    assert parse("title:\naliases: [~, null]\nkind: ''").values == {
        "title": None,
        "aliases": [None, None],
        "kind": "",
    }


def test_a_block_value_ends_where_it_ends():
    assert parse("a: |\n  one\n  two\nb: x").lines == {"a": (2, 4), "b": (5, 5)}


@pytest.mark.parametrize(
    "text", ["", "No front matter.", "---", "---\ntitle: never closed", " ---\na: b\n---", "----\na: b\n----"]
)
def test_without_two_fences_there_is_none(text):
    front = parse_front_matter(text.split("\n"))
    assert (front.values, front.body_line, front.error) == ({}, 1, None)


@pytest.mark.parametrize("block", ["", "# only a comment"])
def test_an_empty_block_is_no_error(block):
    front = parse(block)
    assert (front.values, front.error) == ({}, None)


def test_dots_close_it_too():
    assert parse_front_matter(["---", "a: b", "...", "Body."]).body_line == 4


@pytest.mark.parametrize(
    ("block", "line"),
    [
        ("title: [unclosed", 3),
        ("good: x\nbad: 'open", 3),
        ("- a list", 2),
        ("? [a]\n: b", 2),
        ("a: b\n\tc: d", 3),
        ("a: \x07", 1),
        ("title: *bold*", 2),
        ("a: &x [*x]", 2),
        ("a: &x b\nc: *x", 3),
        ("a: " + "[" * 60_000, 2),
        ("a: " + "x" * 64_000, 1),
    ],
)
def test_what_cannot_be_read_is_named_by_line_and_the_body_is_kept(block, line):
    front = parse(block)
    assert front.values == {}
    assert front.error[0] == line
    assert front.error[1]
    assert front.body_line == 3 + len(block.split("\n"))


def test_aliases_that_stand_for_more_than_memory_are_refused():
    names = "abcdefghij"
    bomb = [
        "a: &a [x, x]",
        *(f"{b}: &{b} [{', '.join([f'*{a}'] * 9)}]" for a, b in pairwise(names)),
    ]
    assert "alias" in parse("\n".join(bomb)).error[1]


YAML = st.text(st.sampled_from("ab:,-?!&*#|>{}[]'\"%@` \n\t0129.~<=_\u00e9\u2028\u0085"), max_size=60)


@given(block=YAML | st.text(max_size=60))
def test_any_block_gives_values_or_an_error_and_never_costs_the_body(block):
    lines = ["---", *block.split("\n"), "---", "The body."]
    front = parse_front_matter(lines)
    assert lines[front.body_line - 1 :][-1] == "The body."
    assert not (front.values and front.error)
    for key in front.values:
        first, last = front.lines[key]
        assert 2 <= first <= last < front.body_line


def test_words_between_two_rules_are_a_text_that_begins_with_a_rule():
    assert parse("just words") == FrontMatter()
