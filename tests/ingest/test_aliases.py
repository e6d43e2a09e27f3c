"""Names that were taken for one: each merge is listed with its reason, and two lines in the settings undo it."""

import json

import pytest

from graph.names import normalise_name
from graph.schema import Merge

COURSE = """# Course
## Week 1
### Focus
Heaps, rings, REST APIs, ReLU units
## Week 2
### Focus
A heap, ropes, rest apis, relu units, Retrieval-Augmented Generation (RAG), RAGs, Rag
## Week 3
### Focus
small world, small-world graphs, HNSWs
- **Small world**: a graph in which every node is near.
- **Hash-table**: a thing that maps keys to places.
- **Hash table**: maps keys to places, too.
"""
FILES = {
    "course.md": COURSE,
    "hnsw.md": "---\ntitle: HNSW\naliases: [Small World, small-world graph]\n---\nAn index over a proximity graph.\n",
    "heap.md": "---\ntitle: Heaps\naliases: [priority queue]\n---\nHeaps are trees. See [[priority queue]].\n",
}


def kept_apart(name, into):
    return {**FILES, "prepgraph.toml": f"[merges]\nkeep_apart = [[{json.dumps(name)}, {json.dumps(into)}]]\n"}


@pytest.fixture(scope="module")
def vault(vault_of):
    return vault_of(FILES)


def test_each_merge_says_why(vault):
    assert set(vault.merges) >= {
        Merge("rest apis", "REST APIs", "case"),
        Merge("heap", "Heaps", "plural"),
        Merge("Hash table", "Hash-table", "hyphen"),
        Merge("RAG", "Retrieval-Augmented Generation", "acronym"),
        Merge("small-world graphs", "HNSW", "declared"),
    }


def test_every_merge_is_undone_by_its_pair_of_names(vault, vault_of):
    assert len(vault.merges) >= 8
    for merge in vault.merges:
        for pair in ((merge.name, merge.into), (merge.into, merge.name)):
            apart = vault_of(kept_apart(*pair))
            assert merge not in apart.merges
            assert not [m for m in apart.merges if (m.name, m.into) == (merge.name, merge.into)]
            (concept,) = [c for c in apart.concepts if c.title == merge.into]
            assert merge.name not in concept.aliases
            assert [p for p in apart.problems if p.path == "prepgraph.toml"] == []


@pytest.mark.parametrize("why", ["case", "plural", "hyphen", "declared"])
def test_what_is_kept_apart_is_a_concept_of_its_own(vault, vault_of, why):
    merge = next(merge for merge in vault.merges if merge.why == why)
    before = {concept.id for concept in vault.concepts}
    added = [c for c in vault_of(kept_apart(merge.name, merge.into)).concepts if c.id not in before]
    assert [normalise_name(c.title) for c in added] == [normalise_name(merge.name)]


def test_an_alias_that_a_note_declares_can_be_kept_apart(vault, vault_of):
    def aliases(found):
        return next(c.aliases for c in found.concepts if c.title == "Heaps")

    assert "priority queue" in aliases(vault)
    apart = vault_of(kept_apart("Priority queue", "Heaps"))
    assert "priority queue" not in aliases(apart)
    assert "dangling_link" in {p.code for p in apart.problems}, "a link by that name leads nowhere now"


def test_a_pair_of_one_name_keeps_nothing_apart(vault, vault_of):
    assert vault_of(kept_apart("heap", "Heap")).merges == vault.merges
