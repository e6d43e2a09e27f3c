"""Makes any number of notes that nobody wrote: the course's sentences recombined word by word, with names and links.

A note has a title of two words that no other has, front matter, a bold definition, sections under headings, a list and
wikilinks, and names some of its neighbours in plain words: what a vault gives ingestion to do. Nothing is declared.
"""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from bench.passages import SEED, read_sentences

_NEIGHBOURS = 40  # notes before and after that a note may name
_SECTION_WORDS = 110
_NAMES_EVERY = 3  # sentences
_LONGEST_SENTENCE = 30
_SURVEY_EVERY = 20  # notes; a survey has headings of its own, the others share a template
_TEMPLATE = ("How it works", "Trade-offs", "Where it breaks", "Numbers", "An example", "In practice", "Common mistakes")


class NoteMaker:
    """Writes notes from a seed: the same content, seed and counts give the same bytes."""

    def __init__(self, content: Path, count: int, words: int) -> None:
        sentences = [s for path in sorted(content.rglob("*.md")) for s in read_sentences(path)]
        self._words = words
        self._next: defaultdict[str, list[str]] = defaultdict(list)
        self._first: list[str] = []
        for sentence in sentences:
            plain = re.sub(r"[^\w\s,'-]+", "", sentence).split()
            if len(plain) > 3:
                self._first.append(plain[0])
                for word, following in pairwise(plain):
                    self._next[word].append(following)
        self.titles = _titles(sorted({w for words in self._next.values() for w in words}), count)

    def note(self, number: int) -> str:
        """The text of one note, some words longer than asked for."""
        dice = random.Random(f"{SEED}/{number}")
        first = max(0, number - _NEIGHBOURS)
        near = [t for t in self.titles[first : number + _NEIGHBOURS] if t != self.titles[number]] or ["Another note"]
        title = self.titles[number]
        parts = [
            f"---\naliases: [{title.replace(' ', '-')}s]\ntags: [{title.split()[1]}]\n---\n# {title}\n",
            f"**{title}** is a kind of {dice.choice(near).lower()} that {self._clause(dice)}.\n",
        ]
        written, section = 0, 0
        while written < self._words:
            section += 1
            paragraph = self._section(dice, near)
            written += len(paragraph.split())
            parts.append(
                f"## {self._heading(dice, near, section, is_survey=number % _SURVEY_EVERY == 0)}\n\n{paragraph}\n"
            )
        return "\n".join(parts)

    def _heading(self, dice: random.Random, near: Sequence[str], section: int, *, is_survey: bool) -> str:
        if not is_survey and section <= len(_TEMPLATE):
            return _TEMPLATE[section - 1]
        return f"{dice.choice(near).split()[0]} {dice.choice(near).split()[1]}"

    def _section(self, dice: random.Random, near: Sequence[str]) -> str:
        lines: list[str] = []
        sentences: list[str] = []
        while sum(map(len, map(str.split, sentences))) < _SECTION_WORDS * 2 // 3:
            sentences.append(self._sentence(dice, near))
        lines.append(" ".join(sentences))
        lines.append("")
        lines += [f"- [[{dice.choice(near)}]]: {self._clause(dice)}" for _ in range(2)]
        return "\n".join(lines)

    def _sentence(self, dice: random.Random, near: Sequence[str]) -> str:
        clause = self._clause(dice)
        if not dice.randrange(_NAMES_EVERY):
            verb = dice.choice(("builds on", "uses", "differs from", "is compared with", "feeds"))
            clause = f"the {dice.choice(near).lower()} {verb} the {dice.choice(near).lower()}, and {clause}"
        return f"{clause[:1].upper()}{clause[1:]}."

    def _clause(self, dice: random.Random) -> str:
        word = dice.choice(self._first)
        words = [word.lower()]
        while word in self._next and len(words) < _LONGEST_SENTENCE and (len(words) < 8 or dice.random() < 0.9):
            word = dice.choice(self._next[word])
            words.append(word)
        return " ".join(words).rstrip(",")


def _titles(vocabulary: Sequence[str], count: int) -> list[str]:
    """Names of two words each, all different."""
    words = sorted({word.lower() for word in vocabulary if re.fullmatch(r"[A-Za-z]{5,11}", word)})
    dice = random.Random(SEED)
    names: dict[str, None] = {}
    while len(names) < count:
        first, second = dice.sample(words, 2)
        names[f"{first.capitalize()} {second}"] = None
    return list(names)


def write_synthetic_notes(folder: Path, content: Path, count: int, words: int) -> None:
    """Writes `count` notes of about `words` words each, a hundred to a folder."""
    maker = NoteMaker(content, count, words)
    for number, title in enumerate(maker.titles):
        path = folder / f"{number // 100:03}" / f"{title}.md"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(maker.note(number), encoding="utf-8")
