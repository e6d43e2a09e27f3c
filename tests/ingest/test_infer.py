"""Relations that nobody declared: from sentences and from who names whom; and contradictions, at their lines."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.paths import find_cycles, prerequisite_graph
from graph.store import graph_to_json

NOTES = {"ivf.md": "---\ntitle: IVF\n---\nClusters.", "graphs.md": "---\ntitle: Graph\n---\nNodes."}


def relations(vault, origin="pattern"):
    return [(r.source, r.kind, r.target) for r in vault.relations if r.origin == origin]


@pytest.mark.parametrize(
    ("sentence", "expected"),
    [
        ("HNSW builds on the graph.", ("graphs", "prerequisite_of", "hnsw")),
        ("It requires a good grasp of graphs.", ("graphs", "prerequisite_of", "hnsw")),
        ("The graph underpins HNSW.", ("graphs", "prerequisite_of", "hnsw")),
        ("Unlike IVF, HNSW needs no training.", ("hnsw", "contrasts_with", "ivf")),
        ("In contrast to IVF it keeps links.", ("hnsw", "contrasts_with", "ivf")),
        ("HNSW is a kind of graph.", ("hnsw", "part_of", "graphs")),
        ("HNSW uses a graph.", ("graphs", "applies_to", "hnsw")),
        ("A graph supports HNSW.", ("graphs", "applies_to", "hnsw")),
    ],
)
def test_a_sentence_relates_two_concepts(vault_of, sentence, expected):
    vault = vault_of({**NOTES, "hnsw.md": f"---\ntitle: HNSW\n---\nAn index.\n\n{sentence}\n"})
    assert relations(vault) == [expected]
    (relation,) = [r for r in vault.relations if r.origin == "pattern"]
    assert (relation.evidence[0].quote, relation.evidence[0].start_line) == (sentence, 6)
    assert relation.weight < 1


@pytest.mark.parametrize(
    "sentence",
    [
        "HNSW does not require a graph.",
        "Does HNSW require a graph?",
        "HNSW is fast, and people who know a graph like it.",
        "`HNSW builds`\n\n```\nHNSW builds on a graph.\n```",
    ],
)
def test_what_is_denied_asked_or_code_relates_nothing(vault_of, sentence):
    vault = vault_of({**NOTES, "hnsw.md": f"---\ntitle: HNSW\n---\nAn index.\n\n{sentence}\n"})
    assert relations(vault) == []


def test_a_declared_relation_is_never_turned(vault_of):
    text = "---\ntitle: HNSW\n---\nAn index.\n\nThe graph builds on HNSW.\n"
    files = {**NOTES, **{f"n{i}.md": "Other." for i in range(9)}, "hnsw.md": text}
    assert ("hnsw", "prerequisite_of", "graphs") in relations(vault_of(files))
    files["graphs.md"] = "---\ntitle: Graph\nunlocks: hnsw\n---\nNodes."
    vault = vault_of(files)
    assert ("hnsw", "prerequisite_of", "graphs") not in relations(vault)
    assert not [p for p in vault.problems if p.severity == "error"]


COURSE = """# Course

Data engineering feeds all. Data engineering matters.

## Week 1 — Coding
Support Week 2 patterns; data engineering later.

## Week 2 — Systems
Builds on Week 1 and preps Week 3.

## Week 3 — Agents
{line}

## Week 4 — Final
Integrate Weeks 1–3.
"""


def test_weeks_named_in_a_sentence_are_related(vault_of):
    vault = vault_of({"course.md": COURSE.format(line="Agents use RAG (Week 2).")})
    weeks = [r for r in relations(vault) if r[0].startswith("week") and r[2].startswith("week")]
    assert weeks == [
        ("week-1", "applies_to", "week-2"),
        ("week-1", "prerequisite_of", "week-2"),
        ("week-1", "prerequisite_of", "week-4"),
        ("week-2", "applies_to", "week-3"),
        ("week-2", "prerequisite_of", "week-3"),
        ("week-2", "prerequisite_of", "week-4"),
        ("week-3", "prerequisite_of", "week-4"),
    ]
    edges = {r.kind: r for r in vault.relations if (r.source, r.target) == ("week-2", "week-3")}
    assert [(kind, edge.evidence[0].start_line) for kind, edge in sorted(edges.items())] == [
        ("applies_to", 12),
        ("prerequisite_of", 9),
    ]


@pytest.mark.parametrize(
    ("line", "sent"),
    [
        ("Sets foundation for Week 4 data engineering.", True),
        ("Sets foundation for Week 1 data engineering.", False),
        ("Sets foundation for Week 4 when all is done.", False),
        ("Sets foundation for Week 4 orchestration.", False),
        ("Week 9 data engineering.", False),
    ],
)
def test_a_topic_sent_to_a_week_that_lacks_it_is_a_contradiction_at_its_line(vault_of, line, sent):
    vault = vault_of({"course.md": COURSE.format(line=line)})
    found = [(p.path, p.line, p.severity) for p in vault.problems if p.code == "contradiction"]
    assert found == ([("course.md", 12, "error")] if sent else [])


def test_two_notes_that_put_each_other_first_contradict(vault_of):
    files = {
        "a.md": "A.\n## Connections\n- requires [[b]]: first\n",
        "b.md": "B.\n\n## Connections\n- requires [[a]]: first\n",
    }
    (found,) = [p for p in vault_of(files).problems if p.code == "contradiction"]
    assert (found.path, found.line, found.severity) == ("b.md", 4, "error")
    assert "a.md:3" in found.message


PAGES = {
    "set.md": "# Set\nA set is a collection of distinct members without order.",
    "function.md": "# Function\nA function maps each member of a set to one member of another set.",
    "limit.md": "# Limit\nA limit is the value that a function approaches near a point.",
    "derivative.md": "# Derivative\nA derivative is the limit of the slope of a function between two near points.",
    "gradient.md": "# Gradient\nA gradient holds each partial derivative of a function of many inputs.",
    "gradient-descent.md": "# Gradient descent\nGradient descent follows the negative gradient of a loss downhill.",
}


def test_a_note_that_names_another_needs_it(vault_of):
    vault = vault_of(PAGES)
    found = {(r.source, r.target): r for r in vault.relations if r.origin == "statistics"}
    assert {("gradient", "gradient-descent"), ("derivative", "gradient"), ("limit", "derivative")} <= set(found)
    assert all((b, a) not in found for a, b in found)
    edge = found["derivative", "gradient"]
    assert edge.kind == "prerequisite_of"
    assert 0 < edge.weight < 1
    assert edge.evidence[0].quote == "A gradient holds each partial derivative of a function of many inputs."


def test_where_notes_declare_statistics_are_silent(vault_of):
    files = {**PAGES, "limit.md": PAGES["limit.md"] + "\n## Connections\n- requires [[function]]: of what\n",
             "set.md": PAGES["set.md"] + "\n## Connections\n- unlocks [[function]]: it maps sets\n"}  # fmt: skip
    assert relations(vault_of(files), "statistics") == []


def test_the_course_decides_the_order_of_weeks(vault_of):
    files = {**PAGES, "derivative.md": "---\ntitle: Derivative\nweek: 3\n---\n" + PAGES["derivative.md"],
             "gradient.md": "---\ntitle: Gradient\nweek: 1\n---\n" + PAGES["gradient.md"]}  # fmt: skip
    assert ("derivative", "prerequisite_of", "gradient") not in relations(vault_of(files), "statistics")


TERMS = ("Heap", "Ring buffer", "Graph", "Hash table (HT)", "Tree")
LINES = st.sampled_from(
    [
        *(f"**{a}**: it builds on the {b}." for a in TERMS for b in TERMS),
        *(f"## Week {n} — {t}" for n in (1, 2, 3) for t in TERMS),
        *(f"{a} uses {b}; unlike Week 2 hash tables." for a in TERMS[:3] for b in TERMS),
        "### Focus", "Heaps, rings, trees/graphs (BFS)", "Builds on Week 1 and preps Week 3.", "",
        "- HT — a table of hashes", "See [[b]].", "Heaps are used in Weeks 1–9 graph search.",
    ]
)  # fmt: skip
VAULTS = st.dictionaries(
    st.sampled_from([f"{name}.md" for name in "abcdefg"]), st.lists(LINES, max_size=9).map("\n".join), max_size=7
)


@settings(max_examples=60, deadline=None)
@given(files=VAULTS)
def test_whatever_is_inferred_stands_in_its_file_closes_no_circle_and_is_always_the_same(vault_of, files):
    vault = vault_of(files)
    lines = {document.path: document.text.split("\n") for document in vault.documents}
    for span in [s for c in vault.concepts for s in c.spans] + [s for r in vault.relations for s in r.evidence]:
        assert span.quote.strip()
        assert span.quote in "\n".join(lines[span.path][span.start_line - 1 : span.end_line])
    ids = {concept.id for concept in vault.concepts}
    assert len(ids) == len(vault.concepts)
    assert all({r.source, r.target} <= ids for r in vault.relations)
    assert find_cycles(prerequisite_graph(vault.relations)) == []
    again = vault_of(dict(reversed(files.items())))
    assert graph_to_json(vault.concepts, vault.relations, ()) == graph_to_json(again.concepts, again.relations, ())
    assert vault.merges == again.merges
