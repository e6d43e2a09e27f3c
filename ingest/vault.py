"""Decides the order of ingestion: files, notes, concepts, relations, chunks; what is wrong is collected on the way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from graph.lint import lint_graph
from graph.names import ConceptNames
from graph.schema import Chunk, Concept, Problem, Relation, Resource, Vault
from ingest.concepts import Note, assign_ids, note_concept
from ingest.contradictions import mutual_prerequisites
from ingest.extract import Extraction, extract_concepts, extract_problems, extract_relations
from ingest.links import LinkResolver
from ingest.read import RESOURCE_SUFFIXES, ReadFile, SourceFile, list_files, read_document, read_source
from ingest.relations import merge_relations, note_relations, week_relations
from ingest.resources import linked_resources, listed_resources, merge_resources
from ingest.settings import SETTINGS_FILE, read_settings
from ingest.split import TokenCounter, split_note
from ingest.units import unit_at

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sources:
    """The bytes of a folder at one moment, and the files that could not be read."""

    root: Path
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def read_sources(root: Path) -> Sources:
    """Reads every source file below a folder. Raises UsageError when there is no such folder."""
    paths, problems = list_files(root)
    settings = root / SETTINGS_FILE
    found = [read_source(path, root) for path in [*paths, *([settings] if settings.is_file() else [])]]
    files = tuple(f for f in found if isinstance(f, SourceFile))
    return Sources(root, files, (*problems, *(p for p in found if isinstance(p, Problem))))


def build_vault(sources: Sources, count_tokens: TokenCounter) -> Vault:
    """The documents, chunks, concepts, relations, resources and problems of a folder: the same for the same bytes."""
    problems = list(sources.problems)
    settings, faults = read_settings(next((s for s in sources.files if s.path == SETTINGS_FILE), None))
    problems += faults
    files = _collect(problems, (read_document(s) for s in sources.files if s.path != SETTINGS_FILE))
    notes, note_problems = assign_ids([(f, f.parsed) for f in files if not _is_list(f)])
    problems += note_problems
    described = _collect(problems, (note_concept(note) for note in notes))
    found = extract_concepts(notes, described, settings)
    concepts = dict(found.concepts)
    notes_with_concept = [note for note in notes if note.concept_id in concepts]
    names = ConceptNames(concepts.values())
    problems += _ambiguous(names, concepts)
    resolver = LinkResolver(notes_with_concept, names)
    stated = _relations(notes_with_concept, found, resolver, problems)
    relations = merge_relations([*stated, *extract_relations(found, names, stated)])
    resources = _resources(files, notes_with_concept, resolver, problems)
    problems += [*extract_problems(found), *mutual_prerequisites(relations, concepts)]
    problems += lint_graph(concepts.values(), relations, exempt=found.terms.extracted)
    return Vault(
        root=str(sources.root),
        documents=tuple(file.document for file in files),
        chunks=tuple(_chunks(notes, resources, found, names, count_tokens)),
        concepts=tuple(sorted(concepts.values(), key=lambda c: c.id)),
        relations=tuple(relations),
        resources=tuple(resources),
        problems=tuple(sorted(set(problems), key=lambda p: (p.path, p.line or 0, p.code, p.message))),
        merges=found.terms.merges,
    )


def _is_list(file: ReadFile) -> bool:
    return file.document.path.lower().endswith(RESOURCE_SUFFIXES)


def _collect(problems: list[Problem], results: Iterable[tuple[T | None, list[Problem]]]) -> list[T]:
    """The values of the results that have one; what went wrong joins the problems."""
    values = []
    for value, found in results:
        problems += found
        if value is not None:
            values.append(value)
    return values


def _ambiguous(names: ConceptNames, concepts: dict[str, Concept]) -> Iterable[Problem]:
    for name, ids in sorted(names.ambiguous.items()):
        meant, *others = sorted(ids, key=lambda c: c != names.resolve(name))
        for other in others:
            span = concepts[other].spans[0]
            first = concepts[meant]
            message = f"The name {name!r} means {first.title!r} ({first.spans[0].path}) already; rename one."
            yield Problem(span.path, 1, "warning", "ambiguous_name", message)


def _relations(
    notes: Sequence[Note], found: Extraction, resolver: LinkResolver, problems: list[Problem]
) -> list[Relation]:
    stated = _collect(problems, (note_relations(note, resolver) for note in notes))
    in_weeks = week_relations(notes, found.concepts, found.weeks)
    return merge_relations([*(r for group in stated for r in group), *in_weeks])


def _resources(
    files: Sequence[ReadFile], notes: Sequence[Note], resolver: LinkResolver, problems: list[Problem]
) -> list[Resource]:
    listed = _collect(problems, (listed_resources(file, resolver) for file in files if _is_list(file)))
    linked = _collect(problems, (linked_resources(note) for note in notes))
    resources, found = merge_resources([r for group in listed for r in group], [r for group in linked for r in group])
    problems += found
    return resources


def _chunks(
    notes: Sequence[Note],
    resources: Sequence[Resource],
    found: Extraction,
    names: ConceptNames,
    count_tokens: TokenCounter,
) -> Iterable[Chunk]:
    for note in notes:
        own = note.concept_id if note.concept_id in found.concepts else None
        passages = split_note(note.file.document.title, note.file.lines, note.parsed.blocks, count_tokens)
        for number, passage in enumerate(passages, start=1):
            unit = unit_at(found.units, note.path, passage.start_line)
            owner = found.weeks.get(unit.number, own) if unit else own
            mentioned = [m.concept_id for m in names.find_mentions(passage.text)]
            ids = tuple(dict.fromkeys([*([owner] if owner else []), *mentioned]))
            yield Chunk(
                f"{note.path}#{number}", note.path, passage.headings, passage.text,
                passage.start_line, passage.end_line, ids, owner,
            )  # fmt: skip
    for resource in resources:
        span = resource.span
        if span.path.lower().endswith(RESOURCE_SUFFIXES):  # a link's sentence is part of its note's text already
            headings = ("Resources", resource.title)
            yield Chunk(
                f"{span.path}#{resource.id}", span.path, headings, span.quote,
                span.start_line, span.end_line, resource.concept_ids,
            )  # fmt: skip
