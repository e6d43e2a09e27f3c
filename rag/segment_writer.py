"""Decides which token vectors are written again: new texts always, known ones only to keep the segments few and full.

A segment is written for every batch of new texts, so that a killed ingest keeps its work. Too many small ones are
merged, as log-structured merge trees do it: the smallest together, and none that is larger than all smaller ones
together, so that a single new note never costs the rewriting of a large segment. One that has become mostly waste is
rewritten too.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from rag.segments import Place, SegmentFolder

if TYPE_CHECKING:
    from rag.segments import Segment, TokenRows

TEXTS_A_SEGMENT = 4096  # about 100 MB
MANY_SMALL = 16  # small segments that are left alone; each costs a reader four opened files
_WASTE = 256  # texts of a segment that a generation doesn't use before it is worth rewriting


class SegmentWriter:
    """The token vectors of a workspace, for the one process that may write them.

    Opening it reads and checks all segments; damaged ones count as absent. Writing raises OSError.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = SegmentFolder(folder)
        self._segments = self._folder.open_all()
        self._places: dict[bytes, Place] = {}
        for segment in sorted(self._segments.values(), key=lambda s: s.texts):
            self._places.update(segment.places)  # a text that a killed merge left in two is taken from the larger

    def __contains__(self, key: bytes) -> bool:
        return key in self._places

    def place(self, key: bytes) -> Place:
        """Where a text's rows are. Raises KeyError for a text that is not known."""
        return self._places[key]

    def segment(self, segment_id: str) -> Segment:
        """An open segment."""
        return self._segments[segment_id]

    def add(self, texts: Iterable[TokenRows]) -> None:
        """Writes the rows of those texts that are not known yet; they are on disk when it returns."""
        new = {text.key: text for text in texts if text.key not in self._places}
        if new:
            self._write(list(new.values()))

    def compact(self, keys: Iterable[bytes]) -> None:
        """Rewrites what a generation of these texts had better not name: many small segments, mostly unused ones."""
        wanted = dict.fromkeys(keys)
        used = Counter(self._places[key].segment for key in wanted)
        rewritten = {*self._sparse(used), *_smallest(self._small(used))}
        places = sorted(
            ((self._places[key], key) for key in wanted if self._places[key].segment in rewritten),
            key=lambda pair: (pair[0].segment, pair[0].start),
        )
        texts = [self._segments[place.segment].read(key) for place, key in places]
        for start in range(0, len(texts), TEXTS_A_SEGMENT):
            self._write(texts[start : start + TEXTS_A_SEGMENT])

    def _write(self, texts: Sequence[TokenRows]) -> None:
        segment = self._folder.write(texts)
        self._segments[segment.id] = segment
        self._places.update(segment.places)

    def _sparse(self, used: Counter[str]) -> list[str]:
        return [name for name, live in used.items() if self._segments[name].texts - live > max(live, _WASTE)]

    def _small(self, used: Counter[str]) -> Counter[str]:
        sparse = self._sparse(used)
        return Counter({name: live for name, live in used.items() if name not in sparse and live < TEXTS_A_SEGMENT})


def _smallest(small: Counter[str]) -> list[str]:
    """Those to merge: the smallest, up to the first that outweighs all before it; none while there are few."""
    if len(small) <= MANY_SMALL:
        return []
    chosen: list[str] = []
    total = 0
    for name, texts in sorted(small.items(), key=lambda item: (item[1], item[0])):
        if len(chosen) >= MANY_SMALL and texts > total:
            break
        chosen.append(name)
        total += texts
    return chosen
