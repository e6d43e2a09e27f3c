"""Token vectors on disk: segments that are written once, named by their content, and shared by generations.

    <workspace>/segments/<id>/vectors.npy   int8, shape (tokens, 128): unit vectors, times 127 and rounded
    <workspace>/segments/<id>/tokens.npy    uint16, shape (tokens,): the token of each row
    <workspace>/segments/<id>/keys.npy      uint8, shape (texts, 32): sha256(token model, text)
    <workspace>/segments/<id>/ends.npy      int64, shape (texts,): the row after each text's last

A vector of unit length has coordinates in [-1, 1], so one fixed scale serves every text and nothing has to be trained.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from graph.errors import StorageError
from rag.durable import sync_folder, sync_tree
from rag.embed import TOKEN_DIMENSION

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.embed import Encoding, FloatArray, IdArray

SEGMENTS_FOLDER = "segments"
SCALE = 127
Int8Array: TypeAlias = "NDArray[np.int8]"
_FILES = ("vectors.npy", "tokens.npy", "keys.npy", "ends.npy")
_WRITING = ".writing-"
_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Place:
    """Where the rows of one text are: a segment, and its rows from `start` up to `end`."""

    segment: str
    start: int
    end: int


@dataclass(frozen=True, slots=True, eq=False)
class TokenRows:
    """The stored token vectors of one text: int8, shape (tokens, 128), and the token ids, shape (tokens,)."""

    key: bytes
    vectors: Int8Array
    token_ids: IdArray


class Segment:
    """One segment, mapped into memory: its files may be deleted while it is open (POSIX) without harm.

    Opening reads the headers alone. Raises StorageError when a file is missing, cut or of another shape.
    """

    def __init__(self, folder: Path) -> None:
        import numpy as np

        self.id, self._folder = folder.name, folder
        try:
            parts: list[NDArray[Any]] = [np.load(folder / name, mmap_mode="r", allow_pickle=False) for name in _FILES]
        except (OSError, ValueError, EOFError) as fault:
            raise self._damage(str(fault)) from fault
        self.vectors, self.token_ids, self._keys, self._ends = parts
        rows, texts = len(self.vectors), len(self._keys)
        shapes = [part.shape for part in parts]
        if shapes != [(rows, TOKEN_DIMENSION), (rows,), (texts, _KEY_BYTES), (texts,)]:
            raise self._damage("its parts do not belong together")

    @property
    def texts(self) -> int:
        """How many texts it holds."""
        return len(self._keys)

    @property
    def rows(self) -> int:
        """How many token vectors it holds."""
        return len(self.vectors)

    @cached_property
    def places(self) -> dict[bytes, Place]:
        """Where each text is, by its key."""
        ends = self._ends.tolist()
        starts = [0, *ends[:-1]]
        return {
            bytes(key): Place(self.id, start, end) for key, start, end in zip(self._keys, starts, ends, strict=True)
        }

    def key(self, row: int) -> bytes:
        """The key of the text that has a row."""
        import numpy as np

        return bytes(self._keys[int(np.searchsorted(self._ends, row, "right"))])

    def read(self, key: bytes) -> TokenRows:
        """The rows of one of its texts."""
        place = self.places[key]
        return TokenRows(key, self.vectors[place.start : place.end], self.token_ids[place.start : place.end])

    def verify(self) -> None:
        """Reads all of it. Raises StorageError unless its content is still what its name says."""
        try:
            found = _content_id(hash_file(self._folder / name) for name in _FILES)
        except OSError as fault:
            raise self._damage(str(fault)) from fault
        if found != self.id:
            raise self._damage("its content has changed")

    def _damage(self, reason: str) -> StorageError:
        return StorageError(f"The token vectors in {self._folder} cannot be read ({reason}); run `prepgraph ingest`.")


class SegmentFolder:
    """The segments of one workspace. Only the holder of the workspace's lock may write or remove."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def open(self, segment_id: str) -> Segment:
        """The segment with this id. Raises StorageError when it is gone or damaged."""
        return Segment(self.folder / segment_id)

    def open_all(self) -> dict[str, Segment]:
        """Every segment that can be read, by id; the damaged ones are left out."""
        names = sorted(path.name for path in self.folder.glob("[!.]*"))
        return {name: self.open(name) for name in names if self._is_sound(name)}

    def write(self, texts: Sequence[TokenRows]) -> Segment:
        """Writes a segment of at least one text, durable when it returns, and opens it.

        Raises OSError when it cannot be written; then nothing of it is left.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        writing = self.folder / f"{_WRITING}{os.getpid()}"
        shutil.rmtree(writing, ignore_errors=True)
        writing.mkdir()
        try:
            _write_parts(writing, texts)
            sync_tree(writing)
            folder = self.folder / _content_id(hash_file(writing / name) for name in _FILES)
            if not self._is_sound(folder.name):
                shutil.rmtree(folder, ignore_errors=True)
                writing.replace(folder)
                sync_folder(self.folder)
        finally:
            shutil.rmtree(writing, ignore_errors=True)
        return Segment(folder)

    def remove_all_but(self, segment_ids: Iterable[str]) -> None:
        """Removes every segment that is not named, and what a killed writer left.

        What cannot be removed now, since another process has it open (Windows), goes the next time.
        """
        kept = set(segment_ids)
        for path in self.folder.glob("*"):
            if path.name not in kept:
                shutil.rmtree(path, ignore_errors=True)

    def _is_sound(self, segment_id: str) -> bool:
        try:
            self.open(segment_id).verify()
        except StorageError:
            return False
        return True


def text_key(token_model_id: str, text: str) -> bytes:
    """The key under which a text's rows are kept: 32 bytes."""
    return hashlib.sha256(f"{token_model_id}\0{text}".encode("utf-8", "surrogatepass")).digest()


def to_rows(key: bytes, encoding: Encoding) -> TokenRows:
    """An encoding as it is stored."""
    return TokenRows(key, to_int8(encoding.token_vectors), encoding.token_ids)


def to_int8(vectors: FloatArray) -> Int8Array:
    """Unit vectors as whole numbers from -127 to 127; a coordinate is off by at most 1/254."""
    import numpy as np

    rounded: Int8Array = np.rint(vectors * SCALE).clip(-SCALE, SCALE).astype(np.int8)
    return rounded


def hash_file(path: Path) -> str:
    """A file's SHA-256."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _content_id(digests: Iterable[str]) -> str:
    """20 hexadecimal digits."""
    return hashlib.sha256("".join(digests).encode()).hexdigest()[:20]


def _write_parts(folder: Path, texts: Sequence[TokenRows]) -> None:
    import numpy as np

    lengths = [len(text.token_ids) for text in texts]
    keys = np.frombuffer(b"".join(text.key for text in texts), dtype=np.uint8).reshape(len(texts), _KEY_BYTES)
    rows = sum(lengths)
    vectors: Iterator[NDArray[Any]] = (text.vectors for text in texts)
    ids: Iterator[NDArray[Any]] = (text.token_ids.astype("<u2") for text in texts)
    parts: list[tuple[str, tuple[int, ...], Iterable[NDArray[Any]]]] = [
        ("|i1", (rows, TOKEN_DIMENSION), vectors),
        ("<u2", (rows,), ids),
        ("|u1", keys.shape, [keys]),
        ("<i8", (len(texts),), [np.cumsum(lengths, dtype="<i8")]),
    ]
    for name, (kind, shape, blocks) in zip(_FILES, parts, strict=True):
        header = {"descr": kind, "fortran_order": False, "shape": shape}
        with (folder / name).open("wb") as file:
            np.lib.format.write_array_header_1_0(file, header)
            for block in blocks:
                file.write(np.ascontiguousarray(block).tobytes())
