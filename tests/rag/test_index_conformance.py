"""One body over every engine of the index: the embedded one, and the adapter over each way to a server."""

from uuid import uuid4

import numpy as np
import pytest

from rag.index import EdgeIndex, IndexRow, SearchFilter, build_edge_index
from rag.qdrant_connection import IN_MEMORY, QdrantConfig, QdrantConnection
from rag.qdrant_publish import delete_index, publish_index
from rag.qdrant_server import QdrantIndex
from tests.conftest import SERVERS
from tests.rag.qdrant_http import QdrantOverHttp

HOW_TO_RUN = "docker run -p 127.0.0.1:6333:6333 qdrant/qdrant:v1.19.1, then QDRANT_URL=http://127.0.0.1:6333 pytest"
ENGINES = ["edge", "memory", "http", "server", "server over gRPC"]
pytestmark = [  # what the client's imitation of a server leaves out
    pytest.mark.filterwarnings("ignore:Payload indexes have no effect"),
    pytest.mark.filterwarnings("ignore:Local mode performs exact"),
]
ANYWHERE = SearchFilter()
ROWS = [
    IndexRow("graphs#1", "A graph is walked along its edges", "week2/graphs.md", (2,), ("algorithms",)),
    IndexRow("hnsw#1", "HNSW walks a proximity graph greedily", "week5/rag/hnsw.md", (5,), ("rag",)),
    IndexRow("hnsw#2", "Deleting many points lowers recall", "week5/rag/hnsw.md", (5,), ("rag",)),
    IndexRow("list#1", "Read the paper about recall", "resources/list.yaml", (2, 5), ("algorithms", "rag")),
    IndexRow("bare#1", "A note without week or track", "bare.md"),
]
WORDS = ["graph", "index", "recall", "queue", "Größe", "vector", "walk", "paper", "hash", "tree", "🙂", "a[0]"]


def unit_vectors(count, seed):
    vectors = np.random.default_rng(seed).normal(size=(count, 8)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


VECTORS = unit_vectors(len(ROWS), 1)


def many_rows(count=700):
    """More than one batch of everything, with words as unevenly spread as in notes, and some passages twice."""
    draw = np.random.default_rng(3)
    weights = 1 / np.arange(1, len(WORDS) + 1)
    rows = []
    for number in range(count):
        text = " ".join(draw.choice(WORDS, size=int(draw.integers(0, 12)), p=weights / weights.sum()))
        rows.append(IndexRow(f"n{number % 7}.md#{number}", text, f"d{number % 3}/n{number % 7}.md", (number % 5,)))
    return rows, unit_vectors(count, 4)


class NoTokens:
    """For indexes whose passages have no token vectors."""

    size = 0


@pytest.fixture(scope="module")
def connection_to():
    """A connection to an engine, whose collections are deleted in the end."""
    opened = []

    def connect(engine):
        name = f"test-{uuid4().hex[:12]}"
        if engine == "http":
            server = QdrantOverHttp().start()
            opened.append(server.stop)
            config = QdrantConfig(server.url, name=name, keep_tokens=False)
        elif engine == "memory":
            config = QdrantConfig(IN_MEMORY, name=name, uploads=1, keep_tokens=False)
        else:
            url = SERVERS.get("QDRANT_URL")
            if not url:
                pytest.skip(f"no Qdrant server: {HOW_TO_RUN}")
            key, is_grpc = SERVERS.get("QDRANT_API_KEY", ""), engine.endswith("gRPC")
            config = QdrantConfig(url, key, name=name, prefer_grpc=is_grpc, keep_tokens=False)
        connection = QdrantConnection(config)
        opened.append(connection.close)
        opened.append(lambda: delete_index(connection))
        return connection

    yield connect
    for undo in reversed(opened):
        undo()


@pytest.fixture(scope="module", params=ENGINES)
def make_index(request, tmp_path_factory, connection_to):
    """Makes an index of rows and vectors on one engine."""
    connection = None if request.param == "edge" else connection_to(request.param)

    def make(rows, vectors):
        folder = tmp_path_factory.mktemp("index")
        build_edge_index(folder, rows, vectors)
        edge = EdgeIndex(folder)
        if connection is None:
            return edge
        generation_id = uuid4().hex[:20]
        publish_index(connection, generation_id, edge, NoTokens(), lambda done, total: None)
        edge.close()
        return QdrantIndex(connection, generation_id)

    return make


@pytest.fixture(scope="module")
def index(make_index):
    return make_index(ROWS, VECTORS)


@pytest.fixture(scope="module")
def large(make_index, tmp_path_factory):
    """Many rows on this engine, and on the embedded one."""
    rows, vectors = many_rows()
    folder = tmp_path_factory.mktemp("edge")
    build_edge_index(folder, rows, vectors)
    return make_index(rows, vectors), EdgeIndex(folder)


def ids(found):
    return [scored.chunk_id for scored in found]


def assert_same_order(found, expected, limit):
    """The same scores in the same order; passages of one score may change places, also across the limit."""
    assert [s.score for s in found] == pytest.approx([s.score for s in expected[:limit]], abs=1e-4)
    scores = {s.chunk_id: s.score for s in expected}
    assert [scores[s.chunk_id] for s in found] == pytest.approx([s.score for s in found], abs=1e-4)
    assert len(set(ids(found))) == len(found)


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
    assert index.known_words(" ".join(f"amoxicillin{number}" for number in range(230)) + " recall") == 1 / 231


def test_an_index_of_nothing_finds_nothing(make_index):
    empty = make_index([], np.empty((0, 8), dtype=np.float32))
    assert empty.search_keyword("graph", 10, ANYWHERE) == []
    assert empty.known_words("graph") == 0.0


@pytest.mark.parametrize("where", [ANYWHERE, SearchFilter(week=3), SearchFilter(path="d1", week=1)])
def test_many_passages_are_ranked_as_the_embedded_index_ranks_them(large, where):
    here, edge = large
    for number, query in enumerate(unit_vectors(8, 5)):
        expected = edge.search_dense(query, 700, where)
        assert_same_order(here.search_dense(query, 40, where), expected, 40)
        among = ids(expected)[number::3]
        assert_same_order(here.search_dense(query, 40, where, among), edge.search_dense(query, 700, where, among), 40)
    for words in ("graph", "recall of a queue", "Größe vectors walking", "tree hash paper index", "nothing known"):
        expected = edge.search_keyword(words, 700, where)
        assert_same_order(here.search_keyword(words, 40, where), expected, 40)
        among = ids(expected)[::2]
        assert_same_order(
            here.search_keyword(words, 40, where, among), edge.search_keyword(words, 700, where, among), 40
        )
        assert here.known_words(words) == edge.known_words(words)
