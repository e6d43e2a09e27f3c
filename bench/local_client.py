"""The peer: the same vectors in `QdrantClient(path=…)`, qdrant-client's local mode, asked the same two queries."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from qdrant_client.models import SparseVector
    from qdrant_edge import SparseVector as EdgeSparseVector

    from rag.embed import FloatArray

COLLECTION = "chunks"
DENSE, KEYWORD = "dense", "keyword"


class LocalClient:
    """A local collection of texts with their dense and BM25 vectors."""

    def __init__(self, folder: Path, texts: Sequence[str], vectors: FloatArray) -> None:
        from qdrant_client import QdrantClient, models
        from qdrant_edge import Bm25, Bm25Config

        self._bm25 = Bm25(Bm25Config())
        self._client = QdrantClient(path=str(folder))
        self._client.create_collection(
            COLLECTION,
            vectors_config={DENSE: models.VectorParams(size=vectors.shape[1], distance=models.Distance.DOT)},
            sparse_vectors_config={KEYWORD: models.SparseVectorParams(modifier=models.Modifier.IDF)},
        )
        points = (
            models.PointStruct(
                id=number,
                vector={DENSE: vector.tolist(), KEYWORD: as_client_vector(self._bm25.embed_document(text))},
                payload={},
            )
            for number, (text, vector) in enumerate(zip(texts, vectors, strict=True))
        )
        self._client.upload_points(COLLECTION, points)

    def search(self, vector: FloatArray, text: str, limit: int) -> None:
        """Ask for the nearest by both vectors; the answers are dropped."""
        terms = as_client_vector(self._bm25.embed_query(text))
        self._client.query_points(COLLECTION, query=vector.tolist(), using=DENSE, limit=limit, with_payload=False)
        self._client.query_points(COLLECTION, query=terms, using=KEYWORD, limit=limit, with_payload=False)


def as_client_vector(terms: EdgeSparseVector) -> SparseVector:
    from qdrant_client import models

    return models.SparseVector(indices=list(terms.indices), values=list(terms.values))
