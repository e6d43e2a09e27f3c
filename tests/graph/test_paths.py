"""Learning order, cycles and explained paths on small graphs that are written out."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graph.paths import explain_path, find_cycles, learning_order, prerequisite_graph
from graph.schema import Concept, Relation, Span


def relation(source, kind, target, origin="authored", weight=1.0):
    span = Span(f"{source}.md", 1, 1, f"{kind} {target}")
    return Relation(source, target, kind, origin, weight, (span,))


def requires(target, *sources):
    return [relation(source, "prerequisite_of", target) for source in sources]


def concept(concept_id, week=None, kind="concept"):
    return Concept(concept_id, concept_id, (), concept_id, week, None, kind, (Span(f"{concept_id}.md", 1, 1, "x"),))


def hops(steps):
    return [(step.source, step.kind, step.direction, step.target) for step in steps]


def test_what_is_needed_comes_first_and_earlier_weeks_before_later_ones():
    graph = prerequisite_graph([*requires("hnsw", "graphs", "ann"), *requires("ann", "embeddings")])
    weeks = {c.id: c for c in (concept("graphs", 2), concept("ann", 5), concept("embeddings", 4))}
    assert learning_order(graph, "hnsw", weeks) == ("graphs", "embeddings", "ann")


def test_dependencies_win_over_weeks():
    graph = prerequisite_graph([*requires("c", "b"), *requires("b", "a")])
    assert learning_order(graph, "c", {"a": concept("a", 9), "b": concept("b", 1)}) == ("a", "b")


def test_a_concept_that_needs_nothing_has_no_order():
    graph = prerequisite_graph(requires("b", "a"))
    assert learning_order(graph, "a", {}) == ()
    assert learning_order(graph, "unknown", {}) == ()


def test_concepts_on_a_cycle_are_ordered_all_the_same():
    graph = prerequisite_graph([*requires("a", "b"), *requires("b", "a"), *requires("c", "a"), *requires("b", "first")])
    assert learning_order(graph, "c", {}) == ("first", "a", "b")
    assert learning_order(graph, "a", {}) == ("first", "b")


def test_cycles_are_found_once_each():
    rows = [*requires("b", "a"), *requires("c", "b"), *requires("a", "c"), *requires("d", "c"), *requires("e", "e")]
    assert find_cycles(prerequisite_graph(rows)) == [("a", "b", "c"), ("e",)]


def test_other_relations_make_no_cycle():
    rows = [relation("a", "applies_to", "b"), relation("b", "applies_to", "a")]
    assert find_cycles(prerequisite_graph(rows)) == []


def test_a_path_prefers_what_explains_most_over_fewest_hops():
    rows = [
        relation("a", "related_to", "c", "link", 0.5),
        relation("a", "prerequisite_of", "b"),
        relation("b", "applies_to", "c"),
    ]
    assert hops(explain_path(rows, "a", "c", {})) == [
        ("a", "prerequisite_of", "forward", "b"),
        ("b", "applies_to", "forward", "c"),
    ]


def test_a_hop_against_its_relation_says_so_and_keeps_the_evidence():
    (step,) = explain_path([relation("a", "prerequisite_of", "b")], "b", "a", {})
    assert (step.source, step.target, step.direction) == ("b", "a", "backward")
    assert step.evidence[0].quote == "prerequisite_of b"


def test_of_two_relations_the_one_that_explains_more_is_taken():
    rows = [relation("a", "related_to", "b"), relation("a", "applies_to", "b"), relation("b", "prerequisite_of", "a")]
    assert hops(explain_path(rows, "a", "b", {})) == [("a", "applies_to", "forward", "b")]


def test_sharing_a_week_explains_nothing_but_a_week_can_be_an_end():
    week = {"week-1": concept("week-1", 1, "week")}
    rows = [relation("a", "part_of", "week-1"), relation("b", "part_of", "week-1")]
    assert explain_path(rows, "a", "b", week) is None
    assert hops(explain_path(rows, "a", "week-1", week)) == [("a", "part_of", "forward", "week-1")]


def test_no_path_is_none():
    rows = [relation("a", "related_to", "b"), relation("c", "related_to", "d")]
    assert explain_path(rows, "a", "d", {}) is None
    assert explain_path(rows, "a", "unknown", {}) is None
    assert explain_path([], "a", "a", {}) is None


IDS = st.sampled_from("abcdef")
KINDS = st.sampled_from(["prerequisite_of", "part_of", "related_to", "contrasts_with", "applies_to"])
RELATIONS = st.lists(st.builds(relation, IDS, KINDS, IDS), max_size=12)


@given(RELATIONS, IDS, IDS)
def test_every_hop_of_a_path_is_a_relation_and_the_hops_join(rows, source, target):
    steps = explain_path(rows, source, target, {})
    if not steps:
        return
    assert (steps[0].source, steps[-1].target) == (source, target)
    assert all(first.target == second.source for first, second in pairwise(steps))
    stated = {(r.source, r.kind, r.target) for r in rows}
    for step in steps:
        ends = (step.source, step.target) if step.direction == "forward" else (step.target, step.source)
        assert (ends[0], step.kind, ends[1]) in stated
        assert step.evidence


@given(RELATIONS, IDS, st.randoms())
def test_an_order_has_every_ancestor_once_and_no_dependency_backwards(rows, wanted, shuffler):
    graph = prerequisite_graph(rows)
    order = learning_order(graph, wanted, {})
    assert len(set(order)) == len(order)
    cyclic = {concept_id for cycle in find_cycles(graph) for concept_id in cycle}
    for row in rows:
        if row.kind == "prerequisite_of" and {row.source, row.target} <= set(order) and not cyclic:
            assert order.index(row.source) < order.index(row.target)
    shuffled = rows.copy()
    shuffler.shuffle(shuffled)
    assert learning_order(prerequisite_graph(shuffled), wanted, {}) == order
