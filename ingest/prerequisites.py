"""Decides which note must be read before which, where nobody says so: which pairs are likely, and which way.

Each pair of notes is one choice among three: the first is needed by the second, the second by the first, or neither.
The choice is a logistic model over signs (ingest/prerequisite_signs.py), the same weights for both directions, so that
what speaks against one direction speaks for none rather than for the other. A pair whose direction is unclear is left
out, however alike its notes are: a reversed prerequisite misleads more than a missing one.
"""

from __future__ import annotations

import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from graph.schema import Concept, Relation, Span
from ingest.note_text import NoteText, Sentence
from ingest.prerequisite_signs import PageIndex, Signs, stems

FEWEST_NOTES = 5  # of fewer, how rare a word is says nothing
MOST_PREREQUISITES = 5  # a note
PREREQUISITES_PER_NOTE = 2.0  # on average at most: authors who declare them name between two and three
LEAST_PROBABILITY = 0.08
LEAST_MARGIN = 1.5  # logarithm of how much likelier a direction must be than its opposite
_DIGITS = 9  # of a score, which must not depend on the last bit of a processor's logarithm
_NUMBERED = re.compile(r"(\d{1,3})(?!\d)")

Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Model:
    """A logistic model of one direction of a pair; the odds are against the notes having nothing to do."""

    bias: float
    weights: Signs

    def score(self, signs: Signs) -> float:
        """The logarithm of the odds."""
        return self.bias + sum(weight * sign for weight, sign in zip(self.weights, signs, strict=True))


# Fitted on the course and on the mathematics articles: `python -m evals.fit_prerequisites` prints these lines.
MODEL = Model(
    bias=-1.54,
    weights=Signs(
        title_in_text=2.64,
        named_early=0.5,
        named_back=-0.66,
        definition_in_text=2.3,
        definition_in_text_back=1.18,
        title_in_title=0.82,
        title_in_title_back=-2.0,
        title_length=-1.18,
        source_rarity=-0.08,
        target_rarity=0.12,
        likeness=0.46,
        nearest_to_target=0.62,
        nearest_to_source=0.67,
        target_hub=-0.57,
    ),
)


@dataclass(frozen=True, slots=True)
class Guess:
    """That the source is probably a prerequisite of the target."""

    probability: float
    source: str
    target: str


def infer_prerequisites(
    texts: Mapping[str, NoteText], concepts: Mapping[str, Concept], stated: Iterable[Relation]
) -> list[Relation]:
    """What notes probably require, by `texts` of each concept's note; nothing that a stated relation types or turns.

    A pair between which more than a link is stated is left alone, and no edge closes a cycle with what is there.
    """
    if len(texts) < FEWEST_NOTES:
        return []
    rows = list(stated)
    typed = {frozenset((r.source, r.target)) for r in rows if r.origin != "link"}
    index = PageIndex(texts, concepts, (r for r in rows if r.origin == "link"))
    relations = []
    for guess in choose_prerequisites(index, lambda pair: None if frozenset(pair) in typed else MODEL):
        if evidence := _evidence(index, guess.source, guess.target):
            weight = round(guess.probability, 2)
            relations.append(Relation(guess.source, guess.target, "prerequisite_of", "statistics", weight, (evidence,)))
    return without_cycles(relations, rows)


def choose_prerequisites(index: PageIndex, model_of: Callable[[Pair], Model | None]) -> Iterator[Guess]:
    """The most probable prerequisites of a whole vault, best first, with a limit for each note.

    `model_of` gives the model that a pair is judged by, or None for a pair to leave alone.
    """
    models = ((pair, model_of(pair)) for pair in index.candidates())
    guesses = (_guess(index, pair, model) for pair, model in models if model)
    left = round(PREREQUISITES_PER_NOTE * len(index.pages))
    taken: Counter[str] = Counter()
    for guess in sorted((g for g in guesses if g), key=lambda g: (-g.probability, g.source, g.target)):
        if not left:
            return
        if taken[guess.target] < MOST_PREREQUISITES:
            taken[guess.target] += 1
            left -= 1
            yield guess


def _guess(index: PageIndex, pair: Pair, model: Model) -> Guess | None:
    """The likelier direction of a pair, unless it is improbable, unclear or against the order of the course."""
    one, two = map(model.score, index.signs(pair))
    if abs(one - two) < LEAST_MARGIN:
        return None
    source, target = pair if one > two else pair[::-1]
    odds = math.exp(max(one, two))
    probability = round(odds / (1 + odds + math.exp(min(one, two))), _DIGITS)
    if probability < LEAST_PROBABILITY or _is_taught_later(index, source, target):
        return None
    return Guess(probability, source, target)


def _is_taught_later(index: PageIndex, source: str, target: str) -> bool:
    """Whether weeks, or numbers that begin the names of folders and files, put the source behind the target."""
    first, second = index.pages[source].concept, index.pages[target].concept
    if first.week is not None and second.week is not None and first.week != second.week:
        return first.week > second.week
    paths = (PurePosixPath(concept.spans[0].path).parts for concept in (first, second))
    ahead, behind = next(((a, b) for a, b in zip(*paths, strict=False) if a != b), ("", ""))
    numbers = _NUMBERED.match(ahead), _NUMBERED.match(behind)
    return bool(numbers[0] and numbers[1] and int(numbers[0][1]) > int(numbers[1][1]))


def _evidence(index: PageIndex, source: str, target: str) -> Span | None:
    """The sentence that names the prerequisite, else the one that shares most of its definition's rare words."""
    page = index.pages[target]
    if source in page.named:
        return page.text.sentences[page.named[source]].span
    wanted = index.pages[source].definition

    def shared(sentence: Sentence) -> float:
        return math.fsum(index.rarity[word] for word in set(stems(sentence.text)) if word in wanted)

    best = max(page.text.sentences, key=shared, default=None)
    return best.span if best and shared(best) > 0 else None


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
