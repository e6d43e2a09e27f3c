"""The inspector's HTML: what it says, and that nothing from a note or a question becomes markup."""

from html.parser import HTMLParser

import pytest

from app_pages.inspector_html import (
    decision_html,
    draft_html,
    graph_html,
    match_html,
    read_html,
    stages_html,
    titles_of,
)
from rag.consequences import consequences

BAD = '<img src=x onerror="a()">'
FILES = {
    "heap.md": (
        f"---\ntitle: Heap\naliases: ['Pile {BAD}']\n---\nA heap is a complete binary tree {BAD} in an array.\n\n"
        f"## Where {BAD} breaks\nA heap cannot search for an item {BAD} efficiently.\n\n"
        f"## Connections\n- requires [[tree]]: the shape {BAD} that is kept\n"
    ),
    "tree.md": "---\ntitle: Tree\n---\nA tree is a connected graph without cycles.\n",
    "copied.md": f"# Copied\nA heap cannot search for an item {BAD} efficiently.\n",
}


class Tags(HTMLParser):
    """Collects the tags that a browser would see, and the text between them."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.text = set(), ""
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        assert not [name for name, _ in attrs if name.startswith("on")]

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def opened(make_notes):
    notes = make_notes().write(FILES)
    notes.ingest()
    return notes.open()


@pytest.fixture(scope="module")
def seen(opened):
    return opened.inspector.inspect_answer(opened.ask(f"What is a hep, and where does a heap break? {BAD} search item"))


@pytest.fixture(scope="module")
def would_break(seen, opened):
    return consequences(seen, opened.graph)


def test_nothing_from_notes_or_questions_becomes_markup(seen, would_break, opened):
    parts = [
        read_html(seen, opened.graph, would_break),
        stages_html(seen, would_break),
        graph_html(seen, opened.graph, would_break),
        match_html(seen.match),
        draft_html(seen.steps, would_break),
        decision_html(seen.steps, would_break),
    ]
    read = [Tags(part) for part in parts]
    assert not {"img", "script", "iframe"} & {tag for part in read for tag in part.tags}
    assert all("onerror" in read[number].text for number in (0, 1, 2, 4))


def test_a_row_for_each_passage_and_a_column_for_each_stage(seen, would_break):
    html = stages_html(seen, would_break)
    assert html.count("<tr") == 1 + len(seen.rows)
    assert html.count("<th ") == 1 + len(seen.retrieval.trace.stages)
    assert html.count("left out: repeats another") == sum(row.drop is not None for row in seen.rows)
    text = Tags(html).text
    assert all(f"{stage.milliseconds:.1f} ms" in text for stage in seen.retrieval.trace.stages)


def test_an_arrow_says_how_far_a_passage_was_moved_after_fusion(seen, would_break):
    html = stages_html(seen, would_break)
    moves = [row.places["fuse"].rank - row.rank for row in seen.rows if row.rank]
    assert html.count('class="pg-up"') == sum(move > 0 for move in moves)
    assert html.count('class="pg-down"') == sum(move < 0 for move in moves)


def test_every_step_says_what_would_break_there(seen, would_break, opened):
    html = "".join(
        (
            read_html(seen, opened.graph, would_break),
            stages_html(seen, would_break),
            graph_html(seen, opened.graph, would_break),
            match_html(seen.match),
            draft_html(seen.steps, would_break),
            decision_html(seen.steps, would_break),
        )
    )
    text = Tags(html).text
    assert all(sentence in text for sentence in would_break.values())


def test_the_bars_show_the_score_and_its_bound(seen, would_break):
    text = Tags(decision_html(seen.steps, would_break)).text
    assert f"{seen.steps.grounds.score:+.2f}" in text
    assert "against a bound of" in text


def test_a_word_shows_what_met_it(seen):
    text = Tags(match_html(seen.match)).text
    for met in seen.match.words:
        assert f"{met.word}{met.met_by} {met.cosine:.2f}" in text


def test_passages_can_be_told_apart_when_one_is_chosen(seen):
    titles = titles_of(seen.rows)
    assert list(titles) == [row.chunk.id for row in seen.rows]
    assert len(set(titles.values())) == len(titles)
