"""Where concepts stand on the map."""

from __future__ import annotations

import random
from itertools import combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.layout import BOX_HEIGHT, BOX_WIDTH, layout_map
from graph.schema import Concept, Relation, Span

SPAN = Span("notes.md", 1, 1, "words")


def concept(name: str, week: int | None = None, track: str | None = None, kind: str = "concept") -> Concept:
    return Concept(name, name, (), name, week, track, kind, (SPAN,))


def needs(source: str, target: str) -> Relation:
    return Relation(source, target, "prerequisite_of", "authored", 1.0, (SPAN,))


def column_of(layout, name: str) -> str:
    return next(node.column for node in layout.nodes if node.id == name)


def test_weeks_read_from_left_to_right_and_their_notes_are_columns() -> None:
    week = Concept("week-1", "Week 1 — Coding fundamentals", (), "", 1, None, "week", (SPAN,))
    layout = layout_map([concept("b", 2), concept("a", 1), week, concept("x")], [])
    assert [column.title for column in layout.columns] == ["Week 1", "Week 2", "No week"]
    assert [column.subtitle for column in layout.columns] == ["Coding fundamentals", "", ""]
    assert [column.concept_id for column in layout.columns] == ["week-1", None, None]
    assert {node.id for node in layout.nodes} == {"a", "b", "x"}
    assert [column.x for column in layout.columns] == sorted(column.x for column in layout.columns)


def test_a_track_with_enough_concepts_has_its_own_column() -> None:
    rows = [concept(f"{track}-{i}", 3, track) for track in ("system-design", "ml-and-llms") for i in range(5)]
    layout = layout_map([*rows, concept("lone", 3, "other")], [])
    assert [column.subtitle for column in layout.columns] == ["System design", "ML and LLMs"]
    assert column_of(layout, "lone") == layout.columns[0].id


def test_without_weeks_columns_follow_the_prerequisites() -> None:
    layout = layout_map([concept(c) for c in "cba"], [needs("a", "b"), needs("b", "c")])
    assert [column.title for column in layout.columns] == ["Step 1", "Step 2", "Step 3"]
    assert [column_of(layout, c) for c in "abc"] == [column.id for column in layout.columns]


def test_only_what_no_longer_way_implies_is_drawn() -> None:
    layout = layout_map([concept(c) for c in "abc"], [needs("a", "b"), needs("b", "c"), needs("a", "c")])
    assert {(edge.source, edge.target) for edge in layout.edges} == {("a", "b"), ("b", "c")}


def test_a_cycle_is_drawn_as_it_is() -> None:
    layout = layout_map([concept(c) for c in "ab"], [needs("a", "b"), needs("b", "a")])
    assert {(edge.source, edge.target) for edge in layout.edges} == {("a", "b"), ("b", "a")}


@pytest.mark.parametrize("kind", ["comparison", "question", "sprint", "week"])
def test_notes_about_other_notes_stay_off_the_map(kind: str) -> None:
    assert [node.id for node in layout_map([concept("a", 1), concept("b", 1, kind=kind)], []).nodes] == ["a"]


def test_no_concepts_no_map() -> None:
    assert layout_map([], []).nodes == ()


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 80), st.integers(0, 120), st.randoms(use_true_random=False))
def test_boxes_never_overlap_and_the_order_of_input_does_not_matter(size: int, links: int, rng: random.Random) -> None:
    concepts = [concept(f"c{i}", rng.choice([None, 1, 2, 3]), rng.choice([None, "x", "y"])) for i in range(size)]
    pairs = [sorted(rng.sample(range(size), 2)) for _ in range(links)] if size > 1 else []
    relations = [needs(f"c{a}", f"c{b}") for a, b in {tuple(pair) for pair in pairs}]
    layout = layout_map(concepts, relations)
    assert len(layout.nodes) == size
    for one, other in combinations(layout.nodes, 2):
        assert abs(one.x - other.x) >= BOX_WIDTH or abs(one.y - other.y) >= BOX_HEIGHT
    shuffled = layout_map(rng.sample(concepts, size), relations)
    assert {(n.id, n.column) for n in shuffled.nodes} == {(n.id, n.column) for n in layout.nodes}
