"""Decides how a vault of more concepts than can be drawn is shown: first as groups with counts, then one group open.

An open group stands between those that come before it and those that come after, which stay closed: what leads out
of it is drawn to them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from graph.groups import Group, find_group, view_groups
from graph.layout import split_groups, untangle
from graph.placement import (
    BOX_HEIGHT,
    COLUMN_PITCH,
    HEADER_HEIGHT,
    ROW_PITCH,
    Column,
    MapLayout,
    PlacedEdge,
    PlacedNode,
    placed_concepts,
)
from graph.reduction import drawn_edges, prerequisite_depths
from graph.schema import Concept, Relation

_GROUP_WIDTH, _GROUP_HEIGHT = 140.0, 84.0
_GROUP_PITCH, _GROUP_ROW = 196.0, 190.0
_GROUPS_IN_A_ROW = 8
_MOST_GROUP_EDGES = 60
MOST_MEMBERS = 420  # of an open group: with the closed ones and the lines out, still drawn in a moment
_CLOSED_WIDTH = 124.0


def group_node_id(view: str) -> str:
    """The id of the box of a closed group: no concept's, since it holds a space."""
    return f"group {view}"


Crossing = tuple[str, str, int]
"""The views of two groups, and how many prerequisites lead from the one to the other."""


def layout_groups(groups: Sequence[Group], crossings: Iterable[Crossing]) -> MapLayout:
    """A box a group with its count, in rows of eight, and between them the prerequisites that cross, counted."""
    columns = min(_GROUPS_IN_A_ROW, len(groups)) or 1
    nodes = tuple(_group_node(group, place, columns) for place, group in enumerate(groups))
    placed = tuple(
        Column(f"groups:{c}", "", "", None, _GROUP_PITCH * (c + 0.5), _GROUP_PITCH)
        for c in range(min(columns, len(groups)))
    )
    edges = (PlacedEdge(group_node_id(s), group_node_id(t), "prerequisite_of", count) for s, t, count in crossings)
    return MapLayout(placed, nodes, tuple(edges), len(groups))


def _group_node(group: Group, place: int, columns: int) -> PlacedNode:
    row, column = divmod(place, columns)
    title = f"{group.title} {group.subtitle}".strip()
    y = HEADER_HEIGHT + _GROUP_ROW * (row + 1)
    return PlacedNode(
        group_node_id(group.view),
        f"groups:{column}",
        _GROUP_PITCH * (column + 0.5),
        y,
        _GROUP_WIDTH,
        _GROUP_HEIGHT,
        place,
        title,
        group.count,
        group.view,
    )


def count_crossings(groups: Sequence[Group], relations: Iterable[Relation]) -> tuple[Crossing, ...]:
    """The prerequisites from each group to each other one; of many pairs those with the most. All ends are members."""
    of = {member: group.view for group in groups for member in group.members}
    counts = Counter(
        (of[r.source], of[r.target]) for r in relations if r.kind == "prerequisite_of" and of[r.source] != of[r.target]
    )
    return strongest_crossings((*pair, count) for pair, count in counts.items())


def strongest_crossings(crossings: Iterable[Crossing]) -> tuple[Crossing, ...]:
    """As many as are drawn: those that stand for the most prerequisites."""
    return tuple(sorted(crossings, key=lambda c: (-c[2], c[0], c[1]))[:_MOST_GROUP_EDGES])


def layout_group(concepts: Iterable[Concept], relations: Iterable[Relation], view: str) -> MapLayout | None:
    """The concepts of one group, between the closed groups that they need and unlock; None for no such view."""
    rows = list(concepts)
    placed = placed_concepts(rows)
    inner = [r for r in relations if r.source in placed and r.target in placed]
    groups = view_groups(rows, placed, inner)
    found = find_group(groups, view)
    if found is None:
        return None
    shown = _most_joined(found, inner)
    among = set(shown)
    within = [r for r in inner if r.source in among and r.target in among]
    return layout_open_group(groups, found, shown, within, _edges_out(groups, found, shown, inner))


def layout_open_group(
    groups: Sequence[Group],
    found: Group,
    shown: tuple[str, ...],
    within: Sequence[Relation],
    outward: Iterable[PlacedEdge],
) -> MapLayout:
    """The same from what is drawn alone: some members, the relations among them, and what joins them to other groups.

    The members and relations that `groups` and `found` list are not looked at, only their counts.
    """
    edges = (*drawn_edges(within), *outward)
    return _place_open(groups, found, shown, found.count - len(shown), edges, prerequisite_depths(shown, within))


def _most_joined(group: Group, relations: Iterable[Relation]) -> tuple[str, ...]:
    """The members with the most relations, as many as can be drawn."""
    if len(group.members) <= MOST_MEMBERS:
        return group.members
    degree = Counter(end for r in relations for end in (r.source, r.target))
    return tuple(sorted(group.members, key=lambda c: (-degree[c], c))[:MOST_MEMBERS])


def _edges_out(
    groups: Sequence[Group], found: Group, shown: Sequence[str], relations: Iterable[Relation]
) -> tuple[PlacedEdge, ...]:
    """What joins a shown concept to a closed group, once however often."""
    members = set(shown)
    of = {m: group_node_id(g.view) for g in groups if g.view != found.view for m in g.members}
    joined: dict[tuple[str, str], int] = {}
    for relation in relations:
        if relation.kind != "prerequisite_of":
            continue
        for source, target in ((of.get(relation.source), relation.target), (relation.source, of.get(relation.target))):
            if source and target and (source in members or target in members):
                joined[source, target] = joined.get((source, target), 0) + 1
    return tuple(PlacedEdge(s, t, "prerequisite_of", count) for (s, t), count in sorted(joined.items()))


def _place_open(
    groups: Sequence[Group],
    found: Group,
    shown: tuple[str, ...],
    more: int,
    edges: tuple[PlacedEdge, ...],
    depth: Mapping[str, int],
) -> MapLayout:
    tints = {group.view: place for place, group in enumerate(groups)}
    own = Group(found.key, found.title, found.subtitle, found.concept_id, shown, found.view)
    columns, members = split_groups([own], depth, tints)
    order = untangle(members, edges)
    touched = {end for edge in edges for end in (edge.source, edge.target)}
    closed = [g for g in groups if g.view != found.view and group_node_id(g.view) in touched]
    before = [g for g in closed if tints[g.view] < tints[found.view]]
    after = [g for g in closed if tints[g.view] > tints[found.view]]
    shift = COLUMN_PITCH if before else 0.0
    height = max([len(ids) for ids in order] + [2 * len(before), 2 * len(after)]) * ROW_PITCH
    nodes = [
        PlacedNode(c, column.id, column.x + shift, _row_y(height, len(ids), row), tint=column.tint)
        for column, ids in zip(columns, order, strict=True)
        for row, c in enumerate(ids)
    ]
    moved = [Column(c.id, c.title, c.subtitle, c.concept_id, c.x + shift, c.width, c.group, c.tint) for c in columns]
    right = moved[-1].x + COLUMN_PITCH
    if more:
        last, y = moved[-1], height + HEADER_HEIGHT + ROW_PITCH
        words = f"+{more} more"
        nodes.append(PlacedNode(f"more {found.view}", last.id, last.x, y, title=words, count=more, opens="list"))
    sides = [("before", "Before", before, COLUMN_PITCH / 2), ("after", "After", after, right)]
    for key, title, side, x in sides:
        if side:
            moved.append(Column(key, title, "", None, x, COLUMN_PITCH))
            nodes += _closed_nodes(side, key, x, height, tints)
    moved.sort(key=lambda column: column.x)
    return MapLayout(tuple(moved), tuple(nodes), edges, len(groups))


def _closed_nodes(
    groups: Sequence[Group], column: str, x: float, height: float, tints: Mapping[str, int]
) -> Iterable[PlacedNode]:
    pitch = height / len(groups)
    for row, group in enumerate(groups):
        y = HEADER_HEIGHT + pitch * (row + 0.5)
        size = group.count
        box = (_CLOSED_WIDTH, min(BOX_HEIGHT * 1.6, pitch * 0.8), tints[group.view], group.title, size, group.view)
        yield PlacedNode(group_node_id(group.view), column, x, y, *box)


def _row_y(height: float, rows: int, row: int) -> float:
    return HEADER_HEIGHT + (height - rows * ROW_PITCH) / 2 + ROW_PITCH * (row + 0.5)
