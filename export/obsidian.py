"""Writes the graph as an Obsidian vault: one note a concept, with its relations as typed wikilinks and their reasons.

Ingesting the vault gives the same concepts and relations. A plain link is written as one; a relation that was inferred
becomes a typed line, since the note now says it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256

import yaml

from export.markdown import escape_markdown
from export.rows import GraphRows
from graph.schema import WEEK_KIND, Concept, Relation, RelationKind, Resource
from rag.relate import reason_of

_VERBS: Mapping[RelationKind, str] = {
    "prerequisite_of": "requires",
    "part_of": "part of",
    "contrasts_with": "contrasts with",
    "applies_to": "applies to",
    "related_to": "related to",
}
_RESERVED = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
_LONGEST_NAME = 80  # characters: Windows allows 260 for a whole path
_LONGEST_REASON = 400


def to_vault(graph: GraphRows) -> dict[str, bytes]:
    """The notes by path: a folder a week, and the resources as the YAML list that ingestion reads."""
    names = {concept.id: file_name(concept.id) for concept in graph.concepts}
    weeks = {c.week: c.id for c in graph.concepts if c.kind == WEEK_KIND}
    stated: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation in graph.relations:
        stated[relation.target if relation.kind == "prerequisite_of" else relation.source].append(relation)
    titles = {concept.id: concept.title for concept in graph.concepts}
    typed = frozenset(frozenset((r.source, r.target)) for r in graph.relations if not _is_plain_link(r))
    writer = _NoteWriter(names, titles, weeks, typed)
    files = {f"{_folder(c)}{names[c.id]}.md": writer.write(c, stated[c.id]) for c in graph.concepts}
    if graph.resources:
        files["resources/resources.yaml"] = _resource_list(graph.resources)
    return files


def file_name(concept_id: str) -> str:
    """An id as a file's name without its ending; one that some system cannot store gets a digest."""
    if concept_id in _RESERVED or len(concept_id.encode()) > _LONGEST_NAME:
        return f"{concept_id[: _LONGEST_NAME // 4]}-{sha256(concept_id.encode()).hexdigest()[:8]}"
    return concept_id


def _folder(concept: Concept) -> str:
    return f"week-{concept.week}/" if concept.week is not None and concept.kind != WEEK_KIND else ""


def _is_plain_link(relation: Relation) -> bool:
    return relation.origin == "link" and relation.kind == "related_to"


@dataclass(frozen=True, slots=True)
class _NoteWriter:
    """Writes notes; `typed` holds the pairs that a typed line joins, for which a plain link would say nothing."""

    names: Mapping[str, str]
    titles: Mapping[str, str]
    weeks: Mapping[int | None, str]
    typed: frozenset[frozenset[str]]

    def write(self, concept: Concept, relations: Iterable[Relation]) -> bytes:
        """A note with the definition, plain links, typed lines, and where the definition was taken from."""
        connections, mentions = [], []
        for relation in relations:
            other = relation.source if relation.kind == "prerequisite_of" else relation.target
            line = f"[[{self.names[other]}|{_link_text(self.titles[other])}]]{_reason(relation)}"
            if _is_plain_link(relation) and frozenset((relation.source, relation.target)) not in self.typed:
                mentions.append(f"- {line}")
            elif not (relation.kind == "part_of" and self.weeks.get(concept.week) == other):  # the front matter says it
                connections.append(f"- {_VERBS[relation.kind]} {line}")
        parts = [_front_matter(concept), escape_markdown(concept.summary)]
        parts += ["\n".join(["## Mentions", *mentions])] if mentions else []
        parts += ["\n".join(["## Connections", *connections])] if connections else []
        span = concept.spans[0]
        parts.append(f"Source: `{span.path.replace('`', '')}`, line {span.start_line}.")
        return ("\n\n".join(parts) + "\n").encode()


def _front_matter(concept: Concept) -> str:
    values = {
        "id": concept.id,
        "title": concept.title,
        "aliases": list(concept.aliases) or None,
        "kind": concept.kind if concept.kind != "concept" else None,
        "week": concept.week,
        "track": concept.track,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return f"---\n{_yaml(given)}---"


def _yaml(values: object) -> str:
    return yaml.safe_dump(values, allow_unicode=True, sort_keys=False, width=10**6)


def _link_text(title: str) -> str:
    """A title as the words of a link, where brackets and bars would end it."""
    return " ".join(title.translate({ord("["): "(", ord("]"): ")", ord("|"): "/", ord("\\"): "/"}).split())


def _reason(relation: Relation) -> str:
    """Why two concepts are related, in the words of the first line that gives a reason."""
    reasons = (reason_of(span.quote) for span in relation.evidence)
    reason = next(filter(None, reasons), "")
    if not reason:
        return ""
    short = reason if len(reason) <= _LONGEST_REASON else reason[: _LONGEST_REASON - 1].rstrip() + "…"
    return f": {escape_markdown(short)}"


def _resource_list(resources: Iterable[Resource]) -> bytes:
    return _yaml(list(_resource_rows(resources))).encode()


def _resource_rows(resources: Iterable[Resource]) -> Iterator[dict[str, object]]:
    for resource in resources:
        yield {
            "id": resource.id,
            "title": resource.title,
            "url": resource.url,
            "kind": resource.kind,
            "level": resource.level,
            "takeaway": resource.takeaway,
            "concepts": list(resource.concept_ids),
        }
