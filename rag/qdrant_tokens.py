"""Token vectors on a server: only texts that it lacks are sent, and those that no kept generation has are deleted."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from rag.qdrant_connection import MissingError, QdrantConnection
from rag.qdrant_schema import TOKENS, tokens_collection, tokens_layout, tokens_point
from rag.qdrant_upload import in_batches, upload_points
from rag.token_vectors import TokenVectors

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from qdrant_client import QdrantClient
    from qdrant_client.models import PointStruct

_ASKED_AT_ONCE = 1_000
_LISTED_AT_ONCE = 10_000
_ROWS_A_BATCH = 4_096  # of 128 numbers: about 3 MB as JSON


def upload_tokens(connection: QdrantConnection, tokens: TokenVectors, on_done: Callable[[int], None]) -> int:
    """Sends the token vectors of the texts that the server lacks; how many. `on_done` is told of passages seen to.

    Raises StorageError.
    """
    collection, sent = tokens_collection(connection.config), 0

    def create(client: QdrantClient) -> None:
        if not client.collection_exists(collection):
            client.create_collection(collection, **tokens_layout(connection.config))

    def count(written: int) -> None:
        nonlocal sent
        sent += written

    connection.write(create)
    missing = missing_texts(connection, tokens, on_done)
    upload_points(connection, collection, _batches(tokens, missing), count)
    return sent


def prune_tokens(connection: QdrantConnection, kept: Iterable[TokenVectors]) -> None:
    """Deletes the token vectors of texts that none of these generations has; all of them when none are to be kept."""
    collection = tokens_collection(connection.config)
    try:
        if not connection.config.keep_tokens:
            connection.write(lambda client: client.delete_collection(collection))
            return
        wanted = _heads(key for tokens in kept for number in range(tokens.size) if (key := tokens.key(number)))
        for unused in in_batches(_unused(connection, collection, wanted), _ASKED_AT_ONCE):
            connection.write(partial(_delete, collection, unused))
    except MissingError:
        return


def missing_texts(
    connection: QdrantConnection, tokens: TokenVectors, on_done: Callable[[int], None] = lambda seen: None
) -> Iterator[tuple[str, int]]:
    """The point id and a passage's number of each text that the server lacks, found a thousand passages at a time.

    `on_done` is told how many passages were seen to.
    """
    collection = tokens_collection(connection.config)
    for numbers in in_batches(range(tokens.size), _ASKED_AT_ONCE):
        points = {tokens_point(key): number for number in numbers if (key := tokens.key(number))}
        there = set(connection.read(partial(_held, collection, list(points)))) if points else set()
        yield from ((point, number) for point, number in points.items() if point not in there)
        on_done(len(numbers))


def _batches(tokens: TokenVectors, missing: Iterable[tuple[str, int]]) -> Iterator[list[PointStruct]]:
    from qdrant_client.models import PointStruct

    batch: list[PointStruct] = []
    rows = 0
    for point, number in missing:
        vectors = tokens.read([number]).vectors
        if batch and rows + len(vectors) > _ROWS_A_BATCH:
            yield batch
            batch, rows = [], 0
        batch.append(PointStruct(id=point, vector={TOKENS: vectors.astype("f4").tolist()}, payload={}))
        rows += len(vectors)
    if batch:
        yield batch


def _unused(connection: QdrantConnection, collection: str, wanted: NDArray[np.uint64]) -> Iterator[str]:
    """The points that the server holds and nobody wants."""
    import numpy as np

    offset: Any = None
    while True:
        points, offset = connection.read(partial(_page, collection, offset))
        heads = _heads(UUID(point).bytes for point in points)
        is_wanted = np.isin(heads, wanted)
        yield from (point for point, keep in zip(points, is_wanted.tolist(), strict=True) if not keep)
        if offset is None:
            return


def _heads(keys: Iterable[bytes]) -> NDArray[np.uint64]:
    """The first eight bytes of each key: enough to tell texts apart, and a hundredth of what a set of them takes."""
    import numpy as np

    return np.fromiter((int.from_bytes(key[:8], "little") for key in keys), dtype=np.uint64)


def _held(collection: str, points: list[str], client: QdrantClient) -> list[str]:
    found = client.retrieve(collection, points, with_payload=False, with_vectors=False)
    return [str(record.id) for record in found]


def _page(collection: str, offset: Any, client: QdrantClient) -> tuple[list[str], Any]:
    records, following = client.scroll(
        collection, limit=_LISTED_AT_ONCE, offset=offset, with_payload=False, with_vectors=False
    )
    return [str(record.id) for record in records], following


def _delete(collection: str, points: list[str], client: QdrantClient) -> None:
    from qdrant_client.models import PointIdsList

    client.delete(collection, PointIdsList(points=list(points)), wait=True)
