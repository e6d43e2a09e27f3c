"""Where passages are searched: the index behind one protocol, and the embedded one on Qdrant Edge.

Edge is in beta: nothing outside this module names it, except the types of what it gives.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from graph.errors import StorageError

if TYPE_CHECKING:
    from qdrant_edge import Bm25, EdgeShard, Filter, ScoredPoint

    from rag.embed import FloatArray

DENSE, KEYWORD = "dense", "keyword"
_POINTS_A_WRITE = 500
_IDS_FILE = "chunk_ids.json"
_AVERAGE_TERMS = 60.0  # terms left of a passage of 100-150 words once stop words are out; BM25's length norm


@dataclass(frozen=True, slots=True)
class SearchFilter:
    """Keeps a search to a week, a track, or a file or folder (relative to the root, forward slashes)."""

    week: int | None = None
    track: str | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class IndexRow:
    """A passage as the index keeps it: what BM25 sees, its vector's row, and what filters ask for."""

    chunk_id: str
    text: str
    path: str
    weeks: tuple[int, ...] = ()
    tracks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ScoredChunk:
    """A chunk and the score of one retriever: cosine similarity (dense) or BM25 (keyword)."""

    chunk_id: str
    score: float


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage as an index holds it: its vectors and what filters ask for (week, track, the file and its folders)."""

    chunk_id: str
    vector: list[float]
    terms: list[int]
    weights: list[float]
    weeks: list[int]
    tracks: list[str]
    paths: list[str]


class SearchIndex(Protocol):
    """What retrieval may ask of the index, whatever engine holds it. Best first; ties in any order."""

    def search_dense(
        self, vector: FloatArray, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        """The passages nearest to a query vector of shape (dimension,), by cosine."""

    def search_keyword(
        self, text: str, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        """The passages that share words with the text, by BM25 over stems."""

    def term_coverage(self, question: str, passage: str) -> float:
        """The share of a question's words (stems without stop words) that a passage has, in [0, 1]; 0 for no words."""

    def known_words(self, question: str) -> float:
        """The share of a question's words (as above) that stand in any passage at all, in [0, 1]; 1 for no words."""

    def check(self) -> None:
        """Raises StorageError while the index cannot be searched, or no longer."""


class EdgeIndex:
    """A Qdrant Edge shard without a write-ahead log: many processes may read it at once. Built once, then only read."""

    def __init__(self, folder: Path) -> None:
        from qdrant_edge import EdgeShard

        self._folder = folder
        try:
            self._chunk_ids: list[str] = [*json.loads((folder / _IDS_FILE).read_text(encoding="utf-8"))]
            self._shard: EdgeShard = EdgeShard.load(str(folder / "shard"))
        except Exception as fault:  # the engine raises bare Exception for a folder that it cannot read
            raise StorageError(f"The index in {folder} cannot be opened ({fault}); run `prepgraph ingest`.") from fault

    def search_dense(
        self, vector: FloatArray, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        from qdrant_edge import Query

        return self._query(Query.Nearest(vector.tolist(), using=DENSE), limit, where, among)

    def search_keyword(
        self, text: str, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        from qdrant_edge import Query

        terms = self._bm25.embed_query(text)
        if not terms.indices:
            return []
        return self._query(Query.Nearest(terms, using=KEYWORD), limit, where, among)

    def term_coverage(self, question: str, passage: str) -> float:
        return share_of_terms(self._bm25, question, passage)

    def known_words(self, question: str) -> float:
        from qdrant_edge import Query, SparseVector

        terms = self._bm25.embed_query(question).indices
        alone = (Query.Nearest(SparseVector([term], [1.0]), using=KEYWORD) for term in terms)
        known = sum(bool(self._query(query, 1, SearchFilter(), None)) for query in alone)
        return known / len(terms) if terms else 1.0

    def check(self) -> None:
        pass  # its files were opened together, and stay readable when they are deleted

    @property
    def size(self) -> int:
        """How many passages it holds."""
        return len(self._chunk_ids)

    def passages(self) -> Iterator[StoredPassage]:
        """Every passage in the order of the corpus, a few hundred of them in memory at a time."""
        from qdrant_edge import ScrollRequest

        offset: Any = 0
        while offset is not None:
            request = ScrollRequest(offset=offset, limit=_POINTS_A_WRITE, with_payload=True, with_vector=True)
            records, offset = self._shard.scroll(request)
            for record in records:
                vectors: Any = record.vector
                payload = record.payload or {}
                terms = vectors.get(KEYWORD)
                yield StoredPassage(
                    self._chunk_ids[int(record.id)],
                    vectors[DENSE],
                    terms.indices if terms else [],
                    terms.values if terms else [],
                    payload["weeks"],
                    payload["tracks"],
                    payload["paths"],
                )

    def close(self) -> None:
        """Releases the shard's files."""
        self._shard.close()

    def _query(self, query: Any, limit: int, where: SearchFilter, among: Collection[str] | None) -> list[ScoredChunk]:
        from qdrant_edge import QueryRequest

        ids = None if among is None else {self._numbers[chunk_id] for chunk_id in among}
        if ids is not None and not ids:
            return []
        request = QueryRequest(limit=limit, query=query, filter=_filter(where, ids))
        points: list[ScoredPoint] = self._shard.query(request)
        return [ScoredChunk(self._chunk_ids[int(str(point.id))], point.score) for point in points]

    @cached_property
    def _bm25(self) -> Bm25:
        return open_bm25()

    @cached_property
    def _numbers(self) -> dict[str, int]:
        return {chunk_id: number for number, chunk_id in enumerate(self._chunk_ids)}


def build_edge_index(folder: Path, rows: Sequence[IndexRow], vectors: FloatArray) -> None:
    """Writes an index of rows and their vectors, shape (len(rows), dimension), into an empty folder.

    Durable when it returns: with its log off, a shard is safe only after a flush. Raises StorageError.
    """
    import qdrant_edge as edge

    (folder / _IDS_FILE).write_text(json.dumps([row.chunk_id for row in rows]), encoding="utf-8")
    (folder / "shard").mkdir()
    config = edge.EdgeConfig(
        vectors={DENSE: edge.EdgeVectorParams(size=vectors.shape[1], distance=edge.Distance.Dot)},
        sparse_vectors={KEYWORD: edge.EdgeSparseVectorParams(modifier=edge.Modifier.Idf)},
        wal_enabled=False,
    )
    bm25 = open_bm25()
    try:
        shard = edge.EdgeShard.create(str(folder / "shard"), config)
        for field, schema in (
            ("weeks", edge.PayloadSchemaType.Integer),
            ("tracks", edge.PayloadSchemaType.Keyword),
            ("paths", edge.PayloadSchemaType.Keyword),
        ):
            shard.update(edge.UpdateOperation.create_field_index(field, schema))
        numbered = iter(enumerate(rows))
        while batch := list(islice(numbered, _POINTS_A_WRITE)):
            points = [
                edge.Point(
                    id=number,
                    vector={DENSE: vectors[number].tolist(), KEYWORD: bm25.embed_document(row.text)},
                    payload={"weeks": list(row.weeks), "tracks": list(row.tracks), "paths": _ancestry(row.path)},
                )
                for number, row in batch
            ]
            shard.update(edge.UpdateOperation.upsert_points(points))
        shard.flush()
        shard.close()
    except Exception as fault:  # the engine raises bare Exception, for a full disk too
        raise StorageError(
            f"The index could not be written to {folder} ({fault}); free some space and try again."
        ) from fault


def open_bm25() -> Bm25:
    """What turns texts into sparse vectors of stems; a server ranks by the same ones."""
    from qdrant_edge import Bm25, Bm25Config

    return Bm25(Bm25Config(avg_len=_AVERAGE_TERMS))


def share_of_terms(bm25: Bm25, question: str, passage: str) -> float:
    """The share of a question's stems that a passage has, in [0, 1]; 0 for none."""
    asked = set(bm25.embed_query(question).indices)
    return len(asked & set(bm25.embed_query(passage).indices)) / len(asked) if asked else 0.0


def _ancestry(path: str) -> list[str]:
    """A file's path and every folder above it, so that one keyword match filters by either."""
    parts = path.split("/")
    return ["/".join(parts[: depth + 1]) for depth in range(len(parts))]


def _filter(where: SearchFilter, ids: Iterable[int] | None) -> Filter | None:
    import qdrant_edge as edge

    wanted = {"weeks": where.week, "tracks": where.track, "paths": where.path.strip("/") if where.path else None}
    conditions: list[Any] = [
        edge.FieldCondition(key=key, match=edge.MatchValue(value)) for key, value in wanted.items() if value is not None
    ]
    if ids is not None:
        conditions.append(edge.HasIdCondition(set(ids)))
    return edge.Filter(must=conditions) if conditions else None
