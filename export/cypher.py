"""Writes the graph as Cypher statements that Neo4j and its relatives run: `cypher-shell --file graph.cypher`.

The statements merge, so that running them again changes nothing. A file takes no parameters, so values are literals;
rows go in batches, since one statement for all of them would be a very long one to plan.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from export.rows import GraphRows, Value, concept_values, relation_values
from graph.schema import Relation, Resource

Literal = Value | Sequence[str]
_BATCH = 200
_ESCAPES = str.maketrans(
    {"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f", "\0": "\ufffd"}
)


def to_cypher(graph: GraphRows) -> bytes:
    """Nodes labelled Concept and Resource, and a relationship of its own type for each kind of relation."""
    return ("\n".join(_statements(graph)) + "\n").encode()


def _statements(graph: GraphRows) -> Iterator[str]:
    for label in ("Concept", "Resource"):
        name = f"export_{label.lower()}_id"
        yield f"CREATE CONSTRAINT {name} IF NOT EXISTS FOR (n:{label}) REQUIRE n.id IS UNIQUE;"
    concepts = [{**concept_values(c), "aliases": list(c.aliases)} for c in graph.concepts]
    yield from _batches(concepts, "MERGE (n:Concept {id: row.id}) SET n += row")
    yield from _batches([_resource(r) for r in graph.resources], "MERGE (n:Resource {id: row.id}) SET n += row")
    kinds: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation in graph.relations:
        kinds[relation.kind].append(relation)
    for kind, relations in sorted(kinds.items()):
        rows = [{"source": r.source, "target": r.target, **_without_kind(relation_values(r))} for r in relations]
        yield from _batches(
            rows,
            "MATCH (a:Concept {id: row.source}), (b:Concept {id: row.target}) "
            f"MERGE (a)-[r:{kind.upper()}]->(b) "
            "SET r.origin = row.origin, r.weight = row.weight, r.path = row.path, r.start_line = row.start_line, "
            "r.end_line = row.end_line, r.quote = row.quote",
        )
    serves = [{"resource": r.id, "concept": c} for r in graph.resources for c in r.concept_ids]
    yield from _batches(
        serves,
        "MATCH (a:Resource {id: row.resource}), (b:Concept {id: row.concept}) MERGE (a)-[:SERVES]->(b)",
    )


def _without_kind(values: Mapping[str, Value]) -> dict[str, Value]:
    return {name: value for name, value in values.items() if name != "kind"}


def _resource(resource: Resource) -> dict[str, Literal]:
    return {
        "id": resource.id,
        "title": resource.title,
        "url": resource.url,
        "kind": resource.kind,
        "level": resource.level,
        "takeaway": resource.takeaway,
        "path": resource.span.path,
        "start_line": resource.span.start_line,
    }


def _batches(rows: Sequence[Mapping[str, Literal]], statement: str) -> Iterator[str]:
    for start in range(0, len(rows), _BATCH):
        batch = ",\n".join(_map(row) for row in rows[start : start + _BATCH])
        yield f"UNWIND [\n{batch}\n] AS row\n{statement};"


def _map(row: Mapping[str, Literal]) -> str:
    return "{" + ", ".join(f"{name}: {_literal(value)}" for name, value in row.items()) + "}"


def _literal(value: Literal) -> str:
    if isinstance(value, str):
        return f"'{value.translate(_ESCAPES)}'"
    if isinstance(value, int | float):
        return repr(value)
    return f"[{', '.join(map(_literal, value))}]"
