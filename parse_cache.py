"""Remembers parsed files, so that building a generation again parses only what is new.

    <workspace>/cache/parsed.sqlite   sha256(code, model, path, bytes of the file) -> the file, parsed

It is only a cache: whatever is wrong with it costs time and nothing else. A row that is damaged is parsed again, a file
that is damaged is begun anew, and one that cannot be written is done without. What the last two builds did not use is
taken out. Whoever holds the workspace's lock may write; anyone may read meanwhile.
"""

from __future__ import annotations

import hashlib
import platform
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

PARSED_FILES = Path("cache", "parsed.sqlite")
"""Where it lies in a workspace."""
KEPT_BUILDS = 2
_BUSY_SECONDS = 5.0
_CHECKSUM = 8  # bytes in front of each row's data
_KEYS_A_STATEMENT = 500
_CODE_ROOMS = ("graph", "ingest")
_PARSERS = ("markdown-it-py", "pypdfium2", "pyyaml", "tokenizers")
_TABLES = """
CREATE TABLE IF NOT EXISTS files (key BLOB PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS uses (key BLOB PRIMARY KEY, build INTEGER NOT NULL) WITHOUT ROWID;
"""

Result = TypeVar("Result")


class ParsedFiles:
    """The cache in one SQLite file; `model_id` names the tokenizer by which passages are cut.

    With `read_only` it changes nothing on disk.
    """

    def __init__(self, path: Path, model_id: str, *, read_only: bool = False) -> None:
        self.path, self.read_only = path, read_only
        self._salt = hashlib.sha256(f"{_code_version()}\0{model_id}".encode()).digest()
        self._used: set[bytes] = set()

    def get_many(self, keys: Sequence[bytes]) -> Mapping[bytes, bytes]:
        """What is known of these keys."""
        own = {self._own(key): key for key in keys}
        nothing: dict[bytes, bytes] = {}
        rows = self._attempt(lambda database: _select(database, list(own)), nothing)
        found = {key: data[_CHECKSUM:] for key, data in rows.items() if data[:_CHECKSUM] == _checksum(key, data)}
        self._used |= found.keys()
        return {own[key]: data for key, data in found.items()}

    def put_many(self, rows: Mapping[bytes, bytes]) -> None:
        """Remembers new rows, or does without when the file cannot be written."""
        if self.read_only:
            return
        own = {self._own(key): data for key, data in rows.items()}
        sealed = [(key, _checksum(key, b"\0" * _CHECKSUM + data) + data) for key, data in own.items()]
        self._used |= own.keys()
        statement = "INSERT OR REPLACE INTO files VALUES (?, ?)"
        self._attempt(lambda database: database.executemany(statement, sealed), None)

    def end_build(self) -> None:
        """Notes what was used since the last call, and takes out what neither this build nor the one before it used."""
        used, self._used = self._used, set()
        if not self.read_only:
            self._attempt(lambda database: _prune(database, used), None)

    def _own(self, key: bytes) -> bytes:
        return hashlib.sha256(self._salt + key).digest()

    def _attempt(self, operation: Callable[[sqlite3.Connection], Result], otherwise: Result) -> Result:
        """What an operation gives, or `otherwise` when the file cannot be used; a damaged file is begun anew."""
        try:
            with self._open() as database:
                return operation(database)
        except sqlite3.OperationalError:  # not there yet, held by another process, a full disk
            return otherwise
        except sqlite3.DatabaseError:
            if not self.read_only:
                self._begin_anew()
            return otherwise
        except OSError:
            return otherwise

    def _begin_anew(self) -> None:
        for suffix in ("", "-journal"):
            self.path.with_name(f"{self.path.name}{suffix}").unlink(missing_ok=True)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        address = f"{self.path.absolute().as_uri()}{'?mode=ro' if self.read_only else ''}"
        if not self.read_only:
            self.path.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(address, timeout=_BUSY_SECONDS, uri=True)) as database:
            if not self.read_only:
                database.execute("PRAGMA synchronous = OFF")  # a row that a power cut took is parsed again
                database.executescript(_TABLES)
            with database:
                yield database


def _select(database: sqlite3.Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    found: dict[bytes, bytes] = {}
    for start in range(0, len(keys), _KEYS_A_STATEMENT):
        some = keys[start : start + _KEYS_A_STATEMENT]
        query = f"SELECT key, data FROM files WHERE key IN ({','.join('?' * len(some))})"
        found |= {key: data for key, data in database.execute(query, some) if isinstance(data, bytes)}
    return found


def _prune(database: sqlite3.Connection, used: set[bytes]) -> None:
    build = (database.execute("SELECT max(build) FROM uses").fetchone()[0] or 0) + 1
    database.executemany("INSERT OR REPLACE INTO uses VALUES (?, ?)", [(key, build) for key in sorted(used)])
    database.execute("DELETE FROM uses WHERE build <= ?", (build - KEPT_BUILDS,))
    database.execute("DELETE FROM files WHERE key NOT IN (SELECT key FROM uses)")


def _checksum(key: bytes, sealed: bytes) -> bytes:
    """Eight bytes over a key and the data that stands behind the checksum."""
    return hashlib.blake2b(sealed[_CHECKSUM:], key=key, digest_size=_CHECKSUM).digest()


@cache
def _code_version() -> str:
    """Names the code that reads files and the libraries that it reads them with."""
    digest = hashlib.sha256(platform.python_version().encode())
    here = Path(__file__).resolve().parent
    for path in sorted(path for room in _CODE_ROOMS for path in (here / room).glob("*.py")):
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    for name in _PARSERS:
        digest.update(f"{name} {version(name)}\0".encode())
    return digest.hexdigest()
