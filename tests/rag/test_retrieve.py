"""Retrieval over the course: order, reasons, filters, and what the graph adds."""

import pytest

from graph.store import NetworkxStore
from rag.index import SearchFilter
from rag.retrieve import Retriever

QUESTIONS = [
    ("What is HNSW and where does it break?", "concepts/hnsw.md"),
    ("Which structure serves requests first in, first out?", "concepts/queues.md"),
    ("Which metric is normalised discounted cumulative gain?", "concepts/ranking-metrics.md"),
    ("What is a consumer's offset in a partition of a topic?", "concepts/kafka.md"),
    ("How should I structure an anecdote about a conflict at work?", "concepts/conflict-stories.md"),
]


def paths(retrieval):
    return [result.chunk.document_id for result in retrieval.results]


@pytest.mark.parametrize(("question", "path"), QUESTIONS)
def test_the_right_note_is_among_the_first(course, question, path):
    assert path in paths(course.search(question, top_k=5))


@pytest.mark.parametrize(
    "question", [*(question for question, _ in QUESTIONS), "the of", "?", "🙂", "x" * 20_000, "word " * 5_000]
)
def test_results_are_ranked_apart_and_say_where_they_come_from(course, question):
    retrieval = course.search(question, top_k=20)
    assert len(retrieval.results) == 20
    assert [result.rank for result in retrieval.results] == list(range(1, 21))
    scores = [result.score for result in retrieval.results]
    assert scores == sorted(scores, reverse=True)
    assert all(0 <= score <= 1 for score in scores)
    assert len({result.chunk.id for result in retrieval.results}) == 20
    for result in retrieval.results:
        assert result.origins
        assert set(result.origins) <= {"dense", "keyword", "graph"}
        assert all(rank >= 1 for rank in result.origins.values())
        assert -1.001 <= retrieval.similarity.get(result.chunk.id, 0.0) <= 1.001


def test_the_same_question_gets_the_same_results(course):
    first, second = (course.search("trade-offs of sharding", top_k=10) for _ in range(2))
    assert first.results == second.results


@pytest.mark.parametrize("top_k", [1, 3, 100])
def test_as_many_as_asked_for(course, top_k):
    assert len(course.search("retrieval", top_k=top_k).results) <= top_k
    assert len(course.search("retrieval", top_k=top_k).results) >= min(top_k, 40)


@pytest.mark.parametrize(
    "where",
    [SearchFilter(week=3), SearchFilter(track="rag"), SearchFilter(path="weeks"), SearchFilter(3, "data-engineering")],
)
def test_filters_hold_for_what_the_graph_proposes_too(course, where):
    retrieval = course.search("What is HNSW and how do Kafka and RAG depend on it?", top_k=30, where=where)
    assert retrieval.results
    for result in retrieval.results:
        owner = course.graph.concept(result.chunk.owner) if result.chunk.owner else None
        owners = [owner] if owner else [course.graph.concept(i) for i in result.chunk.concept_ids]
        assert where.week is None or where.week in {concept.week for concept in owners}
        assert where.track is None or where.track in {concept.track for concept in owners}
        assert where.path is None or result.chunk.document_id.startswith(f"{where.path}/")


def test_a_filter_that_nothing_passes_gives_nothing(course):
    assert course.search("HNSW", where=SearchFilter(week=99)).results == ()


def test_another_name_is_spelt_out_for_the_model(course):
    retrieval = course.search("when to use bfs")
    assert "breadth-first-search" in retrieval.concepts
    assert "Breadth-first search" in retrieval.asked
    assert course.search("What is a queue?").asked == "What is a queue?"


def test_the_graph_brings_passages_of_what_a_question_names_and_of_what_stands_next_to_it(course, embedder):
    blind = Retriever(NetworkxStore([], []), course.retriever._index, course.corpus, embedder)
    gained = 0
    for name in ("hnsw", "caching", "rag", "queues", "attention"):
        question = f"What should I say about {name} when latency and cost are asked for?"
        without, with_graph = blind.retrieve(question, 8), course.search(question, 8)
        near = {name, *(neighbour.concept.id for neighbour in course.graph.neighbours(name))}
        gained += count_owned(with_graph, near) - count_owned(without, near)
        assert any("graph" in result.origins for result in with_graph.results)
        assert not any("graph" in result.origins for result in without.results)
    assert gained > 0


def count_owned(retrieval, owners):
    return sum(result.chunk.owner in owners for result in retrieval.results)


def test_a_note_in_two_places_is_one_result(notes):
    text = "A heap keeps its smallest item on top of all others."
    notes.write(
        {"a/heap.md": text, "b/heap.md": f"**A heap** keeps\nits {text[17:]}", "c.md": "Something else."}
    ).ingest()
    assert len(notes.open().search("Where does a heap keep its smallest item?").results) == 2


def test_an_empty_folder_finds_nothing(notes):
    notes.ingest()
    assert notes.open().search("anything").results == ()
