"""The embedded store: what it answers, and that its file gives the same graph and the same bytes."""

import json
import random

import pytest

from graph.schema import Concept, Relation, Resource, Span
from graph.store import NetworkxStore, graph_from_json, graph_to_json


def concept(concept_id, title, *aliases):
    span = Span(f"{concept_id}.md", 1, 2, f"{title} is\nthis.")
    return Concept(concept_id, title, aliases, f"{title} is this.", 1, "track", "concept", (span,))


def relation(source, kind, target):
    return Relation(source, target, kind, "authored", 1.0, (Span(f"{source}.md", 3, 3, f"{kind} {target}: “why” ü"),))


CONCEPTS = [concept("graphs", "Graph"), concept("hnsw", "HNSW", "Small World"), concept("ivf", "IVF")]
RELATIONS = [
    relation("graphs", "prerequisite_of", "hnsw"),
    relation("hnsw", "contrasts_with", "ivf"),
    relation("graphs", "related_to", "hnsw"),
]
RESOURCES = [
    Resource("paper", "Paper", "https://a.org/p", "paper", "any", "Read.", ("hnsw",), Span("r.yaml", 5, 5, "Read.")),
    Resource("book", "Book", "https://a.org/b", "book", "any", "All.", ("hnsw", "ivf"), Span("r.yaml", 9, 9, "All.")),
]


@pytest.fixture
def store():
    return NetworkxStore(CONCEPTS, RELATIONS, RESOURCES)


def test_rows_come_back_in_order(store):
    assert [c.id for c in store.concepts()] == ["graphs", "hnsw", "ivf"]
    assert [(r.source, r.target, r.kind) for r in store.relations()] == [
        ("graphs", "hnsw", "prerequisite_of"),
        ("graphs", "hnsw", "related_to"),
        ("hnsw", "ivf", "contrasts_with"),
    ]
    assert [r.id for r in store.resources()] == ["book", "paper"]
    assert [r.id for r in store.resources("ivf")] == ["book"]
    assert store.resources("graphs") == ()


def test_neighbours_know_their_side(store):
    sides = {(n.concept.id, n.relation.kind, n.side) for n in store.neighbours("hnsw")}
    assert sides == {
        ("graphs", "prerequisite_of", "in"),
        ("graphs", "related_to", "in"),
        ("ivf", "contrasts_with", "out"),
    }


def test_a_concept_is_found_by_any_name_and_suggested_when_misspelt(store):
    assert store.resolve("small-world").id == "hnsw"
    assert store.resolve("hwsn") is None
    assert [c.id for c in store.suggest("grahp")] == ["graphs"]
    assert store.suggest("zzzzzzzz") == ()


def test_what_comes_before_and_after(store):
    assert store.prerequisites("hnsw") == ("graphs",)
    assert store.unlocked_by("graphs") == ("hnsw",)
    assert [step.target for step in store.explain_path("graphs", "ivf")] == ["hnsw", "ivf"]
    assert store.cycles() == []


def test_unknown_ids_give_empty_answers(store):
    assert store.concept("x") is None
    assert store.neighbours("x") == store.prerequisites("x") == store.unlocked_by("x") == ()
    assert store.explain_path("x", "hnsw") is None


def test_the_file_gives_the_same_graph(store):
    loaded = graph_from_json(graph_to_json(CONCEPTS, RELATIONS, RESOURCES))
    assert loaded.concepts() == store.concepts()
    assert loaded.relations() == store.relations()
    assert loaded.resources() == store.resources()


def test_the_bytes_do_not_depend_on_the_order_of_rows():
    expected = graph_to_json(CONCEPTS, RELATIONS, RESOURCES)
    for seed in range(5):
        rows = [random.Random(seed).sample(group, len(group)) for group in (CONCEPTS, RELATIONS, RESOURCES)]
        assert graph_to_json(*rows) == expected
    assert json.loads(expected)["relations"][0]["evidence"][0]["quote"] == "prerequisite_of hnsw: “why” ü"


@pytest.mark.parametrize(
    "data", [b"", b"no json", b"[]", b"{}", b'{"concepts": [{}], "relations": [], "resources": []}']
)
def test_anything_else_is_refused(data):
    with pytest.raises((ValueError, KeyError, TypeError)):
        graph_from_json(data)
