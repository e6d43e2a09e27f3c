"""The ways of searching that are compared: each part of retrieval alone, then one added after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec

from evals.questions import Place
from graph.schema import Chunk
from graph.store import GraphStore, NetworkxStore
from rag.index import EdgeIndex, ScoredChunk, SearchFilter
from rag.rerank import CrossEncoder, LateInteraction, Reranker
from rag.retrieve import Retriever
from workspace import Workspace, load_embedder

BM25, DENSE, FUSED, GRAPH, LATE = "BM25", "dense", "fused", "+ graph", "+ late interaction"
NO_GRAPH, CROSS_ENCODER, IN_SERVICE = "late, no graph", "+ cross-encoder", "in service"
PAIRS = (
    (FUSED, BM25),
    (FUSED, DENSE),
    (GRAPH, FUSED),
    (LATE, GRAPH),
    (LATE, NO_GRAPH),
    (CROSS_ENCODER, LATE),
    (IN_SERVICE, LATE),
)


@dataclass(frozen=True, slots=True)
class Configuration:
    """A name, and the passages that it finds for a question, best first, at most so many."""

    name: str
    search: Callable[[str, int], list[Place]]


def configurations(opened: Workspace) -> list[Configuration]:
    """The ways of searching one generation. The cross-encoder is left out where its package is not installed.

    Each but two takes the question as it was typed; `in service` is the retriever that users have, which may also
    correct the spelling. `late, no graph` shows what the graph is worth once passages are reranked.
    """
    index, embedder, corpus = EdgeIndex(opened.generation.index_folder), load_embedder(), opened.corpus
    everywhere, no_graph = SearchFilter(), NetworkxStore((), ())

    def places(found: Iterable[ScoredChunk]) -> list[Place]:
        return [place_of(corpus.by_id[scored.chunk_id]) for scored in found]

    def retriever(graph: GraphStore, reranker: Reranker | None = None) -> Callable[[str, int], list[Place]]:
        return searched_by(Retriever(graph, index, corpus, embedder, reranker))

    late = LateInteraction(opened.generation.token_vectors(), corpus)
    ways = [
        Configuration(BM25, lambda question, k: places(index.search_keyword(question, k, everywhere))),
        Configuration(DENSE, lambda q, k: places(index.search_dense(embedder.embed_query(q), k, everywhere))),
        Configuration(FUSED, retriever(no_graph)),
        Configuration(GRAPH, retriever(opened.graph)),
        Configuration(LATE, retriever(opened.graph, late)),
        Configuration(NO_GRAPH, retriever(no_graph, late)),
    ]
    if find_spec("fastembed"):
        ways.append(Configuration(CROSS_ENCODER, retriever(opened.graph, CrossEncoder())))
    return [*ways, Configuration(IN_SERVICE, searched_by(opened.retriever))]


def searched_by(retriever: Retriever) -> Callable[[str, int], list[Place]]:
    """The passages that a retriever finds."""
    return lambda question, k: [place_of(r.chunk) for r in retriever.retrieve(question, k).results]


def place_of(chunk: Chunk) -> Place:
    """Where a passage stands."""
    return Place(chunk.document_id, chunk.start_line, chunk.end_line)
