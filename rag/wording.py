"""Reads out of a sentence what a check of its support compares: stems, numbers with their units, and names."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ingest.words import UNINFORMATIVE
from rag.vocabulary import FILLERS

_TOKEN = re.compile(r"https?://\S+|\d[\d,]*(?:\.\d+)?|[^\W\d_](?:[\w'’]*\w)?|%")
_FUNCTION_WORDS = UNINFORMATIVE | FILLERS
_SUFFIXES = (
    *("izations", "isations", "ization", "isation", "ational", "fulness", "iveness", "ations", "ation", "ements"),
    *("ement", "ments", "ment", "ances", "ance", "ences", "ence", "ities", "ity", "izing", "ising", "ized", "ised"),
    *("izes", "ises", "ize", "ise", "ions", "ion", "ings", "ing", "ers", "er", "ors", "or", "ally", "als", "al"),
    *("ively", "ives", "ive", "ably", "able", "ibly", "ible", "ness", "less", "fully", "ful", "ies", "ied", "ily"),
    *("edly", "ed", "es", "ly", "y", "s", "e"),
)
_SHORTEST_STEM = 3
_COUNTED = (None, None, "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_TENS: Mapping[str, float] = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "hundred": 100}
_NUMBER_WORDS: Mapping[str, float] = {**{word: n for n, word in enumerate(_COUNTED) if word}, **_TENS, "half": 0.5}
_MULTIPLIERS: Mapping[str, float] = {"thousand": 1e3, "million": 1e6, "billion": 1e9, "m": 1e6, "b": 1e9}
_UNITS: Mapping[str, str] = {
    variant: unit
    for unit, variants in {
        "ms": "ms millisecond milliseconds",
        "s": "s sec second seconds",
        "min": "min minute minutes",
        "h": "h hour hours",
        "day": "day days",
        "week": "week weeks",
        "month": "month months",
        "year": "year years",
        "%": "% percent",
        "bit": "bit bits",
        "byte": "byte bytes",
        "kb": "kb kib kilobyte kilobytes",
        "mb": "mb mib megabyte megabytes",
        "gb": "gb gib gigabyte gigabytes",
        "tb": "tb tib terabyte terabytes",
        "dollar": "dollar dollars usd",
        "token": "token tokens",
    }.items()
    for variant in variants.split()
}


@dataclass(frozen=True, slots=True)
class Token:
    """A word or a number of a text, from character `start`; `stem` is empty for words that carry no content."""

    text: str
    start: int
    stem: str


@dataclass(frozen=True, slots=True)
class Number:
    """A quantity, and its unit where it is one that can be mistaken for another; `at` is its token's position."""

    value: float
    unit: str
    at: int


def tokens(text: str) -> list[Token]:
    """The words, numbers and addresses of a text in order; hyphens part words."""
    return [Token(m[0], m.start(), _content_stem(m[0])) for m in _TOKEN.finditer(text)]


def content_stems(text: str) -> frozenset[str]:
    """The stems of the words that say what a text is about, without its numbers."""
    return frozenset(token.stem for token in tokens(text) if token.stem)


def _content_stem(word: str) -> str:
    if not word[0].isalpha() or "://" in word:
        return ""
    folded = word.casefold().replace("’", "'").removesuffix("'s")
    if len(folded) == 1:
        return folded if word not in ("a", "A", "I") else ""  # a parameter, not an article
    return "" if folded in _FUNCTION_WORDS or folded in _NUMBER_WORDS else stem(folded)


@lru_cache(maxsize=50_000)
def stem(word: str) -> str:
    """A word without its ending: the longest one known that leaves three letters, doubled consonants made one.

    Lighter than Porter's: it only has to give the forms of one word the same stem on both sides of a comparison.
    """
    for suffix in _SUFFIXES:
        if word.endswith(suffix) and len(word) - len(suffix) >= _SHORTEST_STEM and not word.endswith("ply"):
            word = word[: -len(suffix)]
            break
    if len(word) > _SHORTEST_STEM and word[-1] == word[-2] and word[-1] not in "aeiou":
        word = word[:-1]
    return word[:-1] if len(word) > _SHORTEST_STEM and word[-1] in "ey" else word


def numbers(text: str) -> list[Number]:
    """The quantities of a text; "2 million", "2M" and "2,000,000" are the same."""
    found: list[Number] = []
    words = [token.text.casefold() for token in tokens(text)]
    for at, word in enumerate(words):
        value = _value(word)
        if value is None:
            continue
        after = at + 1
        if after < len(words) and words[after] in _MULTIPLIERS:
            value *= _MULTIPLIERS[words[after]]
            after += 1
        unit = _UNITS.get(words[after], "") if after < len(words) else ""
        found.append(Number(round(value, 9), unit, at))
    return found


def _value(word: str) -> float | None:
    if word[0].isdecimal():  # "²" is a digit, and no number
        return float(word.replace(",", ""))
    return _NUMBER_WORDS.get(word)


def missing_numbers(said: str, source: str) -> list[Number]:
    """The quantities that a sentence states and its source does not, in the same unit where both give one."""
    known = numbers(source)
    return [
        number
        for number in numbers(said)
        if not any(
            number.value == other.value and (not number.unit or not other.unit or number.unit == other.unit)
            for other in known
        )
    ]


def names(text: str) -> list[str]:
    """What a sentence writes like a name: capitals behind its first word, capitals or digits inside one, addresses."""
    found = tokens(text)
    return [token.text for at, token in enumerate(found) if _is_name(token.text, first=_begins(text, found, at))]


def _begins(text: str, found: list[Token], at: int) -> bool:
    return at == 0 or text[: found[at].start].rstrip(" \"'“‘(").endswith((".", "!", "?", ":", ";", "•"))


def _is_name(word: str, *, first: bool) -> bool:
    if "://" in word:
        return True
    if not word[0].isalpha() or len(word) < 2:
        return False
    inner = any(letter.isupper() or letter.isdigit() for letter in word[1:])
    return inner or (word[0].isupper() and not first and bool(_content_stem(word)))


def is_label(word: str) -> bool:
    """Whether a word is an identifier wherever it stands: one letter, or capitals or digits inside."""
    return len(word) == 1 or any(letter.isupper() or letter.isdigit() for letter in word[1:])


def missing_names(said: str, source: str) -> list[str]:
    """The names of a sentence that its source never writes, whatever the case; a plural is no other name."""
    folded = source.casefold()
    stems = content_stems(source)
    return [name for name in names(said) if name.casefold() not in folded and stem(name.casefold()) not in stems]


def share(part: Iterable[str], whole: frozenset[str]) -> float:
    """How much of one set of stems another has, in [0, 1]; near forms of a long stem count; 1 for an empty set."""
    wanted = list(part)
    return sum(has_stem(each, whole) for each in wanted) / len(wanted) if wanted else 1.0


def has_stem(wanted: str, stems: frozenset[str]) -> bool:
    """Whether a stem is there, or a near form: one that begins with all but the last letters of the other."""
    if wanted in stems:
        return True
    if len(wanted) < 5:
        return False
    return any(len(other) >= 5 and _is_near(wanted, other) for other in stems)


def _is_near(first: str, second: str) -> bool:
    return _common_start(first, second) >= max(5, max(len(first), len(second)) - 3)


def _common_start(first: str, second: str) -> int:
    count = 0
    for left, right in zip(first, second, strict=False):
        if left != right:
            break
        count += 1
    return count
