"""What changed between two graphs, and what does not count as a change."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.diff import GraphDiff, diff_graphs
from graph.schema import Concept, Relation, Span
from graph.store import NetworkxStore

SPAN = Span("hnsw.md", 3, 3, "HNSW is an index.")
HNSW = Concept("hnsw", "HNSW", ("small world", "navigable"), "An index.", 5, "rag", "concept", (SPAN,))
IVF = replace(HNSW, id="ivf", title="IVF", aliases=())
GRAPH = replace(HNSW, id="graph", title="Graph", aliases=())
NEEDS = Relation("graph", "hnsw", "prerequisite_of", "authored", 1.0, (Span("hnsw.md", 9, 9, "requires [[graph]]"),))
CONTRAST = Relation("hnsw", "ivf", "contrasts_with", "link", 0.5, (Span("ivf.md", 2, 2, "unlike [[hnsw]]"),))
BEFORE = NetworkxStore([GRAPH, HNSW, IVF], [NEEDS, CONTRAST])


def diff_of(*concepts, relations=(NEEDS, CONTRAST)):
    return diff_graphs(BEFORE, NetworkxStore(concepts, relations))


def test_what_is_new_and_what_is_gone():
    lsh = replace(IVF, id="lsh", title="LSH")
    related = replace(NEEDS, target="lsh")
    diff = diff_of(lsh, HNSW, GRAPH, relations=[related, NEEDS])
    assert diff == GraphDiff((lsh,), (IVF,), (), (related,), (CONTRAST,), ())
    assert diff


@pytest.mark.parametrize(
    ("field", "value"),
    [("title", "H"), ("aliases", ("h",)), ("summary", "A graph."), ("week", None), ("track", "ml"), ("kind", "tool")],
)
def test_a_changed_concept_says_what_changed(field, value):
    (change,) = diff_of(replace(HNSW, **{field: value}), IVF, GRAPH).concepts_changed
    assert (change.old, change.fields, getattr(change.new, field)) == (HNSW, (field,), value)


def test_a_concept_that_moved_to_another_file_has_changed():
    moved = replace(HNSW, spans=(replace(SPAN, path="ann.md"),), week=6)
    (change,) = diff_of(moved, IVF, GRAPH).concepts_changed
    assert change.fields == ("week", "file")


def test_lines_and_the_order_of_aliases_do_not_count():
    shifted = replace(HNSW, spans=(replace(SPAN, start_line=8, end_line=8),), aliases=HNSW.aliases[::-1])
    further_down = replace(NEEDS, evidence=(replace(NEEDS.evidence[0], start_line=14, end_line=14),))
    assert not diff_of(shifted, IVF, GRAPH, relations=[further_down, CONTRAST])


def test_a_changed_relation_says_what_changed():
    stated = replace(CONTRAST, origin="authored", weight=1.0)
    because = replace(NEEDS, evidence=(Span("hnsw.md", 9, 9, "requires [[graph]]: it walks one"),))
    diff = diff_of(GRAPH, HNSW, IVF, relations=[stated, because])
    assert [(change.new, change.fields) for change in diff.relations_changed] == [
        (because, ("evidence",)),
        (stated, ("origin", "weight")),
    ]
    assert not diff.concepts_changed


def test_the_same_relation_of_another_kind_is_another_relation():
    applies = replace(NEEDS, kind="applies_to")
    diff = diff_of(GRAPH, HNSW, IVF, relations=[applies, CONTRAST])
    assert (diff.relations_added, diff.relations_gone, diff.relations_changed) == ((applies,), (NEEDS,), ())


IDS = st.sampled_from("abcde")
SPANS = st.builds(Span, st.sampled_from(["a.md", "b.md"]), st.just(1), st.just(1), st.sampled_from(["one", "two"]))
CONCEPTS = st.lists(
    st.builds(
        Concept,
        IDS,
        st.sampled_from(["A", "B"]),
        st.lists(st.sampled_from("xyz"), max_size=2).map(tuple),
        st.sampled_from(["", "words"]),
        st.sampled_from([None, 1, 2]),
        st.none(),
        st.just("concept"),
        SPANS.map(lambda span: (span,)),
    ),
    unique_by=lambda concept: concept.id,
)
RELATIONS = st.lists(
    st.builds(
        Relation,
        IDS,
        IDS,
        st.sampled_from(["prerequisite_of", "related_to"]),
        st.sampled_from(["authored", "link"]),
        st.sampled_from([0.5, 1.0]),
        st.lists(SPANS, min_size=1, max_size=2).map(tuple),
    ),
    unique_by=lambda relation: (relation.source, relation.target, relation.kind),
)
GRAPHS = st.tuples(CONCEPTS, RELATIONS)


@given(graph=GRAPHS)
def test_nothing_differs_between_a_graph_and_itself(graph):
    concepts, relations = graph
    assert not diff_graphs(NetworkxStore(*graph), NetworkxStore(concepts[::-1], relations[::-1]))


@given(first=GRAPHS, second=GRAPHS)
def test_the_other_way_round_what_was_added_is_gone(first, second):
    there = diff_graphs(NetworkxStore(*first), NetworkxStore(*second))
    back = diff_graphs(NetworkxStore(*second), NetworkxStore(*first))
    assert (there.concepts_added, there.concepts_gone) == (back.concepts_gone, back.concepts_added)
    assert (there.relations_added, there.relations_gone) == (back.relations_gone, back.relations_added)
    assert [(c.old, c.new, c.fields) for c in there.concepts_changed] == [
        (c.new, c.old, c.fields) for c in back.concepts_changed
    ]
    assert [(r.old, r.new, r.fields) for r in there.relations_changed] == [
        (r.new, r.old, r.fields) for r in back.relations_changed
    ]


@given(first=GRAPHS, second=GRAPHS)
def test_a_diff_accounts_for_every_concept_and_relation(first, second):
    old, new = NetworkxStore(*first), NetworkxStore(*second)
    diff = diff_graphs(old, new)
    assert len(old.concepts()) - len(diff.concepts_gone) + len(diff.concepts_added) == len(new.concepts())
    assert len(old.relations()) - len(diff.relations_gone) + len(diff.relations_added) == len(new.relations())
    assert bool(diff) == (diff != GraphDiff())
