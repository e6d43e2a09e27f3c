"""Decides how concepts are related: typed connection lines, front matter and plain links, each with its line.

A relation is kept once per pair and kind with all its evidence; a plain link adds nothing to a pair that is typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from urllib.parse import unquote

from graph.names import normalise_name
from graph.schema import SYMMETRIC_KINDS, Concept, Problem, Relation, RelationKind, RelationOrigin, Span
from ingest.concepts import Note, week_span
from ingest.labels import LONGEST_LINE, bare_name, label_verb, place_in_line, plain_names
from ingest.links import LinkResolver, is_note_link, leads_out
from ingest.markdown import Link, ListItem, split_wikilink
from ingest.properties import property_links
from ingest.sentences import sentence_spans
from ingest.verbs import PROPERTY_VERBS, VERBS, Verb

CONNECTIONS_HEADING = "connections"
LINK_WEIGHT = 0.5
_LONGEST_PROPERTY = 400  # characters of a line that is quoted whole
_LONGEST_QUOTE = 600
_ORIGIN_ORDER: tuple[RelationOrigin, ...] = ("authored", "link", "pattern", "statistics", "llm")


_LINK_IN_ITEM = re.compile(r"\[\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+?)\]\]|\[[^\[\]]*\]\((?:<([^<>\n]+)>|([^()\s]+))")


def note_relations(note: Note, resolver: LinkResolver) -> tuple[list[Relation], list[Problem]]:
    """The relations that one note states, and the targets that it names in vain."""
    found = [*_connection_lines(note, resolver), *_front_matter(note, resolver), *_body_links(note, resolver)]
    found += _named(note, resolver)
    return [r for r in found if isinstance(r, Relation)], [p for p in found if isinstance(p, Problem)]


def declares_connections(note: Note) -> bool:
    """Whether a note says itself how its concept is related: a typed line, a labelled link or front matter."""
    if any(_is_connection(item.headings) and _typed_target(item) for item in note.parsed.items):
        return True
    if any(normalise_name(key) in PROPERTY_VERBS for key in note.file.front.values):
        return True
    return any(label_verb(note, link) for link in note.parsed.links)


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


def _relation(concept_id: str, other: str, verb: Verb, evidence: Span) -> Relation:
    source, target = (other, concept_id) if verb.target_first else (concept_id, other)
    return Relation(source, target, verb.kind, "authored", 1.0, (evidence,))


def _connection_lines(note: Note, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    for item in note.parsed.items:
        if _is_connection(item.headings):
            yield from _connection(note, item, resolver)


def _is_connection(headings: tuple[str, ...]) -> bool:
    return bool(headings) and normalise_name(headings[-1]).rstrip(":") == CONNECTIONS_HEADING


def _typed_target(item: ListItem) -> tuple[str, bool] | None:
    """What the first link of a connection line leads to, and whether it is a wikilink."""
    match = _LINK_IN_ITEM.search(item.text)
    if not match:
        return None
    return (split_wikilink(match[1])[0], True) if match[1] else (match[2] or match[3], False)


def _connection(note: Note, item: ListItem, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    match, typed = _LINK_IN_ITEM.search(item.text), _typed_target(item)
    if match is None or typed is None:
        message = f"The connection {item.text[:80]!r} links no concept; write `requires [[concept]]: reason`."
        yield Problem(note.path, item.start_line, "warning", "connection_without_link", message)
        return
    words = item.text[: match.start()].strip(" *_:-")
    verb = VERBS.get(normalise_name(words)) if words else Verb("related_to")
    if verb is None:
        message = (
            f"The connection {words!r} is of no known kind and was read as `related to`; "
            "use requires, part of, contrasts with, applies to or related to."
        )
        yield Problem(note.path, item.start_line, "warning", "unknown_relation", message)
        verb = Verb("related_to")
    found = resolver.find(typed[0], note.path, is_wikilink=typed[1])
    if found and found.concept_id:
        span = Span(note.path, item.start_line, item.end_line, item.text)
        yield _relation(note.concept_id, found.concept_id, verb, span)
    if found is None or not found.is_there:
        yield _dangling(note, item.start_line, match[0], is_moved=found is not None)


def _front_matter(note: Note, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    """What the properties of a note relate: those of known names by any name, all others by links alone."""
    for entry in property_links(note.file, PROPERTY_VERBS):
        found = resolver.find(entry.target, note.path, is_wikilink=entry.is_wikilink)
        line = note.file.lines[entry.line - 1].strip()
        is_short = len(line) <= _LONGEST_PROPERTY or entry.target not in line
        span = Span(note.path, entry.line, entry.line, line if is_short else entry.target)
        verb = PROPERTY_VERBS.get(normalise_name(entry.key))
        if found and found.concept_id and verb:
            yield _relation(note.concept_id, found.concept_id, verb, span)
        elif found and found.concept_id:
            yield Relation(note.concept_id, found.concept_id, "related_to", "link", LINK_WEIGHT, (span,))
        link = Link(entry.target, "", entry.line, (), entry.is_wikilink)
        if (found is None or not found.is_there) and (verb or is_note_link(link)):
            yield _dangling(note, entry.line, entry.target, is_moved=found is not None)


def _body_links(note: Note, resolver: LinkResolver) -> Iterator[Relation | Problem]:
    """Every link to a note but the first of each connection line, which is typed."""
    typed = {
        (line, target[0])
        for item in note.parsed.items
        if _is_connection(item.headings) and (target := _typed_target(item))
        for line in range(item.start_line, item.end_line + 1)
    }
    typed |= {(line, unquote(target)) for line, target in typed}
    for link in note.parsed.links:
        if (link.line, link.target) in typed or leads_out(link):
            continue
        # "[[Node.js]]" looks like an attachment until a note has that name.
        found = resolver.find(link.target, note.path, is_wikilink=link.is_wikilink)
        if found and found.concept_id and (found.is_there or is_note_link(link)):
            span = linking_sentence(note, link)
            if verb := label_verb(note, link):
                yield _relation(note.concept_id, found.concept_id, verb, span)
            else:
                yield Relation(note.concept_id, found.concept_id, "related_to", "link", LINK_WEIGHT, (span,))
        if (found is None or not found.is_there) and is_note_link(link):
            yield _dangling(note, link.line, link.target, is_moved=found is not None)


def _named(note: Note, resolver: LinkResolver) -> Iterator[Relation]:
    """What a label or a typing heading names without a link; a name that nothing has is only words."""
    for named in plain_names(note):
        name = bare_name(named.name)
        other = resolver.resolve(name, note.path) if name else None
        if other:
            span = Span(note.path, named.line, named.line, note.file.lines[named.line - 1].strip())
            yield _relation(note.concept_id, other, named.verb, span)


def linking_sentence(note: Note, link: Link) -> Span:
    """The sentence of the line that holds a link, or the whole line."""
    line = note.file.lines[link.line - 1]
    if len(line) > LONGEST_LINE:
        return Span(note.path, link.line, link.line, line.strip()[:_LONGEST_QUOTE].rstrip())
    at = place_in_line(line, link)
    quote = next((line[start:end] for start, end in _sentences(line) if start <= at < end), line.strip())
    return Span(note.path, link.line, link.line, quote)


@lru_cache(maxsize=8)  # a line can hold many links
def _sentences(line: str) -> list[tuple[int, int]]:
    return sentence_spans(line)


def _dangling(note: Note, line: int, target: str, *, is_moved: bool) -> Problem:
    reason = "names no note, only what other notes say" if is_moved else "leads to no note"
    message = f"The link {target!r} {reason}; correct the name or write that note."
    return Problem(note.path, line, "warning", "dangling_link", message)
