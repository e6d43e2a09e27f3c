"""Late interaction on a server against the one on disk, and what the engine itself makes of float16 multivectors."""

from itertools import pairwise
from uuid import uuid4

import numpy as np
import pytest
import qdrant_edge

from graph.errors import StorageError
from graph.schema import Chunk
from rag.corpus import Corpus, write_corpus
from rag.qdrant_connection import IN_MEMORY, QdrantConfig, QdrantConnection
from rag.qdrant_publish import delete_index
from rag.qdrant_rerank import ServerLateInteraction
from rag.qdrant_schema import tokens_collection, tokens_point
from rag.qdrant_tokens import prune_tokens, upload_tokens
from rag.rerank import LateInteraction
from rag.segment_writer import SegmentWriter
from rag.segments import SCALE, text_key, to_rows
from rag.token_vectors import TokenVectors, write_token_vectors
from tests.conftest import SERVERS
from tests.rag.qdrant_http import QdrantOverHttp
from tests.rag.test_index_conformance import HOW_TO_RUN

pytestmark = pytest.mark.filterwarnings("ignore:Local mode")
SENTENCES = [
    "A queue hands out what came first.",
    "A stack hands out what came last.",
    "HNSW walks a proximity graph greedily, layer by layer, and keeps a heap of the best candidates.",
    "A graph is a set of nodes joined by edges; a path follows the edges.",
    "A token bucket empties with every request and is filled at a steady rate.",
    "Retries need jitter, or all clients come back at the same moment.",
]
TEXTS = ["", *SENTENCES, *(f"{a} {b}" for a in SENTENCES for b in SENTENCES if a != b), SENTENCES[0]]
QUESTIONS = ["what came last?", "Which index walks a graph?", "xylem", "Why jitter when a request is tried again?"]


def written(folder, texts, embedder):
    """A generation's token vectors and passages of texts."""
    folder.mkdir()
    (folder / "tokens").mkdir()
    writer = SegmentWriter(folder.parent / "segments")
    keys = [text_key("model", text) for text in texts]
    writer.add(to_rows(key, encoding) for key, encoding in zip(keys, embedder.encode_texts(texts), strict=True))
    write_token_vectors(folder / "tokens", keys, writer)
    write_corpus(folder, [], [Chunk(f"{n}", "n.md", (), text, 1, 1, ()) for n, text in enumerate(texts)])
    return TokenVectors(folder / "tokens", folder.parent / "segments"), Corpus(folder)


@pytest.fixture(scope="module")
def stored(tmp_path_factory, embedder):
    return written(tmp_path_factory.mktemp("tokens") / "generation", TEXTS, embedder)


@pytest.fixture(scope="module", params=["memory", "http", "server", "server over gRPC"])
def connection(request):
    name, server = f"test-{uuid4().hex[:12]}", None
    if request.param == "memory":
        config = QdrantConfig(IN_MEMORY, name=name, uploads=1)
    elif request.param == "http":
        server = QdrantOverHttp().start()
        config = QdrantConfig(server.url, name=name)
    elif url := SERVERS.get("QDRANT_URL"):
        config = QdrantConfig(url, SERVERS.get("QDRANT_API_KEY", ""), name, prefer_grpc=request.param.endswith("gRPC"))
    else:
        pytest.skip(f"no Qdrant server: {HOW_TO_RUN}")
    opened = QdrantConnection(config)
    yield opened
    delete_index(opened)
    opened.close()
    if server:
        server.stop()


@pytest.fixture(scope="module")
def both(connection, stored):
    tokens, corpus = stored
    upload_tokens(connection, tokens, lambda done: None)
    return ServerLateInteraction(connection, tokens, corpus), LateInteraction(tokens, corpus)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_server_scores_as_the_segments_do(both, stored, embedder, question):
    server, disk = both
    asked, chunks = embedder.encode_query(question), stored[1].chunks[:]
    expected = disk.score(question, asked, chunks)
    found = server.score(question, asked, chunks)
    assert found == pytest.approx(expected, abs=2e-3)
    order = np.argsort([-score for score in found], kind="stable")
    assert all(expected[a] >= expected[b] - 2e-3 for a, b in pairwise(order))
    assert server.score(question, asked, []) == []
    assert server.score(question, asked, chunks[:1]) == [0.0]  # a passage without words
    assert server.explain(asked, chunks[3]) == disk.explain(asked, chunks[3])


def test_a_question_without_words_scores_nothing(both, stored, embedder):
    assert both[0].score("", embedder.encode_query(""), stored[1].chunks[:3]) == [0.0] * 3


def held(connection):
    name = tokens_collection(connection.config)
    found, _ = connection.read(lambda client: client.scroll(name, limit=1_000, with_payload=False))
    return {str(point.id) for point in found}


def test_only_new_texts_are_sent_and_only_unused_ones_deleted(connection, stored, tmp_path, embedder):
    first, _ = stored
    points = {tokens_point(key) for number in range(first.size) if (key := first.key(number))}
    upload_tokens(connection, first, lambda done: None)
    assert held(connection) == points
    assert upload_tokens(connection, first, lambda done: None) == 0
    second, _ = written(tmp_path / "second", [*SENTENCES[:3], "A text that is new."], embedder)
    seen = []
    assert upload_tokens(connection, second, seen.append) == 1
    assert sum(seen) == second.size
    prune_tokens(connection, [first, second])
    new = tokens_point(second.key(3))
    assert held(connection) == points | {new}
    prune_tokens(connection, [second])
    assert held(connection) == {tokens_point(second.key(number)) for number in range(4)}
    assert upload_tokens(connection, first, lambda done: None) == len(points) - 3
    prune_tokens(connection, [first])
    assert held(connection) == points


def test_token_vectors_that_are_missing_are_told(connection, stored, tmp_path, embedder):
    tokens, corpus = written(tmp_path / "other", ["Never sent.", "Nor this."], embedder)
    reranker = ServerLateInteraction(connection, tokens, corpus)
    upload_tokens(connection, stored[0], lambda done: None)
    with pytest.raises(StorageError, match="lacks the token vectors of 2 passages; run `prepgraph ingest`"):
        reranker.score("never", embedder.encode_query("never"), corpus.chunks[:])


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_engine_itself_loses_nothing_by_float16(tmp_path, stored, embedder, question):
    """Qdrant's own engine, embedded, with the layout that the server gets."""
    tokens, corpus = stored
    maxsim = qdrant_edge.MultiVectorConfig(qdrant_edge.MultiVectorComparator.MaxSim)
    layout = qdrant_edge.EdgeVectorParams(
        128,
        qdrant_edge.Distance.Dot,
        on_disk=True,
        multivector_config=maxsim,
        datatype=qdrant_edge.VectorStorageDatatype.Float16,
    )
    shard = qdrant_edge.EdgeShard.create(str(tmp_path), qdrant_edge.EdgeConfig(vectors={"tokens": layout}))
    numbers = [number for number in range(tokens.size) if tokens.key(number)]
    points = [
        qdrant_edge.Point(number, {"tokens": tokens.read([number]).vectors.astype("f4").tolist()}, {})
        for number in numbers
    ]
    shard.update(qdrant_edge.UpdateOperation.upsert_points(points))
    asked = embedder.encode_query(question)
    weights = tokens.idf(asked.token_ids)
    scaled = asked.token_vectors * (weights / weights.max())[:, None]
    query = qdrant_edge.Query.Nearest(scaled.tolist(), using="tokens")
    found = {int(str(p.id)): p.score for p in shard.query(qdrant_edge.QueryRequest(limit=100, query=query))}
    shard.close()
    unit = float(weights.max() / weights.sum()) / SCALE
    expected = LateInteraction(tokens, corpus).score(question, asked, [corpus.chunks[number] for number in numbers])
    assert [found[number] * unit for number in numbers] == pytest.approx(expected, abs=2e-3)
