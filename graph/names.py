"""Decides which concept a name means, and which concepts a text mentions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from graph.schema import Concept

if TYPE_CHECKING:
    from ahocorasick_rs import AhoCorasick

LONGEST_NAME = 200  # characters; no text names what is longer, and the matcher's time grows with its square
_SEPARATORS = re.compile(r"[\s_\-/\u2010-\u2015]+")


def normalise_name(name: str) -> str:
    """A name without the differences that no reader means: case, hyphens, underscores and runs of space."""
    return _SEPARATORS.sub(" ", name).strip().casefold()


def slugify(name: str) -> str:
    """A name as an id: lower case, words joined by hyphens; never empty."""
    return re.sub(r"[^\w]+", "-", name.casefold(), flags=re.UNICODE).strip("-_") or "untitled"


def plural_variants(name: str) -> tuple[str, ...]:
    """The regular English plural and singular of a normalised name's last word."""
    if len(name) < 4:
        return ()
    if name.endswith("ies"):
        return (name[:-3] + "y",)
    if name.endswith(("ches", "shes", "xes", "sses")):
        return (name[:-2],)
    if name.endswith("s") and not name.endswith(("ss", "us", "is")):
        return (name[:-1],)
    if name.endswith("y") and name[-2] not in "aeiou":
        return (name[:-1] + "ies",)
    if name.endswith(("ch", "sh", "x", "ss")):
        return (name + "es",)
    return (name + "s",)


def _is_acronym(name: str) -> bool:
    return 2 <= len(name) <= 5 and name.isupper()


@dataclass(frozen=True, slots=True)
class Mention:
    """A concept named in a text, from character `start` up to `end`."""

    concept_id: str
    start: int
    end: int


class ConceptNames:
    """Every name of every concept. Ids win over titles, titles over aliases, aliases over plurals."""

    def __init__(self, concepts: Iterable[Concept]) -> None:
        ordered = sorted(concepts, key=lambda concept: concept.id)
        self._by_name: dict[str, str] = {}
        self.ambiguous: dict[str, tuple[str, ...]] = {}
        self._add(((normalise_name(c.id), c.id) for c in ordered), ambiguous=False)
        self._add((normalise_name(c.title), c.id) for c in ordered)
        self._add((normalise_name(alias), c.id) for c in ordered for alias in c.aliases)
        self._add(
            ((variant, owner) for name, owner in list(self._by_name.items()) for variant in plural_variants(name)),
            ambiguous=False,
        )
        # Case tells "RAG" from "rag" in prose, where a short acronym is often an English word.
        self._acronyms = {normalise_name(name) for c in ordered for name in (c.title, *c.aliases) if _is_acronym(name)}
        self._patterns = sorted(name for name in self._by_name if 1 < len(name) <= LONGEST_NAME)
        self._automaton: AhoCorasick | None = None

    def _add(self, names: Iterable[tuple[str, str]], *, ambiguous: bool = True) -> None:
        for name, concept_id in names:
            owner = self._by_name.setdefault(name, concept_id)
            if ambiguous and owner != concept_id:
                self.ambiguous[name] = tuple(sorted({*self.ambiguous.get(name, (owner,)), concept_id}))

    def resolve(self, name: str) -> str | None:
        """The id that a name, title, alias or plural stands for, or None."""
        return self._by_name.get(normalise_name(name))

    def names(self) -> dict[str, str]:
        """Each normalised name and the id that it stands for."""
        return dict(self._by_name)

    def find_mentions(self, text: str, *, acronyms_in_any_case: bool = False) -> list[Mention]:
        """Concepts named in a text, leftmost and longest first, whole words only, without overlaps."""
        if not self._patterns:
            return []
        folded, patterns = fold_keeping_length(text), self._patterns
        found = [
            (start, -end, index)
            for index, start, end in self._matcher().find_matches_as_indexes(folded, overlapping=True)
            if stands_alone(folded, start, end)
            and (acronyms_in_any_case or patterns[index] not in self._acronyms or text[start:end].isupper())
        ]
        chosen, after = [], 0
        for start, minus_end, index in sorted(found):
            if start >= after:
                after = -minus_end
                chosen.append(Mention(self._by_name[patterns[index]], start, after))
        return chosen

    def _matcher(self) -> AhoCorasick:
        if self._automaton is None:
            from ahocorasick_rs import AhoCorasick, MatchKind

            self._automaton = AhoCorasick(self._patterns, matchkind=MatchKind.Standard)
        return self._automaton


def fold_keeping_length(text: str) -> str:
    """Lower-cased text of the same length, with every name separator turned into one space."""
    if text.isascii():
        return text.lower().translate(_ASCII_SEPARATORS)
    return "".join(_fold_characters(text))


_ASCII_SEPARATORS = str.maketrans("-_/\n\t", "     ")


def _fold_characters(text: str) -> Iterator[str]:
    for character in text:
        lowered = character.lower()
        if character in "-_/\n\t\u2010\u2011\u2012\u2013\u2014\u2015":
            yield " "
        else:
            yield lowered if len(lowered) == 1 else character


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether neither side is a letter, a digit or an underscore; the most asked of all questions, so no regex."""
    if start and ((before := text[start - 1]).isalnum() or before == "_"):
        return False
    return end == len(text) or not ((after := text[end]).isalnum() or after == "_")
