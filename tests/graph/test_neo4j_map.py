"""The map of a graph that is not fetched whole: the same picture as of the whole graph, from a part of it."""

import random
from dataclasses import replace
from uuid import uuid4

import pytest

from app_pages.concept_list import list_html
from app_pages.map_scene import draw_scene
from app_pages.map_source import ServedPart, filter_graph, open_part, small_copy
from app_pages.map_view import EGO, LIST, NO_WEEK, LevelFilter, MapView, list_of, select
from graph.neo4j_connection import Neo4jConnection
from graph.neo4j_publish import delete_graph, publish_graph
from graph.neo4j_store import Neo4jStore
from graph.parts import Where
from graph.placement import MOST_DRAWN
from graph.schema import Concept, Relation, Span
from graph.store import NetworkxStore
from graph.supernodes import MOST_MEMBERS

WEEKS, SIZE = 6, MOST_DRAWN + 200


def concept(concept_id, week, track=None, kind="concept", path="n.md"):
    span = Span(path, 1, 1, "words")
    return Concept(concept_id, concept_id.upper(), (f"the {concept_id}",), "It is.", week, track, kind, (span,))


def relation(source, target, kind="prerequisite_of", origin="authored", weight=1.0):
    return Relation(source, target, kind, origin, weight, (Span("n.md", 1, 1, "words"),))


def large_graph(week_of=lambda i: 1 + i * WEEKS // SIZE, path_of=lambda i: "n.md"):
    dice = random.Random(5)
    concepts = [concept(f"c{i:04}", week_of(i), dice.choice(["rag", "ml", None]), path=path_of(i)) for i in range(SIZE)]
    pairs = {(dice.randrange(max(0, i - 90), i), i) for i in range(1, SIZE) for _ in range(2)}
    relations = [relation(f"c{a:04}", f"c{b:04}", origin=dice.choice(["authored", "link"])) for a, b in sorted(pairs)]
    beside = {tuple(sorted(dice.sample(range(SIZE), 2))) for _ in range(SIZE // 2)}
    relations += [relation(f"c{a:04}", f"c{b:04}", "related_to", weight=0.5) for a, b in sorted(beside)]
    weeks = [concept(f"week-{w}", w, kind="week") for w in range(1, WEEKS + 1)]
    relations += [relation(c.id, f"week-{c.week}", "part_of") for c in concepts if c.week]
    return [*concepts, *weeks, concept("question-1", 1, kind="question")], relations


@pytest.fixture(scope="module")
def both(neo4j_config):
    """A large graph in both stores; under a name of its own, or what other tests publish would push it out."""
    graph = large_graph()
    with Neo4jConnection(replace(neo4j_config, graph=f"test-{uuid4().hex[:12]}")) as connection:
        publish_graph(connection, "large", *graph)
        yield NetworkxStore(*graph), Neo4jStore(connection, "large")
        delete_graph(connection)


def scenes(both, view):
    whole, served = both
    part = open_part(served, view)
    assert isinstance(part, ServedPart)
    return draw_scene(filter_graph(whole, view), view), draw_scene(part, view)


def without(scene, *names):
    """A scene with its boxes in the order of their ids; edges of equal rank may come in any order."""
    nodes = sorted(scene["nodes"], key=lambda node: node["id"])
    edges = sorted(scene["edges"], key=lambda edge: (edge["source"], edge["target"]))
    return {name: value for name, value in {**scene, "nodes": nodes, "edges": edges}.items() if name not in names}


@pytest.mark.parametrize(
    "view",
    [
        MapView(),
        MapView(view="week-1"),
        MapView(view="week-3"),
        MapView(view="week-99"),
        MapView(weeks=("1", "2")),
        MapView(weeks=("1",), view="week-1"),
        MapView(weeks=(NO_WEEK,)),
        MapView(weeks=("nine",)),
        MapView(tracks=("rag",)),
        MapView(origins=("link",)),
        MapView(origins=("link",), view="week-2"),
        MapView(allowed=LevelFilter(frozenset(f"c{i:04}" for i in range(40)), only=True)),
        MapView(allowed=LevelFilter(frozenset(f"c{i:04}" for i in range(40)), only=False)),
        MapView(allowed=LevelFilter(frozenset(f"c{i:04}" for i in range(40)), only=False), view="week-1"),
    ],
)
def test_a_part_draws_what_the_whole_draws(both, view):
    expected, found = scenes(both, view)
    assert without(found) == without(expected)


@pytest.mark.parametrize("concept_id", ["c0000", "c0123", "c0350", f"c{SIZE - 1:04}"])
def test_a_neighbourhood_has_the_same_columns(both, concept_id):
    """What is implied only by a way that leaves the neighbourhood stands nearer in a part of the graph."""
    expected, found = scenes(both, MapView(concept=concept_id, view=EGO))
    assert found["scene"] == expected["scene"]
    assert found["up"] == expected["up"]
    assert found["columns"] == expected["columns"]
    near = [
        {node["id"]: node for node in scene["nodes"] if node["column"] in {"ego:-1", "ego:0", "ego:1"}}
        for scene in (expected, found)
    ]
    assert near[0].keys() <= near[1].keys()
    for name, node in near[0].items():
        assert near[1][name]["tint"] == node["tint"]


def test_a_concept_that_is_not_there_has_no_neighbourhood(both):
    expected, found = scenes(both, MapView(concept="nobody", view=EGO))
    assert without(found) == without(expected)


@pytest.mark.parametrize(
    ("path_of", "every"), [(lambda i: "n.md", 1), (lambda i: f"notes/part {i % 7}/n.md", 7)], ids=["steps", "folders"]
)
def test_vaults_without_weeks(publish, path_of, every):
    """Steps where most concepts have prerequisites, folders where few do."""
    concepts, relations = large_graph(week_of=lambda i: None, path_of=path_of)
    graph = [c for c in concepts if c.kind == "concept"], relations[::every]
    both = NetworkxStore(*graph), publish(*graph)
    expected, found = scenes(both, MapView())
    assert without(found) == without(expected)
    first = expected["nodes"][0]["opens"]
    expected, found = scenes(both, MapView(view=first))
    assert without(found) == without(expected)


def test_the_list_carries_what_is_open(both):
    whole, served = both
    for view in (MapView(view=LIST), list_of(MapView(), "week-2"), replace(select(MapView(), "c0300"), view=LIST)):
        expected = list_html(filter_graph(whole, view).listed(view), view)
        assert list_html(open_part(served, view).listed(view), view) == expected
    few = MapView(view=LIST, weeks=("1",))
    assert list_html(open_part(served, few).listed(few), few) == list_html(filter_graph(whole, few).listed(few), few)


def test_groups_larger_than_what_is_drawn_are_told_by_their_size(publish):
    concepts = [concept(f"c{i:04}", 1) for i in range(MOST_MEMBERS + 300)] + [concept(f"d{i}", 2) for i in range(9)]
    relations = [relation("c0007", f"c{i:04}") for i in range(8, 60)] + [relation("c0007", "d1")]
    graph = concepts, relations
    both = NetworkxStore(*graph), publish(*graph)
    view = MapView(view="week-1")
    expected, found = scenes(both, view)
    assert without(found) == without(expected)
    assert any(node["title"] == "+300 more" for node in found["nodes"])
    view = list_of(MapView(), "week-1")
    assert "and 520 more" in list_html(open_part(both[1], view).listed(view), view)


def test_a_hub_is_fetched_in_part(publish):
    concepts = [concept(f"c{i:04}", 1) for i in range(2_000)]
    relations = [relation("c0000", c.id) for c in concepts[1:]]
    parts = publish(concepts, relations).parts()
    assert len(parts.around("c0000", Where(), 100).concepts) == 101


def test_a_small_graph_is_fetched_once_and_a_large_one_never(publish):
    few = [concept(f"c{i}", 1) for i in range(20)]
    copied = small_copy(publish(few, [relation("c1", "c2")]))
    assert copied.parts() is None
    assert [c.id for c in copied.concepts()] == sorted(c.id for c in few)
    many = publish([concept(f"c{i:04}", 1) for i in range(2_100)])
    assert isinstance(small_copy(many), Neo4jStore)
