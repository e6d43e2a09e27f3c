"""Decides how the ways from one concept to another are laid out: the ends outside, each way a row between them.

The ways differ in length, so their concepts are spread over the same columns. A concept that two ways share stands
where the first of them has it.
"""

from __future__ import annotations

from collections.abc import Sequence

from graph.paths import PathStep
from graph.placement import HEADER_HEIGHT, Column, MapLayout, PlacedEdge, PlacedNode

_PITCH, _ROW = 200.0, 104.0
_WIDTH, _HEIGHT = 150.0, 48.0


def layout_paths(paths: Sequence[Sequence[PathStep]]) -> MapLayout:
    """One path or more between the same ends, the first on top; none of them empty."""
    longest = max(map(len, paths))
    columns = [_column(at, longest) for at in range(longest + 1)]
    middle = HEADER_HEIGHT + _ROW * len(paths) / 2
    nodes = {end: _box(end, at, middle) for end, at in ((paths[0][0].source, 0), (paths[0][-1].target, longest))}
    for row, path in enumerate(paths):
        for number, step in enumerate(path[:-1], start=1):
            at = min(max(round(number * longest / len(path)), number), longest - len(path) + number)
            nodes.setdefault(step.target, _box(step.target, at, HEADER_HEIGHT + _ROW * (row + 0.5)))
    edges = {(step.source, step.target): _edge(step) for path in paths for step in path}
    return MapLayout(tuple(columns), tuple(nodes.values()), tuple(edges.values()))


def _column(at: int, last: int) -> Column:
    title = "From" if at == 0 else "To" if at == last else ""
    return Column(f"path:{at}", title, "", None, _PITCH * (at + 0.5), _PITCH)


def _box(concept_id: str, at: int, y: float) -> PlacedNode:
    return PlacedNode(concept_id, f"path:{at}", _PITCH * (at + 0.5), y, _WIDTH, _HEIGHT)


def _edge(step: PathStep) -> PlacedEdge:
    """A line as the relation points, whichever way the path goes along it."""
    ends = (step.source, step.target) if step.direction == "forward" else (step.target, step.source)
    return PlacedEdge(*ends, step.kind)
