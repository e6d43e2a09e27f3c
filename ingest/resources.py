"""Decides what there is to study elsewhere: the lists under `resources/`, and the addresses that notes link."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import yaml

from graph.names import slugify
from graph.schema import Problem, Resource, Span
from ingest.concepts import Note
from ingest.frontmatter import compose_yaml, construct_yaml
from ingest.links import LinkResolver, address_problem, is_address
from ingest.plain_text import plain_text
from ingest.read import ReadFile
from ingest.relations import linking_sentence

LISTED_IN_SYLLABUS = "syllabus"  # its bare addresses are quoted as they stand there
_REQUIRED = ("title", "url", "takeaway")


@dataclass(frozen=True, slots=True)
class _Entry:
    values: Mapping[str, object]
    line: int
    takeaway: Span


def listed_resources(file: ReadFile, resolver: LinkResolver) -> tuple[list[Resource], list[Problem]]:
    """The resources of one YAML list, each resting on the lines of its takeaway."""
    path = file.document.path
    try:
        root = compose_yaml(file.document.text)
    except (yaml.YAMLError, ValueError, RecursionError) as fault:
        mark = getattr(fault, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        return [], [
            Problem(
                path, line, "error", "broken_yaml", f"The list could not be read ({_reason(fault)}); mend the YAML."
            )
        ]
    if root is None:
        return [], []
    if not isinstance(root, yaml.SequenceNode):
        return [], [
            Problem(path, 1, "error", "broken_yaml", "The file is not a list of resources; begin each with `- id:`.")
        ]
    found = [result for node in root.value for result in _resource(node, file, resolver)]
    return [r for r in found if isinstance(r, Resource)], [p for p in found if isinstance(p, Problem)]


def _reason(fault: Exception) -> str:
    return str(getattr(fault, "problem", None) or str(fault).splitlines()[0])


def _resource(node: yaml.Node, file: ReadFile, resolver: LinkResolver) -> Iterator[Resource | Problem]:
    path = file.document.path
    entry = _entry(node, file)
    if isinstance(entry, str):
        yield Problem(path, node.start_mark.line + 1, "error", "broken_resource", f"The resource {entry}; correct it.")
        return
    values, line = entry.values, entry.line
    title, url = str(values["title"]).strip(), str(values["url"]).strip()
    fault = address_problem(url)
    if fault and not (fault[0] == "bare_address" and values.get("listed_in") == LISTED_IN_SYLLABUS):
        yield Problem(path, line, "warning", *fault)
    concept_ids = []
    listed = values.get("concepts")
    for name in listed if isinstance(listed, list) else []:
        found = resolver.resolve(str(name), path)
        if found:
            concept_ids.append(found)
        else:
            message = f"The resource {title!r} names the concept {str(name)!r}, which no note has; correct the name."
            yield Problem(path, line, "warning", "dangling_link", message)
    yield Resource(
        id=slugify(str(values.get("id") or title)),
        title=title,
        url=url,
        kind=str(values.get("kind") or "article"),
        level=str(values.get("level") or "any"),
        takeaway=" ".join(str(values["takeaway"]).split()),
        concept_ids=tuple(dict.fromkeys(concept_ids)),
        span=entry.takeaway,
    )


def _entry(node: yaml.Node, file: ReadFile) -> _Entry | str:
    """A list entry with the exact place of its takeaway, or what it lacks."""
    if not isinstance(node, yaml.MappingNode):
        return "is not made of `key: value` lines"
    try:
        values = construct_yaml(node)
    except (yaml.YAMLError, ValueError) as fault:
        return f"could not be read ({_reason(fault)})"
    if not isinstance(values, dict):
        return "is not made of `key: value` lines"
    missing = [key for key in _REQUIRED if not str(values.get(key) or "").strip()]
    if missing:
        return f"has no {missing[0]}"
    value = next(v for k, v in node.value if k.value == "takeaway")
    start, end = value.start_mark.index, value.end_mark.index
    raw = file.document.text[start:end].rstrip()
    offset = len(raw) - len(raw.lstrip("\"'|>-+ \n"))
    quote = raw[offset:].rstrip("\"'" if raw[:1] in "\"'" else "").rstrip()
    first = file.document.text.count("\n", 0, start + offset) + 1
    span = Span(file.document.path, first, first + quote.count("\n"), quote)
    return _Entry(values, node.start_mark.line + 1, span)


def linked_resources(note: Note) -> tuple[list[Resource], list[Problem]]:
    """The web addresses that a note links, each resting on the sentence that links it."""
    resources, problems = [], []
    for link in note.parsed.links:
        if link.is_wikilink or not is_address(link.target):
            continue
        fault = address_problem(link.target)
        if fault:
            problems.append(Problem(note.path, link.line, "warning", *fault))
        span = linking_sentence(note, link)
        title = link.label.strip() or link.target
        ids = (note.concept_id,)
        resource_id = f"link-{slugify(link.target.split('://', 1)[1])[:80]}"
        resources.append(Resource(resource_id, title, link.target, "link", "any", plain_text(span.quote), ids, span))
    return resources, problems


def merge_resources(listed: Iterable[Resource], linked: Iterable[Resource]) -> tuple[list[Resource], list[Problem]]:
    """One resource per address and per id: a link to a listed address adds its concept to the listed one."""
    merged: dict[str, Resource] = {}
    owners: dict[str, Resource] = {}
    problems = []
    for resource in listed:
        if resource.id in owners:
            taken_by = owners[resource.id].span.path
            message = f"The resource id {resource.id!r} stands in {taken_by} already; give this one another."
            problems.append(Problem(resource.span.path, resource.span.start_line, "error", "duplicate_id", message))
            resource = replace(resource, id=_free(resource.id, owners))
        owners[resource.id] = resource
        merged.setdefault(resource.url, resource)
        if merged[resource.url] is not resource:
            merged[f"{resource.url} {resource.id}"] = resource
    for resource in linked:
        known = merged.get(resource.url)
        if known is None:
            resource = replace(resource, id=_free(resource.id, owners) if resource.id in owners else resource.id)
            merged[resource.url] = owners[resource.id] = resource
        else:
            ids = tuple(dict.fromkeys((*known.concept_ids, *resource.concept_ids)))
            merged[resource.url] = replace(known, concept_ids=ids)
    return sorted(merged.values(), key=lambda r: r.id), problems


def _free(resource_id: str, taken: Mapping[str, Resource]) -> str:
    number = 2
    while f"{resource_id}-{number}" in taken:
        number += 1
    return f"{resource_id}-{number}"
