"""Embeds what is new of many texts, alone or with worker processes, and puts it where it stays.

Blocks of texts become segments in the order of the texts, whoever has embedded them and whenever that was, and only
this process writes segments. So what is written does not depend on the number of workers.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rag.claims import Claimant
from rag.embed_crew import LOOK_SECONDS, PATIENCE_SECONDS, Crew
from rag.segments import TokenRows, text_key, to_rows

if TYPE_CHECKING:
    from rag.embed import Embedder, FloatArray
    from rag.embedding_cache import EmbeddingCache
    from rag.segment_writer import SegmentWriter

TEXTS_A_WRITE = 192  # a kill costs two or three seconds of work; fewer would cost every ingest as much in writes
Pair = tuple["FloatArray", TokenRows]  # the vector of a text, and the token vectors


def embed_cached(
    embedder: Embedder,
    cache: EmbeddingCache,
    segments: SegmentWriter,
    texts: Sequence[str],
    on_progress: Callable[[int], None] | None = None,
    workers: int = 1,
) -> FloatArray:
    """Embed texts, each different one once and only if it is new: float32, shape (len(texts), dimension).

    A text is known when the cache has its vector and the segments have its tokens' vectors. What is new is written
    every 192 texts, so an interrupted run loses two or three seconds of work. With more than one of `workers`, so many
    processes do it where there is enough to do. `on_progress` is told how many of `texts` are done so far, by all of
    them. Raises `StorageError` and `ModelError`, and OSError when a segment cannot be written.
    """
    import numpy as np

    rows = _rows_by_text(texts)
    known = cache.get_many(embedder.model_id, list(rows))
    keys = {text: text_key(embedder.token_model_id, text) for text in rows}
    missing = [text for text in rows if text not in known or keys[text] not in segments]
    vectors = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    for text, vector in known.items():
        vectors[rows[text]] = vector
    count = _Count({text: len(rows[text]) for text in missing}, len(texts), on_progress or (lambda done: None))
    if missing:
        # To workers, a text with a vector is done: those without token vectors may not look so.
        cache.forget_without_tokens(
            embedder.model_id, embedder.token_model_id, [text for text in missing if text in known]
        )
        with Claimant(cache, embedder.model_id) as claimant, Crew(embedder, cache, missing, workers) as crew:
            source = _Source(embedder, cache, claimant, crew, keys, count)
            for start in range(0, len(missing), TEXTS_A_WRITE):
                block = missing[start : start + TEXTS_A_WRITE]
                for text, vector in source.write_block(block, segments).items():
                    vectors[rows[text]] = vector
        cache.drop_tokens()
    return vectors


@dataclass(frozen=True, slots=True)
class _Source:
    """Where a text's vectors come from: handed over by a worker of this ingest or of a killed one, or made here."""

    embedder: Embedder
    cache: EmbeddingCache
    claimant: Claimant
    crew: Crew
    keys: Mapping[str, bytes]
    count: _Count

    def write_block(self, block: Sequence[str], segments: SegmentWriter) -> dict[str, FloatArray]:
        """Writes a segment and the vectors of texts, once they are all there; the vectors by text."""
        found, made = dict[str, Pair](), list[str]()
        waited = 0.0
        while left := self._not_handed_over(block, found):
            if self.crew.is_working:
                self.count.arrive(self.crew.wait())
                continue
            claim = self.claimant.claim(left, len(left), by_force=waited > PATIENCE_SECONDS)
            if claim.mine:
                self._make(claim.mine, found)
                made += claim.mine
            elif claim.done:  # by one who has the token vectors elsewhere
                self.cache.forget_without_tokens(self.embedder.model_id, self.embedder.token_model_id, claim.done)
            else:
                time.sleep(LOOK_SECONDS)
                waited += LOOK_SECONDS
        segments.add(found[text][1] for text in block)
        self.claimant.settle(made, [found[text][0] for text in made], [self.keys[text] for text in block])
        return {text: found[text][0] for text in block}

    def _not_handed_over(self, block: Sequence[str], found: dict[str, Pair]) -> list[str]:
        """Adds to `found` what is in the cache by now, and returns those texts of a block that still lack."""
        left = [text for text in block if text not in found]
        if left:
            tokens = self.cache.get_tokens([self.keys[text] for text in left])
            here = [text for text in left if self.keys[text] in tokens]
            vectors = self.cache.get_many(self.embedder.model_id, here)
            found.update((text, (vector, tokens[self.keys[text]])) for text, vector in vectors.items())
            self.count.arrive(list(vectors))
        return [text for text in left if text not in found]

    def _make(self, texts: Sequence[str], found: dict[str, Pair]) -> None:
        for text, encoding in zip(texts, self.embedder.encode_texts(texts), strict=True):
            found[text] = encoding.vector, to_rows(self.keys[text], encoding)
            self.count.arrive([text])


class _Count:
    """How many of all texts are done; each of the missing may be told of more than once, and stand for several."""

    def __init__(self, weights: dict[str, int], total: int, report: Callable[[int], None]) -> None:
        self._weights, self._report = weights, report
        self._done = total - sum(weights.values())
        report(self._done)

    def arrive(self, texts: Sequence[str]) -> None:
        """Counts texts that have just become known to be done."""
        new = sum(self._weights.pop(text, 0) for text in texts)
        if new:
            self._done += new
            self._report(self._done)


def _rows_by_text(texts: Sequence[str]) -> dict[str, list[int]]:
    rows: dict[str, list[int]] = {}
    for row, text in enumerate(texts):
        rows.setdefault(text, []).append(row)
    return rows
