"""Decides how a generation lies on a Qdrant server.

    <name>.<generation>   a point a passage: its vector, its stems with Modifier.IDF, and what filters ask for
    <name>.tokens         a point a text: its token vectors, shared by all generations, as segments are on disk
    <name>                an alias of the collection of the generation in service

A generation's readers name its collection, so that what they find belongs to the passages and the graph that they have
open. The alias tells everybody else which one that is.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from rag.embed import TOKEN_DIMENSION
from rag.index import DENSE, KEYWORD, SearchFilter

if TYPE_CHECKING:
    from qdrant_client.models import Filter, SearchParams

    from rag.qdrant_connection import QdrantConfig

TOKENS = "tokens"
_PASSAGES = UUID("6d1f6a0e-7c6d-5c0b-9a53-0f7d7b1a3f52")  # the namespace of passages' point ids
_OVERSAMPLING = 2.0  # candidates by int8, for each wanted, that are compared again by their whole vectors


def collection_of(config: QdrantConfig, generation_id: str) -> str:
    """The collection of a generation's passages."""
    return f"{config.name}.{generation_id}"


def tokens_collection(config: QdrantConfig) -> str:
    """The collection of token vectors."""
    return f"{config.name}.tokens"


def generation_of(config: QdrantConfig, collection: str) -> str | None:
    """The generation whose passages a collection holds; None for any other collection."""
    name, dot, generation_id = collection.rpartition(".")
    return generation_id if dot and name == config.name and collection != tokens_collection(config) else None


def passage_point(chunk_id: str) -> str:
    """The point id of a passage; the server takes whole numbers and UUIDs only."""
    return str(uuid5(_PASSAGES, chunk_id))


def tokens_point(key: bytes) -> str:
    """The point id of a text's token vectors, by the text's key (`rag.segments.text_key`)."""
    return str(UUID(bytes=key[:16]))


def passages_layout(config: QdrantConfig, passages: int, dimension: int) -> dict[str, Any]:
    """How the collection of so many passages is created.

    Large ones keep vectors, stems and payloads on disk, with an int8 copy of the vectors in memory: a quarter of their
    size. A write counts once most replicas have it.
    """
    from qdrant_client import models

    is_large = passages >= config.quantise_from
    int8 = models.ScalarQuantizationConfig(type=models.ScalarType.INT8, quantile=0.99, always_ram=True)
    return {
        "vectors_config": {
            DENSE: models.VectorParams(
                size=dimension,
                distance=models.Distance.DOT,  # of unit vectors: the cosine, as in the embedded index
                on_disk=is_large,
                quantization_config=models.ScalarQuantization(scalar=int8) if is_large else None,
            )
        },
        "sparse_vectors_config": {
            KEYWORD: models.SparseVectorParams(
                modifier=models.Modifier.IDF, index=models.SparseIndexParams(on_disk=is_large)
            )
        },
        "on_disk_payload": is_large,
        **_spread(config),
    }


def tokens_layout(config: QdrantConfig) -> dict[str, Any]:
    """How the collection of token vectors is created.

    They are whole numbers from -127 to 127, which float16 holds exactly. They are only ever compared with a question's
    for candidates that are named, so they get no index and stay on disk.
    """
    from qdrant_client import models

    return {
        "vectors_config": {
            TOKENS: models.VectorParams(
                size=TOKEN_DIMENSION,
                distance=models.Distance.DOT,
                multivector_config=models.MultiVectorConfig(comparator=models.MultiVectorComparator.MAX_SIM),
                datatype=models.Datatype.FLOAT16,
                hnsw_config=models.HnswConfigDiff(m=0),
                on_disk=True,
            )
        },
        **_spread(config),
    }


def payload_indexes() -> dict[str, Any]:
    """The payload fields that filters ask for, with their kinds."""
    from qdrant_client.models import PayloadSchemaType

    return {
        "weeks": PayloadSchemaType.INTEGER,
        "tracks": PayloadSchemaType.KEYWORD,
        "paths": PayloadSchemaType.KEYWORD,
    }


def filter_of(where: SearchFilter, among: Collection[str] | None) -> Filter | None:
    """The filter of a search, among passages with these ids if any are named."""
    from qdrant_client import models

    wanted = {"weeks": where.week, "tracks": where.track, "paths": where.path.strip("/") if where.path else None}
    conditions: list[Any] = [
        models.FieldCondition(key=key, match=models.MatchValue(value=value))
        for key, value in wanted.items()
        if value is not None
    ]
    if among is not None:
        conditions.append(models.HasIdCondition(has_id=[passage_point(chunk_id) for chunk_id in among]))
    return models.Filter(must=conditions) if conditions else None


def search_params() -> SearchParams:
    """How vectors that are quantised are searched: more than wanted by int8, then again by the whole vectors."""
    from qdrant_client import models

    return models.SearchParams(
        quantization=models.QuantizationSearchParams(rescore=True, oversampling=_OVERSAMPLING),
    )


def _spread(config: QdrantConfig) -> dict[str, Any]:
    return {
        "shard_number": config.shards,
        "replication_factor": config.replicas,
        "write_consistency_factor": config.replicas // 2 + 1,
    }
