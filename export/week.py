"""Decides what the sheet of one week shows: its concepts step by step, between what they need and what they unlock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from export.selection import Selection, count_words, names_of, week_colours, week_notes
from graph.errors import UsageError
from graph.layout import layout_map
from graph.placement import COLUMN_PITCH, ROW_PITCH, Column, MapLayout, PlacedEdge, PlacedNode, placed_concepts
from graph.reduction import Pair, drawn_edges, reduce_prerequisites
from graph.schema import WEEK_KIND, Concept, Relation, RelationKind

_FEWEST_ROWS = 14  # of the columns beside the week, however short it is
_SIDES = (("before", "Needed from elsewhere"), ("after", "Unlocked elsewhere"))
_MORE = "more "
_MOST_LINES = 120


def select_week(concepts: Sequence[Concept], relations: Sequence[Relation], week: int) -> Selection:
    """One week: in between its concepts by steps, left what they need of other weeks, right what they unlock there.

    Raises UsageError when no concept belongs to that week.
    """
    placed = placed_concepts(concepts)
    own = {c.id for c in placed.values() if c.week == week}
    if not own:
        raise UsageError(_no_such_week(week, {c.week for c in placed.values() if c.week is not None}))
    inner = [r for r in relations if r.source in placed and r.target in placed]
    pairs = reduce_prerequisites(inner)
    middle = _steps(placed, inner, own)
    before = _ranked(((s, t) for s, t in pairs if t in own and s not in own), 0)
    after = _ranked(((s, t) for s, t in pairs if s in own and t not in own), 1)
    layout = _join(middle, before, after, inner, pairs)
    shown = [node.id for node in layout.nodes if node.id in placed]
    kinds = _readable_kinds(layout.edges)
    only = "" if len(kinds) != 1 or len(layout.edges) <= _MOST_LINES else " · only prerequisites are drawn"
    about = next((c for c in concepts if c.kind == WEEK_KIND and c.week == week), None)
    return Selection(
        title=about.title if about else f"Week {week}",
        subtitle=about.summary if about else "",
        foot=(
            f"{count_words(len(own), 'concept')} of week {week} · they build on {len(before):,} of other weeks "
            f"and lead to {len(after):,}{only}"
        ),
        layout=layout,
        names=names_of(layout, placed),
        notes=week_notes([c for c in shown if c not in own], placed),
        colours=week_colours(concepts, shown),
        kinds=kinds,
    )


def _readable_kinds(edges: Sequence[PlacedEdge]) -> tuple[RelationKind, ...]:
    """Every kind of relation there is, or prerequisites alone where all of them would hide each other."""
    kinds = dict.fromkeys(edge.kind for edge in edges)
    return tuple(kinds) if len(edges) <= _MOST_LINES else tuple(k for k in kinds if k == "prerequisite_of")


def _no_such_week(week: int, weeks: Collection[int]) -> str:
    if not weeks:
        return "These notes have no weeks; leave out --week, or name a concept with --concept."
    return f"No concept belongs to week {week}; there are the weeks {', '.join(map(str, sorted(weeks)))}."


def _steps(placed: Mapping[str, Concept], relations: Sequence[Relation], own: Collection[str]) -> MapLayout:
    """The week alone, laid out as a vault without weeks is: by the depth of its own prerequisites."""
    rows = [replace(placed[c], week=None, track=None) for c in sorted(own)]
    return layout_map(rows, [r for r in relations if r.source in own and r.target in own])


def _ranked(pairs: Iterable[Pair], end: int) -> list[str]:
    """The concepts at one end of some pairs, those that stand in most of them first."""
    counts = Counter(pair[end] for pair in pairs)
    return sorted(counts, key=lambda c: (-counts[c], c))


def _join(
    middle: MapLayout, before: Sequence[str], after: Sequence[str], relations: Sequence[Relation], pairs: Sequence[Pair]
) -> MapLayout:
    rows = max(_FEWEST_ROWS, *Counter(node.column for node in middle.nodes).values())
    heights = {node.id: node.y for node in middle.nodes}
    shift = COLUMN_PITCH if before else 0.0
    columns = [replace(column, x=column.x + shift, tint=-1) for column in middle.columns]
    nodes = [replace(node, x=node.x + shift) for node in middle.nodes]
    for (key, title), ids, x in zip(
        _SIDES, (before, after), (0.5 * COLUMN_PITCH, columns[-1].x + COLUMN_PITCH), strict=True
    ):
        if ids:
            columns.append(Column(key, title, "", None, x, COLUMN_PITCH))
            nodes += _side(key, ids, x, rows, heights, pairs)
    shown = {node.id for node in nodes}
    own = set(heights)
    within = [r for r in relations if r.source in shown and r.target in shown and (r.source in own or r.target in own)]
    edges = [e for e in drawn_edges(within) if e.kind == "prerequisite_of" or (e.source in own and e.target in own)]
    return MapLayout(tuple(sorted(columns, key=lambda c: c.x)), tuple(nodes), tuple(edges))


def _side(
    key: str, ids: Sequence[str], x: float, rows: int, heights: Mapping[str, float], pairs: Sequence[Pair]
) -> list[PlacedNode]:
    """A column beside the week, each concept near the height of those it is joined to; the rest as a count."""
    kept = list(ids if len(ids) <= rows else ids[: rows - 1])
    joined = {c: [heights[o] for p in pairs if c in p for o in p if o in heights] for c in kept}
    kept.sort(key=lambda c: (sum(joined[c]) / len(joined[c]), c))
    nodes = [PlacedNode(c, key, x, ROW_PITCH * row) for row, c in enumerate(kept)]
    if more := len(ids) - len(kept):
        words = f"and {more} more"
        nodes.append(PlacedNode(_MORE + key, key, x, ROW_PITCH * len(kept), title=words, count=more))
    return nodes
