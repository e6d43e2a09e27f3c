"""Decides how the neighbourhood of one concept is laid out: what it needs on the left, what it unlocks on the right.

Five columns: needs of needs, needs, the concept, what it unlocks, and what that unlocks. What it contrasts with, is
related to, applied in or part of stands in a lane below it. A column that is too long ends in a count of the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from graph.placement import HEADER_HEIGHT, Column, MapLayout, PlacedEdge, PlacedNode, placed_concepts
from graph.reduction import Pair, drawn_edges, reduce_prerequisites
from graph.schema import Concept, Relation

_PITCH, _ROW = 226.0, 56.0
_WIDTH, _HEIGHT = 156.0, 44.0
_LANE_GAP = 1.5  # rows between the concept and the lane below it
_LONGEST, _LONGEST_LANE = 12, 5
_NO_LIMIT = 100
_TITLES = ("Needed for those", "Needs", "", "Unlocks", "And then")
_MORE = "ego-full"

_Neighbours = Mapping[str, Sequence[str]]


def layout_ego(
    concepts: Iterable[Concept],
    relations: Iterable[Relation],
    concept_id: str,
    *,
    full: bool = False,
    reduced: Iterable[Pair] | None = None,
) -> MapLayout | None:
    """The neighbourhood of a concept; None for an unknown one. `full` shows 100 a column, not 12.

    `reduced` is what `reduce_prerequisites` finds in the relations between placed concepts, where it is known already.
    """
    rows = {concept.id: concept for concept in concepts}
    if concept_id not in rows:
        return None
    placed = {**placed_concepts(rows.values()), concept_id: rows[concept_id]}
    inner = [r for r in relations if r.source in placed and r.target in placed]
    columns = _layers(concept_id, inner, reduce_prerequisites(inner) if reduced is None else reduced)
    lane = _lane(concept_id, inner, {c for column in columns for c in column})
    limits = (_NO_LIMIT, _NO_LIMIT) if full else (_LONGEST, _LONGEST_LANE)
    key = _importance(concept_id, placed, inner)
    kept = [sorted(column, key=key)[: limits[0]] for column in columns]
    kept_lane = sorted(lane, key=key)[: limits[1]]
    in_columns = {c for column in kept for c in column}
    edges = drawn_edges([r for r in inner if _belongs(r, concept_id, in_columns, kept_lane)])
    left_out = [len(column) - len(rows) for column, rows in zip(columns, kept, strict=True)]
    title = rows[concept_id].title
    return _place(_untangle(kept, edges), kept_lane, left_out, len(lane) - len(kept_lane), edges, title)


def _belongs(relation: Relation, concept_id: str, in_columns: Collection[str], lane: Collection[str]) -> bool:
    """Between the others only prerequisites among the columns are drawn: the view is about one concept."""
    source, target = relation.source, relation.target
    if relation.kind == "prerequisite_of":
        return source in in_columns and target in in_columns
    return (source == concept_id and target in lane) or (target == concept_id and source in lane)


def _layers(concept_id: str, relations: Sequence[Relation], reduced: Iterable[Pair]) -> list[list[str]]:
    """The five columns. A need that another need implies stands one column further out, and so does what it unlocks."""
    before: defaultdict[str, list[str]] = defaultdict(list)
    after: defaultdict[str, list[str]] = defaultdict(list)
    for source, target in reduced:
        before[target].append(source)
        after[source].append(target)
    all_before = [r.source for r in relations if r.kind == "prerequisite_of" and r.target == concept_id]
    all_after = [r.target for r in relations if r.kind == "prerequisite_of" and r.source == concept_id]
    needs = [c for c in before[concept_id] if c != concept_id]
    unlocks = [c for c in after[concept_id] if c not in {concept_id, *needs}]
    taken = {concept_id, *needs, *unlocks}
    far_needs = _next_layer(needs, before, all_before, taken)
    taken |= set(far_needs)
    return [far_needs, needs, [concept_id], unlocks, _next_layer(unlocks, after, all_after, taken)]


def _next_layer(near: Sequence[str], onward: _Neighbours, direct: Iterable[str], taken: set[str]) -> list[str]:
    found = dict.fromkeys([*direct, *(c for n in near for c in onward.get(n, ()))])
    return [c for c in found if c not in taken]


def _lane(concept_id: str, relations: Iterable[Relation], taken: set[str]) -> list[str]:
    others = (
        r.target if r.source == concept_id else r.source
        for r in relations
        if r.kind != "prerequisite_of" and concept_id in (r.source, r.target)
    )
    return [c for c in dict.fromkeys(others) if c not in taken]


def _importance(
    concept_id: str, concepts: Mapping[str, Concept], relations: Iterable[Relation]
) -> Callable[[str], tuple[float, int, str]]:
    """What to keep of a long column: those that the concept itself is joined to best, then the most joined."""
    own: dict[str, float] = {}
    degree: defaultdict[str, int] = defaultdict(int)
    for relation in relations:
        for end, other in ((relation.source, relation.target), (relation.target, relation.source)):
            degree[end] += 1
            if other == concept_id:
                own[end] = max(own.get(end, 0.0), relation.weight)
    return lambda c: (-own.get(c, 0.0), -degree[c], c)


def _untangle(columns: Sequence[Sequence[str]], edges: Sequence[PlacedEdge]) -> list[list[str]]:
    """Orders the outer columns by the places of those that they are joined to; from the concept outwards."""
    place: dict[str, float] = {}
    ordered = [list(column) for column in columns]
    for at, inner in ((1, 2), (3, 2), (0, 1), (4, 3)):
        inside = set(ordered[inner])
        joined: defaultdict[str, list[float]] = defaultdict(list)
        for edge in edges:
            for end, other in ((edge.source, edge.target), (edge.target, edge.source)):
                if other in inside:
                    joined[end].append(place.get(other, 0.0))
        ordered[at].sort(key=lambda c: (sum(joined[c]) / len(joined[c]) if joined[c] else 1.0, c))
        place.update({c: (row + 0.5) / len(ordered[at]) for row, c in enumerate(ordered[at])})
    return ordered


def _place(
    columns: Sequence[Sequence[str]],
    lane: Sequence[str],
    left_out: Sequence[int],
    lane_left_out: int,
    edges: tuple[PlacedEdge, ...],
    title: str,
) -> MapLayout:
    """Every column is centred on the concept's height, and the lane begins below it."""
    rows = [len(column) + (1 if more else 0) for column, more in zip(columns, left_out, strict=True)]
    below = _LANE_GAP + len(lane) + (1 if lane_left_out else 0) if lane else 0.5
    middle = HEADER_HEIGHT + _ROW * max(*(count / 2 for count in rows), min(below, max(rows) / 2 + 1))
    placed: list[Column] = []
    nodes: list[PlacedNode] = []
    for at, (column, more) in enumerate(zip(columns, left_out, strict=True)):
        x, key = _PITCH * (at + 0.5), f"ego:{at - 2}"
        placed.append(Column(key, _TITLES[at] or title, "", None, x, _PITCH))
        top = middle - _ROW * rows[at] / 2
        nodes += [_box(c, key, x, top + _ROW * (row + 0.5)) for row, c in enumerate(column)]
        if more:
            nodes.append(_more(key, x, top + _ROW * (len(column) + 0.5), more))
    x = _PITCH * 2.5
    nodes += [_box(c, "ego:0", x, middle + _ROW * (_LANE_GAP + row)) for row, c in enumerate(lane)]
    if lane_left_out:
        nodes.append(_more("ego:0", x, middle + _ROW * (_LANE_GAP + len(lane)), lane_left_out))
    return MapLayout(tuple(placed), tuple(nodes), edges)


def _box(concept_id: str, column: str, x: float, y: float) -> PlacedNode:
    return PlacedNode(concept_id, column, x, y, _WIDTH, _HEIGHT)


def _more(column: str, x: float, y: float, count: int) -> PlacedNode:
    return PlacedNode(f"more {column}", column, x, y, _WIDTH, _HEIGHT, title=f"+{count} more", count=count, opens=_MORE)
