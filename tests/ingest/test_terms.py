"""Concepts that nobody declared: which terms become one, on which line they stand, and which names are the same."""

from pathlib import Path

import pytest

from graph.schema import Merge
from ingest.phrases import acronym_pairs, enumeration, is_boilerplate, is_term
from ingest.read import SourceFile
from ingest.vault import Sources, build_vault

COURSE = """# Course

## Week 1 — Structures & Algorithms

### Focus
Arrays, linked lists, merge/quick sort (stable), and Big-O to support interviews.

### Resources
- Book: A long book about structures.
- Heaps, tries, rings: https://a.org/b

## Week 2: Retrieval-Augmented Generation (RAG)

### Learning goals
- Explain how models write; hybrid search, dense vs sparse.
- **Chunking**: cutting a text into passages.
- RAG needs arrays.

## Summary
The end.
"""


def titles(vault):
    return {c.title: c for c in vault.concepts}


def test_numbered_headings_are_weeks_in_order(vault_of):
    vault = vault_of({"course.md": COURSE})
    weeks = [c for c in vault.concepts if c.kind == "week"]
    assert [(c.id, c.week, c.title, c.aliases) for c in weeks] == [
        ("week-1", 1, "Week 1 — Structures & Algorithms", ("Week 1",)),
        ("week-2", 2, "Week 2: Retrieval-Augmented Generation (RAG)", ("Week 2",)),
    ]
    assert weeks[0].spans[0].start_line == 3


def test_what_a_week_lists_is_part_of_it(vault_of):
    vault = vault_of({"course.md": COURSE})
    found = titles(vault)
    assert {"Arrays", "Linked lists", "Merge sort", "Quick sort", "Big-O"} <= {
        t for t, c in found.items() if c.week == 1
    }
    assert {"Hybrid search", "Dense vs sparse", "Chunking"} <= {t for t, c in found.items() if c.week == 2}
    (edge,) = [r for r in vault.relations if (r.source, r.kind) == ("big-o", "part_of")]
    assert (edge.target, edge.origin, edge.evidence[0].start_line) == ("week-1", "pattern", 3)


def test_headings_of_a_course_and_its_study_aids_are_no_concepts(vault_of):
    names = {name.casefold() for c in vault_of({"course.md": COURSE}).concepts for name in (c.title, *c.aliases)}
    assert not names & {
        "focus",
        "resources",
        "learning goals",
        "summary",
        "book",
        "heaps",
        "tries",
        "explain how models",
    }


def test_a_passage_of_a_week_belongs_to_it(vault_of):
    owners = {c.text: c.owner for c in vault_of({"course.md": COURSE}).chunks}
    assert next(owner for text, owner in owners.items() if "linked lists" in text) == "week-1"
    assert next(owner for text, owner in owners.items() if "cutting a text" in text) == "week-2"


def test_a_name_and_its_acronym_are_one_concept_and_the_merge_is_listed(vault_of):
    vault = vault_of({"course.md": COURSE})
    concept = titles(vault)["Retrieval-Augmented Generation"]
    assert concept.aliases == ("RAG",)
    assert Merge("RAG", "Retrieval-Augmented Generation", "acronym") in vault.merges


@pytest.mark.parametrize(
    ("line", "term"),
    [
        ("**Heap**: a tree whose root is the smallest.", "Heap"),
        ("**Heap** is a tree whose root is the smallest.", "Heap"),
        ("- **Hash table** — finds a key in constant time.", "Hash table"),
        ("We use a Binary Search Tree (BST) here.", "Binary Search Tree"),
    ],
)
def test_a_definition_is_a_concept_on_its_line(vault_of, line, term):
    vault = vault_of({"notes.md": f"Words about structures.\n\n{line}\n"})
    concept = titles(vault)[term]
    assert concept.spans[0].start_line == 3
    assert concept.spans[0].quote in line


def test_glossary_lines_of_a_long_list_are_concepts(vault_of):
    items = "\n".join(
        f"- Term{chr(65 + i)} — means the thing that comes after the thing before it, {'very ' * 30}" for i in range(12)
    )
    assert "TermC" in titles(vault_of({"glossary.md": items}))


def test_a_concept_of_a_note_takes_in_what_names_it(vault_of):
    files = {"rag.md": "---\ntitle: Retrieval augmented generation\n---\nIt answers.", "course.md": COURSE}
    vault = vault_of(files)
    concept = titles(vault)["Retrieval augmented generation"]
    assert (concept.id, concept.week, concept.aliases) == ("rag", 2, ("RAG",))
    assert "Retrieval-Augmented Generation" not in titles(vault)
    assert Merge("Retrieval-Augmented Generation", "Retrieval augmented generation", "case") not in vault.merges


def test_a_note_that_declares_connections_gives_nothing_more(vault_of):
    text = "A.\n\n**Heap**: a tree whose root is the smallest.\n## Connections\n- requires [[b]]: first\n"
    assert [c.id for c in vault_of({"a.md": text, "b.md": "**Ring**: B is a ring."}).concepts] == ["a", "b"]


def test_images_and_attachments_are_no_concepts(vault_of):
    text = "Text.\n\n![[Figure One.png]] ![Great Picture](pic.png) [[scan.pdf]]\n"
    assert [c.id for c in vault_of({"a.md": text}).concepts] == ["a"]


PLURALS = "# Course\n## Week 1\n### Focus\nHeaps, rings\n## Week 2\n### Focus\nA heap, ropes\n"


def test_a_plural_is_merged_and_can_be_kept_apart(vault_of):
    vault = vault_of({"c.md": PLURALS})
    assert [m for m in vault.merges if m.why == "plural"] == [Merge("heap", "Heaps", "plural")]
    apart = vault_of({"c.md": PLURALS, "prepgraph.toml": '[merges]\nkeep_apart = [["heaps", "heap"]]\n'})
    assert {"Heaps", "Heap"} <= set(titles(apart))
    assert apart.merges == ()
    assert apart.problems == vault.problems


@pytest.mark.parametrize(
    ("toml", "code"),
    [
        ("colour = 1\n[merges]\nkeep_apart = []\n", "unknown_setting"),
        ("[merges]\nkeep = []\n", "unknown_setting"),
        ("[merges]\nkeep_apart = [1]\n", "unknown_setting"),
        ("merges = 3\n", "unknown_setting"),
        ("[merges", "broken_settings"),
    ],
)
def test_settings_that_nobody_knows_are_one_problem(vault_of, toml, code):
    vault = vault_of({"a.md": "Text.", "prepgraph.toml": toml})
    assert [(p.path, p.code) for p in vault.problems if p.path == "prepgraph.toml"] == [("prepgraph.toml", code)]
    assert [d.path for d in vault.documents] == ["a.md"]


def test_an_acronym_with_two_meanings_joins_neither(vault_of):
    text = "First page rank (PR) sorts.\n\nThen a pull request (PR) waits.\n"
    vault = vault_of({"a.md": text})
    assert {c.title: c.aliases for c in vault.concepts if c.id != "a"} == {"Page rank": (), "Pull request": ()}
    assert vault.merges == ()
    assert [p.code for p in vault.problems] == ["unlinked_concept"]


def test_a_note_called_by_an_acronym_takes_in_the_long_name(vault_of):
    vault = vault_of({"rag.md": "# RAG\nIt answers.", "b.md": "We use retrieval-augmented generation (RAG) here."})
    assert {c.title: c.aliases for c in vault.concepts} == {"B": (), "RAG": ("retrieval-augmented generation",)}
    assert vault.merges == (Merge("retrieval-augmented generation", "RAG", "acronym"),)


@pytest.mark.parametrize(
    ("text", "pairs"),
    [
        ("Retrieval-Augmented Generation (RAG) answers", [("Retrieval-Augmented Generation", "RAG")]),
        ("we call depth-first search (DFS) so", [("depth-first search", "DFS")]),
        ("RAG (retrieval-augmented generation) answers", [("retrieval-augmented generation", "RAG")]),
        ("mean time to repair (MTTR)", [("mean time to repair", "MTTR")]),
        ("the old town (UNESCO) is", []),
        ("as of 2020 (USA)", []),
    ],
)
def test_an_acronym_and_what_it_stands_for(text, pairs):
    assert acronym_pairs(text) == pairs


@pytest.mark.parametrize(
    ("clause", "terms"),
    [
        ("Trees, graphs, and heaps.", ["Trees", "graphs", "heaps"]),
        ("merge/quick sort; DP, BFS/DFS", ["merge sort", "quick sort", "DP", "BFS", "DFS"]),
        ("Explain how models write; hybrid search, CRAG", ["hybrid search", "CRAG"]),
        ("Run mocks across coding, design, data.", []),
        ("ingestion → chunking/embeddings → retrieval", ["ingestion", "chunking", "embeddings", "retrieval"]),
    ],
)
def test_an_enumeration_names_terms(clause, terms):
    assert enumeration(clause) == terms


@pytest.mark.parametrize("heading", ["Introduction", "Practice & Activities", "2. Summary", "FAQ", "Key takeaways:"])
def test_boilerplate(heading):
    assert is_boilerplate(heading)
    assert not is_term(heading)


@pytest.mark.parametrize("name", ["what to log", "5 stories", "https://a.org", "you", "basics", "image.png", "a?"])
def test_what_cannot_be_a_term(name):
    assert not is_term(name)


def test_text_that_no_one_wrote_costs_no_minutes():
    """Runs that would make a careless pattern look back from every character."""
    runs = ("the " * 60_000, "no " * 60_000 + "uses", "!" * 200_000 + " uses x", "(" * 90_000, "x uses " * 40_000)
    texts = {f"n{i}.md": f"## {run[:50_000]}\n{run}\n\n- {run}: {run}\n" for i, run in enumerate(runs)}
    files = tuple(SourceFile(path, text.encode()) for path, text in {"c.md": COURSE, **texts}.items())
    vault = build_vault(Sources(Path("notes"), files, ()), lambda text: len(text.split()) + 2)
    assert len(vault.documents) == 6
