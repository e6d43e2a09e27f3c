"""Lines of a file read one at a time: where each begins, and which of them a key stands for, are files of their own.

    <name>.jsonl         the lines
    <name>.offsets.npy   int64, shape (lines + 1,): where each line begins, and where the last one ends
    <name>.keys.npy      uint64, shape (2, keys): hashes in ascending order, and the number of the line that has each

Both arrays are mapped into memory, so what a reader holds does not grow with the file.
"""

from __future__ import annotations

import hashlib
import os
import weakref
from collections.abc import Iterable, Iterator
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_BLOCK = 1 << 20  # bytes read at once by those who want every line


class Lines:
    """The lines of one file. Everything is opened at once: its reader loses nothing when the file is deleted.

    (POSIX keeps a deleted file for those who have it open; Windows refuses to delete it.) Raises OSError, EOFError
    and ValueError when a part is gone or damaged.
    """

    def __init__(self, path: Path) -> None:
        import numpy as np

        self._offsets: NDArray[np.int64] = np.load(_offsets_of(path), mmap_mode="r", allow_pickle=False)
        self._keys: NDArray[np.uint64] = np.load(_keys_of(path), mmap_mode="r", allow_pickle=False)
        self._file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
        weakref.finalize(self, os.close, self._file)
        self._position = Lock()  # of the file, which all threads share
        size = os.fstat(self._file).st_size
        if self._offsets.ndim != 1 or not len(self._offsets) or self._offsets[-1] != size or self._keys.ndim != 2:
            raise ValueError("its parts do not belong together")

    def __len__(self) -> int:
        return len(self._offsets) - 1

    def __iter__(self) -> Iterator[bytes]:
        """Every line, a block of them at a time."""
        import numpy as np

        first = 0
        while first < len(self):
            until = int(np.searchsorted(self._offsets, self._offsets[first] + _BLOCK))
            last = min(max(until, first + 1), len(self))
            ends = self._offsets[first : last + 1].tolist()
            block = self._read(ends[0], ends[-1])
            yield from (block[start - ends[0] : end - ends[0]] for start, end in pairwise(ends))
            first = last

    def read(self, number: int, most: int | None = None) -> bytes:
        """One line, or its first `most` bytes. Raises IndexError for a number out of range."""
        if not 0 <= number < len(self):
            raise IndexError(f"there is no line {number}")
        start, end = self._offsets[number : number + 2].tolist()
        return self._read(start, end if most is None else min(end, start + most))

    def find(self, key: str) -> list[int]:
        """The numbers of the lines that may have a key, ascending; almost always exactly those that do."""
        first, last = self._range(key)
        return sorted(set(self._keys[1, first:last].tolist()))

    def count(self, key: str) -> int:
        """How many lines have a key, almost always exactly."""
        first, last = self._range(key)
        return last - first

    def _range(self, key: str) -> tuple[int, int]:
        import numpy as np

        wanted = np.uint64(_hash(key))
        return int(np.searchsorted(self._keys[0], wanted, "left")), int(np.searchsorted(self._keys[0], wanted, "right"))

    def _read(self, start: int, end: int) -> bytes:
        with self._position:
            os.lseek(self._file, start, os.SEEK_SET)
            return os.read(self._file, end - start)


def write_lines(path: Path, rows: Iterable[tuple[bytes, Iterable[str]]]) -> None:
    """Writes lines, each with the keys by which it is found; the same input gives the same bytes. Raises OSError."""
    import numpy as np

    offsets, hashes, numbers = [0], [], []
    with path.open("wb") as file:
        for number, (line, keys) in enumerate(rows):
            offsets.append(offsets[-1] + file.write(line + b"\n"))
            found = [_hash(key) for key in keys]
            hashes += found
            numbers += [number] * len(found)
    pairs = np.array([hashes, numbers], dtype="<u8").reshape(2, len(hashes))
    np.save(_offsets_of(path), np.array(offsets, dtype="<i8"), allow_pickle=False)
    np.save(_keys_of(path), pairs[:, np.lexsort((pairs[1], pairs[0]))], allow_pickle=False)


def _hash(key: str) -> int:
    return int.from_bytes(hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def _offsets_of(path: Path) -> Path:
    return path.with_suffix(".offsets.npy")


def _keys_of(path: Path) -> Path:
    return path.with_suffix(".keys.npy")
