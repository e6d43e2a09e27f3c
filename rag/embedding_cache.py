"""Remembers vectors by model and text, so that building a generation again embeds only what is new.

    embeddings   sha256(model id, text) -> vector
    tokens       sha256(token model id, text) -> token vectors on their way from a worker process to the segments
    claims       sha256(model id, text) -> who embeds it now (rag/claims.py)

It is only a cache: what it holds can be computed again, so a damaged file is set aside and begun anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from graph.errors import StorageError
from rag.embed import TOKEN_DIMENSION
from rag.segments import TokenRows, text_key

if TYPE_CHECKING:
    from rag.embed import FloatArray

ROWS_A_STATEMENT = 500
BUSY_SECONDS = 30.0
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_TABLES = (
    "embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL)",
    "tokens (key BLOB PRIMARY KEY, rows BLOB NOT NULL)",  # token ids as uint16, then their vectors as int8
    "claims (key BLOB PRIMARY KEY, owner TEXT NOT NULL)",
)
_TOKEN_BYTES = 2 + TOKEN_DIMENSION

Result = TypeVar("Result")


class EmbeddingCache:
    """One SQLite file that threads and processes may share.

    Each operation opens the file anew: nothing to close, nothing tied to a thread. Every method raises `StorageError`
    when the file cannot be read or written (full disk, no permission, another process holding it too long).
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_many(self, model_id: str, texts: Sequence[str]) -> dict[str, FloatArray]:
        """Return the known vectors by text: float32, shape (dimension,), read-only."""
        import numpy as np

        text_of = {vector_key(model_id, text): text for text in texts}
        found = self.perform(lambda database: select(database, "key, vector FROM embeddings", list(text_of)))
        return {text_of[key]: np.frombuffer(vector, dtype="<f4") for key, vector in found}

    def put_many(self, model_id: str, texts: Sequence[str], vectors: FloatArray) -> None:
        """Remember row i of `vectors`, shape (len(texts), dimension), for text i; 500 rows a transaction."""

        def put(database: sqlite3.Connection) -> None:
            for start in range(0, len(texts), ROWS_A_STATEMENT):
                some = slice(start, start + ROWS_A_STATEMENT)
                with database:
                    insert_vectors(database, model_id, texts[some], vectors[some])

        self.perform(put)

    def get_tokens(self, keys: Sequence[bytes]) -> dict[bytes, TokenRows]:
        """The token vectors that workers have handed over and nobody has put into a segment yet, by their key."""
        found = self.perform(lambda database: select(database, "key, rows FROM tokens", keys))
        return {key: _to_rows(key, rows) for key, rows in found}

    def forget_without_tokens(self, model_id: str, token_model_id: str, texts: Sequence[str]) -> None:
        """Forget the vectors of those texts whose token vectors are not here: such a text is to be embedded again."""
        keys = [(vector_key(model_id, text), text_key(token_model_id, text)) for text in texts]
        condition = "key = ? AND NOT EXISTS (SELECT 1 FROM tokens WHERE key = ?)"
        self.transact(lambda database: database.executemany(f"DELETE FROM embeddings WHERE {condition}", keys))

    def drop_tokens(self) -> None:
        """Remove all token vectors: what a killed ingest had embedded and no later one has."""

        def drop(database: sqlite3.Connection) -> None:
            if database.execute("SELECT 1 FROM tokens LIMIT 1").fetchone():
                with database:
                    database.execute("DELETE FROM tokens")

        self.perform(drop)

    def transact(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run an operation as one transaction that begins with the right to write, so that nobody comes in between."""

        def run(database: sqlite3.Connection) -> Result:
            with database:
                database.execute("BEGIN IMMEDIATE")
                return operation(database)

        return self.perform(run)

    def perform(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        """Run an operation on the open file; once more, from its beginning, when the file turns out to be damaged."""
        try:
            return self._attempt_or_rebuild(operation)
        except (sqlite3.Error, OSError) as error:
            raise StorageError(
                f"The embedding cache {self.path} cannot be used ({error}): free some disk space, make its folder "
                "writable, or delete the file (it is rebuilt)."
            ) from error

    def _attempt_or_rebuild(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
        try:
            with _open_database(self.path) as database:
                return operation(database)
        except sqlite3.DatabaseError as error:
            if not _is_damage(error):
                raise
        _set_aside(self.path)
        with _open_database(self.path) as database:
            return operation(database)


def vector_key(model_id: str, text: str) -> bytes:
    """The key of a text's vector and of the claim to it: 32 bytes."""
    return hashlib.sha256(f"{model_id}\0{text}".encode("utf-8", "surrogatepass")).digest()


def select(database: sqlite3.Connection, what: str, keys: Sequence[bytes]) -> list[tuple[Any, ...]]:
    """The rows of `SELECT what` that have one of the keys."""
    found: list[tuple[Any, ...]] = []
    for start in range(0, len(keys), ROWS_A_STATEMENT):
        some = keys[start : start + ROWS_A_STATEMENT]
        found += database.execute(f"SELECT {what} WHERE key IN ({','.join('?' * len(some))})", some)
    return found


def insert_vectors(
    database: sqlite3.Connection, model_id: str, texts: Sequence[str], vectors: Iterable[FloatArray]
) -> None:
    """Puts vectors of shape (dimension,) in, one a text; part of the caller's transaction."""
    rows = [
        (vector_key(model_id, text), vector.astype("<f4").tobytes())
        for text, vector in zip(texts, vectors, strict=True)
    ]
    database.executemany("INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows)


def insert_tokens(database: sqlite3.Connection, tokens: Iterable[TokenRows]) -> None:
    """Puts token vectors in; part of the caller's transaction."""
    rows = [(text.key, text.token_ids.astype("<u2").tobytes() + text.vectors.tobytes()) for text in tokens]
    database.executemany("INSERT OR REPLACE INTO tokens VALUES (?, ?)", rows)


def _to_rows(key: bytes, blob: bytes) -> TokenRows:
    import numpy as np

    count = len(blob) // _TOKEN_BYTES
    ids = np.frombuffer(blob, dtype="<u2", count=count)
    vectors = np.frombuffer(blob, dtype=np.int8, offset=ids.nbytes).reshape(count, TOKEN_DIMENSION)
    return TokenRows(key, vectors, ids)


@contextmanager
def _open_database(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # SQLite's default rollback journal: the switch to a write-ahead log does not wait for other processes, it fails.
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as database:
        database.execute("PRAGMA synchronous = NORMAL")
        for table in _TABLES:
            database.execute(f"CREATE TABLE IF NOT EXISTS {table}")
        yield database


def _is_damage(error: sqlite3.DatabaseError) -> bool:
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in DAMAGE


def _set_aside(path: Path) -> None:
    """Move a damaged file and its logs out of the way, unless another process has done so already."""
    from filelock import FileLock

    with FileLock(path.with_name(f"{path.name}.lock"), timeout=BUSY_SECONDS):
        if _is_sound(path):
            return
        for suffix in ("", "-journal", "-wal", "-shm"):
            part = path.with_name(f"{path.name}{suffix}")
            if part.exists():
                part.replace(part.with_name(f"{part.name}.damaged"))


def _is_sound(path: Path) -> bool:
    try:
        with _open_database(path) as database:
            return bool(database.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.DatabaseError as error:
        if not _is_damage(error):
            raise
        return False
