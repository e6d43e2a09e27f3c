"""Decides what speaks for one note being needed by another: fourteen signs, each a plain number of a pair of notes.

Words are compared by their first letters, which joins "integral" with "integration" in any language with endings, and
weighed by rarity (inverse document frequency). Naming and its asymmetry are the signs of Liang et al. (2015, "Measuring
prerequisite relations among concepts"); that a general word's definition stands in the texts of what builds on it, that
general titles are short and general texts use common words are measured here (evals/fit_prerequisites.py), for notes
too short to name all that they need. No sign rests on vectors of a model: the graph must not depend on the processor.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from graph.names import ConceptNames, normalise_name
from graph.schema import Concept, Relation, Span
from ingest.note_text import NoteText, Sentence
from ingest.words import UNINFORMATIVE

MOST_WORDS = 400  # of a note, words that say nothing not counted; what comes later is read for names only
NEIGHBOURS = 20  # the notes nearest to a note, which may be its prerequisites though it names none of them
_STEM = 6  # letters
_STEMS_KEPT = 100_000
_VECTOR_TERMS = 64
_TITLE_COUNTS = 2  # times that a note's title is added to its text
_LEAST_COMMON, _MOST_COMMON = 20, 200  # notes: a word of more than this tells no two of them from the rest
_RANKED = 30
_HUB_NEIGHBOURS = 10
_HALF_LIFE = 40  # words after which a first mention counts half
_NO_VARIANCE = 1e-12
_WORD = re.compile(r"[^\W_]+")


class Signs(NamedTuple):
    """What speaks for a source being a prerequisite of a target; shares are of rarity and lie between 0 and 1."""

    title_in_text: float  # share of the source's title in the target's text, each word counting less the later it comes
    named_early: float  # 1 / (1 + number of the target's sentence that names the source first)
    named_back: float  # the same, of the source naming the target
    definition_in_text: float  # share of the source's definition in the target's text
    definition_in_text_back: float
    title_in_title: float  # share of the source's title in the target's: "graph" in "graph search"
    title_in_title_back: float
    title_length: float  # logarithm of 1 + the words of the source's title: general things have short names
    source_rarity: float  # mean rarity of the words of the source's text, in standard deviations of the vault's notes
    target_rarity: float
    likeness: float  # root of the cosine of the two texts, in standard deviations of the vault's near notes
    nearest_to_target: float  # 1 / (1 + rank of the source among the target's nearest notes)
    nearest_to_source: float
    target_hub: float  # logarithm of 1 + the notes that have the target among their nearest


@dataclass(frozen=True, slots=True)
class Scale:
    """The mean and the standard deviation of numbers, so that vaults of long and of short notes can be compared."""

    mean: float
    deviation: float

    @classmethod
    def of(cls, numbers: Iterable[float]) -> Scale:
        """The scale of some numbers, the same in any order; nothing stands out of numbers that are all the same."""
        values = list(numbers)
        mean = math.fsum(values) / max(1, len(values))
        variance = math.fsum((value - mean) ** 2 for value in values) / max(1, len(values))
        return cls(mean, math.sqrt(variance) if variance > _NO_VARIANCE else math.inf)

    def place(self, value: float) -> float:
        """How far a value lies above the mean, in standard deviations."""
        return (value - self.mean) / self.deviation


def stems(text: str) -> list[str]:
    """The words of a text that say something, in the singular and cut to their first letters."""
    return [_stem(word) for word in _WORD.findall(normalise_name(text)) if word not in UNINFORMATIVE]


@lru_cache(maxsize=_STEMS_KEPT)  # which also makes all pages share one string for a stem
def _stem(word: str) -> str:
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-1]
    return (word[:-2] + "y" if len(word) > 4 and word.endswith("ie") else word)[:_STEM]


class Page:
    """A note as the signs see it: where each word stands first, what it names in which sentence, what defines it."""

    def __init__(self, concept: Concept, text: NoteText, names: ConceptNames) -> None:
        self.concept = concept
        self.text = text
        self.title = dict.fromkeys(stems(concept.title))
        self.definition = dict(self.title)
        self.first: dict[str, int] = {}
        self.named: dict[str, int] = {}
        self.starts: list[int] = []
        self.counts: Counter[str] = Counter()
        self._length = 0
        defined = concept.spans[0]
        for number, sentence in enumerate(text.sentences):
            self.starts.append(self._length)
            self._read_names(sentence, number, names)
            words = self._read_words(sentence)
            if sentence.span.start_line == defined.start_line and sentence.span == defined:
                self.definition.update(dict.fromkeys(words))

    def _read_names(self, sentence: Sentence, number: int, names: ConceptNames) -> None:
        for mention in names.find_mentions(sentence.text):
            if mention.concept_id != self.concept.id:
                self.named.setdefault(mention.concept_id, number)

    def _read_words(self, sentence: Sentence) -> list[str]:
        if self._length >= MOST_WORDS:
            return []
        words = stems(sentence.text)
        for at, word in enumerate(words, self._length):
            self.first.setdefault(word, at)
        self._length += len(words)
        self.counts.update(words)
        return words

    def add_name(self, concept_id: str, link: Span) -> None:
        """A concept that a link leads to, whatever words it shows."""
        spans = (sentence.span for sentence in self.text.sentences)
        number = next((n for n, span in enumerate(spans) if span.start_line <= link.start_line <= span.end_line), None)
        if number is not None:
            self.named[concept_id] = min(number, self.named.get(concept_id, number))


class PageIndex:
    """All pages of a vault, which are near each other, and the signs of any two; the order of pages changes nothing."""

    def __init__(
        self, texts: Mapping[str, NoteText], concepts: Mapping[str, Concept], links: Iterable[Relation] = ()
    ) -> None:
        names = ConceptNames(concepts[concept_id] for concept_id in texts)
        pages = (Page(concepts[i], texts[i], names) for i in sorted(texts))
        self.pages = {page.concept.id: page for page in pages if page.starts}
        for link in links:
            if link.source in self.pages and link.target in self.pages:
                for span in link.evidence:
                    self.pages[link.source].add_name(link.target, span)
        uses = Counter(word for page in self.pages.values() for word in {**page.first, **page.title})
        self.rarity = {word: math.log((len(self.pages) + 1) / (count + 0.5)) for word, count in uses.items()}
        rarities = {i: self._mean_rarity(page) for i, page in self.pages.items()}
        scale = Scale.of(rarities.values())
        self._text_rarity = {i: scale.place(rarity) for i, rarity in rarities.items()}
        self._vectors = {i: self._vector(page) for i, page in self.pages.items()}
        for page in self.pages.values():
            page.counts.clear()  # told all it has to tell
        self.nearest = self._rank_neighbours(uses)
        self._likeness = Scale.of(
            self._root_cosine(i, other) for i, near in self.nearest.items() for other in near[:NEIGHBOURS]
        )
        self._ranks = {i: {other: 1 / (1 + n) for n, other in enumerate(near)} for i, near in self.nearest.items()}
        self._hubs = Counter(other for near in self.nearest.values() for other in near[:_HUB_NEIGHBOURS])

    def candidates(self) -> list[tuple[str, str]]:
        """The pairs of pages, in order of id, of which one names the other or that are near each other."""
        return sorted(
            {
                (min(i, other), max(i, other))
                for i, page in self.pages.items()
                for other in (*page.named, *self.nearest[i][:NEIGHBOURS])
                if other in self.pages
            }
        )

    def signs(self, pair: tuple[str, str]) -> tuple[Signs, Signs]:
        """What speaks for the first page being needed by the second, and the other way round."""
        one, two = (self.pages[concept_id] for concept_id in pair)
        likeness = self._likeness.place(self._root_cosine(*pair))
        in_text = self._share(one.definition, two.first, two.title), self._share(two.definition, one.first, one.title)
        in_title = self._share(one.title, two.title), self._share(two.title, one.title)
        return (
            self._signs(one, two, likeness, in_text, in_title),
            self._signs(two, one, likeness, in_text[::-1], in_title[::-1]),
        )

    def _signs(
        self, source: Page, target: Page, likeness: float, in_text: tuple[float, float], in_title: tuple[float, float]
    ) -> Signs:
        first, second = source.concept.id, target.concept.id
        named, named_back = target.named.get(first), source.named.get(second)
        return Signs(
            title_in_text=self._title_in_text(source, target),
            named_early=0.0 if named is None else 1 / (1 + named),
            named_back=0.0 if named_back is None else 1 / (1 + named_back),
            definition_in_text=in_text[0],
            definition_in_text_back=in_text[1],
            title_in_title=in_title[0],
            title_in_title_back=in_title[1],
            title_length=math.log1p(len(source.title)),
            source_rarity=self._text_rarity[first],
            target_rarity=self._text_rarity[second],
            likeness=likeness,
            nearest_to_target=self._ranks[second].get(first, 0.0),
            nearest_to_source=self._ranks[first].get(second, 0.0),
            target_hub=math.log1p(self._hubs[second]),
        )

    def _title_in_text(self, source: Page, target: Page) -> float:
        """A title that stands there in other words (an alias, a link) counts from where they stand."""
        words = [(self.rarity[word], target.first.get(word)) for word in source.title]
        total = sum(rarity for rarity, _ in words)
        found = sum(rarity * _earliness(at) for rarity, at in words if at is not None)
        share = found / total if total > 0 else 0.0
        named = target.named.get(source.concept.id)
        return share if named is None else max(share, _earliness(target.starts[named]))

    def _share(self, words: Iterable[str], others: Container[str], more: Container[str] = ()) -> float:
        """How much of some words, by their rarity, is among others."""
        total = found = 0.0
        for word in words:
            rarity = self.rarity[word]
            total += rarity
            if word in others or word in more:
                found += rarity
        return found / total if total > 0 else 0.0

    def _mean_rarity(self, page: Page) -> float:
        total = sum(self.rarity[word] * count for word, count in page.counts.items())
        return total / max(1, page.counts.total())

    def _vector(self, page: Page) -> dict[str, float]:
        """The rarest and most used words of a page, as a vector of length one before the rest is cut off."""
        counts = page.counts + Counter(dict.fromkeys(page.title, _TITLE_COUNTS))
        weights = {word: (1 + math.log(count)) * self.rarity[word] for word, count in counts.items()}
        length = math.sqrt(math.fsum(weight * weight for weight in weights.values())) or 1.0
        heaviest = sorted(weights.items(), key=lambda row: (-row[1], row[0]))[:_VECTOR_TERMS]
        return {word: weight / length for word, weight in heaviest}

    def _root_cosine(self, one: str, two: str) -> float:
        vector = self._vectors[two]
        products = (weight * vector[word] for word, weight in self._vectors[one].items() if word in vector)
        return math.sqrt(max(0.0, math.fsum(products)))

    def _rank_neighbours(self, uses: Mapping[str, int]) -> dict[str, list[str]]:
        """The nearest pages of each page, by the cosine over words that are not common.

        NumPy multiplies and adds element by element here, which gives the same bits everywhere; it must not sum up.
        """
        import numpy as np

        ids = list(self.pages)
        common = min(_MOST_COMMON, max(_LEAST_COMMON, len(ids) // 4))
        postings: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for number, vector in enumerate(self._vectors.values()):
            for word, weight in vector.items():
                if uses[word] <= common:
                    postings[word].append((number, weight))
        columns = {
            word: tuple(np.array(column) for column in zip(*rows, strict=True)) for word, rows in postings.items()
        }
        nearest = {}
        for number, (concept_id, vector) in enumerate(self._vectors.items()):
            cosines = np.zeros(len(ids))
            for word, weight in vector.items():
                if word in columns:
                    others, weights = columns[word]
                    cosines[others] += weight * weights
            cosines[number] = 0
            least = np.partition(cosines, -_RANKED)[-_RANKED] if len(ids) > _RANKED else 0.0
            near = np.flatnonzero((cosines >= least) & (cosines > 0))
            ranked = near[np.argsort(-cosines[near], kind="stable")]  # of equals the first id
            nearest[concept_id] = [ids[other] for other in ranked[:_RANKED]]
        return nearest


def _earliness(position: int) -> float:
    return 1 / (1 + position / _HALF_LIFE)
