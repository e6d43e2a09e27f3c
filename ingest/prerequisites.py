"""Decides which note must be read before which, where nobody says so: from who names whom, likeness and generality.

A note that names another in its definition probably needs it; one whose title is part of another's is more general
("graph" before "graph search"); notes that share their rare words belong together. The signs are added up by a logistic
model with nine weights, and an edge is kept only when its score beats that of the opposite direction clearly. This is
the reference asymmetry of Liang et al. (2015, "Measuring prerequisite relations among concepts") with lexical likeness
added, for notes that are too short to name all that they need.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graph.names import ConceptNames, normalise_name
from graph.schema import Concept, Relation, Span
from ingest.terms import NoteText, Sentence
from ingest.words import UNINFORMATIVE

FEWEST_NOTES = 5  # of fewer, how often one names another says nothing
MOST_PREREQUISITES = 4  # a note
_LEAST_SCORE = -2.75
_LEAST_MARGIN = 1.5  # by which a direction must beat its opposite
# Fitted by logistic regression on the course's own notes without their declarations (evals/prerequisites.py).
_BIAS = -5.7
_NAMED, _NAMED_FIRST, _NAMES_BACK = 0.9, 1.8, -0.45
_LIKENESS = 18.4
_WORDS_IN_TEXT, _WORDS_IN_TEXT_BACK = 1.2, -0.55
_WORDS_IN_TITLE, _WORDS_IN_TITLE_BACK = 3.8, -3.5
_VECTOR_TERMS = 48
_COMMON = 200  # a word of more notes than this tells no two of them from the rest
_NEIGHBOURS = 20
_WORD = re.compile(r"[^\W_]+")
_SUFFIX = re.compile(r"(?<=\w{4})(?:i[sz]ations?|ations?|ings?|ies|ied|ers?|es|ed|s|ly)$")


class _Page:
    """A note as the model sees it: its sentences, its words, and which concepts it names where."""

    def __init__(self, concept: Concept, text: NoteText, names: ConceptNames) -> None:
        self.concept = concept
        self.sentences = text.sentences
        self.title = dict.fromkeys(_stems(concept.title))
        self.named: dict[str, list[int]] = defaultdict(list)
        self.words: Counter[str] = Counter(_stems(concept.title))
        for number, sentence in enumerate(self.sentences):
            words = sentence.text
            self.words.update(_stems(words))
            for mention in names.find_mentions(words):
                if mention.concept_id != concept.id:
                    self.named[mention.concept_id].append(number)

    @cached_property
    def definition(self) -> int:
        """The number of the sentence that defines the concept."""
        spans = [sentence.span for sentence in self.sentences]
        return spans.index(self.concept.spans[0]) if self.concept.spans[0] in spans else 0


def _stems(text: str) -> list[str]:
    words = (word for word in _WORD.findall(normalise_name(text)) if word not in UNINFORMATIVE)
    return [_SUFFIX.sub("", word) for word in words]


@dataclass(frozen=True, slots=True)
class _Guess:
    score: float
    source: str
    target: str
    evidence: Span


class _Model:
    """The signs of all pairs of pages that name each other or share rare words."""

    def __init__(self, pages: Sequence[_Page]) -> None:
        self._pages = {page.concept.id: page for page in pages}
        uses = Counter(word for page in pages for word in page.words)
        self._rarity = {word: math.log((len(pages) + 1) / (count + 0.5)) for word, count in uses.items()}
        self._vectors = {page.concept.id: self._vector(page) for page in pages}
        self._postings: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
        for concept_id, vector in self._vectors.items():
            for word, weight in vector.items():
                if uses[word] <= _COMMON:
                    self._postings[word].append((concept_id, weight))

    def _vector(self, page: _Page) -> dict[str, float]:
        weights = {word: (1 + math.log(count)) * self._rarity[word] for word, count in page.words.items()}
        length = math.sqrt(sum(weight * weight for weight in weights.values())) or 1.0
        heaviest = sorted(weights, key=lambda word: (-weights[word], word))[:_VECTOR_TERMS]
        return {word: weights[word] / length for word in heaviest}

    def guesses(self, target: str) -> Iterator[_Guess]:
        """The likeliest prerequisites of one page, each resting on one of its sentences."""
        page = self._pages[target]
        likeness = self._likeness(target)
        nearest = sorted(likeness, key=lambda other: (-likeness[other], other))[:_NEIGHBOURS]
        scored = []
        for source in sorted({*page.named, *nearest}):
            score = self._score(source, target, likeness.get(source, 0.0))
            back = self._score(target, source, likeness.get(source, 0.0))
            if score > _LEAST_SCORE and score - back > _LEAST_MARGIN and self._in_order(source, target):
                scored.append((score, source))
        for score, source in sorted(scored, key=lambda row: (-row[0], row[1]))[:MOST_PREREQUISITES]:
            if evidence := self._evidence(source, target):
                yield _Guess(score, source, target, evidence)

    def _likeness(self, target: str) -> dict[str, float]:
        """The cosine of a page with every page that shares a word with it that is not common."""
        cosine: defaultdict[str, float] = defaultdict(float)
        for word, weight in self._vectors[target].items():
            for other, other_weight in self._postings[word]:
                cosine[other] += weight * other_weight
        cosine.pop(target, None)
        return cosine

    def _score(self, source: str, target: str, likeness: float) -> float:
        first, second = self._pages[source], self._pages[target]
        named, back = second.named.get(source, ()), first.named.get(target, ())
        return (
            _BIAS
            + _NAMED * math.log1p(len(named))
            + _NAMED_FIRST * (second.definition in named)
            + _NAMES_BACK * math.log1p(len(back))
            + _LIKENESS * likeness
            + _WORDS_IN_TEXT * self._share(first.title, second.words)
            + _WORDS_IN_TEXT_BACK * self._share(second.title, first.words)
            + _WORDS_IN_TITLE * self._share(first.title, second.title)
            + _WORDS_IN_TITLE_BACK * self._share(second.title, first.title)
        )

    def _share(self, title: Iterable[str], words: Mapping[str, object]) -> float:
        """How much of a title, by the rarity of its words, stands among other words."""
        weights = {word: self._rarity[word] for word in title}
        total = sum(weights.values())
        return sum(weight for word, weight in weights.items() if word in words) / total if total > 0 else 0.0

    def _in_order(self, source: str, target: str) -> bool:
        """Whether the course does not teach the source later."""
        first, second = self._pages[source].concept.week, self._pages[target].concept.week
        return first is None or second is None or first <= second

    def _evidence(self, source: str, target: str) -> Span | None:
        """The sentence that names the prerequisite, else the one that shares most of its definition's rare words."""
        page = self._pages[target]
        if numbers := page.named.get(source):
            return page.sentences[numbers[0]].span
        wanted = {*self._pages[source].title, *_stems(self._pages[source].concept.summary)}

        def shared(sentence: Sentence) -> float:
            return sum(self._rarity[word] for word in wanted & set(_stems(sentence.text)))

        best = max(page.sentences, key=shared, default=None)
        return best.span if best and shared(best) > 0 else None


def infer_prerequisites(
    texts: Mapping[str, NoteText], concepts: Mapping[str, Concept], stated: Iterable[Relation]
) -> list[Relation]:
    """What notes probably require, by `texts` of each concept's note; nothing that a stated relation types or turns.

    A pair between which more than a link is stated is left alone, and no edge closes a cycle with what is there.
    """
    about = {concept_id: text for concept_id, text in sorted(texts.items()) if text.sentences}
    if len(about) < FEWEST_NOTES:
        return []
    names = ConceptNames(concepts[concept_id] for concept_id in about)
    model = _Model([_Page(concepts[concept_id], text, names) for concept_id, text in about.items()])
    rows = list(stated)
    typed = {frozenset((r.source, r.target)) for r in rows if r.origin != "link"}
    guesses = [g for i in about for g in model.guesses(i) if frozenset((g.source, g.target)) not in typed]
    relations = [
        Relation(g.source, g.target, "prerequisite_of", "statistics", _weight(g.score), (g.evidence,))
        for g in sorted(guesses, key=lambda g: (-g.score, g.source, g.target))
    ]
    return without_cycles(relations, rows)


def _weight(score: float) -> float:
    return round(min(0.75, max(0.05, 1 / (1 + math.exp(-score)))), 2)


def without_cycles(relations: Iterable[Relation], stated: Iterable[Relation]) -> list[Relation]:
    """The relations, best first, but prerequisites that would close a circle with the others or those stated."""
    after: defaultdict[str, set[str]] = defaultdict(set)
    for relation in stated:
        if relation.kind == "prerequisite_of":
            after[relation.source].add(relation.target)
    kept = []
    for relation in relations:
        if relation.kind == "prerequisite_of":
            if _leads(after, relation.target, relation.source):
                continue
            after[relation.source].add(relation.target)
        kept.append(relation)
    return kept


def _leads(after: Mapping[str, set[str]], start: str, goal: str) -> bool:
    seen, waiting = {start}, [start]
    while waiting:
        concept_id = waiting.pop()
        if concept_id == goal:
            return True
        new = after.get(concept_id, set()) - seen
        seen |= new
        waiting += new
    return False
