"""The index on a Qdrant server or cluster: the same searches as the embedded one, and nothing of it in this process."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from graph.errors import StorageError
from rag.index import DENSE, KEYWORD, ScoredChunk, SearchFilter, open_bm25, share_of_terms
from rag.qdrant_connection import MissingError, QdrantConnection
from rag.qdrant_schema import collection_of, filter_of, search_params

if TYPE_CHECKING:
    from qdrant_client import QdrantClient
    from qdrant_client.models import QueryRequest, QueryResponse, SparseVector
    from qdrant_edge import Bm25

    from rag.embed import FloatArray

_TERMS_A_REQUEST = 100


class QdrantIndex:
    """A generation's passages on a server. Opening it asks nothing; searches raise StorageError when it fails."""

    def __init__(self, connection: QdrantConnection, generation_id: str) -> None:
        self._connection, self._generation_id = connection, generation_id
        self._collection = collection_of(connection.config, generation_id)

    def search_dense(
        self, vector: FloatArray, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        return self._search(vector.tolist(), DENSE, limit, where, among)

    def search_keyword(
        self, text: str, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        terms = self._bm25.embed_query(text)
        if not terms.indices:
            return []
        return self._search(_sparse(terms.indices, terms.values), KEYWORD, limit, where, among)

    def term_coverage(self, question: str, passage: str) -> float:
        return share_of_terms(self._bm25, question, passage)

    def known_words(self, question: str) -> float:
        terms = self._bm25.embed_query(question).indices
        found = [bool(answer.points) for answer in self._ask([self._alone(term) for term in terms])]
        return sum(found) / len(terms) if terms else 1.0

    def check(self) -> None:
        if not self._connection.read(lambda client: client.collection_exists(self._collection)):
            raise self._gone()

    def _search(
        self, query: Any, using: str, limit: int, where: SearchFilter, among: Collection[str] | None
    ) -> list[ScoredChunk]:
        from qdrant_client.models import QueryRequest

        if limit < 1 or (among is not None and not among):
            return []
        request = QueryRequest(
            query=query,
            using=using,
            filter=filter_of(where, among),
            params=search_params() if using == DENSE else None,
            limit=limit,
            with_payload=["chunk_id"],
        )
        (answer,) = self._ask([request])
        return [ScoredChunk(str((point.payload or {})["chunk_id"]), point.score) for point in answer.points]

    def _alone(self, term: int) -> QueryRequest:
        """Asks for one passage that has a stem."""
        from qdrant_client.models import QueryRequest

        return QueryRequest(query=_sparse([term], [1.0]), using=KEYWORD, limit=1, with_payload=False)

    def _ask(self, requests: Sequence[QueryRequest]) -> list[QueryResponse]:
        found: list[QueryResponse] = []
        for start in range(0, len(requests), _TERMS_A_REQUEST):
            batch = requests[start : start + _TERMS_A_REQUEST]

            def work(client: QdrantClient, batch: Sequence[QueryRequest] = batch) -> list[QueryResponse]:
                return client.query_batch_points(self._collection, batch)

            try:
                found += self._connection.read(work)
            except MissingError as fault:
                raise self._gone() from fault
        return found

    def _gone(self) -> StorageError:
        return StorageError(
            f"Qdrant at {self._connection.config.address} no longer holds generation {self._generation_id}; "
            "load the newest one, or run `prepgraph ingest`."
        )

    @cached_property
    def _bm25(self) -> Bm25:
        return open_bm25()


def _sparse(terms: list[int], weights: list[float]) -> SparseVector:
    from qdrant_client.models import SparseVector

    return SparseVector(indices=terms, values=weights)
