"""An exported vault, ingested again, is the same graph."""

import pytest
import yaml

from export.obsidian import file_name, to_vault
from export.rows import GraphRows
from tests.export.made_up_graphs import NASTY, make_concept, make_relation


def concepts_of(graph):
    return {c.id: (c.title, c.aliases, c.summary, c.week, c.track, c.kind) for c in graph.concepts}


def relations_of(graph):
    return {(r.source, r.target, r.kind, r.origin, r.weight) for r in graph.relations}


def resources_of(graph):
    return {(r.id, r.title, r.url, r.kind, r.level, r.takeaway, r.concept_ids) for r in graph.resources}


def test_the_course_comes_back_as_it_was(course_graph, vault_of):
    back = vault_of(to_vault(course_graph))
    assert concepts_of(back) == concepts_of(course_graph)
    assert relations_of(back) == relations_of(course_graph)
    assert resources_of(back) == resources_of(course_graph)
    assert {problem.code for problem in back.problems} <= {"bare_address"}


def test_any_title_and_any_reason_come_back(nasty_graph, vault_of):
    back = vault_of(to_vault(nasty_graph))
    notes = {c.id: c for c in back.concepts if c.kind == "concept"}
    assert {c.title.split() == n.title.split() for c in nasty_graph.concepts for n in [notes[c.id]]} == {True}
    pairs = {(r.source, r.target, r.kind) for r in back.relations if r.kind == "related_to"}
    assert pairs == {(*sorted((r.source, r.target)), r.kind) for r in nasty_graph.relations}


@pytest.mark.parametrize("summary", [text for text in NASTY if len(text.split()) > 1])
def test_any_definition_comes_back(summary, vault_of):
    summary = f"{summary} is a thing."
    graph = GraphRows([make_concept("a", "A", summary=summary), make_concept("b", "B")], [make_relation("b", "a")])
    back = vault_of(to_vault(graph))
    assert {c.id: c.summary for c in back.concepts}["a"] == " ".join(summary.split())


@pytest.mark.parametrize("concept_id", ["con", "lpt1", "index", "readme", "x" * 300, "ü" * 100, "7"])
def test_ids_that_no_file_can_have_come_back(concept_id, vault_of):
    graph = GraphRows([make_concept(concept_id, "Odd"), make_concept("b", "B")], [make_relation(concept_id, "b")])
    files = to_vault(graph)
    assert max(len(path.encode()) for path in files) < 120
    assert not {"con.md", "lpt1.md"} & set(files)
    back = vault_of(files)
    assert {c.id for c in back.concepts} == {concept_id, "b"}
    assert relations_of(back) == relations_of(graph)
    assert file_name("hnsw") == "hnsw"


def test_what_was_inferred_becomes_a_typed_line_that_holds(vault_of):
    notes = {
        "heap.md": "# Heap\n\nA heap is a tree whose root is the smallest. It builds on trees.\n",
        "tree.md": "# Tree\n\nA tree is a graph without cycles.\n",
        "queue.md": "# Queue\n\nA priority queue uses a [[heap]].\n",
    }
    graph = vault_of(notes)
    assert {r.origin for r in graph.relations} - {"authored"}
    back = vault_of(to_vault(GraphRows(graph.concepts, graph.relations, graph.resources)))
    assert {(r.source, r.target, r.kind) for r in graph.relations} <= {
        (r.source, r.target, r.kind) for r in back.relations
    }
    assert {c.id for c in graph.concepts} <= {c.id for c in back.concepts}


def test_a_note_reads_as_obsidian_expects(course_graph):
    note = to_vault(course_graph)["week-5/hnsw.md"].decode()
    _, front, body = note.split("---\n", 2)
    assert yaml.safe_load(front) == {
        "id": "hnsw",
        "title": "HNSW",
        "aliases": ["Hierarchical Navigable Small World", "HNSW index", "efSearch"],
        "week": 5,
        "track": "rag",
    }
    assert "- requires [[graphs|Graph]]: the index is a layered graph" in body
    assert "Source: `concepts/hnsw.md`, line 7." in body
