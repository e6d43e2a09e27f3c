"""Whole answers over the course: cited to the line, or refused with the nearest thing there is."""

import re
from dataclasses import replace

import pytest

from rag.answer import Answerer
from rag.compose import ExtractiveComposer
from rag.corpus import Corpus, write_corpus
from workspace import SHIPPED_CONTENT

FOREIGN = [
    "What is the recommended dose of amoxicillin for a child with otitis media?",
    "Who won the football world cup in 1998?",
    "How do I renew a Portuguese passport?",
    "Which wine goes with grilled fish?",
    "asdf qwer zxcv",
]


def markers(text):
    return {int(number) for number in re.findall(r"\[(\d+)\]", text)}


def assert_cited(answer):
    assert answer.status == "answered"
    assert markers(answer.text) == {citation.number for citation in answer.citations}
    for paragraph in answer.text.split("\n\n"):
        assert re.search(r"\[\d+\]$", paragraph)
    for citation in answer.citations:
        lines = (SHIPPED_CONTENT / citation.path).read_text(encoding="utf-8").split("\n")
        window = "\n".join(lines[citation.start_line - 1 : citation.end_line])
        assert citation.quote in window
        assert citation.quote.strip()


@pytest.mark.parametrize(
    ("question", "path"),
    [
        ("What is HNSW and where does it break?", "concepts/hnsw.md"),
        ("Why does a hash table degrade?", "concepts/hash-tables.md"),
        ("What happens during a network partition?", "concepts/cap-theorem.md"),
        ("What does LoRA save?", "concepts/lora.md"),
        ("What ends the loop of an AI agent?", "concepts/agents.md"),
        ("How do I answer tell me about yourself?", "concepts/tell-me-about-yourself.md"),
    ],
)
def test_a_question_on_the_course_is_answered_from_its_note(course, question, path):
    answer = course.ask(question)
    assert_cited(answer)
    assert path in {citation.path for citation in answer.citations}
    assert answer.mode == "extractive"
    assert answer.dropped == 0


def test_every_tenth_concept_can_be_asked_about(course):
    asked = [concept for concept in course.graph.concepts() if concept.kind == "concept"][::10]
    assert len(asked) >= 6
    for concept in asked:
        answer = course.ask(f"What is {concept.title}?")
        assert_cited(answer)
        assert concept.spans[0].path in {citation.path for citation in answer.citations}
        assert concept.id in answer.concepts


@pytest.mark.parametrize("question", FOREIGN)
def test_a_question_of_another_world_is_refused_with_the_nearest_concepts(course, question):
    answer = course.ask(question)
    assert (answer.status, answer.citations) == ("not_in_sources", ())
    assert answer.text.startswith("The notes don't say.")
    assert markers(answer.text) == set()
    for concept_id in answer.concepts:
        assert course.graph.concept(concept_id).title in answer.text


def test_answers_name_concepts_and_times(course):
    answer = course.ask("What is HNSW?")
    assert answer.concepts[0] == "hnsw"
    assert all(course.graph.concept(concept_id).kind != "week" for concept_id in answer.concepts)
    assert {"embed", "compose", "verify"} <= set(answer.timings_ms)


def test_an_answer_whose_sources_have_changed_is_not_given(course, embedder, tmp_path):
    """Passages that their documents no longer contain are what a damaged or foreign corpus looks like."""
    folder = tmp_path / "generation"
    folder.mkdir()
    there = course.corpus
    documents = (there.document(path) for path in there.paths())
    write_corpus(folder, (replace(d, text=d.text.replace(" ", " not ")) for d in documents), there.chunks)
    corpus = Corpus(folder)
    composer = ExtractiveComposer(course.graph, corpus, embedder)
    answerer = Answerer(course.retriever, course.graph, course.retriever._index, corpus, composer)
    answer = answerer.answer("What is HNSW?")
    assert (answer.status, answer.citations) == ("not_in_sources", ())


def test_brackets_in_titles_and_text_are_no_markers(notes):
    notes.write({"a.md": "---\ntitle: The item a[0]\n---\nThe item a[0] of a heap is its smallest item, as [3] shows."})
    notes.ingest()
    opened = notes.open()
    answer = opened.ask("What is the item a[0] of a heap?")
    assert answer.status == "answered"
    assert markers(answer.text) == {1}
    assert markers(opened.ask("Who won the football world cup in 1998?").text) == set()


def test_an_empty_folder_answers_nothing(notes):
    notes.ingest()
    answer = notes.open().ask("What is HNSW?")
    assert (answer.status, answer.text, answer.concepts) == ("not_in_sources", "The notes don't say.", ())


@pytest.fixture(scope="module")
def facts(make_notes):
    folder = make_notes()
    folder.write(
        {
            "hut.md": "# Alder hut\n\nThe Alder hut has 24 beds.\n\nWater comes from a spring behind the hut.\n",
            "warden.md": "# Letter from the warden\n\nAll 60 beds of the Alder hut are bunks.\n\nSupper is at six.\n",
            "redis.md": "# Redis\n\nRedis keeps its data in memory and answers in less than a millisecond.\n",
            "badger.md": "# Badger\n\nThe Badger service is written in Go and keeps no state of its own.\n",
        }
    )
    folder.ingest()
    return folder.open()


def test_contradicting_notes_are_both_shown(facts):
    answer = facts.ask("How many beds does the Alder hut have?")
    assert answer.status == "disputed"
    assert {c.path for c in answer.citations} == {"hut.md", "warden.md"}
    assert "24 beds" in answer.text
    assert "60 beds" in answer.text


def test_a_fact_that_a_note_lacks_is_refused_by_name(facts):
    answer = facts.ask("Who invented Redis?")
    assert answer.status == "not_in_sources"
    assert "Redis" in answer.text
    assert "“invented”" in answer.text


def test_a_fact_may_be_given_without_the_word_that_asks_for_it(facts):
    answer = facts.ask("Which language is the Badger service written in?")
    assert answer.status == "answered"
    assert "written in Go" in answer.text


def test_a_section_answers_to_the_word_that_asks_for_it(make_notes):
    folder = make_notes()
    folder.write(
        {
            "heap.md": "# Heap\n\nA heap keeps its smallest key at the root.\n\n"
            "## Where it breaks\n\nFinding any other key takes a scan of the whole heap.\n",
        }
    )
    folder.ingest()
    answer = folder.open().ask("Where does a heap break?")
    assert answer.status == "answered"
    assert "scan of the whole heap" in answer.text
