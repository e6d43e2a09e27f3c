"""Decides how concepts are related: typed connection lines, front matter and plain links, each with its line.

A relation is kept once per pair and kind with all its evidence; a plain link adds nothing to a pair that is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from urllib.parse import unquote

from graph.names import normalise_name
from graph.schema import SYMMETRIC_KINDS, Concept, Problem, Relation, RelationKind, RelationOrigin, Span
from ingest.concepts import Note, week_span
from ingest.links import LinkResolver, is_note_link
from ingest.markdown import Link, ListItem, split_wikilink
from ingest.sentences import sentence_spans

CONNECTIONS_HEADING = "connections"
LINK_WEIGHT = 0.5
_ORIGIN_ORDER: tuple[RelationOrigin, ...] = ("authored", "link", "pattern", "statistics", "llm")


@dataclass(frozen=True, slots=True)
class _Verb:
    """What a typed line says: the relation's kind, and whether the linked concept is its source."""

    kind: RelationKind
    target_first: bool = False


_VERBS: dict[str, _Verb] = {
    **dict.fromkeys(
        (
            "requires",
            "require",
            "prerequisite",
            "prerequisites",
            "depends on",
            "needs",
            "builds on",
            "prereq",
            "prereqs",
        ),
        _Verb("prerequisite_of", target_first=True),
    ),
    **dict.fromkeys(("unlocks", "leads to", "prerequisite of", "prepares for"), _Verb("prerequisite_of")),
    **dict.fromkeys(("part of", "belongs to", "up", "parent"), _Verb("part_of")),
    **dict.fromkeys(
        ("contrasts with", "contrasts", "contrast", "versus", "vs", "differs from"), _Verb("contrasts_with")
    ),
    **dict.fromkeys(("applies to", "used in", "used by", "applied in"), _Verb("applies_to")),
    **dict.fromkeys(("related to", "related", "see also", "relates to", "links"), _Verb("related_to")),
}
_FRONT_MATTER_KEYS = {key for key in _VERBS if key != "links"}
_LINK_IN_ITEM = re.compile(r"\[\[([^\[\]\n]+?)\]\]|\[[^\[\]]*\]\(([^()\s]+)\)")


def note_relations(note: Note, resolver: LinkResolver) -> tuple[list[Relation], list[Problem]]:
    """The relations that one note states, and the targets that it names in vain."""
    found = [*_connection_lines(note, resolver), *_front_matter(note, resolver), *_body_links(note, resolver)]
    return [r for r in found if isinstance(r, Relation)], [p for p in found if isinstance(p, Problem)]


def declares_connections(note: Note) -> bool:
    """Whether a note says itself how its concept is related: a typed line, or front matter that relates."""
    if any(_is_connection(item.headings) and _typed_target(item) for item in note.parsed.items):
        return True
    return any(normalise_name(key) in _FRONT_MATTER_KEYS for key in note.file.front.values)


def week_relations(
    notes: Iterable[Note], concepts: Mapping[str, Concept], week_ids: Mapping[int, str]
) -> Iterator[Relation]:
    """Each concept is part of its week, on the word of its front matter."""
    for note in notes:
        concept = concepts.get(note.concept_id)
        if not concept or concept.week is None or "week" not in note.file.front.lines:
            continue
        if week_ids[concept.week] != concept.id:
            yield Relation(concept.id, week_ids[concept.week], "part_of", "authored", 1.0, (week_span(note),))


def merge_relations(relations: Iterable[Relation]) -> list[Relation]:
    """One relation for each pair and kind, with all evidence; links between pairs that are typed are dropped."""
    merged: dict[tuple[str, str, RelationKind], Relation] = {}
    for relation in map(_canonical, relations):
        if relation.source != relation.target:
            key = (relation.source, relation.target, relation.kind)
            merged[key] = _combine(merged[key], relation) if key in merged else relation
    typed = {frozenset((r.source, r.target)) for r in merged.values() if r.origin == "authored"}
    kept = [r for r in merged.values() if r.origin != "link" or frozenset((r.source, r.target)) not in typed]
    return sorted(kept, key=lambda r: (r.source, r.target, r.kind))


def _canonical(relation: Relation) -> Relation:
    if relation.kind in SYMMETRIC_KINDS and relation.target < relation.source:
        return replace(relation, source=relation.target, target=relation.source)
    return relation


def _combine(first: Relation, second: Relation) -> Relation:
    return replace(
        first,
        origin=min(first.origin, second.origin, key=_ORIGIN_ORDER.index),
        weight=max(first.weight, second.weight),
        evidence=tuple(sorted({*first.evidence, *second.evidence})),
    )


def _relation(concept_id: str, other: str, verb: _Verb, evidence: Span) -> Relation:
    source, target = (other, concept_id) if verb.target_first else (concept_id, other)
    return Relation(source, target, verb.kind, "authored", 1.0, (evidence,))


def _connection_lines(note: Note, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    for item in note.parsed.items:
        if _is_connection(item.headings):
            yield from _connection(note, item, resolver)


def _is_connection(headings: tuple[str, ...]) -> bool:
    return bool(headings) and normalise_name(headings[-1]).rstrip(":") == CONNECTIONS_HEADING


def _typed_target(item: ListItem) -> str | None:
    """What the first link of a connection line leads to."""
    match = _LINK_IN_ITEM.search(item.text)
    return (split_wikilink(match[1])[0] if match[1] else match[2]) if match else None


def _connection(note: Note, item: ListItem, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    match, target = _LINK_IN_ITEM.search(item.text), _typed_target(item)
    if match is None or target is None:
        message = f"The connection {item.text[:80]!r} links no concept; write `requires [[concept]]: reason`."
        yield Problem(note.path, item.start_line, "warning", "connection_without_link", message)
        return
    words = item.text[: match.start()].strip(" *_:-")
    verb = _VERBS.get(normalise_name(words)) if words else _Verb("related_to")
    if verb is None:
        message = (
            f"The connection {words!r} is of no known kind and was read as `related to`; "
            "use requires, part of, contrasts with, applies to or related to."
        )
        yield Problem(note.path, item.start_line, "warning", "unknown_relation", message)
        verb = _Verb("related_to")
    other = resolver.resolve(target, note.path)
    if other is None:
        yield _dangling(note, item.start_line, match[0])
    else:
        yield _relation(note.concept_id, other, verb, Span(note.path, item.start_line, item.end_line, item.text))


def _front_matter(note: Note, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    for key, value in note.file.front.values.items():
        name = normalise_name(key)
        if name in _FRONT_MATTER_KEYS:
            for target in _flatten(value):
                page = split_wikilink(target.strip("[]"))[0]
                span = _front_matter_span(note, key, page)
                other = resolver.resolve(page, note.path)
                yield (
                    _relation(note.concept_id, other, _VERBS[name], span)
                    if other
                    else _dangling(note, span.start_line, target)
                )


def _flatten(value: object) -> Iterator[str]:
    """`requires: [[graphs]]` is a list within a list to YAML; a name may also stand alone."""
    if isinstance(value, list):
        for entry in value:
            yield from _flatten(entry)
    elif isinstance(value, str) and value.strip():
        yield value


def _front_matter_span(note: Note, key: str, page: str) -> Span:
    first, last = note.file.front.lines[key]
    line = next((n for n in range(first, last + 1) if page in note.file.lines[n - 1]), first)
    return Span(note.path, line, line, note.file.lines[line - 1].strip())


def _body_links(note: Note, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    """Every link to a note but the first of each connection line, which is typed."""
    typed = {
        (line, unquote(target))
        for item in note.parsed.items
        if _is_connection(item.headings) and (target := _typed_target(item))
        for line in range(item.start_line, item.end_line + 1)
    }
    for link in note.parsed.links:
        if (link.line, link.target) in typed:
            continue
        # "[[Node.js]]" looks like an attachment until a note has that name.
        other = resolver.resolve(link.target, note.path) if link.is_wikilink or is_note_link(link) else None
        if other:
            span = linking_sentence(note, link)
            yield Relation(note.concept_id, other, "related_to", "link", LINK_WEIGHT, (span,))
        elif is_note_link(link):
            yield _dangling(note, link.line, link.target)


def linking_sentence(note: Note, link: Link) -> Span:
    """The sentence of the line that holds a link, or the whole line."""
    line = note.file.lines[link.line - 1]
    needles = (f"[[{link.target}", f"]({link.target}", link.label or link.target)
    at = next((line.index(needle) for needle in needles if needle in line), 0)
    quote = next((line[start:end] for start, end in _sentences(line) if start <= at < end), line.strip())
    return Span(note.path, link.line, link.line, quote)


@lru_cache(maxsize=8)  # a line can hold many links
def _sentences(line: str) -> list[tuple[int, int]]:
    return sentence_spans(line)


def _dangling(note: Note, line: int, target: str) -> Problem:
    message = f"The link {target!r} leads to no note; correct the name or write that note."
    return Problem(note.path, line, "warning", "dangling_link", message)
