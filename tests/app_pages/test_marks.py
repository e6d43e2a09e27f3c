"""What the learner knows in the address of Explore, in its filter, in the panel's advice and in the list's signs."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from app_pages.map_source import filter_graph
from app_pages.map_view import LevelFilter, MapView, read_href, read_params, select, without_filters
from app_pages.marks_html import list_signs_html, weak_spot_html
from app_pages.marks_view import map_marks
from graph.schema import Concept, Relation, Span
from graph.store import NetworkxStore
from study.marks import Mark
from study.weak_spots import find_weak_spot

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def concept(name: str, week: int = 1, kind: str = "concept") -> Concept:
    return Concept(name, f"<{name}>", (), "", week, None, kind, (Span(f"{name}.md", 1, 1, name),))


def needs(target: str, source: str) -> Relation:
    span = Span(f"{target}.md", 3, 3, f"requires [[{source}]]: because of <{source}> & more")
    return Relation(source, target, "prerequisite_of", "authored", 1.0, (span,))


def marked(**levels: str) -> dict[str, Mark]:
    return {name: Mark(name, "", level, "reader", NOON) for name, level in levels.items()}  # type: ignore[arg-type]


@pytest.fixture
def graph() -> NetworkxStore:
    concepts = [concept("a"), concept("b", 2), concept("c", 3), concept("week-1", 1, "week")]
    return NetworkxStore(concepts, [needs("b", "a"), needs("c", "b")])


def test_colour_and_levels_are_in_the_address_and_what_makes_no_sense_is_left_out():
    view = read_params({"levels": ["shaky", "great", "new"], "colour": ["known"]})
    assert view == MapView(levels=("shaky", "new"), colour="known")
    assert view.filters == 1
    assert read_href(view.to_href()) == view
    assert read_params({"colour": ["week"]}) == MapView()
    assert without_filters(view) == MapView(colour="known")
    assert select(view, "a") == replace(view, concept="a")


def test_what_a_filter_lets_through_is_no_part_of_the_address():
    assert MapView(allowed=LevelFilter(frozenset("a"), only=True)).to_params() == {}


@pytest.mark.parametrize(("only", "kept"), [(True, {"a", "week-1"}), (False, {"b", "c", "week-1"})])
def test_the_filter_keeps_those_or_all_others_and_weeks(graph, only, kept):
    part = filter_graph(graph, MapView(allowed=LevelFilter(frozenset("a"), only=only)))
    assert {concept.id for concept in part.concepts} == kept


def test_marks_are_places_among_the_drawn_boxes():
    nodes = [{"id": name} for name in ("c", "b", "a")]
    marks = marked(a="known", b="shaky", c="new", gone="known")
    sent = map_marks(marks, nodes, {"a": 2, "b": 1, "c": 0}, MapView(colour="known"))
    assert sent == {"colour_by": "known", "known": [2], "shaky": [1], "groups": []}
    assert map_marks({}, nodes, {}, MapView())["colour_by"] == "week"


def test_the_box_of_a_group_has_the_numbers_of_its_concepts():
    nodes = [{"id": "a"}, {"id": "group week-1", "count": 9}, {"id": "group week-2", "count": 7}]
    marks = marked(a="known", b="known", c="shaky", d="new", e="shaky")
    sent = map_marks(marks, nodes, {"a": 0, "b": 1, "c": 1, "d": 1, "e": 2}, MapView())
    assert (sent["known"], sent["shaky"], sent["groups"]) == ([0], [], [(1, 1, 1), (2, 0, 1)])


def test_the_advice_says_where_to_begin_why_and_by_which_lines(graph):
    spot = find_weak_spot(graph, "c", marked(a="shaky"))
    html = weak_spot_html(graph, spot, MapView(concept="c", weeks=("1",)))
    assert re.findall(r'href="([^"]+)"', html)[0] == "?concept=a&amp;weeks=1"
    assert "~ shaky" in html
    assert html.count("<li>") == 2
    assert "because of &lt;a&gt; &amp; more" in html
    assert "b.md:3" in html
    assert not re.search(r"<[abc]>(?! )", html.replace("<b>", ""))


def test_a_concept_that_is_its_own_weak_spot_gets_a_sentence_without_a_chain(graph):
    html = weak_spot_html(graph, find_weak_spot(graph, "c", marked(a="known", b="known", c="shaky")), MapView())
    assert "You know all 2 that &lt;c&gt; builds on" in html
    assert "<details" not in html


def test_the_list_gets_a_sign_for_each_marked_concept_that_it_shows():
    css = list_signs_html(marked(a="known", b="shaky", c="new", d="known"), ["a", "b", "c"])
    assert css == (
        '<style>li[data-concept="a"]>.pg-concept::after{content:" ✓ known"}'
        'li[data-concept="b"]>.pg-concept::after{content:" ~ shaky"}</style>'
    )
    assert list_signs_html(marked(d="known"), ["a"]) == ""


def test_no_id_ends_the_style_sheet_early():
    nasty = '"]{}</style><script>\\\n'
    css = list_signs_html({nasty: Mark(nasty, "", "known", "reader", NOON)}, [nasty])
    assert css.count("<") == 2
    assert css.count('"') == 4
    assert "\\22 \\5d " in css
