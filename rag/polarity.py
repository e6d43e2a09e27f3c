"""Finds where a sentence turns its source round: what is denied, an opposite word, or two sides exchanged.

These are rules for sentences that stay close to their source, as those do that a model was asked to take from it.
No model of entailment is needed, and none is small enough to ship.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from rag.vocabulary import AUXILIARIES, DENIALS, OPPOSITES, SCOPE_ENDS
from rag.wording import Token, content_stems, is_label, numbers, stem, tokens

_OF_THE_VERB = frozenset({"no", "nothing", "none", "neither"})  # "gives no order" denies the giving as well
_TWO_WORD_DENIALS = {("rather", "than"), ("instead", "of")}
_SCOPE: Mapping[str, int] = dict.fromkeys(("without", "missing", "lacks", "lack"), 2) | {"than": 1, "of": 1, "non": 1}
_LISTS = frozenset({"cannot"})  # reaches over a list of verbs
_LIST_SCOPE, _USUAL_SCOPE = 8, 4  # how many content words behind a denial it denies
_CLAUSE_END = re.compile(r"[,;:.!?()–—]")


def _pairs() -> Mapping[str, frozenset[str]]:
    table: dict[str, set[str]] = {}
    for left, right in OPPOSITES:
        for word, other in ((left, right), (right, left)):
            table.setdefault(word, set()).add(other)
            table.setdefault(stem(word), set()).update((other, stem(other)))
    return {word: frozenset(others) for word, others in table.items()}


_OPPOSITES_OF = _pairs()
_Pair = tuple[str, str]


def contradiction(said: str, source: str, topic: frozenset[str] = frozenset()) -> str | None:
    """Why a sentence contradicts the one source sentence that it is closest to, in a few words; None if it doesn't."""
    if words := denied_otherwise(said, source):
        return f"“{words[0]}” is denied on one side only"
    if pair := opposites(said, source):
        return f"“{pair[0]}” where the source says “{pair[1]}”"
    if exchanges_sides(said, source, topic):
        return "it says of one thing what the source says of another"
    if exchanges_numbers(said, source):
        return "it gives one thing the number of another"
    return None


def denied_otherwise(said: str, source: str) -> list[str]:
    """Words whose stem both sentences have, denied throughout in one of them and nowhere in the other."""
    ours, theirs = _polarity(said), _polarity(source)
    if any(denied and theirs.get(word) for word, denied in ours.items()):
        return []  # both deny the same thing, and only draw the line elsewhere
    return [
        word
        for word, denied in ours.items()
        if denied is not None and theirs.get(word) is not None and theirs[word] is not denied
    ]


def _polarity(text: str) -> dict[str, bool | None]:
    """For each content stem whether it is denied; None when that cannot be told."""
    found: dict[str, bool | None] = {}
    scope, last, denials = _Scope(), "", 0
    for token, word, gap, before in _walk(text):
        if scope.ends_at(word, gap):
            scope = _Scope()
        if _denies(word, before):
            denials += 1
            # "cannot do it without" says that it is needed: what stands behind is neither denied nor not.
            scope = _Scope(word, _reach(word), unclear=word == "without" and denials > 1)
            if word in _OF_THE_VERB and last and not _CLAUSE_END.search(gap):
                found[last] = None
        elif token.stem:
            last, denied = _without_prefix(word, token.stem)
            state = None if scope.unclear else denied is not scope.covers()
            found[last] = state if found.get(last, state) is state else None
    return found


@dataclass(slots=True)
class _Scope:
    """How far a denial reaches: `left` content words, unless a clause ends before."""

    word: str = ""
    left: int = 0
    unclear: bool = False
    used: bool = False

    def covers(self) -> bool:
        self.used = True
        self.left -= 1
        return self.left >= 0

    def ends_at(self, word: str, gap: str) -> bool:
        pauses = _CLAUSE_END.search(gap)
        if pauses and not (self.word in _LISTS and gap.strip() == ","):
            return True
        return word in SCOPE_ENDS or (self.used and word in AUXILIARIES)


def _reach(word: str) -> int:
    return _LIST_SCOPE if word in _LISTS else _SCOPE.get(word, _USUAL_SCOPE)


def _without_prefix(word: str, word_stem: str) -> tuple[str, bool]:
    """The stem of what a word such as "unchanged" or "harmless" denies, and whether it denies."""
    if word.startswith("un") and len(word) > 6:
        return stem(word[2:]), True
    return word_stem, word.endswith("less") and len(word) > 6


def _denies(word: str, before: str) -> bool:
    return word in DENIALS or word.endswith("n't") or (before, word) in _TWO_WORD_DENIALS


def _walk(text: str) -> Iterator[tuple[Token, str, str, str]]:
    """Each token, folded, what stands between it and the word before, and that word."""
    end, before = 0, ""
    for token in tokens(text):
        word = token.text.casefold().replace("’", "'")
        yield token, word, text[end : token.start], before
        end, before = token.start + len(token.text), word


def opposites(said: str, source: str) -> tuple[str, str] | None:
    """A word of the sentence where the source has its opposite, alone or before the same word, neither denied."""
    ours, theirs = _qualified(said), _qualified(source)
    our_words, their_words = {word for word, _ in ours}, {word for word, _ in theirs}
    for word, behind in ours:
        for other in _OPPOSITES_OF.get(word, ()):
            both_have_both = {word, other} <= our_words & their_words
            if other in their_words and word not in their_words and other not in our_words:
                return word, other
            if behind and not both_have_both and _differ((word, behind), (other, behind), ours, theirs):
                return word, other
        for other in _OPPOSITES_OF.get(behind, ()):
            if _differ((word, behind), (word, other), ours, theirs):
                return behind, other
    return None


def _differ(said: _Pair, instead: _Pair, ours: set[_Pair], theirs: set[_Pair]) -> bool:
    return instead in theirs and said not in theirs and instead not in ours


def _qualified(text: str) -> set[tuple[str, str]]:
    """Each word that has an opposite and is not denied, as the table writes it, with the content stem behind it."""
    denied = {word for word, state in _polarity(text).items() if state}
    found = tokens(text)
    pairs = set()
    for at, token in enumerate(found):
        word = token.text.casefold()
        if word not in _OPPOSITES_OF and not word.endswith(("er", "est")):
            word = stem(word)
        if word in _OPPOSITES_OF and not (token.stem and token.stem in denied):
            pairs.add((word, next((after.stem for after in found[at + 1 : at + 3] if after.stem), "")))
    return pairs


def borrows_predicate(said: str, source: str, others: Iterable[str], topic: frozenset[str] = frozenset()) -> bool:
    """Whether a sentence says of the subject of another sentence (of `others`) what the source says of its own."""
    first, second = _lead(said, topic), _lead(source, topic)
    stranger = first - content_stems(source)
    if not stranger or second <= content_stems(said):
        return False
    return any(stranger & _lead(other, topic) for other in others if other != source)


def _lead(text: str, topic: frozenset[str]) -> frozenset[str]:
    """The first two content stems, which are the subject more often than not."""
    return frozenset([token.stem for token in tokens(text) if token.stem][:2]) - topic


_SIDES = re.compile(r";|,?\s\b(?:whereas|while)\b|,\s+where\b|,\s+and\s(?=(?:an?|the|one)\s)", re.IGNORECASE)
_CLAUSES = re.compile(
    rf"{_SIDES.pattern}|\s+and\s(?=(?:an?|the|one)\s)|,\s+but\b|\b(?:because|since|so)\b", re.IGNORECASE
)
_PRONOUN = re.compile(r"\b(?:it|its|they|their|them|this|that|these|those)\b", re.IGNORECASE)


def exchanges_sides(said: str, source: str, topic: frozenset[str] = frozenset()) -> bool:
    """Whether a clause begins with a thing of one half of a contrast ("A is x; B is y") and goes on with the other's.

    `topic` holds stems of what the whole passage is about: they belong to both halves.
    """
    halves = _halves(source)
    if halves is None:
        return False
    first, second = ([*_stems(half)] for half in halves)
    sides = {word: 0 for word in first if word not in second} | {word: 1 for word in second if word not in first}
    sides = {word: side for word, side in sides.items() if word not in topic}
    clauses = [clause for clause in _CLAUSES.split(said) if clause and clause.strip()]
    return any(_begins_here_ends_there(_stems(clause), sides) for clause in clauses)


def _begins_here_ends_there(stems: list[str], sides: Mapping[str, int]) -> bool:
    marked = [word for word in dict.fromkeys(stems) if word in sides]
    if len(marked) < 2:
        return False
    home = sides[marked[0]]
    away = [word for word in marked[1:] if sides[word] != home]
    at_home = {word for word, side in sides.items() if side == home}
    swapped = any(_OPPOSITES_OF.get(word, frozenset()) & at_home - set(stems) for word in away)
    return len(away) * 2 > len(marked) - 1 or swapped


def _halves(text: str) -> tuple[str, str] | None:
    """Both halves of a contrast; None where the second points back, since it speaks of the first's subject then."""
    match = _SIDES.search(text)
    if match is None:
        return None
    rest = text[match.end() :]
    following = _SIDES.search(rest)
    second = rest[: following.start()] if following else rest
    return None if _PRONOUN.search(second) else (text[: match.start()], second)


def _stems(text: str) -> list[str]:
    figures = {number.at: f"{number.value:g}" for number in numbers(text)}
    return [stem for at, token in enumerate(tokens(text)) if (stem := figures.get(at) or token.stem)]


def exchanges_numbers(said: str, source: str) -> bool:
    """Whether two numbers or names stand among words that surround others of the source more than their own."""
    ours, theirs = _surroundings(said), _surroundings(source)
    displaced = [
        label
        for label, words in ours.items()
        if label in theirs
        and any(len(words & around) > len(words & theirs[label]) for n, around in theirs.items() if n != label)
    ]
    return len(displaced) > 1


def _surroundings(text: str) -> dict[str, frozenset[str]]:
    """For each number, name and parameter that a text has once, the word or number on either side, units left out."""
    found = {number.at: number for number in numbers(text)}
    labels = {at: f"{number.value:g}" for at, number in found.items()}
    words = tokens(text)
    units = {number.at + 1 for number in found.values() if number.unit}
    labels |= {at: t.stem for at, t in enumerate(words) if t.stem and is_label(t.text) and at not in units}
    kept = [(at, labels.get(at, t.stem)) for at, t in enumerate(words) if at in labels or (t.stem and at not in units)]
    around: dict[str, frozenset[str]] = {}
    for place, (at, word) in enumerate(kept):
        if at in labels and list(labels.values()).count(word) == 1:
            beside = (*kept[max(0, place - 1) : place], *kept[place + 1 : place + 2])
            around[word] = frozenset(other for _, other in beside)
    return around
