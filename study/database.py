"""Opens the learner's own data, `study.sqlite` in the workspace: theirs alone, so nothing here ever begins it anew.

Ingestion, undo and pruning never touch it. Any number of processes may read and write at once: the file is in
write-ahead mode, each operation is one short transaction, and a writer waits its turn. Each migration runs once, in
the transaction that notes it; a new one is put at the end of the list, and those there are never changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from graph.errors import BusyError, StorageError

STUDY_FILE = "study.sqlite"
_BUSY_SECONDS = 5.0
_MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE mark_events (
            id INTEGER PRIMARY KEY,
            concept_id TEXT NOT NULL,
            title TEXT NOT NULL,
            level TEXT NOT NULL CHECK (level IN ('known', 'shaky', 'new')),
            source TEXT NOT NULL,
            at TEXT NOT NULL -- ISO 8601, UTC
        )""",
        "CREATE INDEX mark_events_by_concept ON mark_events (concept_id, id)",
        """CREATE VIEW marks AS SELECT * FROM mark_events
            WHERE id IN (SELECT max(id) FROM mark_events GROUP BY concept_id)""",
    ),
)


@contextmanager
def open_study(path: Path, *, writing: bool = False) -> Iterator[sqlite3.Connection]:
    """One transaction on the file, which is made and brought up to date first; left by an error, nothing was written.

    With `writing` it holds the write lock from its start, so that reading and writing are one step. Raises BusyError
    when another process writes for longer than five seconds, and StorageError for a file that cannot be used.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None)) as connection:
            _migrate(connection, path)
            connection.execute("BEGIN IMMEDIATE" if writing else "BEGIN")
            yield connection
            connection.execute("COMMIT")
    except sqlite3.OperationalError as fault:
        if getattr(fault, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise BusyError(f"Another process is writing to {path}; try again in a moment.") from fault
        raise _unusable(path, fault) from fault
    except (sqlite3.Error, OSError) as fault:
        raise _unusable(path, fault) from fault


def _unusable(path: Path, fault: Exception) -> StorageError:
    return StorageError(
        f"Your marks cannot be kept in {path} ({fault}); make the file and its folder writable, put a copy of the file "
        "back if it is damaged, or move it away to begin anew."
    )


def _migrate(connection: sqlite3.Connection, path: Path) -> None:
    if _version(connection) == len(_MIGRATIONS):
        return
    with suppress(sqlite3.OperationalError):  # held by another process, which then does it
        connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")
    version = _version(connection)  # another process may have been faster
    if version > len(_MIGRATIONS):
        raise StorageError(f"{path} was written by a newer Prepgraph; update this one to go on with your marks.")
    for statements in _MIGRATIONS[version:]:
        for statement in statements:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version = {len(_MIGRATIONS)}")
    connection.execute("COMMIT")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])
