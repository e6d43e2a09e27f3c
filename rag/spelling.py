"""Decides which word a misspelt word of a question stands for: a word of the notes that is spelt nearly so.

A word is only taken for a misspelling when neither the notes (by stem) nor the embedding model's vocabulary has it, and
it is no English form of such a word: so "Paris" stays Paris in notes that speak of pairs, and "maths" is no path.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from graph.errors import StorageError

WORDS_FILE, NAMES_FILE = "words.txt", "names.txt"
_WORD = re.compile(r"[^\W\d_]+")
_SHORTEST, _LONGEST = 4, 40
_SHORTEST_UNNAMED = 6  # below this, only words of concepts' names are near enough to be meant
_TWO_EDITS_FROM = 8  # letters
_PREFIX = re.compile(r"^(?:re|un|pre|non|multi|over|sub)(?=.{3})")
_SUFFIX = re.compile(r"(?<=...)(?:s|es|d|ed|ing|r|er|or|rs|ers|ors|ly|able|ness)$")


@dataclass(frozen=True, slots=True)
class Correction:
    """A word of a question as it was typed, and the word that was searched for instead."""

    typed: str
    meant: str


class Vocabulary:
    """The words of a generation's passages and how often each occurs.

    The file is read at once and parsed when first asked for. Raises StorageError when it is gone or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / WORDS_FILE
        try:
            self._text = self._path.read_text(encoding="utf-8")
        except (OSError, ValueError) as fault:
            raise self._damage(fault) from fault

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """Each word, in lower case, and its occurrences."""
        try:
            pairs = (line.split(" ") for line in self._text.splitlines())
            return {word: int(count) for word, count in pairs}
        except ValueError as fault:
            raise self._damage(fault) from fault

    def _damage(self, fault: Exception) -> StorageError:
        return StorageError(f"{self._path} cannot be read ({fault}); run `prepgraph ingest`.")


class Speller:
    """Corrects questions by a vocabulary and by the names of concepts, which win among words equally near.

    `is_known` tells whether the notes have a word in another form, `is_english` whether the model has it whole.
    """

    def __init__(
        self,
        vocabulary: Vocabulary,
        names: Iterable[str],
        is_known: Callable[[str], bool],
        is_english: Callable[[str], bool],
    ) -> None:
        self._vocabulary, self._is_known, self._is_english = vocabulary, is_known, is_english
        self._named = frozenset(word for name in names for word in find_words(name))

    def correct(self, question: str) -> tuple[str, tuple[Correction, ...]]:
        """The question with its misspelt words replaced, and what was replaced."""
        corrections: dict[str, Correction] = {}

        def replace(match: re.Match[str]) -> str:
            word = match.group()
            is_name = not (word.islower() or word.istitle() or word.isupper())  # such as tSNE
            if word not in corrections and not is_name and (meant := self._meant(word.casefold())):
                corrections[word] = Correction(word, meant)
            return corrections[word].meant if word in corrections else word

        corrected = _WORD.sub(replace, question)
        return corrected, tuple(corrections.values())

    def _meant(self, word: str) -> str | None:
        if not _SHORTEST <= len(word) <= _LONGEST or word in self._named or self._is_english_form(word):
            return None
        if word in self._vocabulary.counts or self._is_known(word):
            return None
        return self._nearest(word)

    def _is_english_form(self, word: str) -> bool:
        """Whether the model has a word, or the word without a common ending or beginning."""
        without = _PREFIX.sub("", word)
        bases = {_SUFFIX.sub("", form) for form in (word, without)}
        doubled = {base[:-1] for base in bases if base[-1] == base[-2]}  # "set" of "setter"
        return any(map(self._is_english, {word, without} | bases | doubled | {f"{base}e" for base in bases}))

    def _nearest(self, word: str) -> str | None:
        """The word with its first letter that is fewest insertions, deletions, replacements and swaps away."""
        from rapidfuzz import process
        from rapidfuzz.distance import OSA

        most = 2 if len(word) >= _TWO_EDITS_FROM else 1
        found = process.extract(word, self._words, scorer=OSA.distance, score_cutoff=most, limit=None)
        near = (
            (edits, other not in self._named, -self._vocabulary.counts.get(other, 0), other)
            for other, edits, _ in found
            if other[0] == word[0] and (other in self._named or len(word) >= _SHORTEST_UNNAMED)
        )
        best = min(near, default=None)  # people rarely mistype the first letter
        return best[-1] if best else None

    @cached_property
    def _words(self) -> list[str]:
        return sorted({word for word in (*self._vocabulary.counts, *self._named) if len(word) >= _SHORTEST})


def write_vocabulary(folder: Path, texts: Iterable[str]) -> None:
    """Writes the words of passages, sorted; the same texts give the same bytes."""
    counts = Counter(word for text in texts for word in find_words(text))
    lines = (f"{word} {count}\n" for word, count in sorted(counts.items()))
    (folder / WORDS_FILE).write_text("".join(lines), encoding="utf-8", newline="\n")


def write_names(folder: Path, names: Iterable[str]) -> None:
    """Writes the words of concepts' names, sorted, so that nobody need ask all concepts for them."""
    words = sorted({word for name in names for word in find_words(name)})
    (folder / NAMES_FILE).write_text("".join(f"{word}\n" for word in words), encoding="utf-8", newline="\n")


def read_names(folder: Path) -> list[str] | None:
    """The words that `write_names` wrote; None where an older version wrote none. Raises StorageError when damaged."""
    try:
        return (folder / NAMES_FILE).read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as fault:
        raise StorageError(f"{folder / NAMES_FILE} cannot be read ({fault}); run `prepgraph ingest`.") from fault


def find_words(text: str) -> list[str]:
    """The words of a text in lower case: runs of letters."""
    return _WORD.findall(text.casefold())
