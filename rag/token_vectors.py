"""The token vectors of one generation: which segments it names, where each passage's rows are, how rare each token is.

<generation>/tokens/manifest.json      {"segments": [ids]}
<generation>/tokens/places.npy         int64, shape (chunks, 3): segment, first row, row after the last
<generation>/tokens/frequencies.npy    uint32: how many passages have the token with this id
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import StorageError
from rag.segments import Int8Array, Segment, SegmentFolder

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.embed import FloatArray, IdArray
    from rag.segment_writer import SegmentWriter

TOKENS_FOLDER = "tokens"
MANIFEST_FILE, _PLACES_FILE, _FREQUENCIES_FILE = "manifest.json", "places.npy", "frequencies.npy"


@dataclass(frozen=True, slots=True, eq=False)
class PassageTokens:
    """The stored tokens of some passages, one after the other.

    `vectors`: int8, shape (tokens, 128), unit vectors times 127. `token_ids`: uint16, shape (tokens,). `starts`: int64,
    shape (passages + 1,): passage i has the rows from starts[i] up to starts[i + 1].
    """

    vectors: Int8Array
    token_ids: IdArray
    starts: NDArray[np.int64]


class TokenVectors:
    """The token vectors of a generation's passages, numbered as in its corpus; mapped into memory, not read.

    Everything is opened at once, so that its reader loses nothing when the generation is pruned. Raises StorageError
    when a part is gone or damaged.
    """

    def __init__(self, folder: Path, segments: Path) -> None:
        import numpy as np

        names = named_segments(folder)
        try:
            places = np.load(folder / _PLACES_FILE, mmap_mode="r", allow_pickle=False)
            self._frequencies: NDArray[np.uint32] = np.load(folder / _FREQUENCIES_FILE, allow_pickle=False)
        except (OSError, ValueError, EOFError) as fault:
            raise _damage(folder, fault) from fault
        self._segments: list[Segment] = [SegmentFolder(segments).open(name) for name in names]
        if places.ndim != 2 or places.shape[1] != 3 or (len(places) and places[:, 0].max() >= len(names)):
            raise _damage(folder, "its parts do not belong together")
        self._places: NDArray[np.int64] = places

    @property
    def size(self) -> int:
        """How many passages it has token vectors of."""
        return len(self._places)

    def verify(self) -> None:
        """Reads all segments. Raises StorageError when the content of one has changed."""
        for segment in self._segments:
            segment.verify()

    def read(self, numbers: Sequence[int]) -> PassageTokens:
        """The tokens of the passages with these numbers, at least one."""
        import numpy as np

        places = self._places[list(numbers)].tolist()
        vectors = np.concatenate([self._segments[s].vectors[start:end] for s, start, end in places])
        token_ids = np.concatenate([self._segments[s].token_ids[start:end] for s, start, end in places])
        starts = np.cumsum([0, *(end - start for _, start, end in places)], dtype=np.int64)
        return PassageTokens(vectors, token_ids, starts)

    def key(self, number: int) -> bytes | None:
        """What names the content of a passage's rows, the same in every generation; None for a passage without rows."""
        segment, start, end = self._places[number].tolist()
        return self._segments[segment].key(start) if end > start else None

    def idf(self, token_ids: IdArray) -> FloatArray:
        """How much each token tells, as BM25 weighs it: ln(1 + (N - n + 0.5) / (n + 0.5)), for n of N passages."""
        import numpy as np

        found = np.zeros(len(token_ids), dtype=np.float32)
        known = token_ids < len(self._frequencies)
        found[known] = self._frequencies[token_ids[known]]
        weights: FloatArray = np.log1p((self.size - found + 0.5) / (found + 0.5)).astype(np.float32)
        return weights


def named_segments(folder: Path) -> tuple[str, ...]:
    """The ids of the segments that a generation's manifest names. Raises StorageError."""
    if not folder.is_dir():
        raise _damage(folder.parent, "there are none: perhaps an older version made it")
    try:
        names = json.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))["segments"]
        if not all(isinstance(name, str) and Path(name).name == name for name in names):
            raise ValueError("it names something else than segments")
    except (OSError, ValueError, TypeError, KeyError) as fault:
        raise _damage(folder, fault) from fault
    return tuple(names)


def write_token_vectors(folder: Path, keys: Sequence[bytes], segments: SegmentWriter) -> None:
    """Writes, into an empty folder, where the rows of the passages with these keys are, and their tokens' frequencies.

    The rows themselves are in the segments already. Raises OSError.
    """
    import numpy as np

    places = [segments.place(key) for key in keys]
    numbers = {name: number for number, name in enumerate(sorted({place.segment for place in places}))}
    rows = [(numbers[place.segment], place.start, place.end) for place in places]
    frequencies = np.zeros(np.iinfo(np.uint16).max + 1, dtype="<u4")
    for place in places:
        frequencies[np.unique(segments.segment(place.segment).token_ids[place.start : place.end])] += 1
    (folder / MANIFEST_FILE).write_text(json.dumps({"segments": list(numbers)}), encoding="utf-8")
    np.save(folder / _PLACES_FILE, np.array(rows, dtype="<i8").reshape(len(rows), 3), allow_pickle=False)
    np.save(folder / _FREQUENCIES_FILE, np.trim_zeros(frequencies, "b"), allow_pickle=False)


def _damage(folder: Path, reason: object) -> StorageError:
    return StorageError(f"The token vectors of {folder} cannot be read ({reason}); run `prepgraph ingest`.")
