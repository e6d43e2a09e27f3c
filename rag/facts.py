"""Decides whether a question asks for one fact that the notes don't give, near as they may come to its subject.

"Under which licence is Redis released?" is near to all that is said of Redis. Two signs tell that the fact itself is
not there: none of the sentences that fit best and speak of Redis has anything of the kind that is asked for (a date, a
sum of money, the name of an option), or the word that names the fact has nothing like it in the best note.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rag.vocabulary import ASPECTS, SMALL_WORDS
from rag.wording import is_label, names, numbers, stem, tokens

_LONGEST = 16  # words of a question that asks for one fact
_LEAST_SHORTFALL = 0.15  # how much of a question must be unmet before a missing word for the fact says anything

_NOT_A_FACT = (
    r"(?!(?:is|are|was|were|does|do|did|would|should|could|can|will|must|has|have|happens?|goes|makes?|if|about|to|the|an?"
    r"|it|i|my|we|you|kind|sort|one|else|now|two|three|four|five|six|seven|eight|nine|ten)\b)"
)
_AUXILIARY = r"(?:do|does|did|is|are|was|were|can|could|should|will|would|has|have|had|must|may|might)\b"
_NAMED = re.compile(
    r"^(?:(?:in |on |under |at |from |for |by )?(?:which|what) "
    rf"(?:{_NOT_A_FACT}(?P<phrase>(?:[\w-]+ ){{1,3}}?){_AUXILIARY}"
    rf"|(?:exact |annual |average |default |maximum |official )?{_NOT_A_FACT}(?P<noun>\w+))"
    r"|what(?:'s| is| was) the (?P<the>(?:[\w-]+ ){1,3}?)(?:of|for|to|in|on|that)\b"
    r"|(?:who|by whom)\b(?P<done>[^,?]*))",
    re.IGNORECASE,
)
_COUNTED = re.compile(
    rf"\bhow many {_NOT_A_FACT}(?P<things>(?:[\w-]+ ){{0,2}}?[\w-]+)"
    rf"(?=\s(?:{_AUXILIARY}|(?:for|in|per|of|on|at|to|a|an|the|i|we|you)\b)|\s*[?,]|\s*$)",
    re.IGNORECASE,
)
_ASKING = {"first", "ever", "new"}

_BEGUN = r"\b(?:invent|publish|releas|found|introduc|creat|born|describ|coin|propos|discover|announc|launch|develop)\w*"
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (  # a date
        re.compile(rf"\b(?:what|which) (?:year|decade|century|date)\b|^when (?:was|were|did)\b.*{_BEGUN}", re.I),
        re.compile(
            r"\b(?:1\d|20)\d\d\b|\b\d{1,2}(?:st|nd|rd|th)\b|\bcentur|\b(?:january|february|march|april|may \d|june|july"
            r"|august|september|october|november|december)\b",
            re.I,
        ),
    ),
    (  # a sum of money
        re.compile(
            r"\bhow much\b.*\b(?:earns?|salary|to buy|(?:cost|charge|pay)\w* (?:a|per|each) (?:month|year|hour|seat))"
            r"|\bin (?:dollars|euros|pounds)\b|\b(?:charge|cost)s? (?:a|per|each) (?:month|year)\b|\b(?:salary|wage)\b",
            re.I,
        ),
        re.compile(
            r"[$€£]\s?\d|\d\S* (?:\w+ )?(?:dollars?|euros?|pounds?|cents?|usd|eur|gbp)\b|\bfree\b|\bnothing\b", re.I
        ),
    ),
)
_IDENTIFIER = re.compile(
    r"\b(?:which|what|the|exact)\b[\w' -]*\b(?:parameter|option|flag|package|command|module|class(?! of)"
    r"|environment variable|keyword argument)\b(?! is better)",
    re.IGNORECASE,
)
_CODE = re.compile(r"`([^`]+)`|(?<!\w)(--[a-z][\w-]+|\w+_\w+|\w+\.\w+\()")


@dataclass(frozen=True, slots=True)
class Evidence:
    """A sentence as its note writes it, and what else it is about: its note's title and the concepts of its passage."""

    text: str
    subject: str = ""

    def speaks_of(self, names: Iterable[str]) -> bool:
        """Whether any of these names is written here; true for none."""
        folded = f"{self.text} {self.subject}".casefold()
        wanted = [stem(name.casefold().removesuffix("'s")) for name in names]
        return not wanted or any(name in folded for name in wanted)


def is_fact_missing(question: str, missing: Iterable[str], best: Sequence[Evidence], shortfall: float) -> bool:
    """Whether a short question asks for one fact that is not there.

    `missing` are the words of the question that have nothing like them, `best` the sentences that fit it best, and
    `shortfall` how much of the question is unmet, in [0, 1].
    """
    asked = question.strip()
    if len(asked.split()) > _LONGEST:
        return False
    on_subject = [evidence.text for evidence in best if evidence.speaks_of(names(asked))]
    for wanted, given in _KINDS:
        if wanted.search(asked) and not any(given.search(text) for text in on_subject):
            return True
    if _COUNTED.search(asked) and not any(numbers(text) for text in on_subject):
        return True
    unmet = {word.casefold() for word in missing}
    if _is_origin_missing(asked, unmet):
        return True
    if shortfall < _LEAST_SHORTFALL:  # a command need not look like one, and a hut "sleeps 24" without "people"
        return False
    if _IDENTIFIER.search(asked) and not any(_has_identifier(text, asked) for text in on_subject):
        return True
    return _is_count_missing(asked, unmet) or _is_name_missing(asked, unmet)


def _has_identifier(sentence: str, question: str) -> bool:
    """Whether a sentence writes something that could be typed, and that the question does not write itself."""
    code = {name for match in _CODE.finditer(sentence) for name in match.groups() if name}
    labels = {token.text for token in tokens(sentence) if is_label(token.text) and not token.text[0].isdigit()}
    return any(name.casefold() not in question.casefold() for name in code | labels)


def _is_count_missing(question: str, unmet: set[str]) -> bool:
    """Whether none of the words for the things that are to be counted has anything like it."""
    match = _COUNTED.search(question)
    words = re.findall(r"\w+", match["things"].casefold()) if match else []
    telling = [word for word in words if word not in SMALL_WORDS]
    return bool(telling) and unmet.issuperset(telling)


def _is_origin_missing(question: str, unmet: set[str]) -> bool:
    """Whether what somebody did is unmet: "who invented it?" asks for somebody who invented."""
    match = _NAMED.search(question)
    done = re.findall(r"\w+", match["done"].casefold()) if match and match["done"] else []
    return any(word in unmet for word in done if word not in _ASKING)


def _is_name_missing(question: str, unmet: set[str]) -> bool:
    """Whether the word that names the fact is unmet.

    "Which language is it written in?" may be answered by "it is written in Go", without the word; only where more is
    missing does "language" count.
    """
    match = _NAMED.search(question)
    phrase = match and (match["phrase"] or match["noun"] or match["the"])
    named = {*re.findall(r"\w+", phrase.casefold())} if phrase else set()
    return bool(named & unmet) and bool(unmet - named - ASPECTS)
