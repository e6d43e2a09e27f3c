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
from ingest.link_terms import LinkNames, add_link_names, paths_only, read_link_names
from ingest.prerequisites import infer_prerequisites, without_cycles
from ingest.relations import declares_connections
from ingest.settings import VaultSettings
from ingest.tags import tag_relations, tag_terms
from ingest.terms import NoteText, count_headings, find_terms, is_declared_vault, is_survey
from ingest.units import Unit, UnitIndex, find_units, unit_concepts


@dataclass(frozen=True, slots=True)
class Extraction:
    """A vault's concepts, those of notes and those found in them, and what its relations are read from.

    `open_texts` are those of notes that do not say themselves how their concepts are related.
    """

    terms: Terms
    units: tuple[Unit, ...]
    texts: Mapping[str, NoteText]
    open_texts: tuple[NoteText, ...]
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


def extract_concepts(
    notes: Sequence[Note], described: Sequence[Concept], settings: VaultSettings, texts: Mapping[str, NoteText]
) -> Extraction:
    """The concepts that notes are about, with the weeks and the terms that nobody declared.

    `texts` holds the sentences of each note by its path.
    """
    units = find_units(notes)
    concepts = {concept.id: concept for concept in described}
    concepts |= {concept.id: concept for concept in unit_concepts(units, concepts)}
    concepts |= {concept.id: concept for concept in implied_weeks(notes, concepts.values())}
    templates, index = count_headings(notes), UnitIndex(units)
    surveys = frozenset(note.path for note in notes if is_survey(note, index, templates))
    declaring = {note.path for note in notes if declares_connections(note)}
    is_declared = is_declared_vault(len(declaring), len(notes))
    open_texts = [
        texts[note.path]
        for note in notes
        if note.path not in declaring and (index.stand_in(note.path) or not is_declared)
    ]
    # What notes carry and link is read where no one says how concepts are related.
    linked = LinkNames((), {}) if is_declared else read_link_names(notes, paths_only(notes))
    tagged = [] if is_declared else tag_terms(notes)
    candidates = [*find_terms(open_texts, surveys, templates, units), *linked.candidates, *tagged]
    terms = add_link_names(merge_terms(candidates, concepts, settings.keep_apart), linked, settings.keep_apart)
    return Extraction(terms, tuple(units), texts, tuple(open_texts), surveys, is_declared)


def extract_relations(found: Extraction, names: ConceptNames, stated: Sequence[Relation]) -> list[Relation]:
    """The relations that sentences and statistics give; none that a declared one already types."""
    open_texts, index = found.open_texts, UnitIndex(found.units)
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
    tagged = [text.note for text in open_texts if text.note.concept_id in found.concepts]
    said += tag_relations(tagged, names, found.terms.extracted)
    about = {text.note.concept_id: text for text in open_texts if _is_about_one(found, index, text.note)}
    return [*said, *infer_prerequisites(about, found.concepts, [*stated, *said])]


def _is_about_one(found: Extraction, units: UnitIndex, note: Note) -> bool:
    concept = found.concepts.get(note.concept_id)
    return concept is not None and concept.kind == "concept" and not units.stand_in(note.path)


def extract_problems(found: Extraction) -> list[Problem]:
    """Where texts send a topic to a part of the course that lacks it."""
    return list(misplaced_topics(list(found.texts.values()), found.units))
