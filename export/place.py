"""Puts a printed sheet together: title, columns with their headings, lines, boxes, legend and counts."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from export.grid import BAND_HEAD, ROOM, STRIP_HEAD, Columns, Grid, make_grid
from export.labels import make_boxes
from export.page import HEIGHT, MARGIN, SMALLEST_TEXT, WIDTH, Band, Label, Page, Rect
from export.route import route_edges
from export.selection import Selection
from export.text import shorten, text_width, wrap_within
from graph.placement import Column

_TITLE, _SUBTITLE, _FOOTER = 7.0, 3.4, 2.6
_BAND_TITLE, _BAND_SUBTITLE = 4.2, 3.0
_LONGEST_LINE = 110  # font sizes: longer ones are hard to read


def place_page(selection: Selection) -> Page:
    """The sheet of a selection."""
    grid = make_grid(selection)
    order = {column.id: index for index, column in enumerate(selection.layout.columns)}
    columns = {node.id: order[node.column] for node in selection.layout.nodes}
    drawn = [edge for edge in selection.layout.edges if edge.kind in selection.kinds]
    tints, room, paper = selection.colours.of, (grid.top, grid.bottom), grid.columns
    return Page(
        title=selection.title,
        head=_head(selection),
        bands=(*_bands(selection.layout.columns, grid), *_strip_bands(grid)),
        routes=route_edges(drawn, grid.rects, columns, paper.left, paper.pitch, room, tints),
        boxes=make_boxes(selection, grid.rects),
        kinds=tuple(kind for kind in selection.kinds if any(edge.kind == kind for edge in drawn)),
        tints=selection.colours.names,
        foot=(Label(MARGIN, HEIGHT - MARGIN, (shorten(selection.foot, ROOM.width / _FOOTER),), _FOOTER, muted=True),),
    )


def _bands(columns: Sequence[Column], grid: Grid) -> tuple[Band, ...]:
    """One ground and heading for each run of columns that belong together, and words for each track in it."""
    bands = []
    for run in _runs(columns, lambda a, b: bool(a.group) and a.group == b.group):
        x, width = _span(grid.columns, run)
        rect = Rect(x, grid.top - BAND_HEAD, width, grid.bottom - grid.top + BAND_HEAD + 1.5)
        labels = [*_heading(columns[run[0]].title, rect.x, width, rect.y + 5.2, 4.2, bold=True)]
        for part in _runs([columns[i] for i in run], lambda _, b: b.subtitle in {"continued", ""}):
            left, room = _span(grid.columns, [run[i] for i in part])
            labels += _heading(columns[run[part[0]]].subtitle, left, room, rect.y + 9.8, 3.0, bold=False)
        bands.append(Band(rect, tuple(labels), columns[run[0]].tint))
    return tuple(bands)


def _span(columns: Columns, run: Sequence[int]) -> tuple[float, float]:
    """The left edge and the width of the ground behind some columns."""
    return columns.left[run[0]] + 0.5, columns.pitch * len(run) - 1.0


def _strip_bands(grid: Grid) -> list[Band]:
    """The ground of the strip, with the words of each of its groups."""
    if grid.strip_rect is None:
        return []
    labels: list[Label] = []
    for part in grid.strip_parts:
        x, width = _span(grid.strip, range(part.first, part.first + part.count))
        labels += _heading(part.words, x, width, grid.strip_rect.y + STRIP_HEAD * 0.6, _BAND_TITLE, bold=True)
    rect = Rect(grid.strip_rect.x + 0.5, grid.strip_rect.y, grid.strip_rect.width - 1.0, grid.strip_rect.height)
    return [Band(rect, tuple(labels))]


def _runs(columns: Sequence[Column], belongs: Callable[[Column, Column], bool]) -> list[list[int]]:
    runs: list[list[int]] = []
    for index, column in enumerate(columns):
        if index and belongs(columns[index - 1], column):
            runs[-1].append(index)
        else:
            runs.append([index])
    return runs


def _heading(text: str, x: float, width: float, y: float, size: float, *, bold: bool) -> list[Label]:
    """A heading on one line, smaller if it must be."""
    if not text:
        return []
    fitting = max(SMALLEST_TEXT, min(size, (width - 4) / max(text_width(text, bold=bold), 1)))
    return [
        Label(x + width / 2, y, (shorten(text, (width - 4) / fitting, bold=bold),), fitting, "middle", bold, not bold)
    ]


def _head(selection: Selection) -> tuple[Label, ...]:
    width = WIDTH - 2 * MARGIN
    title = shorten(selection.title, width / _TITLE, bold=True)
    words = wrap_within(selection.subtitle, min(width / _SUBTITLE, 110), 2)
    return (
        Label(MARGIN, MARGIN + 6.0, (title,), _TITLE, bold=True),
        Label(MARGIN, MARGIN + 12.4, words, _SUBTITLE, muted=True),
    )
