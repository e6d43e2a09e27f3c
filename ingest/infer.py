"""Decides what sentences say of how concepts are related: "X builds on Y", "unlike X, Y …", "Builds on Week 1".

A sentence is read clause by clause. What stands right before a verb is its subject and what stands right after it is
its object; a clause without a subject speaks of the week or of the note that it stands in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph.names import ConceptNames, Mention
from graph.schema import WEEK_KIND, Concept, Relation, RelationKind, Span
from ingest.phrases import is_study_aid
from ingest.terms import NoteText, Sentence
from ingest.units import Unit, UnitIndex

PATTERN_WEIGHT = 0.8
MEMBER_WEIGHT = 0.9


@dataclass(frozen=True, slots=True)
class _Pattern:
    kind: RelationKind
    object_first: bool


_VERBS: tuple[tuple[str, _Pattern], ...] = (
    (
        r"builds? (?:up)?on|built on|requires?|depends? on|relies on|rely on|presupposes?|assumes?|extends?|"
        r"integrates?|generali[sz]es?|is based on|are based on|needs?",
        _Pattern("prerequisite_of", object_first=True),
    ),
    (
        r"preps?|prepares?(?: you)?(?: for)?|underpins?|leads? to|"
        r"(?:sets?|lays?) (?:the |a )?(?:foundations?|groundwork|basis) (?:for|of)|"
        r"(?:is|are) (?:a |the )?(?:prerequisites?|basis|foundations?|building blocks?) (?:of|for|to)",
        _Pattern("prerequisite_of", object_first=False),
    ),
    (
        r"unlike|in contrast (?:to|with)|as opposed to|contrasts? with|differs? from|(?:is|are) different from",
        _Pattern("contrasts_with", object_first=False),
    ),
    (
        r"(?:is|are) (?:a |an )?(?:special |particular )?(?:kinds?|types?|forms?|variants?|cases?|examples?|instances?|"
        r"parts?|components?) of|belongs? to",
        _Pattern("part_of", object_first=False),
    ),
    (r"supports?|informs?|powers?|feeds?|(?:is|are) used (?:in|by|for)", _Pattern("applies_to", object_first=False)),
    (r"uses?|employs?|appl(?:y|ies)|ties?", _Pattern("applies_to", object_first=True)),
)
_VERB = re.compile("|".join(rf"\b(?P<v{i}>{words})\b" for i, (words, _) in enumerate(_VERBS)), re.IGNORECASE)
_CLAUSE = re.compile(r"[;:]\s+|[.!?]\s+|\s+[—–]\s+|\b(?:because|which|while|whereas|although|if|when|but)\b")
_NEGATED = re.compile(r"\b(?:not|never|no longer|cannot|without|n't|no|may|might|rarely)\b[^,]*$", re.IGNORECASE)
_DENIED = re.compile(r"\s+(?:no|neither|nothing|not)\b", re.IGNORECASE)
_STANDS_FOR_SUBJECT = re.compile(
    r"^\W*(?:(?:it|this|these|they|that)\b)?(?:\s*\b(?:also|often|then|and|usually)\b)*\W*$", re.I
)
_ADVERBS = re.compile(
    r"^(?:[\s)]|\b(?:also|often|usually|typically|always|then|both|all|can|directly|heavily|itself|sometimes)\b)*$"
)
_BETWEEN = re.compile(r"^(?:[\s,(/&)]|\band\b|\bor\b|\bthe\b|\ban?\b)*$", re.IGNORECASE)
_WEEKS = re.compile(r"\b(?P<word>[A-Z][a-z]+)s?\s+(?P<first>\d{1,3})(?:\s*(?:[-–—]|to)\s*(?P<last>\d{1,3})\b)?")
_NEAR = 4  # words that may stand between a verb and its object, or its subject and a verb
_MOST_WEEKS = 60
_NEGATION, _OPENING = 60, 40  # characters before a verb in which it can be denied, and in which "It often" fits


@dataclass(frozen=True, slots=True)
class Place:
    """What a sentence without a subject speaks of: the note's concept, and the part of the course around it."""

    concept_id: str | None
    unit_id: str | None


class PatternReader:
    """Reads relations from sentences in which two concepts are named."""

    def __init__(self, names: ConceptNames, weeks: Mapping[tuple[str, int], str]) -> None:
        self._names = names
        self._weeks = weeks
        self._week_ids = frozenset(weeks.values())

    def relations(self, sentence: Sentence, place: Place) -> Iterator[Relation]:
        """What one sentence says, each relation with that sentence."""
        text = sentence.text
        if text.endswith("?") or not _VERB.search(text):
            return
        if any(is_study_aid(heading) for heading in sentence.headings[-1:]):
            return
        start = 0
        for match in [*_CLAUSE.finditer(text), None]:
            clause = text[start : match.start() if match else len(text)]
            for source, target, kind in self._clause(clause, place):
                if source != target:
                    yield Relation(source, target, kind, "pattern", PATTERN_WEIGHT, (sentence.span,))
            start = match.end() if match else start

    def _clause(self, clause: str, place: Place) -> Iterator[tuple[str, str, RelationKind]]:
        verbs = list(_VERB.finditer(clause))
        if not verbs:
            return
        mentions = self._names.find_mentions(clause)
        weeks = list(self._week_mentions(clause))
        if not mentions and not weeks:
            return
        subject: str | None = None
        for index, verb in enumerate(verbs):
            subject = self._subject(clause, verb, mentions, place) or subject
            if _NEGATED.search(clause[max(0, verb.start() - _NEGATION) : verb.start()]) or _DENIED.match(
                clause, verb.end()
            ):
                continue
            end = verbs[index + 1].start() if index + 1 < len(verbs) else len(clause)
            pattern = _VERBS[int(str(verb.lastgroup)[1:])][1]
            objects = list(self._objects(clause, verb.end(), end, mentions))
            if pattern.kind == "contrasts_with" and not clause[: verb.start()].strip() and objects:
                after = [m.concept_id for m in mentions if m.start >= objects[-1].end]
                subject = after[0] if after else place.concept_id
            if subject and (subject not in self._week_ids or subject == place.unit_id):
                yield from (_ends(subject, o.concept_id, pattern) for o in objects)
            speaker = subject if subject in self._week_ids else place.unit_id
            if speaker and pattern.kind != "contrasts_with":
                named = [week for at, week in weeks if verb.end() <= at < end]
                yield from (_ends(speaker, week, pattern) for week in named if week != speaker)

    def _subject(self, clause: str, verb: re.Match[str], mentions: Sequence[Mention], place: Place) -> str | None:
        """The concept right before a verb; before a verb in the third person that opens a clause, what it speaks of."""
        before = [m for m in mentions if m.end <= verb.start()]
        if before and _ADVERBS.match(clause[before[-1].end : verb.start()]):
            return before[-1].concept_id
        opening = clause[: verb.start()]
        if len(opening) > _OPENING or not _STANDS_FOR_SUBJECT.match(opening):
            return None
        if not verb[0].split()[0].endswith("s"):
            return None  # "Use a heap" tells the reader what to do
        return place.unit_id or place.concept_id

    def _objects(self, clause: str, start: int, end: int, mentions: Iterable[Mention]) -> Iterator[Mention]:
        """The first concept right after a verb, and those joined to it by a comma, "and" or a bracket."""
        at = start
        for mention in mentions:
            if not start <= mention.start < end:
                continue
            between = clause[at : mention.start]
            is_near = len(between.split()) <= _NEAR and "," not in between if at == start else _BETWEEN.match(between)
            if not is_near or mention.concept_id in self._week_ids:
                return
            yield mention
            at = mention.end

    def _week_mentions(self, clause: str) -> Iterator[tuple[int, str]]:
        """Where a clause names a part of the course, "Weeks 1–6" being six of them."""
        for match in _WEEKS.finditer(clause):
            first, last = int(match["first"]), int(match["last"] or match["first"])
            for number in range(first, min(last, first + _MOST_WEEKS) + 1):
                if week := self._weeks.get((match["word"].lower().removesuffix("s"), number)):
                    yield match.start(), week


def _ends(subject: str, other: str, pattern: _Pattern) -> tuple[str, str, RelationKind]:
    return (other, subject, pattern.kind) if pattern.object_first else (subject, other, pattern.kind)


def pattern_relations(
    texts: Iterable[NoteText],
    names: ConceptNames,
    concepts: Mapping[str, Concept],
    units: Sequence[Unit],
    surveys: frozenset[str],
) -> list[Relation]:
    """The relations that the sentences of notes state; in a survey only a part of the course stands for a subject."""
    weeks = {(u.word, u.number): c.id for u in units for c in concepts.values() if _is_week(c, u.number)}
    reader, index = PatternReader(names, weeks), UnitIndex(units)
    found: list[Relation] = []
    for text in texts:
        own = text.note.concept_id if text.note.concept_id in concepts and text.note.path not in surveys else None
        for sentence in text.sentences:
            unit = index.at(sentence.span.path, sentence.span.start_line)
            unit_id = weeks.get((unit.word, unit.number)) if unit else None
            found += reader.relations(sentence, Place(own, unit_id))
    return found


def _is_week(concept: Concept, number: int) -> bool:
    return concept.kind == WEEK_KIND and concept.week == number


def contrast_titles(concepts: Iterable[Concept], names: ConceptNames) -> Iterator[Relation]:
    """ "NDCG vs MRR" as a contrast of the two, where both are concepts."""
    for concept in concepts:
        sides = re.split(r"\s+(?:vs\.?|versus)\s+", concept.title)
        ends = [names.resolve(side) for side in sides]
        if len(ends) == 2 and ends[0] and ends[1] and concept.id not in ends and ends[0] != ends[1]:
            yield Relation(ends[0], ends[1], "contrasts_with", "pattern", PATTERN_WEIGHT, concept.spans[:1])


def membership(
    concepts: Mapping[str, Concept], weeks: Mapping[int, str], units: Sequence[Unit], listed: Iterable[str]
) -> Iterator[Relation]:
    """Each concept that a part of the course lists is part of it, on the word of the heading."""
    first: dict[int, Span] = {}
    for unit in units:
        first.setdefault(unit.number, unit.span)
    for concept in sorted((concepts[i] for i in listed), key=lambda c: c.id):
        if concept.week in first and concept.week in weeks:
            span = first[concept.week]
            yield Relation(concept.id, weeks[concept.week], "part_of", "pattern", MEMBER_WEIGHT, (span,))
