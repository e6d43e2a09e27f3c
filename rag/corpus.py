"""The passages and documents of a generation, as JSON lines: what a search result and a quote are checked against."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from functools import cached_property
from pathlib import Path
from typing import Any

from graph.errors import StorageError
from graph.schema import Chunk, Document

CHUNKS_FILE = "chunks.jsonl"
DOCUMENTS_FILE = "documents.jsonl"


class Corpus:
    """The chunks and documents of one generation.

    Its files are read at once, so that its reader loses nothing when the generation is pruned, and parsed when first
    asked for. Raises StorageError when one is gone or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._data = {name: self._read(name) for name in (CHUNKS_FILE, DOCUMENTS_FILE)}

    @cached_property
    def chunks(self) -> tuple[Chunk, ...]:
        """Every chunk, in the order of the index."""
        with self._damage(CHUNKS_FILE):
            return tuple(_chunk(json.loads(line)) for line in self._lines(CHUNKS_FILE))

    def check(self) -> None:
        """Reads all of it. Raises StorageError when something is damaged."""
        for path in {*(chunk.document_id for chunk in self.chunks), *self.paths()}:
            if self.document(path) is None:
                raise StorageError(f"{self._folder / DOCUMENTS_FILE} lacks {path}; run `prepgraph ingest`.")

    @cached_property
    def by_id(self) -> dict[str, Chunk]:
        """Every chunk by its id."""
        return {chunk.id: chunk for chunk in self.chunks}

    @cached_property
    def by_owner(self) -> dict[str, tuple[Chunk, ...]]:
        """The chunks of the note about each concept, in reading order."""
        owned: dict[str, list[Chunk]] = {}
        for chunk in self.chunks:
            if chunk.owner:
                owned.setdefault(chunk.owner, []).append(chunk)
        return {owner: tuple(chunks) for owner, chunks in owned.items()}

    def document(self, path: str) -> Document | None:
        """The document at a path, as it stood when it was ingested."""
        line = self._document_lines.get(path)
        with self._damage(DOCUMENTS_FILE):
            return Document(**json.loads(line)) if line else None

    def paths(self) -> tuple[str, ...]:
        """The paths of all documents, sorted."""
        return tuple(self._document_lines)

    @cached_property
    def _document_lines(self) -> dict[str, str]:
        # The path is the first key of each line, so that finding one document does not parse the others.
        start, decoder = len('{"path": '), json.JSONDecoder()
        with self._damage(DOCUMENTS_FILE):
            return {decoder.raw_decode(line, start)[0]: line for line in self._lines(DOCUMENTS_FILE)}

    def _lines(self, name: str) -> list[str]:
        return [line for line in self._data[name].decode().split("\n") if line]

    def _read(self, name: str) -> bytes:
        with self._damage(name):
            return (self._folder / name).read_bytes()

    @contextmanager
    def _damage(self, name: str) -> Iterator[None]:
        try:
            yield
        except (OSError, ValueError, TypeError, KeyError) as fault:
            reason = fault.strerror if isinstance(fault, OSError) else "it is damaged"
            raise StorageError(f"{self._folder / name} cannot be read ({reason}); run `prepgraph ingest`.") from fault


def write_corpus(folder: Path, documents: Iterable[Document], chunks: Iterable[Chunk]) -> None:
    """Writes both files of a generation; the same input gives the same bytes."""
    _write(folder / CHUNKS_FILE, (asdict(chunk) for chunk in chunks))
    _write(folder / DOCUMENTS_FILE, (_document_row(document) for document in documents))


def _document_row(document: Document) -> dict[str, Any]:
    return {
        "path": document.path,
        "id": document.id,
        "title": document.title,
        "text": document.text,
        "metadata": document.metadata,
        "content_hash": document.content_hash,
    }


def _write(path: Path, rows: Iterable[Mapping[str, Any]]) -> None:
    with path.open("w", encoding="utf-8", newline="\n", errors="replace") as file:
        for row in rows:
            # Dates in front matter become text; U+2028 and its like must not look like line ends to other readers.
            file.write(json.dumps(row, ensure_ascii=True, default=str) + "\n")


def _chunk(row: dict[str, Any]) -> Chunk:
    return Chunk(**{**row, "headings": tuple(row["headings"]), "concept_ids": tuple(row["concept_ids"])})
