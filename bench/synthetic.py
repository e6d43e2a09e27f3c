"""Stands in for the model where only counts and sizes matter: real tokens and passages, vectors made of a hash.

Its vectors mean nothing. What depends on their number and size (memory, storing, indexing) costs what it costs with the
model; running the model is left out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence

import numpy as np

from rag.embed import TOKEN_DIMENSION, Encoding, MiniLMEmbedder


class SyntheticEmbedder(MiniLMEmbedder):
    """Cuts notes with the model's own tokenizer and gives each text vectors of the model's shapes."""

    model_id = hashlib.sha256(b"synthetic").hexdigest()
    token_model_id = model_id

    def encode_texts(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """A unit vector for each text and one for each of its tokens, as the text's hash has it."""
        for text in texts:
            dice = np.random.default_rng(int.from_bytes(hashlib.sha256(text.encode("utf-8", "replace")).digest()[:8]))
            ids = np.array(self._token_ids(text)[1:-1], dtype=np.uint16)
            vector = _unit(dice.standard_normal((1, self.dimension), dtype=np.float32))[0]
            yield Encoding(vector, ids, _unit(dice.standard_normal((len(ids), TOKEN_DIMENSION), dtype=np.float32)))


def _unit(rows: np.ndarray[tuple[int, int], np.dtype[np.float32]]) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    unit: np.ndarray[tuple[int, int], np.dtype[np.float32]] = rows / np.linalg.norm(rows, axis=1, keepdims=True)
    return unit
