"""Decides which process embeds which text, so that none is embedded twice and none waits for a process that is dead.

A claim is a row of the cache's file that names its owner, and an owner lives for as long as it holds the lock on a file
of its own beside the cache. The system frees that lock at the moment its holder ends, by kill -9 too, and never before.
A lease would keep the others waiting until it has run out, would take the work from one that is only slow or was put to
sleep, and wants clocks, renewals and a thread for them.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from rag.embedding_cache import EmbeddingCache, insert_tokens, insert_vectors, select, vector_key

if TYPE_CHECKING:
    from rag.embed import FloatArray
    from rag.segments import TokenRows


@dataclass(frozen=True, slots=True)
class Claim:
    """What became of texts that were to be claimed.

    `mine` are the claimant's now, `done` have a vector, `held` are a living other's, and `left` were not looked at, as
    there were enough.
    """

    mine: list[str]
    done: list[str]
    held: list[str]
    left: list[str]


class Claimant:
    """One that embeds texts into a cache that others embed into as well; it lives from entering to leaving.

    Everything that reads or writes claims, or looks whether an owner lives, does so in a transaction that nobody else
    comes between. Methods raise StorageError as those of the cache do.
    """

    def __init__(self, cache: EmbeddingCache, model_id: str) -> None:
        from filelock import FileLock

        self._cache, self._model_id = cache, model_id
        self._owner = f"{os.getpid()}-{secrets.token_hex(6)}"
        self._folder = cache.path.with_suffix(".owners")
        self._lock = FileLock(self._folder / self._owner, thread_local=False)

    def __enter__(self) -> Self:
        self._cache.transact(self._join)
        return self

    def __exit__(self, *exception: object) -> None:
        self._lock.release(force=True)
        if exception[0] is None:  # else there may be claims: they are free now, and removed by who finds the file
            with suppress(OSError):
                (self._folder / self._owner).unlink(missing_ok=True)

    def claim(self, texts: Sequence[str], limit: int, *, by_force: bool = False) -> Claim:
        """Claims up to `limit` texts that have no vector yet and are no living other's; `by_force`, those as well."""
        return self._cache.transact(lambda database: self._claim(database, texts, limit, by_force))

    def hand_over(self, texts: Sequence[str], vectors: Sequence[FloatArray], tokens: Sequence[TokenRows]) -> None:
        """Writes vectors and token vectors, which another process puts into segments, and frees the claims: at once."""

        def write(database: sqlite3.Connection) -> None:
            insert_tokens(database, tokens)
            insert_vectors(database, self._model_id, texts, vectors)
            self._free(database, texts)

        self._cache.transact(write)

    def settle(self, texts: Sequence[str], vectors: Sequence[FloatArray], keys: Sequence[bytes]) -> None:
        """Writes vectors of texts whose token vectors are in a segment by now, and frees the claims to them, at once.

        What workers had handed over under these `keys` of token vectors is removed.
        """

        def write(database: sqlite3.Connection) -> None:
            insert_vectors(database, self._model_id, texts, vectors)
            database.executemany("DELETE FROM tokens WHERE key = ?", [(key,) for key in keys])
            self._free(database, texts)

        self._cache.transact(write)

    def _join(self, database: sqlite3.Connection) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        for path in sorted(self._folder.iterdir()):
            if path.name != self._owner and self._is_dead(path.name):
                _bury(database, path.name)
        self._lock.acquire(timeout=0)

    def _claim(self, database: sqlite3.Connection, texts: Sequence[str], limit: int, by_force: bool) -> Claim:
        keys = {text: vector_key(self._model_id, text) for text in texts}
        done = {key for (key,) in select(database, "key FROM embeddings", list(keys.values()))}
        owners: dict[bytes, str] = dict(select(database, "key, owner FROM claims", list(keys.values())))
        others = set(owners.values()) - {self._owner}
        dead = {owner for owner in others if self._is_dead(owner)}
        for owner in dead:
            _bury(database, owner)
        living = set() if by_force else others - dead
        claim = _sort_out(keys, done, {key for key, owner in owners.items() if owner in living}, limit)
        rows = [(keys[text], self._owner) for text in claim.mine]
        database.executemany("INSERT OR REPLACE INTO claims VALUES (?, ?)", rows)
        return claim

    def _free(self, database: sqlite3.Connection, texts: Sequence[str]) -> None:
        rows = [(vector_key(self._model_id, text), self._owner) for text in texts]
        database.executemany("DELETE FROM claims WHERE key = ? AND owner = ?", rows)

    def _is_dead(self, owner: str) -> bool:
        """Whether nobody holds an owner's lock; then its file is removed, and nobody will ever hold it again."""
        from filelock import FileLock, Timeout

        lock = FileLock(self._folder / owner, thread_local=False)
        try:
            lock.acquire(timeout=0)
        except Timeout:
            return False
        lock.release()
        (self._folder / owner).unlink(missing_ok=True)
        return True


def _sort_out(keys: dict[str, bytes], done: set[bytes], held: set[bytes], limit: int) -> Claim:
    claim = Claim([], [], [], [])
    for text, key in keys.items():
        if len(claim.mine) == limit:
            claim.left.append(text)
        elif key in done:
            claim.done.append(text)
        elif key in held:
            claim.held.append(text)
        else:
            claim.mine.append(text)
    return claim


def _bury(database: sqlite3.Connection, owner: str) -> None:
    database.execute("DELETE FROM claims WHERE owner = ?", (owner,))
