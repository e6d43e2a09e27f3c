"""What one would search with instead: LlamaIndex over an embedded Qdrant, and bm25s for the words alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.embed import FloatArray, MiniLMEmbedder

COLLECTION = "chunks"
Search = Callable[[str], object]
Sparse = tuple[list[list[int]], list[list[float]]]
"""The indices and the values of some texts' terms."""


def llama_index_searches(
    folder: Path, texts: Sequence[str], vectors: FloatArray, embedder: MiniLMEmbedder, limit: int
) -> dict[str, Search]:
    """LlamaIndex's searches over `QdrantClient(path=…)`: its default by vectors alone, and its hybrid one.

    The store is given our vectors, and for its sparse ones Qdrant's own BM25, since its default downloads a model.
    """
    from llama_index.core.schema import TextNode
    from llama_index.core.vector_stores.types import VectorStoreQuery, VectorStoreQueryMode
    from llama_index.vector_stores.qdrant import QdrantVectorStore
    from qdrant_client import QdrantClient
    from qdrant_edge import Bm25, Bm25Config

    bm25 = Bm25(Bm25Config())

    def sparse(encode: Callable[[str], object], rows: Sequence[str]) -> Sparse:
        found = [encode(row) for row in rows]
        return [[*row.indices] for row in found], [[*row.values] for row in found]  # type: ignore[attr-defined]

    store = QdrantVectorStore(
        COLLECTION,
        client=QdrantClient(path=str(folder)),
        enable_hybrid=True,
        sparse_doc_fn=lambda rows: sparse(bm25.embed_document, rows),
        sparse_query_fn=lambda rows: sparse(bm25.embed_query, rows),
    )
    store.add(
        [
            TextNode(id_=_uuid(number), text=text, embedding=vector.tolist())
            for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        ]
    )

    def search(question: str, mode: VectorStoreQueryMode) -> object:
        vector = embedder.embed_query(question).tolist()
        asked = VectorStoreQuery(query_embedding=vector, query_str=question, similarity_top_k=limit, mode=mode)
        return store.query(asked)

    return {
        "LlamaIndex + QdrantClient(path=…), its default": lambda q: search(q, VectorStoreQueryMode.DEFAULT),
        "LlamaIndex + QdrantClient(path=…), hybrid": lambda q: search(q, VectorStoreQueryMode.HYBRID),
    }


def keyword_search(texts: Sequence[str], limit: int) -> Search:
    """bm25s over the same texts, with English stop words and no stemmer."""
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize([*texts], stopwords="en", show_progress=False), show_progress=False)
    count = min(limit, len(texts))

    def search(question: str) -> object:
        words = bm25s.tokenize([question], stopwords="en", show_progress=False)
        return index.retrieve(words, k=count, show_progress=False)

    return search


def _uuid(number: int) -> str:
    from uuid import UUID

    return str(UUID(int=number))
