"""The passages and documents of a generation, as JSON lines: what a search result and a quote are checked against.

Each is read when it is asked for, by its place in the file, so that a corpus takes the same memory at any size.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, TypeVar, overload

from graph.errors import StorageError
from graph.schema import Chunk, Document
from rag.lines import Lines, write_lines

T = TypeVar("T")

CHUNKS_FILE = "chunks.jsonl"
DOCUMENTS_FILE = "documents.jsonl"
_KEPT = 2_048  # chunks that stay parsed: those of the last twenty questions or so
_HEAD = 512  # bytes of a document's line that nearly always hold its whole path


class Corpus:
    """The chunks and documents of one generation.

    Its files are opened at once, so that its reader loses nothing when the generation is pruned. Raises StorageError
    when one is gone or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._chunk_lines, self._document_lines = self._open(CHUNKS_FILE), self._open(DOCUMENTS_FILE)
        self.chunks: Sequence[Chunk] = _Chunks(self._chunk_lines, partial(_damage, folder / CHUNKS_FILE))
        """Every chunk, in the order of the index. Going through them all parses them all."""
        self.by_id: Mapping[str, Chunk] = (by_id := _ChunksById(self._chunk_lines, self.chunks))
        """Every chunk by its id."""
        self.by_owner: Mapping[str, tuple[Chunk, ...]] = _ChunksBy("owner", self._chunk_lines, self.chunks)
        """The chunks of the note about each concept, in reading order."""
        self.by_path: Mapping[str, tuple[Chunk, ...]] = _ChunksBy("document_id", self._chunk_lines, self.chunks)
        """The chunks of each file, in reading order."""
        self.number: Callable[[str], int] = by_id.number
        """The place of a chunk in the order of the index, by its id. Raises KeyError for an id that is not there."""

    def passages(self, path: str) -> int:
        """How many chunks a file has."""
        return self._chunk_lines.count(_key("document_id", path))

    def document(self, path: str) -> Document | None:
        """The document at a path, as it stood when it was ingested."""
        with _damage(self._folder / DOCUMENTS_FILE):
            for number in self._document_lines.find(_key("path", path)):
                row = json.loads(self._document_lines.read(number))
                if row["path"] == path:
                    return Document(**row)
            return None

    def paths(self) -> tuple[str, ...]:
        """The paths of all documents, sorted."""
        with _damage(self._folder / DOCUMENTS_FILE):
            return tuple(self._path(number) for number in range(len(self._document_lines)))

    def check(self) -> None:
        """Reads all of it. Raises StorageError when something is damaged."""
        for number, chunk in enumerate(self.chunks):
            if not self._document_lines.count(_key("path", chunk.document_id)):
                raise StorageError(
                    f"{self._folder / DOCUMENTS_FILE} lacks {chunk.document_id}; run `prepgraph ingest`."
                )
            if number not in self._chunk_lines.find(_key("id", chunk.id)):
                raise StorageError(f"{self._folder / CHUNKS_FILE} does not list {chunk.id}; run `prepgraph ingest`.")
        for path in self.paths():
            if self.document(path) is None:
                raise StorageError(f"{self._folder / DOCUMENTS_FILE} does not list {path}; run `prepgraph ingest`.")

    def _path(self, number: int) -> str:
        # The path is the first key of each line, so that listing documents does not read their texts.
        decoder, start = json.JSONDecoder(), len('{"path": ')
        try:
            return str(decoder.raw_decode(self._document_lines.read(number, _HEAD).decode("ascii"), start)[0])
        except ValueError:  # cut within the path
            return str(decoder.raw_decode(self._document_lines.read(number).decode("ascii"), start)[0])

    def _open(self, name: str) -> Lines:
        with _damage(self._folder / name):
            return Lines(self._folder / name)


class _Chunks(Sequence[Chunk]):
    """The chunks of a file; what was asked for lately is kept."""

    def __init__(self, lines: Lines, damage: Callable[[], Any]) -> None:
        self._lines, self._damage = lines, damage
        self._chunk = lru_cache(_KEPT)(partial(_read_chunk, lines))

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Chunk]:
        with self._damage():
            for line in self._lines:
                yield _chunk(line)

    @overload
    def __getitem__(self, number: int) -> Chunk: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Chunk, ...]: ...
    def __getitem__(self, number: int | slice) -> Chunk | tuple[Chunk, ...]:
        with self._damage():
            if isinstance(number, slice):
                return tuple(self._chunk(n) for n in range(*number.indices(len(self))))
            return self._chunk(number + len(self) if number < 0 else number)


class _ChunksById(Mapping[str, Chunk]):
    def __init__(self, lines: Lines, chunks: Sequence[Chunk]) -> None:
        self._lines, self._chunks = lines, chunks

    def number(self, chunk_id: str) -> int:
        for number in self._lines.find(_key("id", chunk_id)):
            if self._chunks[number].id == chunk_id:
                return number
        raise KeyError(chunk_id)

    def __getitem__(self, chunk_id: str) -> Chunk:
        return self._chunks[self.number(chunk_id)]

    def __iter__(self) -> Iterator[str]:
        return (chunk.id for chunk in self._chunks)

    def __len__(self) -> int:
        return len(self._chunks)


class _ChunksBy(Mapping[str, tuple[Chunk, ...]]):
    """The chunks that share a field's value, unless it is empty."""

    def __init__(self, field: str, lines: Lines, chunks: Sequence[Chunk]) -> None:
        self._field, self._lines, self._chunks = field, lines, chunks

    def __getitem__(self, value: str) -> tuple[Chunk, ...]:
        chunks = (self._chunks[number] for number in self._lines.find(_key(self._field, value)))
        found = tuple(chunk for chunk in chunks if getattr(chunk, self._field) == value)
        if not found:
            raise KeyError(value)
        return found

    def __iter__(self) -> Iterator[str]:
        values = (getattr(chunk, self._field) for chunk in self._chunks)
        return iter(dict.fromkeys(value for value in values if value))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def write_corpus(folder: Path, documents: Iterable[Document], chunks: Iterable[Chunk]) -> None:
    """Writes all files of a generation's corpus; the same input gives the same bytes."""
    write_lines(folder / CHUNKS_FILE, ((_line(asdict(chunk)), _chunk_keys(chunk)) for chunk in chunks))
    rows = (_document_row(document) for document in documents)
    write_lines(folder / DOCUMENTS_FILE, ((_line(row), [_key("path", row["path"])]) for row in rows))


def _key(field: str, value: str) -> str:
    return f"{field}\0{value}"


def _chunk_keys(chunk: Chunk) -> Iterator[str]:
    for field in ("id", "owner", "document_id"):
        if value := getattr(chunk, field):
            yield _key(field, value)


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "path": document.path,
        "id": document.id,
        "title": document.title,
        "text": document.text,
        "metadata": document.metadata,
        "content_hash": document.content_hash,
    }


def _line(row: Mapping[str, Any]) -> bytes:
    # Dates in front matter become text; U+2028 and its like must not look like line ends to other readers.
    return json.dumps(row, ensure_ascii=True, default=str).encode("ascii")


def _read_chunk(lines: Lines, number: int) -> Chunk:
    return _chunk(lines.read(number))


def _chunk(line: bytes) -> Chunk:
    row = json.loads(line)
    return Chunk(**{**row, "headings": tuple(row["headings"]), "concept_ids": tuple(row["concept_ids"])})


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, EOFError, ValueError, TypeError, KeyError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is damaged"
        raise StorageError(f"{path} cannot be read ({reason}); run `prepgraph ingest`.") from fault
