"""Measures how much of a question the notes speak of: how nearly each of its words is met by a word of theirs.

A question about something in the notes can still ask what they lack: "under which licence is it released?" is near to
all that is said of it, and only "licence" and "released" stay unmet. So each word looks for its nearest token, as in
late interaction (Khattab and Zaharia, 2020), and what stays unmet is added up, squared, by the rarity of the words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from rag.embed import Embedder, Encoding
from rag.vocabulary import SMALL_WORDS

if TYPE_CHECKING:
    from rag.embed import FloatArray, IdArray

TokenWeights = Callable[["IdArray"], "FloatArray"]
"""The weight of each token id, shape (tokens,): its rarity in the notes."""

_WORD = re.compile(r"\w+(?:['’](?!s\b)\w+)*")
_GAP = 3  # characters that may stand between two tokens of a text
_UNMET = 0.6  # a word is missing where its nearest token is less like it than this


def same_weights(token_ids: IdArray) -> FloatArray:
    """Every token counts the same: for those who know no rarities."""
    import numpy as np

    return np.ones(len(token_ids), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of a question some text leaves unmet, in [0, 1], and the words that it has nothing like, worst first."""

    shortfall: float
    missing: tuple[str, ...]


NOTHING_MET = Coverage(1.0, ())


class AskedQuestion:
    """A question by its tokens and words, to be compared with sentences; `encoding` is the embedder's of it."""

    def __init__(
        self, question: str, encoding: Encoding, embedder: Embedder, weights: TokenWeights = same_weights
    ) -> None:
        self._encoding = encoding
        self._tokens = embedder.token_texts(self._encoding.token_ids)
        self._weights = weights(self._encoding.token_ids)
        self._question = question

    def likeness(self, sentence: Encoding) -> float:
        """Late interaction: the mean over the question's tokens, by weight, of the best cosine with the sentence's."""
        total = float(self._weights.sum())
        return float(self._best(sentence) @ self._weights) / total if total else 0.0

    def met(self, sentence: Encoding) -> FloatArray:
        """How nearly a sentence meets each of `words`: the mean over a word's tokens, shape (words,)."""
        import numpy as np

        best = self._best(sentence)
        return np.array([best[tokens].mean() for _, tokens in self._groups], dtype=np.float32)

    @property
    def words(self) -> tuple[str, ...]:
        """The words of the question that say what it is about, as they are written."""
        return tuple(word for word, _ in self._groups)

    def coverage(self, met: Iterable[FloatArray], given: Iterable[str] = ()) -> Coverage:
        """What is left unmet by sentences together; `given` are words that need none, such as a concept's own name."""
        import numpy as np

        rows = list(met)
        if not rows or not self._groups:
            return NOTHING_MET
        best = np.maximum.reduce(rows).clip(0.0, 1.0)
        known = {word.casefold() for word in given}
        best[[word.casefold() in known for word in self.words]] = 1.0
        weights = np.array([self._weights[tokens].max() for _, tokens in self._groups])
        short = (1.0 - best) ** 2 * weights / max(float(weights.sum()), 1e-9)
        worst = [number for number in np.argsort(-short, kind="stable").tolist() if best[number] < _UNMET]
        return Coverage(float(short.sum()), tuple(self.words[number] for number in worst))

    def _best(self, sentence: Encoding) -> FloatArray:
        import numpy as np

        if not len(sentence.token_ids):
            return np.zeros(len(self._tokens), dtype=np.float32)
        best: FloatArray = (sentence.token_vectors @ self._encoding.token_vectors.T).max(axis=0)
        return best

    @cached_property
    def _groups(self) -> Sequence[tuple[str, list[int]]]:
        """Each word that counts, with the positions of its tokens."""
        spans = [(match.start(), match.end()) for match in _WORD.finditer(self._question)]
        found: dict[tuple[int, int], list[int]] = {}
        folded, position = self._question.lower(), 0
        for number, token in enumerate(self._tokens):
            at = folded.find(token, position, position + len(token) + _GAP + 1)
            if at < 0:
                continue  # an accent that the tokenizer took away, or a character that it does not know
            position = at + len(token)
            span = next((s for s in spans if s[0] <= at < s[1]), None)
            if span:
                found.setdefault(span, []).append(number)
        words = ((self._question[start:end], tokens) for (start, end), tokens in found.items())
        return [(word, tokens) for word, tokens in words if len(word) > 1 and not _says_nothing(word)]


def _says_nothing(word: str) -> bool:
    """Whether a word says nothing of what a question is about; of a contraction ("isn't") its first part tells."""
    folded = word.casefold().replace("’", "'")
    first, _, rest = folded.partition("'")
    return folded in SMALL_WORDS or (bool(rest) and not SMALL_WORDS.isdisjoint({first, first.removesuffix("n")}))


def best_coverage(
    question: AskedQuestion, met: Mapping[str, Sequence[FloatArray]], given: Mapping[str, Iterable[str]]
) -> Coverage:
    """The least that any one text, of those by key, leaves unmet."""
    found = (question.coverage(rows, given.get(key, ())) for key, rows in met.items())
    return min(found, key=lambda c: c.shortfall, default=NOTHING_MET)
