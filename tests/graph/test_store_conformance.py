"""One body of tests over every engine behind the graph protocol, and Neo4j beside NetworkX on the same graphs."""

import random
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.facts import GraphFacts
from graph.lint import lint_graph
from graph.paths import BACKWARD_FACTOR, FORWARD_COST
from graph.schema import Concept, Relation, Resource, Span
from graph.store import NetworkxStore, Reached
from workspace import SHIPPED_CONTENT

KINDS = tuple(FORWARD_COST)


def concept(concept_id, title=None, *aliases, week=None, kind="concept"):
    spans = (Span(f"{concept_id}.md", 1, 2, "is\nthis: “ü”"), Span("other.md", 7, 7, "again"))
    return Concept(concept_id, title or concept_id, aliases, f"{concept_id} is this.", week, None, kind, spans)


def relation(source, kind, target, weight=1.0):
    span = Span(f"{source}.md", 3, 3, f"{kind} {target}")
    return Relation(source, target, kind, "authored", weight, (span,))


def requires(target, *sources):
    return [relation(source, "prerequisite_of", target) for source in sources]


def resource(resource_id, *concept_ids):
    span = Span("r.yaml", 4, 4, "Read.")
    return Resource(resource_id, "Paper", "https://a.org/p", "paper", "any", "Read.", concept_ids, span)


def cost(steps, relations):
    """What a path costs; that it is a path of these relations is made sure of on the way."""
    assert all(a.target == b.source for a, b in pairwise(steps))
    total = 0.0
    for step in steps:
        ends = (step.source, step.target) if step.direction == "forward" else (step.target, step.source)
        used = next(r for r in relations if (r.source, r.target, r.kind) == (*ends, step.kind))
        assert used.evidence == step.evidence
        forward = FORWARD_COST[used.kind] / max(used.weight, 0.1)
        total += forward if step.direction == "forward" else forward * BACKWARD_FACTOR
    return total


def assert_same_paths(expected, found, relations):
    if not expected:
        assert found == expected
    else:
        assert (found[0].source, found[-1].target) == (expected[0].source, expected[-1].target)
        assert cost(found, relations) == pytest.approx(cost(expected, relations))


def assert_same_alternatives(expected, found, source, target):
    """What goes with the cheapest path may differ where that does; each of the others is a path and differs."""
    paths, known = found.explain_paths(source, target), expected.explain_paths(source, target)
    assert bool(paths) == bool(known) == bool(source != target and expected.explain_path(source, target))
    if not paths:
        return
    assert paths[0] == found.explain_path(source, target)
    costs = [cost(path, found.relations()) for path in paths]
    assert costs == sorted(costs)
    assert max(costs) <= 2 * costs[0] + 1e-6
    assert all((path[0].source, path[-1].target) == (source, target) for path in paths)
    if paths[0] == known[0]:
        assert paths == known


def assert_same_answers(expected, found, names, texts, pairs):
    """Two stores agree on all that the protocol promises; equally cheap paths may differ."""
    assert found.concepts() == expected.concepts()
    assert found.relations() == expected.relations()
    assert found.resources() == expected.resources()
    assert found.facts() == expected.facts()
    assert found.concepts_by_id([*names, "nobody"]) == expected.concepts_by_id([*names, "nobody"])
    paths = [f"{name}.md" for name in names[:3]] + [c.spans[0].path for c in expected.concepts()[:3]]
    assert found.concepts_in(paths) == expected.concepts_in(paths)
    found.check()
    for name in names:
        for method in (
            "concept",
            "resolve",
            "suggest",
            "neighbours",
            "prerequisites",
            "unlocked_by",
            "reach",
            "resources",
        ):
            assert getattr(found, method)(name) == getattr(expected, method)(name), (method, name)
    for text in texts:
        assert found.find_mentions(text) == expected.find_mentions(text), text
    for source, target in pairs:
        assert_same_paths(expected.explain_path(source, target), found.explain_path(source, target), found.relations())
        assert_same_alternatives(expected, found, source, target)
    assert [cycle[0] for cycle in found.cycles()] == [cycle[0] for cycle in expected.cycles()]


# Over every engine


def test_an_empty_graph_answers_nothing(make_store):
    store = make_store([], [])
    assert store.concepts() == store.relations() == store.resources() == store.suggest("a") == ()
    assert store.resolve("a") is None
    assert store.resolve("") is None
    assert store.find_mentions("What is a graph?") == []
    assert store.cycles() == []
    assert store.explain_path("a", "a") is None
    assert store.facts() == GraphFacts(0, 0, 0)
    assert store.concepts_by_id(["a"]) == {}


def test_rows_come_back_whole_and_in_order(make_store):
    concepts = [
        concept("é", "Ünïcode \U0001f600", week=3),
        concept("b", "Bee", "bumblebee"),
        concept("Z"),
        concept("a"),
    ]
    relations = [relation("é", "related_to", "b", 0.25), *requires("b", "a"), relation("a", "part_of", "b")]
    resources = [resource("two", "b", "a"), resource("one", "b")]
    store = make_store(concepts, relations, resources)
    assert [c.id for c in store.concepts()] == ["Z", "a", "b", "é"]
    assert set(store.concepts()) == set(concepts)
    assert store.relations() == tuple(sorted(relations, key=lambda r: (r.source, r.target, r.kind)))
    assert [r.id for r in store.resources()] == ["one", "two"]
    assert [r.id for r in store.resources("a")] == ["two"]
    assert [(n.concept.id, n.relation.kind, n.side) for n in store.neighbours("b")] == [
        ("a", "part_of", "in"),
        ("a", "prerequisite_of", "in"),
        ("é", "related_to", "in"),
    ]


def test_unknown_ids_give_empty_answers(make_store):
    store = make_store([concept("a"), concept("b")], requires("b", "a"))
    for unknown in ("x", "", "a/b", "\ud800", "x" * 20_000):
        assert store.concept(unknown) is None
        assert store.resolve(unknown) is None
        assert store.neighbours(unknown) == store.prerequisites(unknown) == store.unlocked_by(unknown) == ()
        assert store.resources(unknown) == ()
        assert store.explain_path(unknown, "a") is None
        assert store.reach(unknown) == Reached(frozenset(), frozenset())
        assert store.concepts_by_id([unknown]) == {}
    assert store.suggest("\ud800\ud800\ud800") == ()


def test_the_facts_of_a_graph(make_store):
    concepts = [concept("a", week=2), concept("b"), concept("c", week=1), concept("week-1", week=1, kind="week")]
    relations = [*requires("b", "a"), relation("a", "contrasts_with", "c"), relation("c", "part_of", "week-1", 0.5)]
    facts = make_store(concepts, relations, [resource("one", "a")]).facts()
    assert (facts.concepts, facts.relations, facts.resources) == (4, 3, 1)
    assert facts.weeks == (1, 2, None)
    assert facts.origins == ("authored",)
    assert facts.hubs == ("a", "c", "b")
    assert facts.contrasts == (("a", "c"),)


def test_reach_goes_all_the_way_and_stops_at_a_circle(make_store):
    concepts = list(map(concept, "abcdef"))
    relations = [
        *requires("b", "a"),
        *requires("c", "b"),
        *requires("a", "c"),
        *requires("d", "c"),
        *requires("f", "e"),
    ]
    store = make_store(concepts, relations)
    assert store.reach("d") == Reached(frozenset("abc"), frozenset())
    assert store.reach("b") == Reached(frozenset("ac"), frozenset("acd"))
    assert store.reach("e") == Reached(frozenset(), frozenset("f"))


def test_a_circle_of_prerequisites_is_told_and_does_not_hang(make_store):
    concepts = [concept(name, week=week) for name, week in (("a", 3), ("b", 1), ("c", 2), ("d", 1), ("self", 1))]
    store = make_store(concepts, [*requires("b", "a"), *requires("c", "b"), *requires("a", "c"), *requires("d", "c")])
    assert store.cycles() == [("a", "b", "c")]
    assert store.prerequisites("a") == ("b", "c")
    assert store.prerequisites("d") == ("b", "c", "a")
    assert store.unlocked_by("a") == ("b", "c", "d")


def test_a_concept_that_requires_itself(make_store):
    store = make_store([concept("self"), concept("next")], [*requires("self", "self"), *requires("next", "self")])
    assert store.cycles() == [("self",)]
    assert store.prerequisites("self") == ()
    assert store.prerequisites("next") == ("self",)
    assert store.unlocked_by("self") == ("next",)
    assert [(n.concept.id, n.side) for n in store.neighbours("self")] == [
        ("next", "out"),
        ("self", "out"),
        ("self", "in"),
    ]
    assert store.explain_path("self", "self") == ()


def test_of_several_meanings_id_wins_over_title_over_alias_over_plural(make_store):
    store = make_store(
        [
            concept("rag", "Rag"),
            concept("retrieval", "RAG", "graph"),
            concept("graphs", "Networks", "agent"),
            concept("agents", "Agents"),
            concept("z-graph", "Graph"),
        ],
        [],
    )
    ids = {name: store.resolve(name).id for name in ("RAG", "graph", "Graphs", "agent", "agents", "network", "Z_graph")}
    assert ids == {
        "RAG": "rag",
        "graph": "z-graph",
        "Graphs": "graphs",
        "agent": "graphs",
        "agents": "agents",
        "network": "graphs",
        "Z_graph": "z-graph",
    }


def test_mentions_are_leftmost_longest_and_whole_words(make_store):
    store = make_store(
        [
            concept("vector", "Vector"),
            concept("vector-search", "Vector search"),
            concept("cpp", "C++"),
            concept("é", "Straße"),
        ],
        [],
    )
    text = "Vector-search, vectors and a vectorised (C++) straße;\nvector\tsearch"
    assert [(m.concept_id, text[m.start : m.end]) for m in store.find_mentions(text)] == [
        ("vector-search", "Vector-search"),
        ("vector", "vectors"),
        ("cpp", "C++"),
        ("vector-search", "vector\tsearch"),
    ]


def test_a_misspelt_name_is_suggested_even_with_marks_of_the_query_language(make_store):
    store = make_store(
        [concept("graphs", "Graph"), concept("or", 'a "OR" b + (c)'), concept("path", "a\\b [x TO y]*")], []
    )
    assert [c.id for c in store.suggest("grahp")] == ["graphs"]
    assert store.suggest('a "OR" b + (d)')[0].id == "or"
    assert store.suggest("a\\b [x TO z]*")[0].id == "path"
    assert store.suggest("zzzzzzzz") == store.suggest("") == store.suggest('"') == ()


def test_names_longer_than_an_index_holds(make_store):
    long = "very " * 5_000 + "long"
    store = make_store([concept("a", long), concept("b" * 3_000)], [])
    assert store.resolve(long.upper()).id == "a"
    assert store.concept("b" * 3_000).id == "b" * 3_000
    assert store.find_mentions(f"What is {long}?") == []


def test_a_path_takes_the_cheapest_way_around_weeks(make_store):
    concepts = [*map(concept, "abcde"), concept("week-1", kind="week")]
    relations = [
        relation("a", "related_to", "e"),
        *requires("b", "a"),
        relation("b", "applies_to", "c"),
        relation("c", "related_to", "d", 0.2),
        relation("a", "part_of", "week-1"),
        relation("d", "part_of", "week-1"),
    ]
    store = make_store(concepts, relations)
    assert [(s.target, s.kind, s.direction) for s in store.explain_path("a", "d")] == [
        ("b", "prerequisite_of", "forward"),
        ("c", "applies_to", "forward"),
        ("d", "related_to", "forward"),
    ]
    assert [s.direction for s in store.explain_path("c", "a")] == ["backward", "backward"]
    assert [s.target for s in store.explain_path("a", "week-1")] == ["week-1"]
    assert store.explain_path("a", "a") == ()


def test_other_paths_go_through_other_concepts_and_are_not_much_longer(make_store):
    relations = [
        *(requires("d", "b", "far") + requires("b", "a")),
        *(relation(*ends, 0.9) for ends in (("a", "prerequisite_of", "c"), ("c", "prerequisite_of", "d"))),
        *(requires("near-b", "b") + requires("d", "near-b")),
        relation("a", "related_to", "far", 0.2),
        relation("b", "part_of", "week-1"),
        relation("c", "part_of", "week-1"),
    ]
    concepts = [*map(concept, ["a", "b", "c", "d", "far", "near-b"]), concept("week-1", kind="week")]
    store = make_store(concepts, relations)
    assert [[s.target for s in path] for path in store.explain_paths("a", "d")] == [["b", "d"], ["c", "d"]]
    assert store.explain_paths("a", "d", limit=1) == (store.explain_path("a", "d"),)
    assert [[s.target for s in path] for path in store.explain_paths("b", "c")] == [["a", "c"], ["d", "c"]]
    assert store.explain_paths("a", "a") == store.explain_paths("a", "unknown") == ()
    assert all(step.evidence for path in store.explain_paths("a", "d") for step in path)


# Neo4j beside NetworkX


def test_the_course_gives_the_same_answers(course, publish):
    graph = course.graph
    store = publish(graph.concepts(), graph.relations(), graph.resources())
    dice = random.Random(7)
    chosen = dice.sample(graph.concepts(), 12)
    misspelt = [c.title[:3] + c.title[4:] for c in chosen]
    lines = [line for path in sorted(SHIPPED_CONTENT.rglob("*.md")) for line in path.read_text("utf-8").splitlines()]
    texts = [*dice.sample([line for line in lines if len(line) > 80], 12), "\n".join(lines[:60])]
    pairs = [tuple(c.id for c in dice.sample(graph.concepts(), 2)) for _ in range(15)]
    names = [name for c in chosen for name in (c.id, *c.aliases[:1])]
    assert_same_answers(graph, store, names, texts, pairs)
    for name in misspelt:  # of the worse ones, some may lie beyond the names that are compared
        assert store.suggest(name)[:1] == graph.suggest(name)[:1], name
    assert store.lint() == lint_graph(graph.concepts(), graph.relations())
    assert store.missing() == []


def test_lints_are_those_of_the_whole_graph(publish):
    concepts = [*map(concept, ["a", "b", "c", "alone", "exempt", "in-week"]), concept("week-1", kind="week")]
    relations = [*requires("b", "a"), *requires("c", "b"), relation("c", "prerequisite_of", "a", 0.5)]
    relations += [relation("in-week", "part_of", "week-1"), relation("a", "part_of", "week-1")]
    found = publish(concepts, relations).lint({"exempt"})
    assert found == lint_graph(sorted(concepts, key=lambda c: c.id), relations, {"exempt"})
    assert [problem.code for problem in found] == ["prerequisite_cycle", "unlinked_concept", "unlinked_concept"]


WORDS = [
    "graph",
    "graphs",
    "RAG",
    "rag",
    "e5",
    "Ünïcode",
    "vector search",
    "Vector-Search",
    "class",
    "query",
    "queries",
]
IDS = ["a", "b", "c-1", "D", "é", "graph", "rag", "week 1", "x/y", "query"]


@st.composite
def graphs(draw):
    ids = draw(st.lists(st.sampled_from(IDS), unique=True, max_size=8))
    words = st.sampled_from(WORDS)
    concepts = [
        concept(
            name,
            draw(words),
            *draw(st.lists(words, max_size=2)),
            week=draw(st.sampled_from([None, 1, 2])),
            kind=draw(st.sampled_from(["concept", "concept", "week"])),
        )
        for name in ids
    ]
    if not ids:
        return concepts, [], []
    end = st.sampled_from(ids)
    rows = draw(st.lists(st.tuples(end, st.sampled_from((*KINDS, "prerequisite_of")), end), unique=True, max_size=20))
    relations = [relation(*row, weight=draw(st.sampled_from([0.05, 0.5, 1.0]))) for row in rows]
    return concepts, relations, [resource("r", *draw(st.lists(end, max_size=3, unique=True)))]


@settings(
    max_examples=8,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(graphs())
def test_any_graph_gives_the_same_answers(publish, graph):
    expected = NetworkxStore(*graph)
    ids = [c.id for c in expected.concepts()]
    pairs = [(a, b) for a in ids for b in ids][:20]
    text = " ".join(WORDS) + " graphs, RAGs and x/y: é"
    assert_same_answers(expected, publish(*graph), [*ids, *WORDS[:3], "grpah"], [text], pairs)
