"""Which prerequisite a weak concept is traced to, and by which chain, from few marks and many."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.schema import Concept, Relation, Span
from graph.store import NetworkxStore
from study.marks import Mark
from study.weak_spots import find_weak_spot, prerequisite_chain, presumed_known

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def concept(name, week=1):
    return Concept(name, name.upper(), (), "", week, None, "concept", (Span(f"{name}.md", 1, 1, name),))


def needs(target, source, weight=1.0):
    quote = f"{target} requires {source}"
    return Relation(source, target, "prerequisite_of", "authored", weight, (Span(f"{target}.md", 3, 3, quote),))


def marked(**levels):
    return {
        name: Mark(name, "", level, "reader", NOON + timedelta(i)) for i, (name, level) in enumerate(levels.items())
    }


def chain_of(*names):
    """Each needs the one before it."""
    return NetworkxStore(
        [concept(name, week) for week, name in enumerate(names)],
        [needs(later, earlier) for earlier, later in pairwise(names)],
    )


def hops(spot):
    return [(relation.source, relation.target) for relation in spot.chain]


COURSE = chain_of("sets", "graphs", "walks", "hnsw", "stores")


def test_the_first_shaky_one_in_learning_order_is_the_spot():
    spot = find_weak_spot(COURSE, "stores", marked(hnsw="shaky", graphs="shaky"))
    assert (spot.concept.id, spot.level, spot.shaky) == ("graphs", "shaky", 2)
    assert hops(spot) == [("graphs", "walks"), ("walks", "hnsw"), ("hnsw", "stores")]
    assert [relation.evidence[0].quote for relation in spot.chain] == [
        "walks requires graphs",
        "hnsw requires walks",
        "stores requires hnsw",
    ]
    assert spot.reason == "Of the 4 that STORES builds on, you marked this one shaky, the first of 2 in learning order."


def test_shaky_outranks_what_is_unmarked_before_it():
    assert find_weak_spot(COURSE, "stores", marked(hnsw="shaky")).concept.id == "hnsw"


def test_shaky_stays_shaky_behind_something_known():
    assert find_weak_spot(COURSE, "stores", marked(graphs="shaky", hnsw="known")).concept.id == "graphs"


def test_what_lies_behind_something_known_is_presumed_known():
    spot = find_weak_spot(COURSE, "stores", marked(walks="known"))
    assert (spot.concept.id, spot.level) == ("hnsw", "new")
    assert (spot.known, spot.presumed) == (1, 2)
    assert spot.reason == (
        "Of the 4 that STORES builds on, you know the 3 before this one "
        "(2 presumed, since you know what builds on them)."
    )


def test_known_elsewhere_presumes_too():
    """Something that is no prerequisite of the concept may rest on the same foundations."""
    graph = NetworkxStore(
        [concept("sets"), concept("bfs", 2), concept("hnsw", 3)], [needs("bfs", "sets"), needs("hnsw", "sets")]
    )
    spot = find_weak_spot(graph, "hnsw", marked(bfs="known"))
    assert spot.is_itself
    assert spot.reason == (
        "You know the one concept that HNSW builds on (1 presumed, since you know what builds on it): "
        "what is missing is HNSW itself."
    )


def test_who_says_that_it_is_new_is_not_presumed_to_know_it():
    assert find_weak_spot(COURSE, "stores", marked(graphs="new", walks="known")).concept.id == "graphs"


def test_with_no_marks_it_is_the_first_to_learn():
    spot = find_weak_spot(COURSE, "stores", {})
    assert spot.concept.id == "sets"
    assert (
        spot.reason == "Of the 4 that STORES builds on, this one comes first, and you have not said that you know it."
    )


def test_a_shaky_concept_whose_prerequisites_are_known_is_its_own_spot():
    spot = find_weak_spot(COURSE, "stores", marked(hnsw="known", stores="shaky"))
    assert (spot.concept.id, spot.level, spot.is_itself) == ("stores", "shaky", True)


def test_a_concept_that_builds_on_nothing_is_its_own_spot():
    spot = find_weak_spot(COURSE, "sets", {})
    assert spot.is_itself
    assert spot.reason == "SETS builds on nothing: begin with its note."


def test_a_known_concept_and_an_unknown_id_have_none():
    assert find_weak_spot(COURSE, "stores", marked(stores="known", hnsw="shaky")) is None
    assert find_weak_spot(COURSE, "nothing", {}) is None


def test_the_chain_is_the_shortest_and_goes_by_the_heavier_relation():
    graph = NetworkxStore(
        [concept(name) for name in "abcdef"],
        [
            *[needs(later, earlier) for earlier, later in ("ab", "bc", "cf")],
            needs("d", "a", 0.4),
            needs("f", "d", 0.4),
            needs("e", "a", 0.9),
            needs("f", "e", 0.9),
        ],
    )
    chain = prerequisite_chain(graph, "a", "f")
    assert [(r.source, r.target) for r in chain] == [("a", "e"), ("e", "f")]


def test_a_cycle_ends():
    graph = NetworkxStore(
        [concept(name) for name in "abc"], [needs("b", "a"), needs("a", "b"), needs("c", "b"), needs("b", "c")]
    )
    spot = find_weak_spot(graph, "c", marked(a="shaky"))
    assert hops(spot) == [("a", "b"), ("b", "c")]


@pytest.mark.parametrize("other", ["related_to", "applies_to", "part_of", "contrasts_with"])
def test_only_prerequisites_make_a_chain(other):
    span = (Span("a.md", 1, 1, "a"),)
    graph = NetworkxStore([concept("a"), concept("b")], [Relation("a", "b", other, "authored", 1.0, span)])
    spot = find_weak_spot(graph, "b", marked(a="shaky"))
    assert spot.is_itself
    assert spot.needed == 0


NAMES = [f"c{number}" for number in range(9)]
LEVELS = st.sampled_from(["known", "shaky", "new", None])


@given(
    st.lists(st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)), max_size=20, unique=True),
    st.lists(LEVELS, min_size=len(NAMES), max_size=len(NAMES)),
    st.sampled_from(NAMES),
)
def test_on_any_graph_the_spot_is_weak_and_nothing_as_weak_comes_before_it(pairs, levels, asked):
    graph = NetworkxStore([concept(name) for name in NAMES], [needs(a, b) for a, b in pairs if a != b])
    marks = marked(**{name: level for name, level in zip(NAMES, levels, strict=True) if level})
    spot = find_weak_spot(graph, asked, marks)
    if asked in marks and marks[asked].level == "known":
        assert spot is None
        return
    order = graph.prerequisites(asked)
    presumed = {
        name
        for name in NAMES
        if name not in marks and any(o in marks and marks[o].level == "known" for o in graph.unlocked_by(name))
    }
    assert presumed == presumed_known(marks, graph.prerequisites)
    level = {name: marks[name].level if name in marks else "known" if name in presumed else "new" for name in order}
    ranks = {"shaky": 0, "new": 1, "known": 2}
    worst = min(level.values(), key=lambda l: ranks[l], default="known")  # noqa: E741
    if worst == "known":
        assert spot.is_itself
        assert spot.concept.id == asked
    else:
        assert spot.concept.id == next(name for name in order if level[name] == worst)
        assert spot.chain[0].source == spot.concept.id
        assert spot.chain[-1].target == asked
        assert all(a.target == b.source for a, b in pairwise(spot.chain))
