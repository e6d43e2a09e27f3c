"""Blocks, links and list items of a note, each at its lines."""

import pytest

from ingest.markdown import parse_note

NOTE = """# Title

First paragraph
over two lines.

## Code and [[lists|Lists]]
```python
# no heading: [[no-link]]
```
- one [[a]]
- two
  with [text](b.md "title")

| x | y |
| --- | --- |
| [[c]] | `[[d]]` |

[ref]: https://example.org/page
> quoted ![[image.png]] <https://example.org/auto> and
> [[e#Part]]
"""


@pytest.fixture(scope="module")
def parsed():
    return parse_note(NOTE.split("\n"), 1)


def test_blocks_carry_their_lines_and_headings(parsed):
    rows = [(b.kind, b.start_line, b.end_line, b.headings) for b in parsed.blocks]
    deep = ("Title", "Code and Lists")
    assert rows == [
        ("heading", 1, 1, ("Title",)),
        ("paragraph", 3, 4, ("Title",)),
        ("heading", 6, 6, deep),
        ("fence", 7, 9, deep),
        ("bullet_list", 10, 13, deep),
        ("table", 14, 16, deep),
        ("stray", 18, 18, deep),
        ("blockquote", 19, 20, deep),
    ]


def test_links_carry_their_lines_and_words(parsed):
    rows = {(link.target, link.label, link.line, link.is_wikilink) for link in parsed.links}
    assert rows == {
        ("lists", "Lists", 6, True),
        ("a", "a", 10, True),
        ("b.md", "text", 12, False),
        ("c", "c", 16, True),
        ("https://example.org/auto", "https://example.org/auto", 19, False),
        ("image.png", "image.png", 19, True),
        ("e", "e > Part", 20, True),
    }


def test_list_items_keep_their_text_without_the_bullet():
    lines = ["- one", "- [ ] two", "  more", "", "1. three", "   - four"]
    rows = [(item.text, item.start_line, item.end_line) for item in parse_note(lines, 1).items]
    assert rows == [("one", 1, 1), ("two\n  more", 2, 3), ("three", 5, 5), ("four", 6, 6)]


def test_lines_count_from_the_top_of_the_file():
    parsed = parse_note(["---", "week: 1", "---", "See [[x]]."], 4)
    assert (parsed.blocks[0].start_line, parsed.links[0].line) == (4, 4)


def test_a_link_after_a_code_span_over_two_lines_keeps_its_line():
    parsed = parse_note(["`code", "span` and [x](y.md) and [[z]]"], 1)
    assert {(link.target, link.line) for link in parsed.links} == {("y.md", 2), ("z", 2)}


def test_an_escaped_bar_in_a_table_parts_target_and_words():
    parsed = parse_note(["| a |", "| --- |", "| [[x\\|shown]] |"], 1)
    assert [(link.target, link.label) for link in parsed.links] == [("x", "shown")]


def test_an_empty_body_has_nothing():
    parsed = parse_note(["---", "a: b", "---"], 4)
    assert (parsed.blocks, parsed.links, parsed.items) == ((), (), ())
