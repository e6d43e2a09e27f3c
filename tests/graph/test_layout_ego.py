"""The neighbourhood of one concept."""

from __future__ import annotations

from itertools import combinations

from graph.ego import layout_ego
from graph.placement import MapLayout
from graph.schema import Concept, Relation, RelationKind, Span

SPAN = Span("notes.md", 1, 1, "words")


def concept(name: str) -> Concept:
    return Concept(name, name.upper(), (), name, None, None, "concept", (SPAN,))


def relation(source: str, target: str, kind: RelationKind = "prerequisite_of", weight: float = 1.0) -> Relation:
    return Relation(source, target, kind, "authored", weight, (SPAN,))


def lay_out(relations: list[Relation], middle: str = "m", **options: bool) -> MapLayout:
    names = sorted({end for r in relations for end in (r.source, r.target)} | {middle})
    layout = layout_ego([concept(name) for name in names], relations, middle, **options)
    assert layout
    return layout


def columns(layout: MapLayout) -> dict[str, str]:
    return {node.id: node.column for node in layout.nodes}


def test_what_is_needed_stands_on_the_left_and_what_is_unlocked_on_the_right() -> None:
    chain = [relation(a, b) for a, b in ("ab", "bc", "cm", "mx", "xy", "yz")]
    assert columns(lay_out(chain)) == {"b": "ego:-2", "c": "ego:-1", "m": "ego:0", "x": "ego:1", "y": "ego:2"}


def test_a_need_that_another_need_implies_stands_further_out() -> None:
    layout = lay_out([relation("a", "b"), relation("b", "m"), relation("a", "m")])
    assert columns(layout)["a"] == "ego:-2"
    assert {(e.source, e.target) for e in layout.edges} == {("a", "b"), ("b", "m")}


def test_a_stated_need_is_shown_however_far_the_others_reach() -> None:
    far = [relation(a, b) for a, b in ("ab", "bc", "cm", "am")]
    assert columns(lay_out(far))["a"] == "ego:-2"


def test_other_relations_stand_below_the_concept_and_only_their_own_lines_are_drawn() -> None:
    layout = lay_out([relation("m", "r", "contrasts_with"), relation("a", "m"), relation("a", "r"), relation("r", "s")])
    places = {node.id: node for node in layout.nodes}
    assert places["r"].column == "ego:0"
    assert places["r"].x == places["m"].x
    assert places["r"].y > places["m"].y + places["m"].height
    assert "s" not in places
    assert {(e.source, e.target, e.kind) for e in layout.edges} == {
        ("a", "m", "prerequisite_of"),
        ("m", "r", "contrasts_with"),
    }


def test_a_long_column_ends_in_a_count_of_the_rest_and_keeps_the_strongest() -> None:
    many = [relation(f"n{i:02}", "m", weight=1.0 if i == 29 else 0.5) for i in range(30)]
    layout = lay_out(many)
    left = [node for node in layout.nodes if node.column == "ego:-1"]
    assert [(node.title, node.count, node.opens) for node in left if node.count] == [("+18 more", 18, "ego-full")]
    assert "n29" in {node.id for node in left}
    assert len([n for n in lay_out(many, full=True).nodes if n.column == "ego:-1"]) == 30


def test_boxes_never_overlap() -> None:
    lane = [relation("m", f"r{i}", "related_to") for i in range(9)]
    sides = [relation(f"n{i}", "m") for i in range(20)] + [relation("m", f"u{i}") for i in range(3)]
    layout = lay_out([*lane, *sides])
    for one, other in combinations(layout.nodes, 2):
        assert abs(one.x - other.x) >= one.width or abs(one.y - other.y) >= one.height


def test_a_cycle_puts_each_concept_in_one_place() -> None:
    layout = lay_out([relation("a", "m"), relation("m", "a")])
    assert sorted(columns(layout)) == ["a", "m"]


def test_an_unknown_concept_has_no_neighbourhood() -> None:
    assert layout_ego([concept("a")], [], "b") is None
