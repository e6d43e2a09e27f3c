"""Decides the order in which a vault's undeclared knowledge is found: parts of the course, terms, relations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph.names import ConceptNames
from graph.schema import WEEK_KIND, Concept, Problem, Relation
from ingest.aliases import Terms, merge_terms
from ingest.concepts import Note, implied_weeks
from ingest.contradictions import misplaced_topics
from ingest.infer import contrast_titles, membership, pattern_relations
from ingest.prerequisites import infer_prerequisites, without_cycles
from ingest.relations import declares_connections
from ingest.settings import VaultSettings
from ingest.terms import NoteText, count_headings, find_terms, is_declared_vault, is_survey
from ingest.units import Unit, find_units, unit_concepts


@dataclass(frozen=True, slots=True)
class Extraction:
    """A vault's concepts, those of notes and those found in them, and what its relations are read from."""

    terms: Terms
    units: tuple[Unit, ...]
    texts: Mapping[str, NoteText]
    surveys: frozenset[str]
    is_declared: bool

    @property
    def concepts(self) -> Mapping[str, Concept]:
        """All concepts by id."""
        return self.terms.concepts

    @property
    def weeks(self) -> dict[int, str]:
        """The concept of each week."""
        return {c.week: c.id for c in self.concepts.values() if c.kind == WEEK_KIND and c.week is not None}


def extract_concepts(notes: Sequence[Note], described: Sequence[Concept], settings: VaultSettings) -> Extraction:
    """The concepts that notes are about, with the weeks and the terms that nobody declared."""
    units = find_units(notes)
    concepts = {concept.id: concept for concept in described}
    concepts |= {concept.id: concept for concept in unit_concepts(units, concepts)}
    concepts |= {concept.id: concept for concept in implied_weeks(notes, concepts.values())}
    texts = {note.path: NoteText(note) for note in notes}
    templates = count_headings(notes)
    surveys = frozenset(note.path for note in notes if is_survey(note, units, templates))
    terms = merge_terms(find_terms(notes, texts, units), concepts, settings.keep_apart)
    return Extraction(terms, tuple(units), texts, surveys, is_declared_vault(notes))


def extract_relations(found: Extraction, names: ConceptNames, stated: Sequence[Relation]) -> list[Relation]:
    """The relations that sentences and statistics give; none that a declared one already types."""
    open_texts = [text for text in found.texts.values() if not _speaks_for_itself(found, text.note)]
    extracted = [found.concepts[i] for i in sorted(found.terms.extracted)]
    patterns = pattern_relations(open_texts, names, found.concepts, found.units, found.surveys)
    said = without_cycles(
        [
            *membership(found.concepts, found.weeks, found.units, found.terms.listed),
            *contrast_titles(extracted, names),
            *patterns,
        ],
        stated,
    )
    if found.is_declared:
        return said
    about = {text.note.concept_id: text for text in open_texts if _is_about_one(found, text.note)}
    return [*said, *infer_prerequisites(about, found.concepts, [*stated, *said])]


def _is_about_one(found: Extraction, note: Note) -> bool:
    concept = found.concepts.get(note.concept_id)
    return concept is not None and concept.kind == "concept" and not any(unit.note is note for unit in found.units)


def _speaks_for_itself(found: Extraction, note: Note) -> bool:
    has_units = any(unit.note is note for unit in found.units)
    return declares_connections(note) or (found.is_declared and not has_units)


def extract_problems(found: Extraction) -> list[Problem]:
    """Where texts send a topic to a part of the course that lacks it."""
    return list(misplaced_topics(list(found.texts.values()), found.units))
