"""Reads the quantities of a sentence by what they measure, so that "90 days" and "seven years" can be compared."""

from __future__ import annotations

import re
from collections.abc import Mapping

from rag.wording import content_stems, stem

_SECONDS: Mapping[str, float] = {
    "ms": 1e-3, "millisecond": 1e-3, "s": 1.0, "second": 1.0, "min": 60.0, "minute": 60.0, "h": 3600.0, "hour": 3600.0,
    "day": 86400.0, "night": 86400.0, "week": 604800.0, "month": 2629800.0, "year": 31557600.0,
}  # fmt: skip
_ADVERBS: Mapping[str, str] = {"hourly": "hour", "daily": "day", "weekly": "week", "monthly": "month", "yearly": "year"}
_CARDINALS: Mapping[str, float] = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12,
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70,
    "eighty": 80, "ninety": 90, "hundred": 100,
}  # fmt: skip
_SCALES: Mapping[str, float] = {"thousand": 1e3, "million": 1e6, "billion": 1e9}
_SMALL_WORD = re.compile(r"an?|as|at|be|by|if|in|is|it|no|of|on|or|so|to|up|we")

_VALUE = rf"\d+(?:,\d{{3}})*(?:\.\d+)?|{'|'.join(sorted(_CARDINALS, key=len, reverse=True))}"
_PERIOD = "second|minute|hour|day|night|week|month|year"
_VAGUE = re.compile(r"\b(?:a few|few|several|some|many) (?:dozen|hundred|thousand|million|billion)\b", re.IGNORECASE)
_FREQUENCY = re.compile(
    rf"\b(?:(?P<times>once|twice|(?:{_VALUE}) times) (?:in )?(?:a|an|each|every|per) (?P<period>{_PERIOD})"
    rf"|(?:every|each) (?:(?P<every>{_VALUE}|other) )?(?P<step>{_PERIOD})s?|(?P<adverb>{'|'.join(_ADVERBS)}))\b",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    rf"\b(?:(?P<hour>{_VALUE})(?: ?[ap]\.?m\b| o'clock| in the (?:morning|afternoon|evening))"
    r"|(?P<time>\d{1,2}:\d\d)\b)",
    re.IGNORECASE,
)
_QUANTITY = re.compile(
    rf"(?<![\w.@-])(?P<value>{_VALUE})(?![\w.,]*\d|-\w|\w)(?:\s+(?P<scale>thousand|million|billion))?"
    r"\s*(?P<unit>°\s?[CF]|%|[€$£]|[a-zA-Z]+(?:/\w+)?)?",
    re.IGNORECASE,
)


def quantities(text: str) -> dict[str, set[float]]:
    """The values of a text by what they measure.

    The dimensions are `duration` (seconds), `frequency` (times a second), `clock` (hours), `year`, the stem of the word
    that follows, or nothing ("") for a bare number. "one" without a unit is none, and "a few hundred" is no value.
    """
    found: dict[str, set[float]] = {}
    rest = text = _VAGUE.sub(" ", text)
    for match in _FREQUENCY.finditer(text):
        found.setdefault("frequency", set()).add(_times_a_second(match))
        rest = rest.replace(match[0], " ", 1)
    for match in _CLOCK.finditer(rest):
        hour = match["time"].replace(":", ".") if match["time"] else match["hour"]
        found.setdefault("clock", set()).add(_worth(hour))
        rest = rest.replace(match[0], " ", 1)
    for match in _QUANTITY.finditer(rest):
        dimension, value = _measured(match)
        if dimension is not None:
            found.setdefault(dimension, set()).add(value)
    return found


def _measured(match: re.Match[str]) -> tuple[str | None, float]:
    word, unit = match["value"], (match["unit"] or "").replace(" ", "").casefold()
    value = _worth(word) * _SCALES.get((match["scale"] or "").casefold(), 1.0)
    whole = unit.removesuffix("s") if len(unit) > 2 else unit
    if whole in _SECONDS:
        return "duration", round(value * _SECONDS[whole], 6)
    if 1000 <= value <= 2100 and len(word) == 4 and word.isdigit() and not _measures(unit):
        return "year", value
    if _measures(unit):
        return stem(whole), value
    return (None if word.casefold() == "one" else ""), value


def _measures(unit: str) -> bool:
    if not unit or _SMALL_WORD.fullmatch(unit):
        return False
    return len(unit) <= 2 or not unit.isalpha() or bool(content_stems(unit))


def _worth(word: str) -> float:
    folded = word.casefold()
    return _CARDINALS[folded] if folded in _CARDINALS else float(folded.replace(",", ""))


def _times_a_second(match: re.Match[str]) -> float:
    if match["adverb"]:
        return round(1 / _SECONDS[_ADVERBS[match["adverb"].casefold()]], 12)
    if match["times"]:
        count = match["times"].casefold().removesuffix(" times")
        times = {"once": 1.0, "twice": 2.0}.get(count) or _worth(count)
        return round(times / _SECONDS[match["period"].casefold()], 12)
    every = (match["every"] or "one").casefold()
    return round(1 / ((2.0 if every == "other" else _worth(every)) * _SECONDS[match["step"].casefold()]), 12)
