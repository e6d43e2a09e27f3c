"""How questions are read, and what part of an answer a section gives."""

import pytest

from rag.question import is_fact_missing, read_question, section_role


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
    ("question", "missing"),
    [
        ("Who invented HNSW?", ["invented"]),
        ("When was quicksort published?", ["published"]),
        ("Under which licence is Qdrant released?", ["licence", "released"]),
        ("Which port does Redis listen on by default?", ["port", "listen"]),
    ],
)
def test_a_fact_that_is_asked_for_and_missing(question, missing):
    assert is_fact_missing(question, missing)
    assert not is_fact_missing(question, [])


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Which language is it written in?", ["language"]),  # "written in Go" answers it
        ("Which database does one need?", ["database", "need"]),
        ("How does the port scanner listen?", ["port", "listen"]),
        ("What is the port?", ["port"]),
        ("What should I read first?", ["read", "first"]),
        ("Who " + "really " * 20 + "invented it?", ["invented"]),  # no short question for one fact
    ],
)
def test_no_single_fact_is_missing(question, missing):
    assert not is_fact_missing(question, missing)
