"""The address of Explore, and the scene and the list that it stands for."""

from __future__ import annotations

import re
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app_pages.concept_list import list_html
from app_pages.concept_panel import relation_html
from app_pages.evidence_html import context_html
from app_pages.map_scene import draw_scene
from app_pages.map_source import filter_graph
from app_pages.map_view import (
    CONNECTIONS,
    KINDS,
    LEARN,
    MOST_ROUTES,
    NOTE,
    ORIGINS,
    PATH_TO,
    TABS,
    MapView,
    explain,
    find_path,
    hide_kinds,
    open_view,
    read_href,
    read_params,
    select,
    turn_to,
)
from graph.schema import Concept, Relation, Span
from graph.store import NetworkxStore
from study.marks import LEVELS

names = st.text(min_size=1, max_size=12).filter(lambda text: text.strip() == text and text.isprintable())
views = st.builds(
    MapView,
    concept=st.none() | names,
    reason=st.none() | names,
    view=st.none() | st.sampled_from(["ego", "week-5", "list", "list:step-2", "path"]),
    kinds=st.lists(st.sampled_from(KINDS), unique=True).map(tuple),
    weeks=st.lists(names, unique=True).map(tuple),
    tracks=st.lists(names, unique=True).map(tuple),
    origins=st.lists(st.sampled_from(ORIGINS), unique=True).map(tuple),
    levels=st.lists(st.sampled_from(LEVELS), unique=True).map(tuple),
    colour=st.none() | st.just("known"),
    to=st.none() | names,
    route=st.integers(1, MOST_ROUTES),
    tab=st.none() | st.sampled_from(TABS),
)


def concept(name: str, week: int, track: str | None = None) -> Concept:
    span = Span(f"{name}.md", 1, 1, "words")
    return Concept(name, f"<{name}>", (), f"What {name} is.", week, track, "concept", (span,))


def relation(source: str, target: str, kind: str = "prerequisite_of", origin: str = "authored") -> Relation:
    span = Span(f"{target}.md", 3, 3, f"requires {source} & more")
    return Relation(source, target, kind, origin, 0.5, (span,))  # type: ignore[arg-type]


@pytest.fixture
def graph() -> NetworkxStore:
    concepts = [concept("a", 1, "x"), concept("b", 2, "x"), concept("c", 3, "y")]
    links = [relation("a", "b"), relation("b", "c", origin="statistics"), relation("a", "c", "contrasts_with")]
    return NetworkxStore(concepts, links)


@given(views)
def test_a_link_reopens_exactly_what_was_shown(view: MapView) -> None:
    assert read_href(view.to_href()) == view


def test_what_an_address_does_not_know_is_left_out() -> None:
    view = read_params(parse_qs("kinds=nonsense&origins=link&weeks=&concept=%20&other=1"))
    assert view == MapView(origins=("link",))


def test_a_neighbourhood_moves_along_with_the_selection_and_closes_with_it() -> None:
    view = select(MapView(concept="a", view="ego-full", weeks=("1",)), "b")
    assert view == MapView(concept="b", view="ego", weeks=("1",))
    assert select(view, None) == MapView(weeks=("1",))


def test_a_reason_is_told_from_the_concept_that_is_shown() -> None:
    assert explain(MapView(concept="a"), "a", "b") == MapView(concept="a", reason="b")
    assert explain(MapView(concept="b"), "a", "b") == MapView(concept="b", reason="a")
    assert explain(MapView(), "a", "b") == MapView(concept="b", reason="a")


def test_hiding_a_kind_names_the_others_and_hiding_none_names_nothing() -> None:
    hidden = hide_kinds(MapView(), ["related_to"])
    assert set(hidden.kinds) == set(KINDS) - {"related_to"}
    assert hidden.hidden_kinds == ("related_to",)
    assert hide_kinds(hidden, []) == MapView()


def test_a_path_is_drawn_where_all_of_it_is_and_ends_with_the_selection() -> None:
    overview = find_path(MapView(concept="a", reason="b", tab=LEARN), "c")
    assert overview == MapView(concept="a", to="c")
    assert find_path(MapView(concept="a", view="week-2"), "c") == MapView(concept="a", to="c", view="path")
    assert find_path(MapView(concept="a", view="ego"), "c").is_path
    assert find_path(MapView(concept="a", view="list", to="b", route=3), "c") == MapView("a", view="list", to="c")
    for ended in (select(overview, "d"), explain(overview, "d", "e"), turn_to(overview, LEARN)):
        assert ended.to is None
    assert select(MapView(concept="a", to="c", route=2, view="path"), "b") == MapView(concept="b")


@pytest.mark.parametrize("tab", [LEARN, NOTE])
def test_the_open_tab_moves_along_with_the_selection(tab: str) -> None:
    view = turn_to(MapView(concept="a"), tab)
    assert (view.open_tab, view.is_learning) == (tab, tab == LEARN)
    assert select(view, "b") == MapView(concept="b", tab=tab)
    assert select(view, None) == MapView()
    assert turn_to(view, CONNECTIONS) == MapView(concept="a")


def test_a_path_is_open_unless_another_tab_is_and_asks_for_its_end_only_until_the_next_concept() -> None:
    path = find_path(turn_to(MapView(concept="a"), PATH_TO), "b")
    assert path == MapView(concept="a", to="b")
    assert path.open_tab == PATH_TO
    beside = turn_to(path, CONNECTIONS)
    assert (beside.open_tab, beside.to) == (CONNECTIONS, "b")
    assert turn_to(beside, PATH_TO) == path
    assert select(beside, "c") == MapView(concept="c")
    assert turn_to(path, LEARN) == MapView(concept="a", tab=LEARN)
    assert read_params({"concept": ["a"], "to": ["b"], "tab": [LEARN]}).open_tab == PATH_TO
    assert select(MapView(concept="a", tab=PATH_TO), "c") == MapView(concept="c")
    assert read_params({"concept": ["a"], "tab": ["nonsense"]}) == MapView(concept="a")


def test_an_address_that_means_no_way_means_the_first() -> None:
    for text in ("route=0", "route=9", "route=x", "route=", "route=%C2%B2"):
        assert read_params(parse_qs(f"concept=a&to=b&{text}")) == MapView(concept="a", to="b")


def test_the_list_opens_where_the_map_was() -> None:
    assert open_view(MapView(view="week-3"), "list").open_group == "week-3"


def test_filters_take_concepts_away_and_origins_take_lines_away(graph: NetworkxStore) -> None:
    def drawn(view: MapView) -> tuple[set[str], set[tuple[str, str]]]:
        scene = draw_scene(filter_graph(graph, view), view)
        return {n["id"] for n in scene["nodes"]}, {(e["source"], e["target"]) for e in scene["edges"]}

    assert drawn(MapView()) == ({"a", "b", "c"}, {("a", "b"), ("b", "c"), ("a", "c")})
    assert drawn(MapView(weeks=("1", "3"))) == ({"a", "c"}, {("a", "c")})
    assert drawn(MapView(tracks=("x",))) == ({"a", "b"}, {("a", "b")})
    assert drawn(MapView(origins=("statistics",))) == ({"a", "b", "c"}, {("b", "c")})


def test_a_colour_belongs_to_a_week_in_every_view(graph: NetworkxStore) -> None:
    tints = [
        {n["id"]: n["tint"] for n in draw_scene(filter_graph(graph, view), view)["nodes"]}
        for view in (MapView(), MapView(concept="b", view="ego"))
    ]
    assert tints[0] == tints[1] == {"a": 0, "b": 1, "c": 2}


def test_a_view_that_does_not_exist_is_the_overview(graph: NetworkxStore) -> None:
    view = MapView(view="week-77")
    assert draw_scene(filter_graph(graph, view), view) == draw_scene(filter_graph(graph, MapView()), MapView())


def test_the_list_says_all_that_the_map_draws_and_escapes_it(graph: NetworkxStore) -> None:
    view = MapView(view="list")
    html = list_html(filter_graph(graph, view), view)
    assert "&lt;b&gt;" in html
    assert "<b>" not in html.replace("<b>Needs</b>", "").replace("<b>Unlocks</b>", "").replace(
        "<b>Contrasts with</b>", ""
    )
    links = {read_href(href.replace("&amp;", "&")) for href in re.findall(r'href="([^"]+)"', html)}
    assert select(view, "b") in links
    assert MapView(concept="b", view="ego") in links
    assert explain(MapView(concept="c", view="list"), "c", "b") in links


def test_the_list_stays_the_same_whatever_is_selected(graph: NetworkxStore) -> None:
    part = filter_graph(graph, MapView())
    assert list_html(part, MapView(view="list")) == list_html(part, MapView(view="list", concept="b"))


def test_a_kind_that_is_hidden_is_not_listed(graph: NetworkxStore) -> None:
    view = hide_kinds(MapView(view="list"), ["contrasts_with"])
    assert "Contrasts with" not in list_html(filter_graph(graph, view), view)


def test_a_reason_says_how_it_is_known_and_how_strong_it_is(graph: NetworkxStore) -> None:
    html = relation_html(graph, relation("b", "c", origin="statistics"))
    assert "comes before" in html
    assert "only statistical" in html
    assert "weight 0.50" in html
    assert 'href="?concept=b"' in html


def test_a_quote_is_shown_among_its_neighbours_and_marked() -> None:
    text = "\n".join(f"line {n}" for n in range(1, 31))
    html = context_html(text, Span("a.md", 20, 21, "line 20"))
    numbers = [int(n) for n in re.findall(r'data-line="(\d+)"', html)]
    assert numbers == list(range(16, 26))
    assert [int(n) for n in re.findall(r'data-line="(\d+)" class="pg-here"', html)] == [20, 21]
