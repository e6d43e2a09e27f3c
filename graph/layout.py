"""Decides where each concept stands on the map: week columns read left to right, ordered so that few lines cross.

Positions are a function of the graph alone, so that the map never moves under a reader. Within a long week, what is
needed first stands in the left column (longest-path layering), and each column is ordered by the barycentres of its
neighbours (Sugiyama, Tagawa and Toda, 1981).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from graph.groups import Group, group_concepts
from graph.placement import (
    BOX_HEIGHT,
    BOX_WIDTH,
    COLUMN_PITCH,
    HEADER_HEIGHT,
    MOST_DRAWN,
    ROW_PITCH,
    Column,
    MapLayout,
    PlacedEdge,
    PlacedNode,
    placed_concepts,
)
from graph.reduction import drawn_edges, prerequisite_depths
from graph.schema import Concept, Relation

_ASPECT = 1340 / 720  # the room that the map has on a laptop's screen
_SWEEPS = 12


def layout_map(concepts: Iterable[Concept], relations: Iterable[Relation]) -> MapLayout:
    """Places every concept, or above 500 its group, and picks the relations to draw.

    Weeks are columns, or in vaults without them steps or folders; notes about other notes stay off.
    """
    from graph.supernodes import count_crossings, layout_groups

    rows = list(concepts)
    placed = placed_concepts(rows)
    inner = [r for r in relations if r.source in placed and r.target in placed]
    depth = prerequisite_depths(placed, inner)
    if len(placed) > MOST_DRAWN:
        groups = group_concepts(rows, placed, inner, depth, by_track=False)
        return layout_groups(groups, count_crossings(groups, inner))
    groups = group_concepts(rows, placed, inner, depth, by_track=True)
    return place_groups(groups, depth, drawn_edges(inner))


def place_groups(groups: Sequence[Group], depth: Mapping[str, int], edges: tuple[PlacedEdge, ...]) -> MapLayout:
    """The concepts of each group in columns, from left to right."""
    tints = {view: place for place, view in enumerate(dict.fromkeys(group.view for group in groups))}
    columns, members = split_groups(groups, depth, tints)
    order = untangle(members, edges)
    height = max((len(m) for m in order), default=0) * ROW_PITCH
    nodes = tuple(
        PlacedNode(
            concept_id,
            column.id,
            column.x,
            HEADER_HEIGHT + (height - len(ids) * ROW_PITCH) / 2 + ROW_PITCH * (row + 0.5),
            tint=column.tint,
        )
        for column, ids in zip(columns, order, strict=True)
        for row, concept_id in enumerate(ids)
    )
    return MapLayout(tuple(columns), nodes, edges, len(tints))


def split_groups(
    groups: Sequence[Group], depth: Mapping[str, int], tints: Mapping[str, int]
) -> tuple[list[Column], list[list[str]]]:
    """Cuts long groups into several columns, so that the whole map fills its room best."""
    rows = _best_rows([len(group.members) for group in groups])
    columns: list[Column] = []
    members: list[list[str]] = []
    for group in groups:
        parts = -(-len(group.members) // rows)
        size = -(-len(group.members) // parts) if parts else 0
        ordered = sorted(group.members, key=lambda c: (depth[c], c))
        for part in range(parts):
            x = COLUMN_PITCH * (len(columns) + 0.5)
            subtitle = group.subtitle if part == 0 else "continued"
            key, tint = f"{group.key}:{part}", tints[group.view]
            columns.append(Column(key, group.title, subtitle, group.concept_id, x, COLUMN_PITCH, group.view, tint))
            members.append(ordered[part * size : (part + 1) * size])
    return columns, members


def _best_rows(sizes: Sequence[int]) -> int:
    """The column height at which the map can be shown largest in a room of the usual shape."""

    def scale(rows: int) -> float:
        width = max(1, sum(-(-size // rows) for size in sizes)) * COLUMN_PITCH
        return min(_ASPECT / width, 1 / (HEADER_HEIGHT + rows * ROW_PITCH))

    return max(range(6, max([6, *sizes]) + 1), key=lambda rows: (scale(rows), -rows))


def untangle(columns: Sequence[Sequence[str]], edges: Sequence[PlacedEdge]) -> list[list[str]]:
    """Orders each column by where its concepts' neighbours stand, sweeping to the right and back."""
    order = [list(column) for column in columns]
    placed = {concept_id for column in order for concept_id in column}
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
        if edge.source in placed and edge.target in placed:
            neighbours[edge.source].append(edge.target)
            neighbours[edge.target].append(edge.source)
    place = _places(order)
    for sweep in range(_SWEEPS):
        for column in order if sweep % 2 == 0 else reversed(order):
            column.sort(key=lambda c: (_barycentre(c, neighbours[c], place), place[c]))
            place.update(_places([column]))
    return order


def _places(columns: Iterable[Sequence[str]]) -> dict[str, float]:
    """Each concept's height as a share of its column, so that long and short columns compare."""
    return {c: (row + 0.5) / len(column) for column in columns for row, c in enumerate(column)}


def _barycentre(concept_id: str, neighbours: Sequence[str], place: Mapping[str, float]) -> float:
    return sum(place[n] for n in neighbours) / len(neighbours) if neighbours else place[concept_id]


__all__ = [
    "BOX_HEIGHT",
    "BOX_WIDTH",
    "Column",
    "MapLayout",
    "PlacedEdge",
    "PlacedNode",
    "layout_map",
    "place_groups",
    "split_groups",
    "untangle",
]
