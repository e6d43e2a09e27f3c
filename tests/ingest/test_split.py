"""Chunks: exact, complete and never longer than what the model reads."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.markdown import parse_note
from ingest.plain_text import passage_text, plain_text
from ingest.split import split_note
from rag.embed import MiniLMEmbedder

count_tokens = MiniLMEmbedder().count_tokens
MAX_TOKENS, SPECIAL_TOKENS = 250, 2
PARAGRAPH = "Every sentence of this paragraph has eight words. "


def split(text, title="Title"):
    lines = text.split("\n")
    return split_note(title, lines, parse_note(lines, 1).blocks, count_tokens)


def test_short_paragraphs_of_a_section_stay_together():
    (passage,) = split("One.\n\nTwo.\n\n- three\n- four\n")
    assert passage.text == "One.\n\nTwo.\n\n- three\n- four"
    assert (passage.headings, passage.start_line, passage.end_line) == (("Title",), 1, 6)


def test_every_heading_begins_a_chunk_under_its_path():
    passages = split("Intro.\n\n## A\nText a.\n### B\nText b.\n## C\nText c.\n")
    assert [(p.headings, p.text) for p in passages] == [
        (("Title",), "Intro."),
        (("Title", "A"), "Text a."),
        (("Title", "A", "B"), "Text b."),
        (("Title", "C"), "Text c."),
    ]


def test_the_title_is_not_repeated_when_the_note_begins_with_it():
    assert split("# TITLE\nText.")[0].headings == ("TITLE",)


def test_a_heading_with_nothing_below_it_can_still_be_found():
    assert [p.text for p in split("## Alone\n## Next\nText.")] == ["## Alone", "Text."]


def test_a_long_section_is_cut_into_pieces_of_about_120_words():
    passages = split("\n\n".join([PARAGRAPH * 4] * 12))
    assert len(passages) > 2
    assert all(60 <= len(p.text.split()) <= 150 for p in passages)


def test_a_small_tail_joins_the_chunk_before():
    passages = split(PARAGRAPH * 15 + "\n\nA small tail.")
    assert passages[-1].text.endswith("A small tail.")
    assert len(passages) == 1


def test_code_is_never_cut_unless_it_alone_is_too_long():
    code = "```python\n" + "\n".join(f"value_{i} = compute({i})" for i in range(20)) + "\n```"
    passages = split(PARAGRAPH * 12 + "\n\n" + code + "\n\n" + PARAGRAPH * 12)
    assert any(code in p.text for p in passages)


def test_code_that_is_too_long_is_cut_at_line_ends():
    lines = [f"value_{i} = compute({i}, {i + 1})" for i in range(200)]
    passages = split("\n".join(["```", *lines, "```"]))
    assert len(passages) > 3
    cut = [line for p in passages for line in p.text.split("\n")]
    assert cut == ["```", *lines, "```"]


def test_a_list_that_is_too_long_is_cut_before_a_bullet():
    passages = split("\n".join(f"- {PARAGRAPH}" for _ in range(40)))
    assert len(passages) > 1
    assert all(p.text.startswith("- Every") and p.text.endswith("words.") for p in passages)


@pytest.mark.parametrize("run", ["x" * 5_000, "a.b/" * 2_000, "漢字" * 1_500, "각." * 900, "x" * 90 + "-"])
def test_a_run_without_spaces_is_cut_where_the_model_stops_reading(run):
    check(run)


def test_a_heading_longer_than_a_passage_is_cut_in_the_path_and_kept_in_the_text():
    heading = " ".join(f"word{i}" for i in range(400))
    passages = check(f"## {heading}\n### Below\nThe text below it.\n")
    assert all(f"word{i}" in " ".join(p.text for p in passages) for i in range(400))
    assert all(len(p.headings[1]) <= 240 for p in passages)
    assert passages[-1].text == "### Below\nThe text below it."


def test_an_empty_note_has_no_chunks():
    assert split("") == split("\n\n  \n") == []


def check(text):
    """Every chunk is an exact piece of its file at its lines, readable as a whole, and together they lose nothing."""
    lines = text.split("\n")
    blocks = parse_note(lines, 1).blocks
    passages = split_note("Title", lines, blocks, count_tokens)
    at = 0
    for passage in passages:
        window = "\n".join(lines[passage.start_line - 1 : passage.end_line])
        assert passage.text in window
        assert passage.text.count("\n") == passage.end_line - passage.start_line
        assert count_tokens(passage_text(passage.headings, passage.text)) - SPECIAL_TOKENS <= MAX_TOKENS
        at = text.index(passage.text, at) + len(passage.text)  # in order, and none overlaps the one before
    headings = "".join("".join(p.headings) for p in passages)
    said = without_space("".join(p.text for p in passages))
    for block in blocks:
        source = "\n".join(lines[block.start_line - 1 : block.end_line])
        in_path = block.kind == "heading" and letters(plain_text(source)) in letters(headings)
        assert in_path or without_space(source) in said
    return passages


def letters(text):
    return "".join(filter(str.isalnum, text))


def without_space(text):
    return "".join(text.split())


WORD = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyzäßñ漢각é"), min_size=1, max_size=12)
MARKED = st.sampled_from(["**bold**", "`co.de`", "[[link|label]]", "e.g.", "end.", "(x)", "10^6", "-", "#", "*", "_"])
PROSE = st.lists(WORD | MARKED, min_size=1, max_size=30).map(" ".join)
REPEATED = st.builds(lambda text, times: " ".join([text] * times), PROSE, st.integers(1, 20))
BLOCK = st.one_of(
    REPEATED,
    st.lists(PROSE, min_size=1, max_size=5).map(lambda rows: "\n".join(f"- {row}" for row in rows)),
    st.lists(PROSE, min_size=1, max_size=10).map(lambda rows: "\n".join(["```", *rows, "```"])),
    st.lists(PROSE, min_size=1, max_size=8).map(
        lambda rows: "\n".join(["| a |", "| --- |", *(f"| {r} |" for r in rows)])
    ),
    st.builds(
        lambda depth, words: f"{'#' * depth} {words}", st.integers(1, 4), st.lists(WORD, max_size=4).map(" ".join)
    ),
    PROSE.map(lambda text: f"> {text}"),
)
NOTES = st.lists(BLOCK, max_size=8).map("\n\n".join)


@settings(max_examples=60, deadline=None)
@given(NOTES)
def test_chunks_of_any_note_are_exact_complete_and_readable(text):
    check(text)


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from("ab \n#->`*_|[]()=~\t1.<!"), max_size=300))
def test_chunks_of_any_characters_are_exact_complete_and_readable(text):
    check(text)
