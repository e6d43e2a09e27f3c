"""What an inspection gathers is what happened: ranks, reasons, sentences and grounds."""

import pytest

from rag.answer import Grounds
from rag.consequences import consequences
from rag.followup import turn_of
from rag.inspection import grounds_terms
from rag.word_match import group_pieces

FILES = {
    "heap.md": (
        "---\ntitle: Heap\n---\nA heap is a complete binary tree in which no parent is larger than its children.\n\n"
        "## Where it breaks\nA heap cannot search for an arbitrary item efficiently.\n\n"
        "## Connections\n- requires [[tree]]: the shape that is kept in an array\n"
    ),
    "tree.md": "---\ntitle: Tree\n---\nA tree is a connected graph without cycles.\n",
    "copy/copied.md": "# Copied\nA heap cannot search for an arbitrary item efficiently.\n",
    "queue.md": "---\ntitle: Queue\n---\nA queue hands out first what came first.\n",
}


@pytest.fixture(scope="module")
def opened(make_notes):
    notes = make_notes().write(FILES)
    notes.ingest()
    return notes.open()


def test_rows_say_what_every_stage_gave_and_why_a_passage_was_left_out(opened):
    seen = opened.inspector.inspect(opened.search("Where does a heap break: search for an arbitrary item?", 8))
    for row in seen.rows:
        for stage in seen.retrieval.trace.stages:
            rank = stage.rank(row.chunk.id)
            assert (row.places[stage.name].rank if stage.name in row.places else None) == rank
    assert [row.rank for row in seen.rows if row.rank] == list(range(1, len(seen.retrieval.results) + 1))
    left_out = [row for row in seen.rows if row.drop]
    assert [row.drop.reason for row in left_out] == ["repeats"]
    assert "would go to a copy" in consequences(seen, opened.graph)["repeats"]


def test_the_graph_gives_the_line_that_says_why(opened):
    seen = opened.inspector.inspect(opened.search("How does a heap work?"))
    by_concept = {(w.concept_id, w.relation): w for w in seen.widenings}
    named, tree = by_concept["heap", None], by_concept["tree", "prerequisite_of"]
    assert named.evidence is None
    assert tree.sentence == "Heap builds on Tree: the shape that is kept in an array."
    assert tree.evidence.quote in FILES["heap.md"].split("\n")[tree.evidence.start_line - 1]
    assert named.bonus > tree.bonus


def test_an_answer_is_walked_to_its_sentences_and_its_grounds(opened):
    answer = opened.ask("What is a heap and where does it break?")
    seen = opened.inspector.inspect_answer(answer)
    assert [r.chunk.id for r in seen.retrieval.results] == [r.chunk.id for r in answer.results]
    assert all(sentence.held for sentence in seen.steps.sentences)
    for sentence in seen.steps.sentences:
        assert sentence.text in answer.text
        if sentence.passage_rank:
            assert sentence.text in seen.retrieval.results[sentence.passage_rank - 1].chunk.text
    below = sum(sentence.passage_rank not in {1, None} for sentence in seen.steps.sentences)
    said = consequences(seen, opened.graph)["compose"]
    assert said.startswith(f"Had only the first passage been found, {below} of the {len(seen.steps.sentences)} ")
    assert seen.steps.grounds.suffice == (answer.status == "answered")
    assert {"read", "dense", "keyword", "graph", "rerank", "repeats", "compose", "decide", "verify", "words"} >= set(
        consequences(seen, opened.graph)
    ) - {"names", "spelling"}


def test_a_refusal_says_what_it_would_have_taken(opened):
    answer = opened.ask("Who invented the heap?")
    said = consequences(opened.inspector.inspect_answer(answer), opened.graph)["decide"]
    assert answer.status == "not_in_sources"
    assert "“invented”" in said
    assert "given as an answer" in said or "would be answered" in said


def test_a_follow_up_is_compared_with_itself_read_alone(opened):
    first = opened.ask("What is a heap?")
    second = opened.ask("And where does it break?", conversation=[turn_of(first)])
    seen = opened.inspector.inspect_answer(second)
    assert seen.without("conversation")
    assert consequences(seen, opened.graph)["conversation"].startswith(
        "Read by itself, without the question before it,"
    )


def test_words_are_met_by_the_nearest_of_the_passage(opened):
    seen = opened.inspector.inspect(opened.search("complete binary trees"))
    match = seen.match
    assert "heap.md" in match.chunk.id
    assert [met.word for met in match.words] == ["complete", "binary", "trees"]
    assert [met.met_by for met in match.words] == ["complete", "binary", "tree"]
    assert sum(met.weight for met in match.words) == pytest.approx(1)
    assert match.rank == seen.retrieval.trace.stage("rerank").rank(match.chunk.id)


@pytest.mark.parametrize(
    ("question", "pieces", "groups"),
    [
        ("HNSW or IVF?", ["h", "ns", "w", "or", "iv", "f", "?"], [[0, 1, 2], [3], [4, 5], [6]]),
        ("naïve heap", ["naive", "heap"], [[0], [1]]),
        ("C++", ["c", "+", "+"], [[0], [1], [2]]),
        ("", [], []),
    ],
)
def test_pieces_are_put_together_to_words(question, pieces, groups):
    assert group_pieces(question, pieces) == groups


@pytest.mark.parametrize("strange", [False, True])
def test_the_terms_add_up_to_the_score(strange):
    grounds = Grounds(0.4, 0.6, 0.5, 0.2, 0.1, lacks_fact=False, has_strange_name=strange)
    terms = {term.name: term.value for term in grounds_terms(grounds)}
    assert sum(terms.values()) == pytest.approx(grounds.score)
    assert terms["nearest"] == pytest.approx(0.6)
    assert (terms["has_strange_name"] < 0) == strange
    assert terms["coverage"] > 0 > terms["shortfall"]


def test_an_empty_search_is_inspected_too(opened):
    from rag.index import SearchFilter

    where = SearchFilter(week=7)
    seen = opened.inspector.inspect(opened.search("What is a heap?", 8, where), where)
    assert (seen.rows, seen.match) == ((), None)
    assert "nothing was found" in consequences(seen, opened.graph)["dense"]
