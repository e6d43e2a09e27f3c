"""Decides where the boxes of a printed sheet stand: columns over the width, rows over the height, a strip below."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from export.page import HEIGHT, MARGIN, WIDTH, Rect
from export.selection import Selection
from graph.placement import ROW_PITCH, MapLayout, PlacedNode

_HEAD, _FOOT = 23.0, 18.0  # what the title and the legend take of the height
ROOM = Rect(MARGIN, _HEAD + MARGIN / 2, WIDTH - 2 * MARGIN, HEIGHT - _HEAD - _FOOT - MARGIN)
BAND_HEAD, STRIP_HEAD = 12.5, 9.0
_BAND_FOOT, _STRIP_GAP = 1.5, 2.0
_WIDEST_COLUMN, _TALLEST_ROW, _TALLEST_BOX = 82.0, 30.0, 19.0
_GUTTER, _NARROWEST_GUTTER, _WIDEST_GUTTER = 0.2, 4.2, 26.0
_BOX_SHARE = 0.78  # of a row
_MOST_SPREAD = 1.5
_MOST_STRIP_COLUMNS = 6


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns on paper: the left edge of each, their pitch, and the width of the boxes centred in them."""

    left: tuple[float, ...]
    pitch: float
    box: float

    def box_left(self, column: int) -> float:
        """The left edge of the boxes in a column."""
        return self.left[column] + (self.pitch - self.box) / 2


@dataclass(frozen=True, slots=True)
class StripPart:
    """One group of a strip: its words, and the columns that its boxes take."""

    words: str
    first: int
    count: int


@dataclass(frozen=True, slots=True)
class Grid:
    """Where everything stands: `top` to `bottom` is what the boxes of the columns have; a strip may come below."""

    columns: Columns
    top: float
    bottom: float
    rects: dict[str, Rect]
    strip: Columns
    strip_parts: tuple[StripPart, ...]
    strip_rect: Rect | None


def make_grid(selection: Selection) -> Grid:
    """The places of all boxes of a selection, in millimetres."""
    layout, unit = selection.layout, _unit(selection.layout)
    heights = [node.y for node in layout.nodes]
    rows = (max(heights, default=0.0) - min(heights, default=0.0)) / unit + 1
    strip_rows = _strip_rows([len(ids) for _, ids in selection.strip])
    below = STRIP_HEAD + _BAND_FOOT + _STRIP_GAP if strip_rows else 0.0
    top, bottom = ROOM.y + BAND_HEAD, ROOM.bottom - _BAND_FOOT
    pitch = min((bottom - top - below) / (rows + strip_rows), _TALLEST_ROW)
    strip_height = STRIP_HEAD + strip_rows * pitch + _BAND_FOOT
    if strip_rows:
        bottom -= strip_height + _STRIP_GAP
    columns = _columns(len(layout.columns))
    box = Rect(0.0, 0.0, columns.box, min(pitch * _BOX_SHARE, _TALLEST_BOX))
    middles = _even(layout, top, bottom) if selection.even else _as_laid_out(layout, top, bottom, pitch / unit)
    order = {column.id: index for index, column in enumerate(layout.columns)}
    rects = {n.id: _move(box, columns.box_left(order[n.column]), middles[n.id]) for n in layout.nodes}
    parts, strip_places = _strip(selection, strip_rows)
    strip = _columns(max((part.first + part.count for part in parts), default=0))
    strip_top = bottom + _BAND_FOOT + _STRIP_GAP
    box = Rect(0.0, 0.0, min(strip.box, columns.box), box.height)
    for node_id, (column, row) in strip_places.items():
        left = strip.left[column] + (strip.pitch - box.width) / 2
        rects[node_id] = _move(box, left, strip_top + STRIP_HEAD + (row + 0.5) * pitch)
    strip_rect = Rect(ROOM.x, strip_top, ROOM.width, strip_height) if strip_rows else None
    return Grid(columns, top, bottom, rects, strip, parts, strip_rect)


def _move(box: Rect, left: float, middle: float) -> Rect:
    return Rect(left, middle - box.height / 2, box.width, box.height)


def _columns(count: int) -> Columns:
    pitch = min(ROOM.width / max(count, 1), _WIDEST_COLUMN)
    start = ROOM.x + (ROOM.width - pitch * count) / 2
    gutter = min(max(pitch * _GUTTER, _NARROWEST_GUTTER), _WIDEST_GUTTER)
    return Columns(tuple(start + pitch * index for index in range(count)), pitch, pitch - gutter)


def _unit(layout: MapLayout) -> float:
    """The smallest distance of two boxes in a column of the layout."""
    found = [b.y - a.y for nodes in _by_column(layout).values() for a, b in pairwise(nodes)]
    return min(found, default=ROW_PITCH)


def _by_column(layout: MapLayout) -> dict[str, list[PlacedNode]]:
    columns: defaultdict[str, list[PlacedNode]] = defaultdict(list)
    for node in sorted(layout.nodes, key=lambda node: (node.y, node.id)):
        columns[node.column].append(node)
    return columns


def _even(layout: MapLayout, top: float, bottom: float) -> dict[str, float]:
    """Short columns stand a little wider apart than the longest, all centred."""
    columns = _by_column(layout)
    longest = max(map(len, columns.values()), default=1)
    pitch = min((bottom - top) / longest, _TALLEST_ROW)
    middles = {}
    for nodes in columns.values():
        own = min(pitch * _MOST_SPREAD, (bottom - top) / len(nodes))
        first = (top + bottom - own * len(nodes)) / 2
        middles.update({node.id: first + own * (row + 0.5) for row, node in enumerate(nodes)})
    return middles


def _as_laid_out(layout: MapLayout, top: float, bottom: float, scale: float) -> dict[str, float]:
    """The layout's own heights to scale, centred."""
    heights = [node.y for node in layout.nodes]
    middle = (min(heights) + max(heights)) / 2
    return {node.id: (top + bottom) / 2 + (node.y - middle) * scale for node in layout.nodes}


def _strip_rows(sizes: Sequence[int]) -> int:
    """The fewest rows in which the groups of a strip fit, none sharing a column; 0 for no strip."""
    return next((rows for rows in range(1, max(sizes) + 1) if _fits(sizes, rows)), max(sizes)) if sizes else 0


def _fits(sizes: Sequence[int], rows: int) -> bool:
    return sum(-(-size // rows) for size in sizes) <= _MOST_STRIP_COLUMNS


def _strip(selection: Selection, rows: int) -> tuple[tuple[StripPart, ...], dict[str, tuple[int, int]]]:
    """The groups of the strip, and the column and row of each of their boxes."""
    parts: list[StripPart] = []
    places: dict[str, tuple[int, int]] = {}
    first = 0
    for words, ids in selection.strip:
        count = -(-len(ids) // rows)
        parts.append(StripPart(words, first, count))
        places.update({node_id: (first + place // rows, place % rows) for place, node_id in enumerate(ids)})
        first += count
    return tuple(parts), places
