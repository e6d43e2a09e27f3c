"""What there is to study elsewhere: lists in YAML, and the addresses that notes link."""

import pytest

from graph.schema import Span

LIST = """- id: hnsw-paper
  title: The HNSW paper
  url: https://arxiv.org/abs/1603.09320
  kind: paper
  level: advanced
  takeaway: "Read section 4: the role of M."
  concepts: [hnsw, graphs]
"""
NOTES = {"hnsw.md": "HNSW walks a [[graphs]].", "graphs.md": "Nodes and edges."}


def with_list(vault_of, text, **more):
    return vault_of({**NOTES, "resources/list.yaml": text, **more})


def codes(vault):
    return [(p.path, p.line, p.severity, p.code) for p in vault.problems]


def test_a_listed_resource_is_a_passage_that_can_be_found_and_cited(vault_of):
    vault = with_list(vault_of, LIST)
    (resource,) = vault.resources
    assert (resource.id, resource.kind, resource.level) == ("hnsw-paper", "paper", "advanced")
    assert resource.concept_ids == ("hnsw", "graphs")
    assert resource.span == Span("resources/list.yaml", 6, 6, "Read section 4: the role of M.")
    chunk = next(c for c in vault.chunks if c.document_id == "resources/list.yaml")
    assert (chunk.headings, chunk.text) == (("Resources", "The HNSW paper"), "Read section 4: the role of M.")
    assert codes(vault) == []


@pytest.mark.parametrize(
    "takeaway",
    [
        "plain words",
        "'single: quoted'",
        '"double — quoted 🙂"',
        "|\n    two\n    lines",
        ">-\n    folded\n    lines",
        "x # c",
    ],
)
def test_the_takeaway_is_quoted_as_it_stands_in_the_file(vault_of, takeaway):
    text = f"# ünïcode 🙂 before\n- title: T\n  url: https://a.org/b\n  takeaway: {takeaway}\n  concepts: [hnsw]\n"
    (resource,) = with_list(vault_of, text).resources
    span = resource.span
    window = "\n".join(text.split("\n")[span.start_line - 1 : span.end_line])
    assert span.quote in window
    assert span.quote.split() == takeaway.partition(" #")[0].strip("'\"|>-").split()
    assert span.quote.count("\n") == span.end_line - span.start_line


@pytest.mark.parametrize(
    ("text", "line", "code"),
    [
        ("- title: [unclosed", 2, "broken_yaml"),
        ("title: no list", 1, "broken_yaml"),
        ("- title: T\n  url: https://a.org/b", 1, "broken_resource"),
        ("- just words", 1, "broken_resource"),
        ("- &a {title: *a}", 1, "broken_yaml"),
        ("- " + "[" * 100_000, 1, "broken_yaml"),
    ],
)
def test_a_broken_list_is_an_error_at_its_line(vault_of, text, line, code):
    vault = with_list(vault_of, text)
    assert vault.resources == ()
    assert codes(vault) == [("resources/list.yaml", line, "error", code)]
    assert len(vault.concepts) == 2


def test_one_bad_entry_does_not_take_the_others_with_it(vault_of):
    text = (
        "- title: No address\n  takeaway: x\n" + LIST + "- title: 2024-02-30\n  url: !!bool x\n  takeaway: !thing y\n"
    )
    vault = with_list(vault_of, text)
    assert {r.id for r in vault.resources} == {"hnsw-paper", "2024-02-30"}
    assert ("resources/list.yaml", 1, "error", "broken_resource") in codes(vault)


def test_an_unknown_concept_is_a_warning(vault_of):
    vault = with_list(vault_of, LIST.replace("graphs", "nowhere"))
    assert vault.resources[0].concept_ids == ("hnsw",)
    assert codes(vault) == [("resources/list.yaml", 1, "warning", "dangling_link")]


@pytest.mark.parametrize(
    ("url", "code"),
    [
        ("https://example.org/", "bare_address"),
        ("https://localhost/x", "malformed_address"),
        ("https://[::1", "malformed_address"),
        ("'https://a b.org/x'", "malformed_address"),
        ("ftp://a.org/x", "malformed_address"),
    ],
)
def test_an_address_that_cannot_be_meant_is_a_warning(vault_of, url, code):
    vault = with_list(vault_of, LIST.replace("https://arxiv.org/abs/1603.09320", url))
    assert codes(vault) == [("resources/list.yaml", 1, "warning", code)]
    assert len(vault.resources) == 1


def test_the_syllabus_may_list_bare_addresses(vault_of):
    text = LIST.replace("https://arxiv.org/abs/1603.09320", "https://a.org/") + "  listed_in: syllabus\n"
    assert codes(with_list(vault_of, text)) == []


def test_two_entries_with_one_id_are_an_error_and_both_stay(vault_of):
    vault = with_list(vault_of, LIST + LIST.replace("1603.09320", "2000.00001"))
    assert [r.id for r in vault.resources] == ["hnsw-paper", "hnsw-paper-2"]
    assert codes(vault) == [("resources/list.yaml", 13, "error", "duplicate_id")]
    assert len({c.id for c in vault.chunks}) == len(vault.chunks)


def test_an_address_in_a_note_is_a_resource_on_its_sentence(vault_of):
    vault = vault_of({"hnsw.md": "HNSW is an index. Read [the paper](https://a.org/p) first. End."})
    (resource,) = vault.resources
    assert (resource.title, resource.url, resource.kind) == ("the paper", "https://a.org/p", "link")
    assert resource.concept_ids == ("hnsw",)
    assert resource.span == Span("hnsw.md", 1, 1, "Read [the paper](https://a.org/p) first.")
    assert len(vault.chunks) == 1


def test_a_link_to_a_listed_address_adds_its_concept(vault_of):
    paper = "https://arxiv.org/abs/1603.09320"
    vault = with_list(vault_of, LIST, **{"ann.md": f"ANN, see [paper]({paper}) and <{paper}>."})
    (resource,) = vault.resources
    assert resource.concept_ids == ("hnsw", "graphs", "ann")


def test_a_listed_resource_of_any_kind_is_a_passage(vault_of):
    vault = with_list(vault_of, LIST.replace("kind: paper", "kind: link"))
    assert [c.document_id for c in vault.chunks].count("resources/list.yaml") == 1


def test_an_empty_list_has_no_resources(vault_of):
    assert with_list(vault_of, "").resources == ()
