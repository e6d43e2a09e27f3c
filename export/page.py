"""The shapes that a printed map is made of, in millimetres on A3 landscape, and the sizes of what stands on it."""

from __future__ import annotations

from dataclasses import dataclass

from graph.schema import RelationKind

WIDTH, HEIGHT = 420.0, 297.0
MARGIN = 10.0
POINT = 25.4 / 72
SMALLEST_TEXT = 5.5 * POINT  # five points are what a laser printer shows and an eye reads; half of one is for safety
LEADING = 1.2  # from one baseline to the next, in font sizes
ASCENT = 0.76  # from the top of a line to its baseline


@dataclass(frozen=True, slots=True)
class Rect:
    """A box with its top left corner at `x`, `y`."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def bottom(self) -> float:
        return self.y + self.height


@dataclass(frozen=True, slots=True)
class Label:
    """Lines of one text, the first baseline at `y`; `anchor` is start, middle or end."""

    x: float
    y: float
    lines: tuple[str, ...]
    size: float
    anchor: str = "start"
    bold: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Box:
    """A concept, or a group of them; `tint` is its place in the colours, -1 for none.

    `title` is the whole name, which the lines of `labels` may shorten.
    """

    id: str
    title: str
    rect: Rect
    labels: tuple[Label, ...]
    tint: int = -1
    strong: bool = False


@dataclass(frozen=True, slots=True)
class Band:
    """What stands behind the columns of one week: their heading, and a light ground."""

    rect: Rect
    labels: tuple[Label, ...]
    tint: int = -1


@dataclass(frozen=True, slots=True)
class Route:
    """A relation's line: cubic Bézier curves, one after the other.

    `points[0]` is the start; every three that follow are two control points and the end of a curve. `heading` is 1 if
    the line arrives from the left, -1 from the right. `strength` is a factor on the line's width.
    """

    source: str
    target: str
    kind: RelationKind
    points: tuple[tuple[float, float], ...]
    heading: int
    tint: int = -1
    strength: float = 1.0


@dataclass(frozen=True, slots=True)
class Page:
    """Everything on one sheet; `kinds` and `tints` are what its legend explains."""

    title: str
    head: tuple[Label, ...]
    bands: tuple[Band, ...]
    routes: tuple[Route, ...]
    boxes: tuple[Box, ...]
    kinds: tuple[RelationKind, ...]
    tints: tuple[str, ...]
    foot: tuple[Label, ...]
