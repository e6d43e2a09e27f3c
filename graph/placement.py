"""The shapes that every layout of the map is made of, and the sizes of its boxes, in units of the map."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from graph.schema import WEEK_KIND, Concept, RelationKind

COLUMN_PITCH, ROW_PITCH = 146.0, 48.0
BOX_WIDTH, BOX_HEIGHT = 112.0, 38.0
HEADER_HEIGHT = 56.0
MOST_DRAWN = 500  # boxes: above, a browser takes longer than a frame to pan
OFF_THE_MAP = frozenset({WEEK_KIND, "comparison", "question", "sprint"})


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map; `concept_id` is the week's concept, if the column stands for a week.

    `group` is the view of what the column belongs to, such as `week-5`, and `tint` its place among them; -1 for none.
    """

    id: str
    title: str
    subtitle: str
    concept_id: str | None
    x: float
    width: float
    group: str = ""
    tint: int = -1


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A box, with its centre at `x`, `y`: a concept's, or with a `count`, that of as many concepts.

    `opens` is the view that such a box leads to, and `title` its words; a concept has its own.
    """

    id: str
    column: str
    x: float
    y: float
    width: float = BOX_WIDTH
    height: float = BOX_HEIGHT
    tint: int = -1
    title: str = ""
    count: int | None = None
    opens: str = ""


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """A relation to draw, or with a `count`, as many of them between groups."""

    source: str
    target: str
    kind: RelationKind
    count: int | None = None


@dataclass(frozen=True, slots=True)
class MapLayout:
    """All that a view of the map draws; `tints` is how many colours its boxes take."""

    columns: tuple[Column, ...]
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]
    tints: int = 0


def placed_concepts(concepts: Iterable[Concept]) -> dict[str, Concept]:
    """The concepts that have a box: notes about other notes, such as weeks and comparisons, have none."""
    return {concept.id: concept for concept in concepts if concept.kind not in OFF_THE_MAP}
