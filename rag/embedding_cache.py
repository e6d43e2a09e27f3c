"""Remembers vectors by model and text, so that building a generation again embeds only what is new.

It is only a cache: what it holds can be computed again, so a damaged file is set aside and begun anew.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from graph.errors import StorageError
from rag.segments import text_key, to_rows

if TYPE_CHECKING:
    from rag.embed import Embedder, FloatArray
    from rag.segment_writer import SegmentWriter

TEXTS_A_WRITE = 192  # a kill costs two or three seconds of work; fewer would cost every ingest as much in writes
ROWS_A_STATEMENT = 500
BUSY_SECONDS = 30.0
DAMAGE = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

Result = TypeVar("Result")


class EmbeddingCache:
    """sha256(model id, text) -> vector, in one SQLite file that threads and processes may share.

    Each operation opens the file anew: nothing to close, nothing tied to a thread. Both methods raise `StorageError`
    when the file cannot be read or written (full disk, no permission, another process holding it too long).
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def get_many(self, model_id: str, texts: Sequence[str]) -> dict[str, FloatArray]:
        """Return the known vectors by text: float32, shape (dimension,), read-only."""
        return self._perform(lambda database: _select(database, model_id, texts))

    def put_many(self, model_id: str, texts: Sequence[str], vectors: FloatArray) -> None:
        """Remember row i of `vectors`, shape (len(texts), dimension), for text i; 500 rows a transaction."""
        self._perform(lambda database: _insert(database, model_id, texts, vectors))

    def _perform(self, operation: Callable[[sqlite3.Connection], Result]) -> Result:
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


def embed_cached(
    embedder: Embedder,
    cache: EmbeddingCache,
    segments: SegmentWriter,
    texts: Sequence[str],
    on_progress: Callable[[int], None] | None = None,
) -> FloatArray:
    """Embed texts, each different one once and only if it is new: float32, shape (len(texts), dimension).

    A text is known when the cache has its vector and the segments have its tokens' vectors. What is new is written
    every 192 texts, so an interrupted run loses two or three seconds of work. `on_progress` is told how many of `texts`
    are done so far. Raises `StorageError` and `ModelError`, and OSError when a segment cannot be written.
    """
    import numpy as np

    rows = _rows_by_text(texts)
    known = cache.get_many(embedder.model_id, list(rows))
    keys = {text: text_key(embedder.token_model_id, text) for text in rows}
    missing = [text for text in rows if text not in known or keys[text] not in segments]
    vectors = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    for text, vector in known.items():
        vectors[rows[text]] = vector
    done = _texts_done(rows, missing)
    report = on_progress or (lambda done: None)
    report(done[0])
    for start in range(0, len(missing), TEXTS_A_WRITE):
        batch, tokens = missing[start : start + TEXTS_A_WRITE], []
        for number, (text, encoding) in enumerate(zip(batch, embedder.encode_texts(batch), strict=True), start=1):
            vectors[rows[text]] = encoding.vector
            tokens.append(to_rows(keys[text], encoding))
            report(done[start + number])
        segments.add(tokens)
        cache.put_many(embedder.model_id, batch, vectors[[rows[text][0] for text in batch]])
    return vectors


def _rows_by_text(texts: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(text, []).append(row)
    return rows


def _texts_done(rows: dict[str, list[int]], missing: Sequence[str]) -> list[int]:
    """Item n: how many of all texts, repeated ones counted, are done once n of the missing are embedded."""
    known = sum(map(len, rows.values())) - sum(len(rows[text]) for text in missing)
    return list(accumulate((len(rows[text]) for text in missing), initial=known))


def _select(database: sqlite3.Connection, model_id: str, texts: Sequence[str]) -> dict[str, FloatArray]:
    import numpy as np

    text_of = {_key(model_id, text): text for text in texts}
    keys = list(text_of)
    found: dict[str, FloatArray] = {}
    for start in range(0, len(keys), ROWS_A_STATEMENT):
        some = keys[start : start + ROWS_A_STATEMENT]
        query = f"SELECT key, vector FROM embeddings WHERE key IN ({','.join('?' * len(some))})"
        for key, vector in database.execute(query, some):
            found[text_of[key]] = np.frombuffer(vector, dtype="<f4")
    return found


def _insert(database: sqlite3.Connection, model_id: str, texts: Sequence[str], vectors: FloatArray) -> None:
    rows = [(_key(model_id, text), row.astype("<f4").tobytes()) for text, row in zip(texts, vectors, strict=True)]
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        with database:
            database.executemany(
                "INSERT OR REPLACE INTO embeddings VALUES (?, ?)", rows[start : start + ROWS_A_STATEMENT]
            )


def _key(model_id: str, text: str) -> bytes:
    return hashlib.sha256(f"{model_id}\0{text}".encode("utf-8", "surrogatepass")).digest()


@contextmanager
def _open_database(path: Path) -> Iterator[sqlite3.Connection]:
    path.parent.mkdir(parents=True, exist_ok=True)
    # SQLite's default rollback journal: the switch to a write-ahead log does not wait for other processes, it fails.
    with closing(sqlite3.connect(path, timeout=BUSY_SECONDS)) as database:
        database.execute("PRAGMA synchronous = NORMAL")
        database.execute("CREATE TABLE IF NOT EXISTS embeddings (key BLOB PRIMARY KEY, vector BLOB NOT NULL)")
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
