"""Late interaction over real token vectors, against the definition written out; and what a missing model says."""

import json
import sys

import numpy as np
import pytest

from graph.errors import ModelError, StorageError, UsageError
from graph.schema import Chunk
from rag.corpus import Corpus, write_corpus
from rag.embed import Encoding
from rag.rerank import CrossEncoder, LateInteraction
from rag.retrieve import Retriever
from rag.segment_writer import SegmentWriter
from rag.segments import text_key, to_rows
from rag.token_vectors import TokenVectors, write_token_vectors

TEXTS = [
    "A queue hands out what came first.",
    "",
    "HNSW walks a proximity graph greedily, layer by layer, and keeps a heap of the best candidates.",
    "A stack hands out what came last.",
    "A graph is a set of nodes joined by edges; a path follows the edges.",
]


@pytest.fixture(scope="module")
def built(tmp_path_factory, embedder):
    folder = tmp_path_factory.mktemp("generation")
    (folder / "tokens").mkdir()
    writer = SegmentWriter(folder / "segments")
    keys = [text_key("model", text) for text in TEXTS]
    for start in (0, 3):  # two segments
        some = zip(keys[start : start + 3], embedder.encode_texts(TEXTS[start : start + 3]), strict=True)
        writer.add(to_rows(key, encoding) for key, encoding in some)
    write_token_vectors(folder / "tokens", keys, writer)
    write_corpus(folder, [], [Chunk(f"{n}", "n.md", (), text, 1, 1, ()) for n, text in enumerate(TEXTS)])
    return folder


@pytest.fixture(scope="module")
def tokens(built):
    return TokenVectors(built / "tokens", built / "segments")


@pytest.fixture(scope="module")
def reranker(built, tokens):
    return LateInteraction(tokens, Corpus(built))


def idf(embedder, token_id):
    count = sum(token_id in encoding.token_ids for encoding in embedder.encode_texts(TEXTS))
    return np.log(1 + (len(TEXTS) - count + 0.5) / (count + 0.5))


@pytest.mark.parametrize("question", ["Which structure hands out the last thing?", "graph", "proximity graphs, xylem"])
def test_scores_are_those_of_the_definition(built, reranker, embedder, question):
    asked = embedder.encode_query(question)
    weights = [idf(embedder, token) for token in asked.token_ids]
    scores = reranker.score(question, asked, Corpus(built).chunks)
    for score, passage in zip(scores, embedder.encode_texts(TEXTS), strict=True):
        best = [max((float(q @ p) for p in passage.token_vectors), default=0.0) for q in asked.token_vectors]
        assert score == pytest.approx(np.average(best, weights=weights), abs=0.01)


@pytest.mark.parametrize(("question", "best"), [("what came last?", 3), ("what is an edge", 4)])
def test_the_right_passage_is_first_and_one_without_words_is_last(built, reranker, embedder, question, best):
    scores = reranker.score(question, embedder.encode_query(question), Corpus(built).chunks)
    assert int(np.argmax(scores)) == best
    assert scores[1] == 0.0 == min(scores)


def test_any_choice_of_candidates_gets_the_same_scores(built, reranker, embedder):
    chunks = Corpus(built).chunks
    asked = embedder.encode_query("what is first")
    scores = reranker.score("", asked, chunks)
    some = [chunks[4], chunks[1], chunks[0]]
    assert reranker.score("", asked, some) == pytest.approx([scores[4], scores[1], scores[0]], abs=1e-6)


def test_nothing_to_score(built, reranker, embedder):
    assert reranker.score("", embedder.encode_query("graph"), []) == []
    assert reranker.score("", embedder.encode_query(""), Corpus(built).chunks) == [0.0] * len(TEXTS)


def test_a_match_names_the_tokens_on_both_sides(built, reranker, embedder):
    asked = embedder.encode_query("graphs have nodes")
    matches = reranker.explain(asked, Corpus(built).chunks[4])
    ids = np.array([match.matched_id for match in matches], dtype=np.uint16)
    assert embedder.token_texts(asked.token_ids) == ("graphs", "have", "nodes")
    assert embedder.token_texts(ids)[::2] == ("graph", "nodes")
    score = np.average([match.cosine for match in matches], weights=[match.weight for match in matches])
    assert reranker.score("", asked, Corpus(built).chunks)[4] == pytest.approx(score, abs=1e-5)
    assert reranker.explain(asked, Corpus(built).chunks[1]) == ()


def test_a_token_that_no_passage_has_weighs_most(tokens, embedder):
    common, rare, unknown = tokens.idf(embedder.encode_query("a proximity xylem").token_ids)[[0, 1, -1]]
    assert common < rare < unknown


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("manifest.json", b"{"),
        ("manifest.json", json.dumps({"segments": ["../../etc"]}).encode()),
        ("manifest.json", json.dumps({"segments": []}).encode()),
        ("manifest.json", json.dumps({"segments": ["gone", "gone"]}).encode()),
        ("places.npy", b""),
        ("frequencies.npy", b"\x93NUMPY"),
    ],
)
def test_damage_says_what_to_do(built, tmp_path, name, damage):
    import shutil

    folder = shutil.copytree(built / "tokens", tmp_path / "tokens")
    (folder / name).write_bytes(damage)
    with pytest.raises(StorageError, match="run `prepgraph ingest`"):
        TokenVectors(folder, built / "segments")


class SharedWords:
    """A reranker of another kind: counts the words that question and passage share."""

    def score(self, question, encoding, chunks):
        assert isinstance(encoding, Encoding)
        asked = set(question.casefold().strip("?").split())
        return [float(len(asked & set(chunk.text.casefold().split()))) for chunk in chunks]


def test_any_reranker_can_take_its_place(notes, embedder):
    notes.write({f"{n}.md": text for n, text in enumerate(TEXTS)}).ingest()
    opened = notes.open()
    retriever = Retriever(opened.graph, opened.retriever._index, opened.corpus, embedder, SharedWords())
    results = retriever.retrieve("what came last in a stack?").results
    assert results[0].chunk.document_id == "3.md"
    assert results[0].origins["rerank"] == 1


def test_a_cross_encoder_without_its_package_says_what_to_install(monkeypatch, embedder, built):
    monkeypatch.setitem(sys.modules, "fastembed.rerank.cross_encoder", None)
    with pytest.raises(UsageError, match="needs the package fastembed: `pip install fastembed`"):
        CrossEncoder().score("what", embedder.encode_query("what"), Corpus(built).chunks)


def test_a_cross_encoder_without_its_model_says_so_in_one_sentence(monkeypatch, embedder, built):
    class Unreachable:
        def __init__(self, model_name):
            raise ValueError("Could not load model from any source.\nMore about it.")

    import types

    module = types.ModuleType("fastembed.rerank.cross_encoder")
    module.TextCrossEncoder = Unreachable
    monkeypatch.setitem(sys.modules, "fastembed.rerank.cross_encoder", module)
    with pytest.raises(ModelError, match=r"cannot be loaded \(Could not load model from any source.\): connect") as e:
        CrossEncoder().score("what", embedder.encode_query("what"), Corpus(built).chunks)
    assert "\n" not in str(e.value)
