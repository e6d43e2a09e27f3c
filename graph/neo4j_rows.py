"""Decides how the graph's types lie in Neo4j: as properties of nodes and relationships, and back.

Spans are parallel lists, which Cypher can search. `position` is a row's place in the order of its Python type, so
that every answer comes in the order in which the embedded store gives it, whatever the server's collation.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from graph.facts import GraphFacts
from graph.groups import Group
from graph.names import ConceptNames
from graph.parts import Grouping
from graph.paths import prerequisite_graph
from graph.schema import Concept, Relation, RelationKind, Resource, Span

Properties = dict[str, Any]
_LONGEST_KEY = 512  # bytes; an index holds no more than some 8,000 an entry

TYPE_OF_KIND: Mapping[RelationKind, str] = {
    "prerequisite_of": "PREREQUISITE_OF",
    "part_of": "PART_OF",
    "related_to": "RELATED_TO",
    "contrasts_with": "CONTRASTS_WITH",
    "applies_to": "APPLIES_TO",
}
_KIND_OF_TYPE = {name: kind for kind, name in TYPE_OF_KIND.items()}


def index_key(text: str) -> str:
    """A text as an index can hold it: itself, or a hash of what is too long or is no valid Unicode."""
    data = text.encode("utf-8", "surrogatepass")
    if len(data) <= _LONGEST_KEY and not any("\ud800" <= character <= "\udfff" for character in text):
        return text
    return f"sha256:{hashlib.sha256(data).hexdigest()}"


def mark_of(generation: str) -> str:
    """What ends the words that a full-text index holds of a generation, so that they find no other's names.

    A condition on the generation beside the words would cost more than the search, since it holds for every name.
    """
    return hashlib.sha256(generation.encode()).hexdigest()[:6]


def pairs_of_letters(name: str, mark: str) -> list[str]:
    """The distinct pairs of neighbouring letters of a normalised name, its two ends included; none hold a space.

    Names that share enough letters in order for a suggestion share a pair, but for a few contrived ones.
    """
    padded = f"_{name.replace(' ', '_')}_"
    return list(dict.fromkeys(padded[i : i + 2] + mark for i in range(len(padded) - 1))) if name else []


def concept_rows(
    concepts: Sequence[Concept],
    circles: Mapping[str, int],
    bands: Mapping[str, int],
    degrees: Mapping[str, int],
    hops: Iterable[tuple[bytes, bytes]],
) -> Iterator[Properties]:
    """Concepts in the order of their ids; `circle` numbers the group of those that require one another.

    `band` is the place of the concept's group on the map, and `degree` how many relations it has to others there.
    `hops` are in the same order, as `packed_hops` gives them.
    """
    for position, (concept, (to_concepts, to_weeks)) in enumerate(zip(concepts, hops, strict=True)):
        yield {
            "key": index_key(concept.id),
            "position": position,
            "id": concept.id,
            "title": concept.title,
            "aliases": list(concept.aliases),
            "summary": concept.summary,
            "week": concept.week,
            "track": concept.track,
            "kind": concept.kind,
            "circle": circles.get(concept.id),
            "band": bands.get(concept.id),
            "degree": degrees.get(concept.id, 0),
            "hops": to_concepts,
            "week_hops": to_weeks,
            "path": index_key(concept.spans[0].path) if concept.spans else None,
            **_span_properties(concept.spans),
        }


def concept_from(row: Mapping[str, Any]) -> Concept:
    """The concept that lies in a node's properties."""
    return replace(drawn_concept_from(row), spans=_spans_from(row))


def drawn_concept_from(row: Mapping[str, Any]) -> Concept:
    """As much of a concept as a map shows of it: without its spans."""
    return Concept(
        row["id"],
        row["title"],
        tuple(row["aliases"]),
        row["summary"],
        row.get("week"),
        row.get("track"),
        row["kind"],
        (),
    )


def drawn_relation_from(row: Mapping[str, Any]) -> Relation:
    """As much of a relation as a map shows of it: without its evidence."""
    return Relation(row["source"], row["target"], _KIND_OF_TYPE[row["type"]], row["origin"], row["weight"], ())


def relation_rows(relations: Sequence[Relation], concepts: Sequence[Concept]) -> Iterator[tuple[str, Properties]]:
    """Each relation's type with its properties: among them the positions of its ends."""
    positions = {concept.id: position for position, concept in enumerate(concepts)}
    for position, relation in enumerate(relations):
        yield (
            TYPE_OF_KIND[relation.kind],
            {
                "position": position,
                "source": positions[relation.source],
                "target": positions[relation.target],
                "origin": relation.origin,
                "weight": float(relation.weight),
                **_span_properties(relation.evidence),
            },
        )


def relation_from(row: Mapping[str, Any]) -> Relation:
    """The relation of a row with its `source` and `target` ids, its `type` and its `properties`."""
    properties = row["properties"]
    return Relation(
        row["source"],
        row["target"],
        _KIND_OF_TYPE[row["type"]],
        properties["origin"],
        properties["weight"],
        _spans_from(properties),
    )


def resource_rows(resources: Sequence[Resource], concepts: Sequence[Concept]) -> Iterator[Properties]:
    """Resources in order, with the positions of the concepts that they serve."""
    positions = {concept.id: position for position, concept in enumerate(concepts)}
    for position, resource in enumerate(resources):
        yield {
            "serves": sorted({positions[c] for c in resource.concept_ids if c in positions}),
            "properties": {
                "position": position,
                "id": resource.id,
                "title": resource.title,
                "url": resource.url,
                "kind": resource.kind,
                "level": resource.level,
                "takeaway": resource.takeaway,
                "concept_ids": list(resource.concept_ids),
                **_span_properties((resource.span,)),
            },
        }


def resource_from(row: Mapping[str, Any]) -> Resource:
    """The resource that lies in a node's properties."""
    return Resource(
        row["id"],
        row["title"],
        row["url"],
        row["kind"],
        row["level"],
        row["takeaway"],
        tuple(row["concept_ids"]),
        _spans_from(row)[0],
    )


def name_rows(concepts: Sequence[Concept], generation: str) -> Iterator[Properties]:
    """Every name that stands for a concept, as `ConceptNames` decides which of several concepts wins."""
    mark = mark_of(generation)
    for position, (name, concept_id) in enumerate(ConceptNames(concepts).names().items()):
        yield {
            "key": index_key(name),
            "position": position,
            "name": name,
            "concept_id": concept_id,
            "concept_key": index_key(concept_id),
            "pairs": " ".join(pairs_of_letters(name, mark)),
        }


def number_circles(relations: Sequence[Relation]) -> dict[str, int]:
    """The concepts that require one another, directly or not, each with the number of its group."""
    import networkx as nx

    graph = prerequisite_graph(relations)
    groups = sorted(sorted(group) for group in nx.strongly_connected_components(graph))
    circles = [group for group in groups if len(group) > 1 or graph.has_edge(group[0], group[0])]
    return {concept_id: number for number, group in enumerate(circles) for concept_id in group}


def _span_properties(spans: Sequence[Span]) -> Properties:
    return {
        "span_paths": [span.path for span in spans],
        "span_starts": [span.start_line for span in spans],
        "span_ends": [span.end_line for span in spans],
        "span_quotes": [span.quote for span in spans],
    }


def _spans_from(row: Mapping[str, Any]) -> tuple[Span, ...]:
    columns = (row["span_paths"], row["span_starts"], row["span_ends"], row["span_quotes"])
    return tuple(Span(*values) for values in zip(*columns, strict=True))


def missing_parts(counts: Mapping[str, int], expected: Mapping[str, Any]) -> list[str]:
    """What is not there as often as it should be, such as "3 of 5 names"."""
    return [f"{counts[part]} of {expected[part]} {part}" for part in counts if counts[part] != expected[part]]


def facts_to_json(facts: GraphFacts) -> str:
    """What a generation's node notes of its graph; a property cannot hold lists of lists."""
    return json.dumps(asdict(facts))


def facts_from_json(text: str) -> GraphFacts:
    """The facts that `facts_to_json` wrote."""
    row = json.loads(text)
    contrasts = tuple((source, target) for source, target in row["contrasts"])
    lists = {name: tuple(row[name]) for name in ("weeks", "tracks", "origins", "hubs")}
    return GraphFacts(**{**row, **lists, "contrasts": contrasts})


def grouping_to_json(grouping: Grouping) -> str:
    """The groups of a map, as a generation's node notes them."""
    return json.dumps(asdict(grouping))


def grouping_from_json(text: str) -> Grouping:
    """The groups that `grouping_to_json` wrote."""
    row = json.loads(text)
    groups = tuple(Group(**{**group, "members": ()}) for group in row["groups"])
    return Grouping(groups, tuple((source, target, count) for source, target, count in row["crossings"]))
