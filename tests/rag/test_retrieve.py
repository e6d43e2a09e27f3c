"""Retrieval over the course: order, reasons, filters, and what the graph adds."""

import pytest

from graph.errors import UsageError
from graph.store import NetworkxStore
from rag.index import SearchFilter
from rag.retrieve import CANDIDATES, Retriever
from workspace import open_workspace

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
        assert set(result.origins) <= {"dense", "keyword", "graph", "rerank"}
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


def test_only_the_best_candidates_are_reranked_and_stay_above_the_rest(course):
    results = course.search("How does retrieval find passages?", top_k=100).results
    reranked = ["rerank" in result.origins for result in results]
    assert sum(reranked) <= CANDIDATES
    assert reranked == sorted(reranked, reverse=True)
    assert not all(reranked)


def test_reranking_can_be_switched_off(course, course_settings):
    fused = open_workspace(course_settings.model_copy(update={"rerank": "off"}))
    question = "Which structure serves requests first in, first out?"
    without = fused.search(question, 10)
    assert not any("rerank" in result.origins for result in without.results)
    assert "rerank" not in without.timings_ms
    assert without.results != course.search(question, 10).results


def test_a_setting_that_names_no_reranker_says_what_there_is(course_settings):
    with pytest.raises(UsageError, match='"colbert"; set it to late-interaction, cross-encoder or off'):
        open_workspace(course_settings.model_copy(update={"rerank": "colbert"}))


@pytest.mark.parametrize(
    ("question", "meant", "path"),
    [
        ("What is retreival agumented generation?", "retrieval augmented", "concepts/rag.md"),
        ("when is dikstra slow", "dijkstra", "concepts/shortest-paths.md"),
    ],
)
def test_a_misspelt_name_is_still_a_concept(course, question, meant, path):
    retrieval = course.search(question)
    assert meant in retrieval.asked
    assert [correction.meant for correction in retrieval.corrections] == meant.split()
    assert path in paths(retrieval)
    assert retrieval.concepts


def test_a_question_that_is_spelt_well_is_left_as_it_is(course):
    for question, _ in QUESTIONS:
        assert course.search(question).corrections == ()


def test_a_trace_tells_the_whole_way(course):
    retrieval = course.search("when to use bfs instead of a hepa", top_k=5)
    trace = retrieval.trace
    assert [(c.typed, c.meant) for c in trace.corrections] == [("hepa", "heap")]
    assert ("breadth-first-search", "bfs") in [(c.concept_id, c.words) for c in trace.concepts]
    assert [stage.name for stage in trace.stages] == ["dense", "keyword", "graph", "fuse", "rerank"]
    for stage in trace.stages:
        scores = [scored.score for scored in stage.candidates]
        assert scores == sorted(scores, reverse=True)
        assert stage.milliseconds == retrieval.timings_ms[stage.name]
    for result in retrieval.results:
        ranks = {stage.name: stage.rank(result.chunk.id) for stage in trace.stages}
        assert result.origins == {name: rank for name, rank in ranks.items() if rank and name != "fuse"}
    chosen, dropped = {result.chunk.id for result in retrieval.results}, {drop.chunk_id for drop in trace.dropped}
    assert not chosen & dropped
    assert chosen | dropped == {scored.chunk_id for scored in trace.stage("fuse").candidates}
    assert trace.stage("prompt") is None


def test_the_trace_says_which_concept_made_the_graph_propose_a_passage(course):
    retrieval = course.search("What is HNSW?")
    for proposal in retrieval.trace.proposals:
        assert proposal.named_id in retrieval.concepts
        assert course.corpus.by_id[proposal.chunk_id].owner == proposal.concept_id
        near = {n.concept.id: n.relation.kind for n in course.graph.neighbours(proposal.named_id)}
        assert (proposal.relation is None) == (proposal.concept_id == proposal.named_id)
        assert proposal.relation is None or proposal.concept_id in near
    assert {proposal.found_otherwise for proposal in retrieval.trace.proposals} == {True, False}


def test_the_trace_names_what_a_repeat_repeats(notes):
    text = "A heap keeps its smallest item on top of all others, so that taking the smallest is one step."
    notes.write({"a/heap.md": text, "b/heap.md": text, "c.md": "Something else."}).ingest()
    trace = notes.open().search("Where does a heap keep its smallest item?").trace
    assert [(drop.reason, drop.of is not None) for drop in trace.dropped] == [("repeats", True)]
