"""The embedded index on real shards: order, filters, and what a damaged or full disk does."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import StorageError
from rag.index import EdgeIndex, IndexRow, SearchFilter, build_edge_index

ROOT = Path(__file__).parents[2]
ANYWHERE = SearchFilter()
ROWS = [
    IndexRow("graphs#1", "A graph is walked along its edges", "week2/graphs.md", (2,), ("algorithms",)),
    IndexRow("hnsw#1", "HNSW walks a proximity graph greedily", "week5/rag/hnsw.md", (5,), ("rag",)),
    IndexRow("hnsw#2", "Deleting many points lowers recall", "week5/rag/hnsw.md", (5,), ("rag",)),
    IndexRow("list#1", "Read the paper about recall", "resources/list.yaml", (2, 5), ("algorithms", "rag")),
    IndexRow("bare#1", "A note without week or track", "bare.md"),
]
VECTORS = np.random.default_rng(1).normal(size=(len(ROWS), 8)).astype(np.float32)
VECTORS /= np.linalg.norm(VECTORS, axis=1, keepdims=True)


def build(folder, rows=ROWS, vectors=VECTORS):
    folder.mkdir()
    build_edge_index(folder, rows, vectors)
    return EdgeIndex(folder)


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    return build(tmp_path_factory.mktemp("index") / "index")


def ids(found):
    return [scored.chunk_id for scored in found]


def test_dense_search_orders_by_cosine(index):
    for query in VECTORS:
        found = index.search_dense(query, 10, ANYWHERE)
        scores = dict(zip((row.chunk_id for row in ROWS), (VECTORS @ query).tolist(), strict=True))
        assert ids(found) == sorted(scores, key=lambda chunk_id: -scores[chunk_id])
        assert [s.score for s in found] == pytest.approx(sorted(scores.values(), reverse=True), abs=1e-5)


def test_keyword_search_finds_stems_and_leaves_stop_words_out(index):
    assert set(ids(index.search_keyword("walking graphs", 10, ANYWHERE))) == {"graphs#1", "hnsw#1"}
    assert ids(index.search_keyword("deleted", 10, ANYWHERE)) == ["hnsw#2"]
    assert index.search_keyword("the of and", 10, ANYWHERE) == []
    assert index.search_keyword("", 10, ANYWHERE) == []


def test_the_rarer_word_counts_more(index):
    assert ids(index.search_keyword("recall paper", 10, ANYWHERE))[0] == "list#1"


def test_the_limit_is_kept(index):
    assert len(index.search_dense(VECTORS[0], 2, ANYWHERE)) == 2


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (SearchFilter(week=5), {"hnsw#1", "hnsw#2", "list#1"}),
        (SearchFilter(week=2), {"graphs#1", "list#1"}),
        (SearchFilter(track="rag"), {"hnsw#1", "hnsw#2", "list#1"}),
        (SearchFilter(path="week5"), {"hnsw#1", "hnsw#2"}),
        (SearchFilter(path="week5/rag/"), {"hnsw#1", "hnsw#2"}),
        (SearchFilter(path="bare.md"), {"bare#1"}),
        (SearchFilter(week=5, track="rag", path="resources"), {"list#1"}),
        (SearchFilter(week=7), set()),
        (SearchFilter(path="week"), set()),
    ],
)
def test_filters(index, where, expected):
    assert set(ids(index.search_dense(VECTORS[0], 10, where))) == expected
    words = " ".join(row.text for row in ROWS)
    assert set(ids(index.search_keyword(words, 10, where))) == expected


def test_a_search_among_some_passages_finds_no_other(index):
    assert set(ids(index.search_dense(VECTORS[0], 10, ANYWHERE, ["hnsw#2", "bare#1"]))) == {"hnsw#2", "bare#1"}
    assert ids(index.search_dense(VECTORS[0], 10, SearchFilter(week=5), ["hnsw#2", "bare#1"])) == ["hnsw#2"]
    assert index.search_dense(VECTORS[0], 10, ANYWHERE, []) == []


def test_shares_of_words(index):
    assert index.term_coverage("walking the graphs", "A graph is walked.") == 1.0
    assert index.term_coverage("graph paper", "A graph is walked.") == 0.5
    assert index.term_coverage("the of", "anything") == 0.0
    assert index.known_words("recalled papers") == 1.0
    assert index.known_words("recall amoxicillin") == 0.5
    assert index.known_words("the of") == 1.0


def test_an_index_of_nothing_finds_nothing(tmp_path):
    empty = build(tmp_path / "index", [], np.empty((0, 8), dtype=np.float32))
    assert empty.search_dense(VECTORS[0], 10, ANYWHERE) == []
    assert empty.search_keyword("graph", 10, ANYWHERE) == []


def test_many_processes_read_one_index_at_once(tmp_path):
    held = build(tmp_path / "index")
    code = (
        "import sys; from pathlib import Path; from rag.index import EdgeIndex, SearchFilter\n"
        "print(len(EdgeIndex(Path(sys.argv[1])).search_keyword('graph', 10, SearchFilter())))"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "index")]
    readers = [subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    assert [reader.communicate(timeout=120)[0] for reader in readers] == ["2\n"] * 3
    assert len(held.search_keyword("graph", 10, ANYWHERE)) == 2


@pytest.mark.parametrize(("name", "content"), [("chunk_ids.json", "["), ("shard/edge_config.json", "")])
def test_a_damaged_index_says_what_to_do(tmp_path, name, content):
    build(tmp_path / "index").close()
    (tmp_path / "index" / name).write_text(content)
    with pytest.raises(StorageError, match=r"cannot be opened .*run `prepgraph ingest`"):
        EdgeIndex(tmp_path / "index")


def test_a_missing_index_says_what_to_do(tmp_path):
    with pytest.raises(StorageError, match=r"nowhere cannot be opened .*run `prepgraph ingest`"):
        EdgeIndex(tmp_path / "nowhere")


WORDS = st.lists(st.sampled_from(["graph", "index", "recall", "queue", "Größe", "<b>", "a[0]", "\0", "🙂"]), max_size=6)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(WORDS.map(" ".join), min_size=1, max_size=8), asked=WORDS.map(" ".join))
def test_what_keyword_search_finds_shares_a_word(tmp_path_factory, texts, asked):
    rows = [IndexRow(f"n.md#{number}", text, "n.md") for number, text in enumerate(texts)]
    vectors = np.ones((len(rows), 2), dtype=np.float32)
    found = build(tmp_path_factory.mktemp("index") / "index", rows, vectors)
    sharing = {row.chunk_id for row in rows if found.term_coverage(asked, row.text) > 0}
    assert set(ids(found.search_keyword(asked, 20, ANYWHERE))) == sharing
