"""What concept a note becomes: its id, names, definition and week, and the line behind each."""

import pytest

from graph.schema import Span


def only_concept(vault_of, text, path="note.md"):
    (concept,) = vault_of({path: text}).concepts
    return concept


def codes(vault):
    return [(p.path, p.line, p.severity, p.code) for p in vault.problems if p.code != "unlinked_concept"]


def test_a_note_is_a_concept_defined_by_its_first_sentence(vault_of):
    front = "---\ntitle: HNSW\naliases: [Small World, HNSW]\nweek: Week 5\ntrack: RAG systems\n---\n"
    vault = vault_of({"ann/hnsw.md": front + "\nIt **walks** a\ngraph. More.\n"})
    concept = next(c for c in vault.concepts if c.kind == "concept")
    assert (concept.id, concept.title, concept.aliases) == ("hnsw", "HNSW", ("Small World",))
    assert (concept.week, concept.track, concept.kind) == (5, "rag-systems", "concept")
    assert concept.summary == "It walks a graph."
    assert concept.spans == (Span("ann/hnsw.md", 8, 9, "It **walks** a\ngraph."),)


@pytest.mark.parametrize(
    ("text", "quote"),
    [
        ("# Title\n\n```\ncode\n```\n\nThe paragraph. More.", "The paragraph."),
        ("# Title\n- first item\n- second", "first item"),
        ("# Title\n> quoted text", "quoted text"),
        ("# Only a title", "Only a title"),
        ("---\ntitle: Only front matter\n---\n", "title: Only front matter"),
        ("- one\n\nA paragraph after the list.", "A paragraph after the list."),
    ],
)
def test_the_definition_is_the_first_text_there_is(vault_of, text, quote):
    (span,) = only_concept(vault_of, text).spans
    assert span.quote == quote
    assert text.split("\n")[span.start_line - 1].endswith(quote) or quote in text.split("\n")[span.start_line - 1]


@pytest.mark.parametrize("text", ["", "\n \n", "---\nweek:\n---\n"])
def test_an_empty_note_is_a_warning_and_no_concept(vault_of, text):
    vault = vault_of({"empty.md": text, "other.md": "Other text."})
    assert [c.id for c in vault.concepts] == ["other"]
    assert [d.path for d in vault.documents] == ["empty.md", "other.md"]
    assert ("empty.md", 1, "warning", "empty") in codes(vault)


@pytest.mark.parametrize(
    ("path", "front", "concept_id"),
    [
        ("Big O Notation.md", "", "big-o-notation"),
        ("a/b/C#.md", "", "c"),
        ("kafka/README.md", "", "kafka"),
        ("kafka/index.md", "", "kafka"),
        ("x.md", "id: My Id\n", "my-id"),
        ("機械学習.md", "", "機械学習"),
    ],
)
def test_an_id_is_declared_or_the_name_of_the_file(vault_of, path, front, concept_id):
    assert only_concept(vault_of, f"---\n{front}---\nText.", path).id == concept_id


def test_a_second_claim_to_an_id_is_an_error_and_loses_nothing(vault_of):
    vault = vault_of({"a/heap.md": "The first heap.", "b/heap.md": "---\nid: heap\n---\nThe second heap."})
    assert [(c.id, c.summary) for c in vault.concepts] == [("b-heap", "The second heap."), ("heap", "The first heap.")]
    assert ("b/heap.md", 2, "error", "duplicate_id") in codes(vault)
    assert any("'heap' belongs to a/heap.md already" in problem.message for problem in vault.problems)


def test_many_claims_to_an_id_all_get_one(vault_of):
    files = {"a/x.md": "One.", "b/x.md": "Two.", "b-x.md": "Three.", "c.md": "---\nid: b-x\n---\nFour."}
    assert len({c.id for c in vault_of(files).concepts}) == 4


@pytest.mark.parametrize(("written", "week"), [("3", 3), ("week 4", 4), ("'05'", 5), ("Week 12", 12)])
def test_a_week_is_a_number_however_it_is_written(vault_of, written, week):
    concepts = vault_of({"a.md": f"---\nweek: {written}\n---\nText."}).concepts
    assert [c.week for c in concepts if c.id == "a"] == [week]


def test_a_week_that_is_no_number_is_a_warning_at_its_line(vault_of):
    vault = vault_of({"a.md": "---\ntitle: A\nweek: soon\n---\nText."})
    assert vault.concepts[0].week is None
    assert codes(vault) == [("a.md", 3, "warning", "bad_week")]


def test_a_week_that_no_note_describes_stands_on_the_first_line_that_names_it(vault_of):
    vault = vault_of({"a.md": "---\nweek: 2\n---\nA.", "b.md": "---\nweek: 2\n---\nB."})
    week = next(c for c in vault.concepts if c.kind == "week")
    assert (week.id, week.title, week.week) == ("week-2", "Week 2", 2)
    assert week.spans == (Span("a.md", 2, 2, "week: 2"),)


def test_a_note_describes_its_week(vault_of):
    vault = vault_of({"two.md": "---\nkind: week\nweek: 2\n---\nThe second week.", "a.md": "---\nweek: 2\n---\nA."})
    assert [c.id for c in vault.concepts if c.kind == "week"] == ["two"]
    assert [(r.source, r.target) for r in vault.relations] == [("a", "two")]


def test_a_name_that_two_notes_claim_is_a_warning(vault_of):
    vault = vault_of({"a.md": "---\naliases: [tree]\n---\nA.", "b.md": "---\ntitle: Tree\n---\nB."})
    assert codes(vault) == [("a.md", 1, "warning", "ambiguous_name")]
