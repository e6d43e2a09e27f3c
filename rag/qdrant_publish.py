"""Decides how a generation gets onto a Qdrant server: copied from the embedded index into a collection of its own.

Readers keep to the collection of their generation, so nothing that is half written is ever read, and one atomic change
of the alias says which generation is in service. Token vectors do not depend on the generation, only on the text: those
that are there already are not sent again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

from graph.errors import StorageError
from logs import log_event
from rag.index import DENSE, KEYWORD, EdgeIndex, StoredPassage
from rag.qdrant_connection import MissingError, QdrantConnection
from rag.qdrant_schema import (
    collection_of,
    generation_of,
    passage_point,
    passages_layout,
    payload_indexes,
)
from rag.qdrant_tokens import prune_tokens, upload_tokens
from rag.qdrant_upload import in_batches, upload_points
from rag.token_vectors import TokenVectors

if TYPE_CHECKING:
    from qdrant_client import QdrantClient
    from qdrant_client.models import PointStruct

Progress = Callable[[int, int], None]
"""Told how many passages are done and how many there are; each counts once for itself and once for its tokens."""

_PASSAGES_A_BATCH = 256  # about 2 MB as JSON
_LONGEST_WAIT = 3_600.0  # seconds for the server to index what it was given
_LONGEST_PAUSE = 2.0


def publish_index(
    connection: QdrantConnection,
    generation_id: str,
    index: EdgeIndex,
    tokens: TokenVectors,
    on_progress: Progress,
) -> None:
    """Makes the server hold a generation's passages and their token vectors, then points the alias to it.

    What is there already is only counted; what an earlier attempt left half written is completed. Raises StorageError.
    """
    started, total = time.monotonic(), index.size * (2 if connection.config.keep_tokens else 1)
    done = _Counter(on_progress, total)
    collection = collection_of(connection.config, generation_id)
    held = count_passages(connection, collection)
    if held == index.size:
        done.add(held)
    else:
        if held is not None and held > index.size:  # somebody else's points are among them
            connection.write(lambda client: client.delete_collection(collection))
        _write_passages(connection, collection, index, done)
    sent = upload_tokens(connection, tokens, done.add) if connection.config.keep_tokens else 0
    _await_ready(connection, collection)
    _switch(connection, collection)
    seconds = round(time.monotonic() - started, 3)
    passages = 0 if held == index.size else index.size
    log_event("index_published", generation=generation_id, passages=passages, texts=sent, seconds=seconds)


def prune_index(connection: QdrantConnection, kept: Collection[str], kept_tokens: Iterable[TokenVectors]) -> None:
    """Deletes the generations that are not kept, and the token vectors that none of the kept ones names."""
    names = connection.read(lambda client: [found.name for found in client.get_collections().collections])
    for name in names:
        generation_id = generation_of(connection.config, name)
        if generation_id is not None and generation_id not in kept:
            connection.write(partial(_delete, name))
            log_event("index_pruned", generation=generation_id)
    prune_tokens(connection, kept_tokens)


def delete_index(connection: QdrantConnection) -> None:
    """Deletes all that is kept under the connection's name."""
    prefix = f"{connection.config.name}."
    names = connection.read(lambda client: [found.name for found in client.get_collections().collections])
    for name in names:
        if name.startswith(prefix):
            connection.write(partial(_delete, name))


def collection_in_service(connection: QdrantConnection) -> str | None:
    """The collection that the alias stands for, or None without one."""
    return connection.read(lambda client: _target(client, connection.config.name))


def count_passages(connection: QdrantConnection, collection: str) -> int | None:
    """How many passages a collection has; None when it is not there."""
    try:
        return connection.read(lambda client: client.count(collection, exact=True).count)
    except MissingError:
        return None


def collection_state(connection: QdrantConnection, collection: str) -> str:
    """green: all is indexed; yellow: not yet; grey: it waits for the next write; red: the server has a fault."""
    return connection.read(lambda client: client.get_collection(collection).status.value)


class _Counter:
    def __init__(self, on_progress: Progress, total: int) -> None:
        self._on_progress, self._total, self._done = on_progress, total, 0

    def add(self, count: int) -> None:
        self._done += count
        self._on_progress(self._done, self._total)


def _write_passages(connection: QdrantConnection, collection: str, index: EdgeIndex, done: _Counter) -> None:
    passages = index.passages()
    first = next(passages, None)
    dimension = len(first.vector) if first else 1
    _create(connection, collection, passages_layout(connection.config, index.size, dimension))
    for field, kind in payload_indexes().items():
        connection.write(partial(_create_payload_index, collection=collection, field=field, kind=kind))
    upload_points(connection, collection, _batches(chain([first] if first else [], passages)), done.add)
    held = count_passages(connection, collection)
    if held != index.size:
        raise StorageError(
            f"Qdrant at {connection.config.address} holds {held} of {index.size} passages after all were written, so "
            "the index in service stays; look for what else writes to that server, then ingest again."
        )


def _batches(passages: Iterable[StoredPassage]) -> Iterator[list[PointStruct]]:
    return ([_point(passage) for passage in batch] for batch in in_batches(passages, _PASSAGES_A_BATCH))


def _point(passage: StoredPassage) -> PointStruct:
    from qdrant_client.models import PointStruct, SparseVector

    vectors: dict[str, Any] = {DENSE: passage.vector}
    if passage.terms:  # a passage without stems must not count as one when their rarity is told
        vectors[KEYWORD] = SparseVector(indices=passage.terms, values=passage.weights)
    payload = {
        "chunk_id": passage.chunk_id,
        "weeks": passage.weeks,
        "tracks": passage.tracks,
        "paths": passage.paths,
    }
    return PointStruct(id=passage_point(passage.chunk_id), vector=vectors, payload=payload)


def _create(connection: QdrantConnection, collection: str, layout: dict[str, object]) -> None:
    def work(client: QdrantClient) -> None:
        if not client.collection_exists(collection):  # another attempt may have made it
            client.create_collection(collection, **layout)  # type: ignore[arg-type]

    connection.write(work)


def _create_payload_index(client: QdrantClient, collection: str, field: str, kind: object) -> None:
    client.create_payload_index(collection, field, field_schema=kind, wait=True)  # type: ignore[arg-type]


def _delete(name: str, client: QdrantClient) -> None:
    client.delete_collection(name)


def _await_ready(connection: QdrantConnection, collection: str) -> None:
    """Waits until the server has indexed what it was given, so that nobody searches a large collection unindexed."""
    deadline, pause = time.monotonic() + _LONGEST_WAIT, 0.02
    while (state := collection_state(connection, collection)) == "yellow" and time.monotonic() < deadline:
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE)
    if state in {"yellow", "red"}:
        what = "is still indexing" if state == "yellow" else "could not index"
        raise StorageError(
            f"Qdrant at {connection.config.address} {what} {collection}, so the index in service stays; look into its "
            "log, then ingest again."
        )


def _switch(connection: QdrantConnection, collection: str) -> None:
    from qdrant_client import models

    name = connection.config.name
    create = models.CreateAliasOperation(create_alias=models.CreateAlias(collection_name=collection, alias_name=name))
    delete = models.DeleteAliasOperation(delete_alias=models.DeleteAlias(alias_name=name))

    def work(client: QdrantClient) -> None:
        target = _target(client, name)
        if target != collection:  # both in one request, which the server carries out as one
            client.update_collection_aliases([delete, create] if target else [create])

    connection.write(work)


def _target(client: QdrantClient, alias: str) -> str | None:
    aliases = client.get_aliases().aliases
    return next((found.collection_name for found in aliases if found.alias_name == alias), None)
