"""Paths on Explore: what is lit where only a part of them is drawn, and how the panel and the list tell them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from itertools import pairwise
from pathlib import Path

import pytest

from app_pages.map_light import drawn_places, light_concept, light_order, light_path
from app_pages.map_scene import draw_paths, draw_scene
from app_pages.map_source import MapPart, filter_graph
from app_pages.map_view import MapView, read_href
from app_pages.path_html import Ways, list_path_html, ways_html
from bench.vaults import make_workspace
from generation import Generation, current_generation
from graph.store import GraphStore

COUNT = 640  # more than are drawn at once, in eight weeks


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Generation:
    folder = tmp_path_factory.mktemp("paths")
    make_workspace(folder / "notes", Path(folder / "workspace"), COUNT)
    found = current_generation(folder / "workspace")
    assert found
    return found


@pytest.fixture(scope="module")
def graph(vault: Generation) -> GraphStore:
    return vault.graph()


@pytest.fixture(scope="module")
def part(graph: GraphStore) -> MapPart:
    return filter_graph(graph, MapView())


def ways_between(graph: GraphStore, source: str, target: str) -> Ways:
    paths = graph.explain_paths(source, target)
    ids = {source, target, *(step.target for path in paths for step in path)}
    return Ways(paths, {i: found for i in ids if (found := graph.concept(i))})


@pytest.fixture(scope="module")
def far(graph: GraphStore) -> tuple[str, str]:
    """A concept of the first week and one of the last."""
    weeks = {c.week: c.id for c in graph.concepts() if c.kind == "concept"}
    return weeks[1], weeks[8]


def titles(scene: Mapping[str, object], places: Iterable[int]) -> list[str]:
    nodes: list[dict[str, str]] = scene["nodes"]  # type: ignore[assignment]
    return [nodes[place]["id"] for place in places]


def test_among_groups_a_path_leads_from_group_to_group(graph: GraphStore, part: MapPart, far: tuple[str, str]) -> None:
    (path, *_) = graph.explain_paths(*far)
    scene = draw_scene(part, MapView())
    lit = light_path(part, path, drawn_places(scene)).path
    assert lit
    stops = titles(scene, lit["stops"])
    assert (stops[0], stops[-1]) == ("group week-1", "group week-8")
    assert lit["end"] == lit["stops"][-1]
    joined = [{scene["nodes"][hop["source"]]["id"], scene["nodes"][hop["target"]]["id"]} for hop in lit["hops"]]
    assert all(len(ends) == 2 for ends in joined)
    assert all(one & other for one, other in pairwise(joined)), "the line is not broken"


def test_over_what_is_not_drawn_one_line_stands_for_some_hops(graph: GraphStore, part: MapPart) -> None:
    paths = (graph.explain_path(a.id, b.id) for a in graph.concepts()[::40] for b in graph.concepts()[7::90])
    path = next(p for p in paths if p and len(p) >= 3)
    drawn = {path[0].source: 4, path[-1].target: 9}
    few = filter_graph(graph, MapView(weeks=("none",)))  # no group either: nothing stands for the inner ones
    lit = light_path(few, path, drawn).path
    assert lit == {
        "stops": [4, 9],
        "end": 9,
        "hops": [{"source": 4, "target": 9, "kind": "", "label": f"1–{len(path)}"}],
    }
    assert light_path(few, path, {}).path == {"stops": [], "end": None, "hops": []}


def test_drawn_alone_every_way_is_there_and_each_can_be_lit(
    graph: GraphStore, part: MapPart, far: tuple[str, str]
) -> None:
    ways = ways_between(graph, *far)
    assert len(ways.paths) > 1
    view = MapView(concept=far[0], to=far[1], view="path")
    scene = draw_paths(part, view, ways)
    assert {node["id"] for node in scene["nodes"]} == set(ways.concepts)
    assert scene["up"] == {"label": "Week 1", "view": "week-1"}
    for path in ways.paths:
        lit = light_path(part, path, drawn_places(scene)).path
        assert lit
        assert titles(scene, lit["stops"]) == [far[0], *(step.target for step in path)]
        assert [hop["label"] for hop in lit["hops"]] == [str(n) for n in range(1, len(path) + 1)]
        for hop, step in zip(lit["hops"], path, strict=True):
            ends = titles(scene, (hop["source"], hop["target"]))
            assert ends == ([step.source, step.target] if step.direction == "forward" else [step.target, step.source])


def test_what_is_known_is_not_lit_any_more(graph: GraphStore, part: MapPart, far: tuple[str, str]) -> None:
    reached, week = graph.reach(far[1]), draw_scene(part, MapView(view="week-8"))
    drawn = drawn_places(week)
    every = light_order(part, reached, (), drawn).prerequisites
    assert any(node.startswith("group ") for node in titles(week, every)), "for what other weeks hold"
    own = {c for c in reached.before if c in drawn}
    assert own
    left = light_order(part, reached, own, drawn).prerequisites
    assert not {drawn[c] for c in own} & set(left)
    assert light_order(part, reached, reached.before, drawn).prerequisites == frozenset()
    assert set(light_concept(graph, reached, far[1], drawn).prerequisites) == {drawn[c] for c in own}


def test_the_panel_tells_each_hop_with_its_line_and_links_to_the_other_ways(
    vault: Generation, graph: GraphStore, far: tuple[str, str]
) -> None:
    ways, view = ways_between(graph, *far), MapView(concept=far[0], to=far[1], route=2, weeks=("1", "8"))
    html = ways_html(vault.corpus(), ways, view)
    links = [read_href(href.replace("&amp;", "&")) for href in re.findall(r'href="([^"]+)"', html)]
    assert [link.route for link in links[: len(ways.paths)]] == list(range(1, len(ways.paths) + 1))
    assert all((link.concept, link.to, link.weeks) == (*far, ("1", "8")) for link in links[: len(ways.paths)])
    assert html.count('aria-current="true"') == 1
    assert MapView(concept=far[1], to=far[0], weeks=("1", "8")) in links
    chosen = ways.paths[1]
    assert html.count("<blockquote") == sum(len(step.evidence) for step in chosen)
    for step in chosen:
        for span in step.evidence:
            assert f"{span.path}:{span.start_line}" in html
            assert f'data-line="{span.start_line}" class="pg-here"' in html


def test_without_a_way_the_panel_says_so_and_offers_another_end(vault: Generation, graph: GraphStore) -> None:
    one, other = graph.concepts()[:2]
    html = ways_html(vault.corpus(), Ways((), {c.id: c for c in (one, other)}), MapView(concept=one.id, to=other.id))
    assert "Nothing in the notes links the two" in html
    assert f'href="?concept={one.id}&amp;tab=path-to"' in html
    assert Ways((), {}).chosen(1) == ()


def test_the_list_lights_the_path_without_being_sent_again() -> None:
    assert list_path_html([]) == ""
    css = list_path_html(["hnsw", 'a"]{} b'])
    assert 'li[data-concept="hnsw"]>.pg-concept' in css
    assert '"]{} b' not in css
