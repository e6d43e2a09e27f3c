"""Writes the graph as GraphML (Brandes et al., 2001), which Gephi, yEd, Cytoscape and NetworkX open."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from export.rows import GraphRows, Value, concept_values, relation_values
from export.xml import xml_text
from graph.schema import Concept

_TYPES: Mapping[str, str] = {"week": "int", "start_line": "int", "end_line": "int", "weight": "double"}
_NODE_KEYS = (
    "label", "title", "aliases", "summary", "week", "track", "kind", "path", "start_line", "end_line", "quote",
)  # fmt: skip
_EDGE_KEYS = ("label", "kind", "origin", "weight", "path", "start_line", "end_line", "quote", "evidence")


def to_graphml(graph: GraphRows) -> bytes:
    """Concepts as nodes and relations as directed edges, each with all its values; lists have one entry a line.

    `label` repeats the title or the kind under the name by which drawing programs look for it. Every edge has an id,
    since two concepts can be related in more than one way.
    """
    return ("\n".join(_lines(graph)) + "\n").encode()


def _lines(graph: GraphRows) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">'
    )
    for domain, names in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for name in names:
            kind = _TYPES.get(name, "string")
            yield f'<key id="{domain}-{name}" for="{domain}" attr.name="{name}" attr.type="{kind}"/>'
    yield '<graph id="concepts" edgedefault="directed">'
    for concept in graph.concepts:
        yield f'<node id="{xml_text(concept.id)}">{_data("node", _NODE_KEYS, _node_values(concept))}</node>'
    for number, relation in enumerate(graph.relations):
        values: dict[str, Value] = {**relation_values(relation), "label": relation.kind.replace("_", " ")}
        values["evidence"] = "\n".join(f"{s.path}:{s.start_line}" for s in relation.evidence)
        ends = f'source="{xml_text(relation.source)}" target="{xml_text(relation.target)}"'
        yield f'<edge id="r{number}" {ends}>{_data("edge", _EDGE_KEYS, values)}</edge>'
    yield "</graph>"
    yield "</graphml>"


def _node_values(concept: Concept) -> dict[str, Value]:
    values: dict[str, Value] = {**concept_values(concept), "label": concept.title}
    if concept.aliases:
        values["aliases"] = "\n".join(concept.aliases)
    return values


def _data(domain: str, names: tuple[str, ...], values: Mapping[str, Value]) -> str:
    return "".join(
        f'<data key="{domain}-{name}">{xml_text(str(values[name]))}</data>' for name in names if name in values
    )
