"""Decides the order of ingestion: files, notes, concepts, relations, chunks; what is wrong is collected on the way."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from graph.lint import lint_graph
from graph.names import ConceptNames
from graph.schema import Chunk, Concept, Problem, Relation, Resource, Vault
from ingest.attachments import set_aside
from ingest.concepts import Note, assign_ids, note_concept
from ingest.contradictions import mutual_prerequisites
from ingest.extract import Extraction, extract_concepts, extract_problems, extract_relations
from ingest.link_terms import linked_stubs, paths_only
from ingest.links import LinkResolver
from ingest.note_text import NoteText
from ingest.parse import FilesDone, ParseCache, parse_files
from ingest.parsed_file import ParsedFile
from ingest.read import RESOURCE_SUFFIXES, ReadFile, SourceFile, list_files, read_source
from ingest.relations import merge_relations, note_relations, week_relations
from ingest.resources import linked_resources, listed_resources, merge_resources
from ingest.saved_pages import ADDRESSES_FILE, name_sources
from ingest.settings import SETTINGS_FILE, read_settings
from ingest.shelf import Shelf
from ingest.split import TokenCounter
from ingest.units import UnitIndex

T = TypeVar("T")
_BESIDE = (SETTINGS_FILE, ADDRESSES_FILE)  # read with the notes, but no notes


@dataclass(frozen=True, slots=True)
class Sources:
    """The bytes of a folder at one moment, and the files that could not be read."""

    root: Path
    files: tuple[SourceFile, ...]
    problems: tuple[Problem, ...]


def read_sources(root: Path) -> Sources:
    """Reads every source file below a folder. Raises UsageError when there is no such folder."""
    paths, problems = list_files(root)
    beside = [root / name for name in _BESIDE if (root / name).is_file()]
    found = [read_source(path, root) for path in [*paths, *beside]]
    files = tuple(f for f in found if isinstance(f, SourceFile))
    return Sources(root, files, (*problems, *(p for p in found if isinstance(p, Problem))))


def build_vault(
    sources: Sources,
    count_tokens: TokenCounter,
    cache: ParseCache | None = None,
    on_progress: FilesDone | None = None,
) -> Vault:
    """The documents, chunks, concepts, relations, resources and problems of a folder: the same for the same bytes.

    Files that `cache` knows are not parsed again, which changes nothing but the time. `on_progress` is told how many
    files have been read.
    """
    problems, shelf = list(sources.problems), Shelf()
    beside = {s.path: s for s in sources.files if s.path in _BESIDE}
    settings, faults = read_settings(beside.get(SETTINGS_FILE))
    problems += faults
    rows = parse_files([s for s in sources.files if s.path not in _BESIDE], count_tokens, cache, on_progress, shelf)
    parsed = {row.path: row for row in _collect(problems, ((row, row.problems) for row in rows))}
    files, faults = name_sources((row.file for row in parsed.values() if row.file), beside.get(ADDRESSES_FILE))
    problems += faults
    notes, note_problems = assign_ids([(f, f.parsed) for f in files if not _is_list(f)])
    problems += note_problems
    aside = set_aside(notes)
    described = _collect(problems, (note_concept(note) for note in notes if note.path not in aside))
    described += linked_stubs(notes, {concept.id: concept for concept in described}, aside, paths_only(notes))
    found = extract_concepts(notes, described, settings, _texts(notes, parsed, shelf))
    concepts = dict(found.concepts)
    notes_with_concept = [note for note in notes if note.concept_id in concepts]
    names = ConceptNames(concepts.values())
    problems += _ambiguous(names, concepts)
    resolver = LinkResolver(notes, names, concepts, (source.path for source in sources.files))
    stated = _relations(notes_with_concept, found, resolver, problems)
    relations = merge_relations([*stated, *extract_relations(found, names, stated)])
    resources = _resources(files, notes_with_concept, resolver, problems)
    problems += [*extract_problems(found), *mutual_prerequisites(relations, concepts)]
    problems += lint_graph(concepts.values(), relations, exempt=found.terms.extracted)
    return Vault(
        root=str(sources.root),
        documents=tuple(file.document for file in files),
        chunks=tuple(_chunks(notes, parsed, resources, found, names)),
        concepts=tuple(sorted(concepts.values(), key=lambda c: c.id)),
        relations=tuple(relations),
        resources=tuple(resources),
        problems=tuple(sorted(set(problems), key=lambda p: (p.path, p.line or 0, p.code, p.message))),
        merges=found.terms.merges,
    )


def _texts(notes: Iterable[Note], parsed: Mapping[str, ParsedFile], shelf: Shelf) -> dict[str, NoteText]:
    return {note.path: NoteText(note, parsed[note.path].sentences, shelf) for note in notes}


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
    parsed: Mapping[str, ParsedFile],
    resources: Sequence[Resource],
    found: Extraction,
    names: ConceptNames,
) -> Iterable[Chunk]:
    units = UnitIndex(found.units)
    for note in notes:
        own = note.concept_id if note.concept_id in found.concepts else None
        passages = parsed[note.path].passages.unpack(note.file.document.text)
        for number, passage in enumerate(passages, start=1):
            unit = units.at(note.path, passage.start_line)
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
