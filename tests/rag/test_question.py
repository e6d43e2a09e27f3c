"""How questions are read, and what part of an answer a section gives."""

import pytest

from rag.question import asks_of_two, asks_what_it_is, read_question, section_role


@pytest.mark.parametrize(
    ("question", "first"),
    [
        ("What is a heap?", "definition"),
        ("what's a heap", "definition"),
        ("How does HNSW work?", "how"),
        ("When would you use a heap?", "trade_off"),
        ("Why a heap?", "trade_off"),
        ("Where does HNSW break?", "failure"),
        ("How much memory does HNSW need?", "number"),
        ("Which papers should I read?", "resource"),
        ("ELI5 a heap", "plain"),
    ],
)
def test_the_part_that_is_asked_for_first(question, first):
    assert read_question(question, ["HNSW"]).roles[0] == first


def test_parts_come_in_the_order_of_the_question():
    roles = read_question("What is HNSW, how does it work and where does it break?", ["HNSW"]).roles
    assert roles == ("definition", "how", "failure")


@pytest.mark.parametrize(
    ("question", "names", "intent"),
    [
        ("What is HNSW?", "HNSW", "about"),
        ("How does HNSW work?", "HNSW", "about"),
        ("HNSW vs IVF", "HNSW IVF", "compare"),
        ("When HNSW rather than IVF?", "HNSW IVF", "compare"),
        ("HNSW or not?", "HNSW", "direct"),
        ("How is HNSW related to graphs?", "HNSW graphs", "relate"),
        ("How do queues connect to Kafka?", "queues Kafka", "relate"),
        ("What should I learn before HNSW?", "HNSW", "prepare"),
        ("What are the prerequisites of HNSW?", "HNSW", "prepare"),
        ("What should I read about HNSW?", "HNSW", "read"),
        ("Where does HNSW break?", "HNSW", "direct"),
        ("How do deletions in HNSW hurt recall over months?", "HNSW", "direct"),
        ("What goes wrong if I rerank before HNSW has answered?", "HNSW", "direct"),
        ("What costs most?", "", "direct"),
        ("", "", "direct"),
    ],
)
def test_what_a_question_is_after(question, names, intent):
    assert read_question(question, names.split()).intent == intent


@pytest.mark.parametrize("question", ["whatever isolated", "readable bookshelf", "costume", "orbit"])
def test_cues_are_whole_words(question):
    assert read_question(question, ["a", "b"]).roles == ()
    assert read_question(question, ["a", "b"]).intent == "direct"


@pytest.mark.parametrize(
    ("headings", "role"),
    [
        (("Heap",), "definition"),
        ((), "definition"),
        (("Heap", "How it works"), "how"),
        (("Heap", "Trade-offs"), "trade_off"),
        (("Heap", "Where it breaks"), "failure"),
        (("Heap", "Numbers worth knowing"), "number"),
        (("Heap", "In an interview"), "interview"),
        (("Heap", "Connections"), "connections"),
        (("Resources", "A paper"), "resource"),
        (("Heap", "Anything else"), "other"),
    ],
)
def test_what_a_section_gives(headings, role):
    assert section_role(headings) == role


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("What is a likelihood function?", True),
        ("Explain the likelihood function", True),
        ("What's a likelihood function?", True),
        ("Is the likelihood function a probability?", False),
        ("What is the area below a likelihood function?", False),
        ("What does a likelihood function cost?", False),
    ],
)
def test_asking_what_a_thing_is_asks_for_no_claim(question, expected):
    assert asks_what_it_is(question, ["likelihood function"]) == expected


def test_without_a_concept_nothing_is_asked_about():
    assert not asks_what_it_is("What is it?", [])


@pytest.mark.parametrize(
    ("question", "intent"),
    [
        ("Why does RAG need chunking?", "relate"),
        ("Why would RAG rely on chunking?", "relate"),
        ("Why does RAG need chunking by headings of contracts?", "direct"),
    ],
)
def test_why_one_needs_the_other_asks_how_they_relate(question, intent):
    assert read_question(question, ["RAG", "chunking"]).intent == intent


def test_a_question_of_two_things():
    assert asks_of_two("How is attention related to the KV cache?")
    assert asks_of_two("Why does RAG need chunking?")
    assert not asks_of_two("Why does the client try again?")
