"""Puts points on a server: several requests under way at once, and never more than a few batches in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from rag.qdrant_connection import QdrantConnection

if TYPE_CHECKING:
    from qdrant_client import QdrantClient
    from qdrant_client.models import PointStruct

T = TypeVar("T")


def upload_points(
    connection: QdrantConnection,
    collection: str,
    batches: Iterable[list[PointStruct]],
    on_done: Callable[[int], None],
) -> None:
    """Writes batches of points; every one has been applied when it returns. `on_done` is told the size of each.

    Raises StorageError when one cannot be written; some others then are, and writing all again completes them.
    """
    most = connection.config.uploads
    under_way: set[Future[int]] = set()
    pool = ThreadPoolExecutor(most, thread_name_prefix="qdrant-upload")
    try:
        for batch in batches:
            under_way.add(pool.submit(_write, connection, collection, batch))
            if len(under_way) > most:
                under_way = _settle(under_way, on_done)
        while under_way:
            under_way = _settle(under_way, on_done)
    finally:
        pool.shutdown(cancel_futures=True)


def in_batches(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """The items, so many at a time."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _settle(under_way: set[Future[int]], on_done: Callable[[int], None]) -> set[Future[int]]:
    """Waits until at least one is done; those that are not."""
    done, rest = wait(under_way, return_when=FIRST_COMPLETED)
    for future in done:
        on_done(future.result())
    return rest


def _write(connection: QdrantConnection, collection: str, batch: list[PointStruct]) -> int:
    def work(client: QdrantClient) -> None:
        client.upsert(collection, batch, wait=True)

    connection.write(work)
    return len(batch)
