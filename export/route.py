"""Decides how lines run on a printed map: curves in the gutters, straight through the gaps between boxes, never across.

A line to a column further on passes each column between in the gap that is nearest to its straight way and least used.
Lines that share a gap run side by side, as do those that begin or end at the same side of a box.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from math import log2

from export.page import Rect, Route
from graph.placement import PlacedEdge

Point = tuple[float, float]

_CLEAR = 0.45  # between a line and a box
_THICKEST = 2.5  # of the lines that stand for many, in widths of a usual one
_OFF = 0.9  # further from the boxes, in a gap that has room for it
_LANE = 0.7  # between two lines in one gap, if there is room
_PORT = 1.6  # between two lines at one side of a box, if there is room
_PORT_SHARE = 0.72  # of a side
_CROWD = 0.6  # how far out of its way a line goes to have one neighbour less in a gap
_BULGE = 0.62  # of the gutter: the control points of a line within a column, which itself swings out by half of it
_BEND = (0.2, 0.6)  # where in a gutter the first curve bends, and over how much of it the others do


@dataclass(frozen=True, slots=True)
class _Gap:
    """Free height between two boxes of a column, between `top` and `bottom`."""

    column: int
    top: float
    bottom: float


@dataclass(slots=True)
class _Line:
    edge: PlacedEdge
    source: int
    target: int
    passes: list[tuple[_Gap, float]] = field(default_factory=list)
    start: float = 0.0
    end: float = 0.0

    @property
    def direction(self) -> int:
        """1 to the right, -1 to the left, 0 within a column."""
        return (self.target > self.source) - (self.target < self.source)


def route_edges(
    edges: Iterable[PlacedEdge],
    rects: Mapping[str, Rect],
    columns: Mapping[str, int],
    left: Sequence[float],
    pitch: float,
    room: tuple[float, float],
    tints: Mapping[str, int],
) -> tuple[Route, ...]:
    """A route for each edge; `columns` is the column of each node, `room` the height that lines may use."""
    gaps = _gaps(rects, columns, len(left), room)
    lines = [_Line(e, columns[e.source], columns[e.target]) for e in edges if e.source in rects and e.target in rects]
    _choose_gaps(lines, gaps, rects)
    _spread_ports(lines, rects)
    lanes = _spread_lanes(lines)
    box = next((rect.width for rect in rects.values()), 0.0)
    gutters = _Gutters(left, pitch, box)
    bends = _bends(lines, lanes, gutters)
    swings = _swings(lines)
    routes = []
    for index, line in enumerate(lines):
        curves = _curves(line, lanes[index], gutters) if line.direction else []
        own = [bends[index, step] for step in range(len(curves))]
        points = _across(line, curves, own) if curves else _within(line, gutters, swings[index])
        routes.append(_route(line, points, tints))
    return tuple(routes)


def _gaps(
    rects: Mapping[str, Rect], columns: Mapping[str, int], count: int, room: tuple[float, float]
) -> list[list[_Gap]]:
    found: list[list[_Gap]] = []
    for column in range(count):
        boxes = sorted((rects[c] for c, index in columns.items() if index == column), key=lambda rect: rect.y)
        tops = [room[0], *(rect.bottom + _CLEAR for rect in boxes)]
        bottoms = [*(rect.y - _CLEAR for rect in boxes), room[1]]
        free = [_Gap(column, a, b) for a, b in zip(tops, bottoms, strict=True) if b - a > 0.2]
        found.append(free)
    return found


def _middle(rect: Rect) -> float:
    return rect.y + rect.height / 2


def _choose_gaps(lines: Sequence[_Line], gaps: Sequence[Sequence[_Gap]], rects: Mapping[str, Rect]) -> None:
    """The gap that each line takes through each column on its way, and the height at which it would like to."""
    used: defaultdict[_Gap, int] = defaultdict(int)
    for line in sorted(lines, key=lambda line: (abs(line.target - line.source), line.edge.source, line.edge.target)):
        y, end = _middle(rects[line.edge.source]), _middle(rects[line.edge.target])
        for column in range(line.source + line.direction, line.target, line.direction or 1):
            wanted = y + (end - y) / (abs(line.target - column) + 1)
            gap = min(gaps[column], key=lambda gap: _cost(gap, wanted, used[gap]))
            off = min(_OFF, (gap.bottom - gap.top) / 4)
            y = min(max(wanted, gap.top + off), gap.bottom - off)
            used[gap] += 1
            line.passes.append((gap, y))


def _cost(gap: _Gap, wanted: float, used: int) -> float:
    away = max(gap.top - wanted, wanted - gap.bottom, 0.0)
    return away + _CROWD * used / max((gap.bottom - gap.top) / _LANE, 1.0)


def _spread_ports(lines: Sequence[_Line], rects: Mapping[str, Rect]) -> None:
    """Where on the sides of their boxes lines begin and end: in the order of where they come from."""
    sides: defaultdict[tuple[str, bool], list[tuple[float, int, bool]]] = defaultdict(list)
    for index, line in enumerate(lines):
        source, target = rects[line.edge.source], rects[line.edge.target]
        after = line.passes[0][1] if line.passes else _middle(target)
        before = line.passes[-1][1] if line.passes else _middle(source)
        sides[line.edge.source, line.direction >= 0].append((after, index, True))
        sides[line.edge.target, line.direction <= 0].append((before, index, False))
    for (node_id, _), ends in sides.items():
        rect = rects[node_id]
        step = min(_PORT, rect.height * _PORT_SHARE / len(ends))
        for place, (_, index, is_start) in enumerate(sorted(ends)):
            y = _middle(rect) + (place - (len(ends) - 1) / 2) * step
            if is_start:
                lines[index].start = y
            else:
                lines[index].end = y


def _spread_lanes(lines: Sequence[_Line]) -> list[list[float]]:
    """The height of each line in each gap that it passes: side by side, around where they would like to be."""
    shared: defaultdict[_Gap, list[tuple[float, int, int]]] = defaultdict(list)
    for index, line in enumerate(lines):
        for step, (gap, wanted) in enumerate(line.passes):
            shared[gap].append((wanted, index, step))
    lanes = [[0.0] * len(line.passes) for line in lines]
    for gap, users in shared.items():
        step_height = min(_LANE, (gap.bottom - gap.top) / len(users))
        half = step_height * len(users) / 2
        centre = sum(wanted for wanted, _, _ in users) / len(users)
        centre = min(max(centre, gap.top + half), gap.bottom - half)
        for place, (_, index, step) in enumerate(sorted(users)):
            lanes[index][step] = centre - half + (place + 0.5) * step_height
    return lanes


@dataclass(frozen=True, slots=True)
class _Gutters:
    left: Sequence[float]
    pitch: float
    box: float

    def side(self, column: int, *, right: bool) -> float:
        """The x of the left or right edges of the boxes in a column."""
        gutter = (self.pitch - self.box) / 2
        return self.left[column] + (self.pitch - gutter if right else gutter)


def _curves(line: _Line, lanes: Sequence[float], gutters: _Gutters) -> list[tuple[int, Point, Point]]:
    """The curve of a line in each gutter that it crosses, as the gutter's column and two ends, from left to right."""
    forward = line.direction > 0
    heights = [line.start, *(y for lane in lanes for y in (lane, lane)), line.end]
    found = []
    for step, (y, end) in enumerate(zip(heights[::2], heights[1::2], strict=True)):
        column = line.source + line.direction * step
        gutter = column if forward else column - 1
        near, far = gutters.side(gutter, right=True), gutters.side(gutter + 1, right=False)
        found.append((gutter, (near, y if forward else end), (far, end if forward else y)))
    return found


def _bends(lines: Sequence[_Line], lanes: Sequence[Sequence[float]], gutters: _Gutters) -> dict[tuple[int, int], float]:
    """The x at which each curve of each line is steepest: those that fall bend in the order that avoids crossings.

    Of two that fall, the one that begins higher must bend further right, and of two that rise, the lower one.
    """
    shared: defaultdict[tuple[int, bool], list[tuple[float, int, int, float, float]]] = defaultdict(list)
    for index, line in enumerate(lines):
        for step, (gutter, start, end) in enumerate(_curves(line, lanes[index], gutters) if line.direction else ()):
            falls = end[1] > start[1]
            shared[gutter, falls].append((-start[1] if falls else start[1], index, step, start[0], end[0]))
    first, spread = _BEND
    return {
        (index, step): near + (far - near) * (first + spread * (place + 0.5) / len(users))
        for users in shared.values()
        for place, (_, index, step, near, far) in enumerate(sorted(users))
    }


def _route(line: _Line, points: tuple[Point, ...], tints: Mapping[str, int]) -> Route:
    strength = 1.0 if line.edge.count is None else min(1 + log2(line.edge.count) / 4, _THICKEST)
    heading = line.direction or -1
    tint = tints.get(line.edge.source, -1)
    return Route(line.edge.source, line.edge.target, line.edge.kind, points, heading, tint, strength)


def _swings(lines: Sequence[_Line]) -> dict[int, float]:
    """How far each line within a column swings out, as a share: each further than the shorter ones."""
    within: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for index, line in enumerate(lines):
        if line.direction == 0:
            within[line.source].append((abs(line.end - line.start), index))
    return {
        index: 0.35 + 0.65 * (place + 1) / len(users)
        for users in within.values()
        for place, (_, index) in enumerate(sorted(users))
    }


def _within(line: _Line, gutters: _Gutters, swing: float) -> tuple[Point, ...]:
    """A line within a column, which swings out into the gutter on the right."""
    x = gutters.side(line.source, right=True)
    out = x + (gutters.pitch - gutters.box) * _BULGE * swing
    return ((x, line.start), (out, line.start), (out, line.end), (x, line.end))


def _across(line: _Line, curves: Sequence[tuple[int, Point, Point]], bends: Sequence[float]) -> tuple[Point, ...]:
    """From gutter to gutter: a curve in each, and a straight run past each column between."""
    points: list[Point] = []
    for (_, near, far), x in zip(curves, bends, strict=True):
        start, end = (near, far) if line.direction > 0 else (far, near)
        if points:
            (left, y), width = points[-1], start[0] - points[-1][0]
            points += [(left + width / 3, y), (left + width * 2 / 3, y), start]
        else:
            points.append(start)
        points += [(x, start[1]), (x, end[1]), end]
    return tuple(points)
