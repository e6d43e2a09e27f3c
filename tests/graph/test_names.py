"""Which concept a name means, and where a text mentions one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph.names import ConceptNames, normalise_name, plural_variants, slugify
from graph.schema import Concept, Span


def concept(concept_id, title, *aliases):
    return Concept(concept_id, title, aliases, title, None, None, "concept", (Span(f"{concept_id}.md", 1, 1, title),))


NAMES = ConceptNames(
    [
        concept("hash-tables", "Hash table", "hash map", "dict"),
        concept("rag", "Retrieval-augmented generation", "RAG"),
        concept("retrieval", "Retrieval"),
        concept("search", "Search", "retrieval augmented"),
        concept("queues", "Queue"),
        concept("ann", "Approximate nearest neighbour search", "ANN"),
    ]
)


def mentioned(text, **options):
    return [(mention.concept_id, text[mention.start : mention.end]) for mention in NAMES.find_mentions(text, **options)]


@pytest.mark.parametrize(
    ("name", "concept_id"),
    [
        ("hash-tables", "hash-tables"),
        ("Hash Table", "hash-tables"),
        ("HASH_MAP", "hash-tables"),
        ("hash\u2011map", "hash-tables"),
        ("  hash   tables ", "hash-tables"),
        ("queue", "queues"),
        ("dicts", "hash-tables"),
        ("retrieval augmented generation", "rag"),
        ("rag", "rag"),
        ("stack", None),
        ("", None),
    ],
)
def test_a_name_is_resolved_whatever_its_case_hyphens_and_number(name, concept_id):
    assert NAMES.resolve(name) == concept_id


def test_ids_win_over_titles_and_titles_over_aliases_and_all_over_plurals():
    names = ConceptNames([concept("a", "B"), concept("b", "C", "A"), concept("c", "Trees"), concept("tree", "D", "c")])
    assert [names.resolve(name) for name in ("a", "b", "c", "tree")] == ["a", "b", "c", "tree"]
    assert names.resolve("trees") == "c"


def test_a_name_that_two_concepts_claim_is_ambiguous_and_goes_to_the_first_id():
    names = ConceptNames([concept("z", "Zed", "shared"), concept("y", "Why", "Shared")])
    assert names.resolve("shared") == "y"
    assert names.ambiguous == {"shared": ("y", "z")}


def test_a_plural_makes_nothing_ambiguous():
    assert ConceptNames([concept("tree", "Tree"), concept("trees", "Trees")]).ambiguous == {}


@pytest.mark.parametrize(
    ("singular", "plural"),
    [("tree", "trees"), ("query", "queries"), ("batch", "batches"), ("index", "indexes"), ("class", "classes")],
)
def test_regular_plurals_go_both_ways(singular, plural):
    assert plural in plural_variants(singular)
    assert singular in plural_variants(plural)


def test_words_that_only_look_plural_are_left_alone():
    assert ConceptNames([concept("redis", "Redis"), concept("bus", "Bus")]).resolve("redi") is None


def test_the_longest_name_is_mentioned_and_names_do_not_overlap():
    assert mentioned("Retrieval-augmented generation rests on retrieval.") == [
        ("rag", "Retrieval-augmented generation"),
        ("retrieval", "retrieval"),
    ]


def test_only_whole_words_are_mentions():
    assert mentioned("rehash tables and queued dictionaries") == []
    assert mentioned("(queues), queue; 'dict'") == [("queues", "queues"), ("queues", "queue"), ("hash-tables", "dict")]


def test_a_line_break_inside_a_name_is_a_space():
    assert mentioned("a hash\ntable") == [("hash-tables", "hash\ntable")]


def test_a_short_acronym_is_a_mention_in_prose_only_in_capitals():
    assert mentioned("ann likes the rag") == []
    assert mentioned("ANN serves RAG") == [("ann", "ANN"), ("rag", "RAG")]
    assert mentioned("what is ann?", acronyms_in_any_case=True) == [("ann", "ann")]


def test_no_concepts_are_mentioned_where_there_are_none():
    assert ConceptNames([]).find_mentions("anything") == []


@given(st.text())
def test_a_normalised_name_and_a_slug_stay_as_they_are(name):
    assert normalise_name(normalise_name(name)) == normalise_name(name)
    assert slugify(slugify(name)) == slugify(name) != ""


@given(st.lists(st.sampled_from(["hash", "table", "map", "RAG", "ann", "queues", " ", "-", "\n", ".", "İ", "x"])))
def test_what_is_mentioned_is_a_name_of_the_concept(parts):
    text = "".join(parts)
    end = 0
    for mention in NAMES.find_mentions(text):
        assert mention.start >= end
        end = mention.end
        assert NAMES.resolve(text[mention.start : mention.end]) == mention.concept_id
