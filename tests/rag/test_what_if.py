"""What each part of retrieval is worth to one question: measured by searching again without it."""

import pytest

from graph.schema import Chunk
from rag.consequences import effect
from rag.retrieve import Retriever
from rag.what_if import CANDIDATES, Move, WhatIf

FILES = {
    "hnsw.md": (
        "---\ntitle: HNSW\n---\nHNSW walks a layered proximity graph greedily.\n\n"
        "## Connections\n- requires [[graphs]]: it walks one\n"
    ),
    "graphs.md": "---\ntitle: Graph\naliases: [web of nodes]\n---\nA graph is a set of nodes joined by edges.\n",
    "queue.md": "---\ntitle: Queue\n---\nA queue hands out first what came first.\n",
    "runbook.md": "# Runbook\nError QX-7731 means that the disk of the second replica is full.\n",
}


@pytest.fixture(scope="module")
def opened(make_notes):
    notes = make_notes().write(
        FILES | {f"filler{n}.md": f"# Filler {n}\nThe disk number {n} is fine.\n" for n in range(60)}
    )
    notes.ingest()
    return notes.open()


def inspect(opened, question, top_k=8):
    return opened.inspector.inspect(opened.search(question, top_k))


def test_only_parts_that_had_a_say_are_left_out(opened):
    assert [w.part for w in inspect(opened, "what is gritty about mornings").what_ifs] == ["dense", "keyword", "rerank"]
    parts = [w.part for w in inspect(opened, "How does HNWS use a proximty graph?").what_ifs]
    assert parts == ["spelling", "names", "dense", "keyword", "graph", "rerank"]


def test_what_is_asked_in_other_words_is_lost_without_search_by_meaning(opened):
    seen = inspect(opened, "Who gets served earliest?", top_k=3)
    best = seen.without("dense").moves[0]
    assert (best.chunk.document_id, best.without) == ("queue.md", None)
    assert seen.without("keyword").moves[0].without == 1


def test_without_the_reranker_it_is_what_a_retriever_without_one_finds(opened, embedder):
    question = "Which disk is full?"
    parts = opened.inspector._parts
    plain = Retriever(parts.graph, parts.index, parts.corpus, embedder, None, parts.speller)
    ranks = {r.chunk.id: r.rank for r in plain.retrieve(question, CANDIDATES).results}
    moves = inspect(opened, question).without("rerank").moves
    assert [move.without for move in moves] == [ranks.get(move.chunk.id) for move in moves]
    assert any(move.without != move.rank for move in moves)


def test_without_the_graph_nothing_is_proposed_though_names_are_still_spelt_out(opened):
    question = "What is a web of nodes?"
    seen = inspect(opened, question)
    assert seen.retrieval.asked == "What is a web of nodes? (Graph)"
    assert seen.without("graph") != seen.without("names")
    assert seen.widenings[0].concept_id == "graphs"


def test_a_filter_holds_in_every_search(opened):
    from rag.index import SearchFilter

    where = SearchFilter(path="queue.md")
    seen = opened.inspector.inspect(opened.search("What is a graph?", 8, where), where)
    assert {chunk.document_id for w in seen.what_ifs for chunk in w.instead} <= {"queue.md"}


def chunk(name):
    return Chunk(name, f"{name}.md", (name, "How it works"), "Text.", 1, 1, ())


def moves(*without):
    return tuple(
        Move(chunk(name), rank, place) for rank, (name, place) in enumerate(zip("ABCD", without, strict=False), 1)
    )


@pytest.mark.parametrize(
    ("what_if", "said"),
    [
        (
            WhatIf("dense", moves(1, 2), ()),
            "the same 2 passages would be found in the same order: it changed nothing here",
        ),
        (WhatIf("dense", moves(1, 17), (chunk("X"),)), "“B › How it works” would be at rank 17 instead of 2"),
        (
            WhatIf("dense", moves(None, 9, 1), (chunk("X"), chunk("Y"))),
            "“A › How it works” would be below rank 40 instead of 1, and 2 of the 3 passages would be lost",
        ),
        (
            WhatIf("dense", moves(3, 1, 2), ()),
            "“A › How it works” would fall from rank 1 to 3, though the same 3 passages would be found",
        ),
        (WhatIf("dense", moves(None, None), ()), "nothing would be found"),
        (WhatIf("dense", (), ()), "nothing would change: nothing was found"),
    ],
)
def test_the_effect_is_said_by_the_passage_that_it_touches_most(what_if, said):
    assert effect(what_if) == said
