"""What every format says of a concept and of a relation: flat values, under the names that the project's JSON uses."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from graph.schema import Concept, Relation, Resource

Value = str | int | float


@dataclass(frozen=True, slots=True)
class GraphRows:
    """All of a graph, in the order in which a store gives it."""

    concepts: Sequence[Concept]
    relations: Sequence[Relation]
    resources: Sequence[Resource] = ()


def concept_values(concept: Concept) -> dict[str, Value]:
    """A concept without its aliases and whatever it lacks; the place is that of the line that defines it."""
    span = concept.spans[0]
    values: dict[str, Value | None] = {
        "id": concept.id,
        "title": concept.title,
        "summary": concept.summary,
        "week": concept.week,
        "track": concept.track,
        "kind": concept.kind,
        "path": span.path,
        "start_line": span.start_line,
        "end_line": span.end_line,
        "quote": span.quote,
    }
    return {name: value for name, value in values.items() if value is not None}


def relation_values(relation: Relation) -> dict[str, Value]:
    """A relation without its ends; the place is that of the first line that says so."""
    values: dict[str, Value] = {"kind": relation.kind, "origin": relation.origin, "weight": relation.weight}
    for span in relation.evidence[:1]:
        values |= {
            "path": span.path,
            "start_line": span.start_line,
            "end_line": span.end_line,
            "quote": span.quote,
        }
    return values
