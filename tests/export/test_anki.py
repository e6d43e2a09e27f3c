"""The Anki deck: one package that Anki's own format holds, whose cards ask what the graph says and name their place."""

import io
import sqlite3
import zipfile
from contextlib import closing

import pytest

from export.anki import make_cards, to_anki
from export.rows import GraphRows
from graph.schema import WEEK_KIND
from tests.export.made_up_graphs import NASTY, make_concept, make_relation


def rows_of(package, query):
    data = zipfile.ZipFile(io.BytesIO(package)).read("collection.anki2")
    with closing(sqlite3.connect(":memory:")) as collection:
        collection.deserialize(data)
        return collection.execute(query).fetchall()


def fields_of(package):
    return [row[0].split("\x1f") for row in rows_of(package, "select flds from notes order by id")]


def test_every_concept_of_the_course_is_asked_once(course_graph):
    package = to_anki(course_graph)
    fronts = [front for front, _, _ in fields_of(package)]
    assert len(fronts) == len(set(fronts))
    concepts = [c for c in course_graph.concepts if c.kind == "concept"]
    assert len([front for front in fronts if front.startswith("What is <b>")]) == len(concepts)
    assert len(rows_of(package, "select id from cards")) == len(fronts)
    assert all(place.rpartition(":")[2].isdigit() for _, _, place in fields_of(package))


def test_cards_lie_in_the_decks_of_their_weeks(course_graph):
    ((decks,),) = rows_of(to_anki(course_graph), "select decks from col")
    assert all(f'"Concepts::Week {week:02}"' in decks for week in range(1, 8))


def test_the_same_graph_gives_the_same_bytes(course_graph):
    assert to_anki(course_graph) == to_anki(course_graph)


def test_what_is_built_on_and_what_differs_is_asked_with_the_reason():
    graph = GraphRows(
        [make_concept("a", "Array", 1), make_concept("h", "Heap", 1)],
        [
            make_relation("a", "h", quote="requires [[array]]: it is stored in one"),
            make_relation("h", "a", "contrasts_with", "contrasts with [[array]]: only the root is ordered"),
        ],
    )
    cards = {card.key: card for card in make_cards(graph)}
    assert set(cards) == {"is a", "is h", "needs h", "contrasts h a"}
    assert "<b>Array</b>: it is stored in one" in cards["needs h"].back
    assert cards["contrasts h a"].back == "only the root is ordered"
    assert cards["needs h"].source == "notes/h.md:9"


def test_a_link_without_a_reason_and_a_week_ask_nothing():
    week = make_concept("week-1", "Week 1", 1, kind=WEEK_KIND)
    graph = GraphRows([make_concept("a", "A"), make_concept("b", "B"), week], [make_relation("a", "b", quote="[[a]]")])
    assert [card.key for card in make_cards(graph)] == ["is a", "is b"]


@pytest.mark.parametrize("text", NASTY)
def test_any_text_is_shown_as_it_is(text):
    from html import unescape

    (front, back, _), *_ = fields_of(to_anki(GraphRows([make_concept("a", text, summary=text)], [])))
    assert unescape(front.removeprefix("What is <b>").removesuffix("</b>?")) == text
    assert unescape(back) == text
    assert "<b>" not in back


def test_a_changed_note_is_the_same_card():
    def guids(summary):
        return rows_of(to_anki(GraphRows([make_concept("a", "A", summary=summary)], [])), "select guid from notes")

    assert guids("It is one thing.") == guids("It is another thing.")
