"""Writes the graph as JSON-LD in the words of SKOS, Dublin Core and schema.org, for RDF stores and the web of data.

`part_of` is `skos:broader` and `related_to` is `skos:related`; what must be known before is `dcterms:requires`. SKOS
has no words for contrast and use, so those are terms of the document's own. Each relation is also a statement with the
lines that it rests on.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote

from export.rows import GraphRows
from graph.schema import Concept, Relation, RelationKind, Resource, Span

Node = dict[str, Any]

_BASE = "urn:prepgraph:"
_SCHEME = f"{_BASE}concepts"
_CONTEXT: Mapping[str, object] = {
    "@version": 1.1,
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "schema": "https://schema.org/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "prepgraph": f"{_BASE}terms:",
    "skos:broader": {"@type": "@id"},
    "skos:related": {"@type": "@id"},
    "skos:inScheme": {"@type": "@id"},
    "dcterms:requires": {"@type": "@id"},
    "prepgraph:contrastsWith": {"@type": "@id"},
    "prepgraph:appliesTo": {"@type": "@id"},
    "rdf:subject": {"@type": "@id"},
    "rdf:predicate": {"@type": "@vocab"},
    "rdf:object": {"@type": "@id"},
    "schema:about": {"@type": "@id"},
    "schema:url": {"@type": "xsd:anyURI"},
}
# What a relation is called, and whether its target says it of its source.
_PREDICATES: Mapping[RelationKind, tuple[str, bool]] = {
    "prerequisite_of": ("dcterms:requires", True),
    "part_of": ("skos:broader", False),
    "related_to": ("skos:related", False),
    "contrasts_with": ("prepgraph:contrastsWith", False),
    "applies_to": ("prepgraph:appliesTo", False),
}


def to_jsonld(graph: GraphRows) -> bytes:
    """One UTF-8 JSON document: a concept scheme, its concepts, its relations with their lines, and its resources."""
    stated: defaultdict[str, defaultdict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for relation in graph.relations:
        subject, predicate, other = _triple(relation)
        stated[subject][predicate].append(other)
    nodes: list[Node] = [{"@id": _SCHEME, "@type": "skos:ConceptScheme", "skos:prefLabel": "Concept map"}]
    nodes += [_concept(concept, stated[_iri(concept.id)]) for concept in graph.concepts]
    nodes += [_statement(relation) for relation in graph.relations]
    nodes += [_resource(resource) for resource in graph.resources]
    return (json.dumps({"@context": _CONTEXT, "@graph": nodes}, ensure_ascii=False, indent=1) + "\n").encode()


def _iri(concept_id: str) -> str:
    return f"{_BASE}concept:{quote(concept_id, safe='-_.~')}"


def _triple(relation: Relation) -> tuple[str, str, str]:
    predicate, is_said_of_target = _PREDICATES[relation.kind]
    ends = (_iri(relation.source), _iri(relation.target))
    subject, other = ends[::-1] if is_said_of_target else ends
    return subject, predicate, other


def _concept(concept: Concept, stated: Mapping[str, list[str]]) -> Node:
    node: Node = {
        "@id": _iri(concept.id),
        "@type": "skos:Concept",
        "skos:notation": concept.id,
        "skos:prefLabel": concept.title,
        "skos:definition": concept.summary,
        "skos:inScheme": _SCHEME,
        "prepgraph:kind": concept.kind,
        "schema:citation": _quotations(concept.spans[:1]),
    }
    if concept.aliases:
        node["skos:altLabel"] = list(concept.aliases)
    if concept.week is not None:
        node["prepgraph:week"] = concept.week
    if concept.track:
        node["prepgraph:track"] = concept.track
    return node | {predicate: sorted(others) for predicate, others in sorted(stated.items())}


def _statement(relation: Relation) -> Node:
    subject, predicate, other = _triple(relation)
    return {
        "@type": "rdf:Statement",
        "rdf:subject": subject,
        "rdf:predicate": predicate,
        "rdf:object": other,
        "prepgraph:origin": relation.origin,
        "prepgraph:weight": relation.weight,
        "schema:citation": _quotations(relation.evidence),
    }


def _quotations(spans: Iterable[Span]) -> list[Node]:
    return [
        {
            "@type": "schema:Quotation",
            "schema:text": span.quote,
            "schema:isPartOf": span.path,
            "prepgraph:startLine": span.start_line,
            "prepgraph:endLine": span.end_line,
        }
        for span in spans
    ]


def _resource(resource: Resource) -> Node:
    return {
        "@id": f"{_BASE}resource:{quote(resource.id, safe='-_.~')}",
        "@type": "schema:LearningResource",
        "schema:name": resource.title,
        "schema:url": resource.url,
        "schema:learningResourceType": resource.kind,
        "schema:educationalLevel": resource.level,
        "schema:description": resource.takeaway,
        "schema:about": [_iri(concept_id) for concept_id in resource.concept_ids],
    }
