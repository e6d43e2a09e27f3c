"""Vaults of more concepts than can be drawn, and vaults without weeks."""

from __future__ import annotations

import random
from itertools import combinations

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.layout import layout_map
from graph.paths import prerequisite_graph
from graph.placement import MOST_DRAWN, MapLayout
from graph.reduction import Reach, prerequisite_depths, reduce_prerequisites
from graph.schema import Concept, Relation, Span
from graph.supernodes import group_node_id, layout_group


def concept(name: str, week: int | None = None, path: str = "notes.md") -> Concept:
    return Concept(name, name, (), name, week, None, "concept", (Span(path, 1, 1, "words"),))


def needs(source: str, target: str) -> Relation:
    return Relation(source, target, "prerequisite_of", "authored", 1.0, (Span("notes.md", 1, 1, "words"),))


def large_course(count: int = MOST_DRAWN + 100, weeks: int = 6) -> tuple[list[Concept], list[Relation]]:
    rng = random.Random(3)
    concepts = [concept(f"c{i:04}", 1 + i * weeks // count) for i in range(count)]
    pairs = {(rng.randrange(max(0, i - 150), i), i) for i in range(1, count) for _ in range(2)}
    return concepts, [needs(concepts[a].id, concepts[b].id) for a, b in sorted(pairs)]


def titles(layout: MapLayout) -> list[str]:
    return [column.title for column in layout.columns]


def test_above_five_hundred_weeks_are_boxes_with_counts_and_counted_lines() -> None:
    concepts, relations = large_course()
    layout = layout_map(concepts, relations)
    assert [node.opens for node in layout.nodes] == [f"week-{w}" for w in range(1, 7)]
    assert sum(node.count or 0 for node in layout.nodes) == len(concepts)
    week = {c.id: c.week for c in concepts}
    expected = sum(week[r.source] == 1 and week[r.target] == 2 for r in relations)
    drawn = {(e.source, e.target): e.count for e in layout.edges}
    assert drawn[group_node_id("week-1"), group_node_id("week-2")] == expected


def test_five_hundred_are_still_drawn_one_by_one() -> None:
    concepts = [concept(f"c{i}", 1 + i % 8) for i in range(MOST_DRAWN)]
    assert len(layout_map(concepts, []).nodes) == MOST_DRAWN
    assert len(layout_map([*concepts, concept("one-more", 1)], []).nodes) == 8


def test_an_open_week_stands_between_the_closed_ones() -> None:
    concepts, relations = large_course()
    layout = layout_group(concepts, relations, "week-3")
    assert layout
    x = {node.id: node.x for node in layout.nodes}
    own = [x[c.id] for c in concepts if c.week == 3]
    assert len(own) == 100
    assert x[group_node_id("week-2")] < min(own) <= max(own) < x[group_node_id("week-4")]
    shown = set(x)
    assert all({edge.source, edge.target} <= shown for edge in layout.edges)
    for one, other in combinations(layout.nodes, 2):
        assert (
            abs(one.x - other.x) >= (one.width + other.width) / 2
            or abs(one.y - other.y) >= (one.height + other.height) / 2
        )


def test_no_view_draws_more_than_can_be_panned() -> None:
    concepts, relations = large_course(count=5_000, weeks=4)
    layout = layout_group(concepts, relations, "week-2")
    assert layout
    assert len(layout.nodes) <= MOST_DRAWN
    more = next(node for node in layout.nodes if node.title.startswith("+"))
    drawn = [node for node in layout.nodes if node.count is None]
    assert (more.count or 0) + len(drawn) == 1_250


def test_there_is_no_view_of_a_week_that_does_not_exist() -> None:
    assert layout_group(*large_course(), "week-60") is None


def test_without_weeks_and_with_few_prerequisites_columns_are_folders() -> None:
    concepts = [concept(f"{folder}{i}", path=f"vault/{folder}/{i}.md") for folder in ("maths", "art") for i in range(5)]
    layout = layout_map([*concepts, concept("top", path="vault/top.md")], [needs("maths0", "maths1")])
    assert titles(layout) == ["Notes", "art", "maths"]


def test_without_weeks_and_with_prerequisites_columns_are_steps() -> None:
    concepts = [concept(c, path=f"{c}/note.md") for c in "abcdef"]
    assert titles(layout_map(concepts, [needs("a", "b")])) == ["Step 1", "Step 2"]


def test_one_folder_says_nothing_so_it_is_steps_again() -> None:
    assert titles(layout_map([concept(c, path="all/note.md") for c in "abcde"], [])) == ["Step 1"]


pairs = st.sets(st.tuples(st.integers(0, 14), st.integers(0, 14)).filter(lambda p: p[0] != p[1]), max_size=40)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_the_reduction_is_networkx_s_where_there_is_one_and_always_keeps_what_is_reachable(
    drawn: set[tuple[int, int]],
) -> None:
    relations = [needs(str(a), str(b)) for a, b in sorted(drawn)]
    graph = prerequisite_graph(relations)
    kept = reduce_prerequisites(relations)
    if nx.is_directed_acyclic_graph(graph):
        assert kept == sorted(nx.transitive_reduction(graph).edges)
    smaller = nx.DiGraph(kept)
    smaller.add_nodes_from(graph)
    assert {n: nx.descendants(smaller, n) for n in graph} == {n: nx.descendants(graph, n) for n in graph}


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_depth_is_the_longest_chain_below(drawn: set[tuple[int, int]]) -> None:
    relations = [needs(str(min(p)), str(max(p))) for p in sorted(drawn)]
    graph = prerequisite_graph(relations)
    depth = prerequisite_depths([str(n) for n in range(15)], relations)
    for node in graph:
        assert depth[node] == max((depth[before] + 1 for before in graph.predecessors(node)), default=0)


@settings(max_examples=60, deadline=None)
@given(pairs)
def test_reach_is_all_that_leads_to_a_concept_and_all_that_it_leads_to(drawn: set[tuple[int, int]]) -> None:
    relations = [needs(str(a), str(b)) for a, b in sorted(drawn)]
    graph, reach = prerequisite_graph(relations), Reach(relations)
    for node in graph:
        assert reach.before(node) == nx.ancestors(graph, node)
        assert reach.after(node) == nx.descendants(graph, node)
