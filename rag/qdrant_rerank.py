"""Late interaction on a Qdrant server: token vectors are compared where they lie, and only scores travel.

MaxSim sums, over the question's tokens, the best dot product with any of the passage's. Late interaction weighs each
token by its idf first; a dot product grows with its vector, so the question's vectors are scaled by their weights. Both
then put passages in the same order.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from graph.errors import StorageError
from graph.schema import Chunk
from rag.corpus import Corpus
from rag.embed import Encoding
from rag.qdrant_connection import QdrantConnection
from rag.qdrant_schema import TOKENS, tokens_collection, tokens_point
from rag.rerank import LateInteraction
from rag.segments import SCALE
from rag.token_vectors import TokenVectors

if TYPE_CHECKING:
    from qdrant_client import QdrantClient


class ServerLateInteraction(LateInteraction):
    """Scores by the token vectors on the server; explanations, of one passage each, read the segments on disk."""

    def __init__(self, connection: QdrantConnection, tokens: TokenVectors, corpus: Corpus) -> None:
        super().__init__(tokens, corpus)
        self._connection = connection

    def score(self, question: str, encoding: Encoding, chunks: Sequence[Chunk]) -> list[float]:
        """As the embedded one scores, up to rounding. Raises StorageError when the server fails or lacks some."""
        weights = self._tokens.idf(encoding.token_ids)
        points = [self._point(chunk) for chunk in chunks]
        wanted = list(dict.fromkeys(point for point in points if point))
        if not wanted or not weights.sum():
            return [0.0] * len(chunks)
        greatest = weights.max()  # which keeps the numbers where the server's float16 is exact enough
        scaled = encoding.token_vectors * (weights / greatest)[:, None]
        found = self._connection.read(lambda client: self._ask(client, scaled.tolist(), wanted))
        if len(found) < len(wanted):
            raise StorageError(
                f"Qdrant at {self._connection.config.address} lacks the token vectors of {len(wanted) - len(found)} "
                "passages; run `prepgraph ingest`."
            )
        unit = float(greatest / weights.sum()) / SCALE
        return [found[point] * unit if point else 0.0 for point in points]

    def _point(self, chunk: Chunk) -> str | None:
        key = self._tokens.key(self._corpus.number(chunk.id))
        return tokens_point(key) if key else None

    def _ask(self, client: QdrantClient, vectors: list[list[float]], points: Sequence[str]) -> dict[str, float]:
        from qdrant_client.models import Filter, HasIdCondition

        answer = client.query_points(
            tokens_collection(self._connection.config),
            query=vectors,
            using=TOKENS,
            query_filter=Filter(must=[HasIdCondition(has_id=list(points))]),
            limit=len(points),
            with_payload=False,
        )
        return {str(point.id): point.score for point in answer.points}
