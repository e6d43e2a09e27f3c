"""Decides which results say nothing that a better one does not say: a note copied into two folders is one result."""

from __future__ import annotations

import re
from collections.abc import Iterable

from graph.schema import Chunk
from ingest.plain_text import plain_text

_RUN = 3  # words
_WORD = re.compile(r"\w+")
# Words that may differ in a repeat. All others tell: one more "not" or another number makes another statement.
_SMALL_WORDS = frozenset(
    {"a", "also", "an", "and", "are", "as", "at", "be", "by", "for", "from", "in", "is", "it", "its", "of", "on", "or"}
    | {"that", "the", "their", "these", "they", "this", "those", "to", "was", "were", "which", "with"}
)
_Runs = frozenset[tuple[str, ...]]


def drop_repeats(chunks: Iterable[Chunk], limit: int) -> tuple[list[Chunk], dict[str, str]]:
    """The first `limit` chunks that say something new, and for each dropped among them the one it repeats, by id.

    A chunk repeats another when all runs of three words that tell stand there too.
    """
    kept: list[tuple[Chunk, _Runs]] = []
    dropped: dict[str, str] = {}
    for chunk in chunks:
        if len(kept) == limit:
            break
        found = _runs(chunk)
        repeated = next((other.id for other, known in kept if found <= known), None)
        if repeated is None:
            kept.append((chunk, found))
        else:
            dropped[chunk.id] = repeated
    return [chunk for chunk, _ in kept], dropped


def _runs(chunk: Chunk) -> _Runs:
    words = [word for word in _WORD.findall(plain_text(chunk.text).casefold()) if word not in _SMALL_WORDS]
    return frozenset(tuple(words[start : start + _RUN]) for start in range(max(1, len(words) - _RUN + 1)))
