"""How questions are read, and what part of an answer a section gives."""

import pytest

from rag.question import read_question, section_role


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
    assert read_question(question, 1).roles[0] == first


def test_parts_come_in_the_order_of_the_question():
    roles = read_question("What is HNSW, how does it work and where does it break?", 1).roles
    assert roles == ("definition", "how", "failure")


@pytest.mark.parametrize(
    ("question", "named", "intent"),
    [
        ("What is HNSW?", 1, "about"),
        ("How does HNSW work?", 1, "about"),
        ("HNSW vs IVF", 2, "compare"),
        ("When HNSW rather than IVF?", 2, "compare"),
        ("HNSW or not?", 1, "direct"),
        ("How is HNSW related to graphs?", 2, "relate"),
        ("How do queues connect to Kafka?", 2, "relate"),
        ("What should I know before HNSW?", 1, "prepare"),
        ("What are the prerequisites of HNSW?", 1, "prepare"),
        ("What should I read about HNSW?", 1, "read"),
        ("Where does HNSW break?", 1, "direct"),
        ("What costs most?", 0, "direct"),
        ("", 0, "direct"),
    ],
)
def test_what_a_question_is_after(question, named, intent):
    assert read_question(question, named).intent == intent


@pytest.mark.parametrize("question", ["whatever isolated", "readable bookshelf", "costume", "orbit"])
def test_cues_are_whole_words(question):
    assert read_question(question, 2).roles == ()
    assert read_question(question, 2).intent == "direct"


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
