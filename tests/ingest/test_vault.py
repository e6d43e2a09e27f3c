"""A folder as a whole: every span stands in its file, order does not matter, and bad files cost only themselves."""

import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.store import graph_to_json
from ingest.vault import build_vault, read_sources

NOTES = {
    "graphs.md": "---\ntitle: Graph\nweek: 2\n---\nA graph joins nodes by edges.\n\n## Trade-offs\nSpace for speed.\n",
    "ann.md": "---\ntitle: ANN\nweek: 5\n---\nANN gives up recall.\n## Connections\n- requires [[graphs]]: walked\n",
    "hnsw.md": "---\naliases: [Small World]\nweek: 5\nrequires: ann\n---\nHNSW is an index, see [[Graph|graphs]].\n",
    "resources/list.yaml": "- title: T\n  url: https://a.org/b\n  takeaway: Read it all.\n  concepts: [ann]\n",
}


def graph_bytes(vault):
    return graph_to_json(vault.concepts, vault.relations, vault.resources)


def spans(vault):
    yield from (span for concept in vault.concepts for span in concept.spans)
    yield from (span for relation in vault.relations for span in relation.evidence)
    yield from (resource.span for resource in vault.resources)


def assert_grounded(vault):
    """Nothing without its source."""
    lines = {document.path: document.text.split("\n") for document in vault.documents}
    for span in spans(vault):
        assert span.quote.strip()
        assert 1 <= span.start_line <= span.end_line <= len(lines[span.path])
        assert span.quote in "\n".join(lines[span.path][span.start_line - 1 : span.end_line])
    for chunk in vault.chunks:
        window = "\n".join(lines[chunk.document_id][chunk.start_line - 1 : chunk.end_line])
        assert chunk.text in window
    ids = {concept.id for concept in vault.concepts}
    assert all(set(chunk.concept_ids) <= ids for chunk in vault.chunks)
    assert all({relation.source, relation.target} <= ids and relation.evidence for relation in vault.relations)
    assert len({chunk.id for chunk in vault.chunks}) == len(vault.chunks)


def test_a_clean_vault(vault_of):
    vault = vault_of(NOTES)
    assert vault.problems == ()
    assert [d.path for d in vault.documents] == sorted(NOTES)
    assert [c.id for c in vault.concepts] == ["ann", "graphs", "hnsw", "week-2", "week-5"]
    assert_grounded(vault)


def test_a_chunk_belongs_to_its_note_and_mentions_others(vault_of):
    chunk = next(c for c in vault_of(NOTES).chunks if c.document_id == "hnsw.md")
    assert (chunk.id, chunk.owner) == ("hnsw.md#1", "hnsw")
    assert chunk.concept_ids == ("hnsw", "graphs")


def test_the_order_in_which_files_were_made_does_not_matter(tmp_path, embedder):
    made = []
    for seed in range(3):
        folder = tmp_path / str(seed)
        for name in random.Random(seed).sample(sorted(NOTES), len(NOTES)):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_text(NOTES[name])
        made.append(graph_bytes(build_vault(read_sources(folder), embedder.count_tokens)))
    assert made[0] == made[1] == made[2]


BAD = {
    "broken.md": ("---\ntitle: [unclosed\n---\nThe text of a broken note.\n", 3, "error", "broken_front_matter"),
    "binary.md": (bytes(range(256)) * 40, None, "error", "unreadable"),
    "latin.md": ("Grüße aus dem alten Europa.".encode("latin-1"), 1, "warning", "not_utf8"),
    "empty.md": ("", 1, "warning", "empty"),
    "dangling.md": ("See [[nowhere]].", 1, "warning", "dangling_link"),
    "sub/graphs.md": ("A second graph.", 1, "error", "duplicate_id"),
    "resources/bad.yaml": ("- title: [", 2, "error", "broken_yaml"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_named_and_costs_no_other(vault_of, name):
    data, line, severity, code = BAD[name]
    vault = vault_of({**NOTES, name: data})
    assert (name, line, severity, code) in [(p.path, p.line, p.severity, p.code) for p in vault.problems]
    assert all(p.message.endswith(".") and "\n" not in p.message for p in vault.problems)
    assert {"ann", "graphs", "hnsw"} <= {c.id for c in vault.concepts}
    assert_grounded(vault)


def test_the_text_of_a_note_with_broken_front_matter_is_kept(vault_of):
    vault = vault_of({"broken.md": BAD["broken.md"][0]})
    assert [c.text for c in vault.chunks] == ["The text of a broken note."]
    assert vault.concepts[0].title == "Broken"


def test_a_line_of_a_megabyte_is_cut_and_kept(vault_of):
    vault = vault_of({"long.md": "# Long\n" + "word " * 200_000 + "\n"})
    assert sum(len(chunk.text.split()) for chunk in vault.chunks) == 200_000
    assert {(c.start_line, c.end_line) for c in vault.chunks} == {(2, 2)}


def test_hostile_markup_stays_text(vault_of):
    (chunk,) = vault_of(
        {"x.md": "<script>alert(1)</script> [a](javascript:alert(1)) <img src=x onerror=alert(1)>"}
    ).chunks
    assert "<script>" in chunk.text
    assert vault_of({"x.md": "[a](javascript:alert(1))"}).resources == ()


NAMES = ("a", "b", "c", "d")
LINE = st.sampled_from(
    [
        *(f"- {verb} [[{name}]]: reason" for name in NAMES for verb in ("requires", "part of", "contrasts with")),
        *(f"Text about [[{name}|it]]. More text." for name in NAMES),
        *(
            "## Connections",
            "## Part",
            "",
            "Plain words. And more.",
            "- item",
            "| x | [[a]] |",
            "```",
            "<b>",
            "[x](b.md)",
        ),
        "[web](https://a.org/b)",
    ]
)
FRONT = st.sampled_from(
    ["", "---\nweek: 1\n---\n", "---\ntitle: A\naliases: [b]\n---\n", "---\nrequires: [a, b]\n---\n", "---\n[\n---\n"]
)
NOTE = st.builds(lambda front, lines: front + "\n".join(lines), FRONT, st.lists(LINE, max_size=8))
VAULTS = st.dictionaries(st.sampled_from([f"{name}.md" for name in NAMES] + ["sub/a.md"]), NOTE, max_size=5)


@settings(max_examples=80, deadline=None)
@given(files=VAULTS)
def test_whatever_stands_in_a_vault_it_is_grounded_and_always_the_same(vault_of, files):
    vault = vault_of(files)
    assert_grounded(vault)
    assert len(vault.documents) == len(files)
    assert graph_bytes(vault) == graph_bytes(vault_of(dict(reversed(files.items()))))
    json.loads(graph_bytes(vault))
