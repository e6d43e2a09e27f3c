"""The embedded index on real shards: many readers, what damage does, and reading it back. Searches: see conformance."""

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


def ids(found):
    return [scored.chunk_id for scored in found]


def test_what_was_indexed_can_be_read_back(tmp_path):
    rows = [
        IndexRow(f"n.md#{number}", f"word{number}" if number % 3 else "", "a/n.md", (2,)) for number in range(1_203)
    ]
    vectors = np.random.default_rng(2).normal(size=(len(rows), 4)).astype(np.float32)
    found = list(build(tmp_path / "index", rows, vectors).passages())
    assert [passage.chunk_id for passage in found] == [row.chunk_id for row in rows]
    np.testing.assert_allclose([passage.vector for passage in found], vectors, rtol=1e-6)
    assert [(len(p.terms), len(p.weights)) for p in found] == [(bool(row.text),) * 2 for row in rows]
    assert {(*passage.weeks, *passage.tracks, *passage.paths) for passage in found} == {(2, "a", "a/n.md")}


def test_an_index_of_nothing_finds_nothing(tmp_path):
    empty = build(tmp_path / "index", [], np.empty((0, 8), dtype=np.float32))
    assert list(empty.passages()) == []
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
