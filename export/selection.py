"""What a printed map shows, whichever part of the graph it is about, and the map of all of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph.layout import layout_map
from graph.placement import MapLayout, placed_concepts
from graph.schema import WEEK_KIND, Concept, Relation, RelationKind


@dataclass(frozen=True, slots=True)
class Colours:
    """The colour of each node, by its place among `count`; `names` explains them where no heading does."""

    of: Mapping[str, int] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    count: int = 0


@dataclass(frozen=True, slots=True)
class Selection:
    """What one sheet shows. `names` are the words of boxes by node, `notes` the small words below them.

    `even` spreads the rows of each column over the height of the sheet; otherwise they stand as the layout has them.
    `kinds` are the relations that are drawn, `strong` the node that the sheet is about, and `strip` what stands below
    the columns, each group of nodes under its words.
    """

    title: str
    subtitle: str
    foot: str
    layout: MapLayout
    names: Mapping[str, str]
    notes: Mapping[str, str]
    colours: Colours
    kinds: tuple[RelationKind, ...]
    even: bool = True
    strong: str | None = None
    strip: tuple[tuple[str, tuple[str, ...]], ...] = ()


def select_all(concepts: Sequence[Concept], relations: Sequence[Relation], title: str = "") -> Selection:
    """Everything that has a box, in week columns, with the prerequisites that no longer way implies."""
    layout = layout_map(concepts, relations)
    placed = placed_concepts(concepts)
    subtitle = "Read from left to right: a line leads from what is learnt first to what needs it."
    if any(node.count is not None for node in layout.nodes):
        subtitle = (
            "A line leads from what is learnt first to what needs it, thicker for more; a box stands for many concepts."
        )
    if not placed:
        subtitle = "There are no concepts yet: ingest a folder of notes, and export again."
    return Selection(
        title=title or "Concept map",
        subtitle=subtitle,
        foot=_counts(placed, relations, layout) + _left_out(concepts, placed),
        layout=layout,
        names={node.id: node.title or placed[node.id].title for node in layout.nodes},
        notes={node.id: count_words(node.count, "concept") for node in layout.nodes if node.count is not None},
        colours=Colours({node.id: node.tint for node in layout.nodes}, (), layout.tints),
        kinds=("prerequisite_of",),
    )


def _counts(placed: Mapping[str, Concept], relations: Iterable[Relation], layout: MapLayout) -> str:
    weeks = {c.week for c in placed.values() if c.week is not None}
    stated = sum(r.kind == "prerequisite_of" and r.source in placed and r.target in placed for r in relations)
    drawn = sum(edge.kind == "prerequisite_of" for edge in layout.edges)
    words = [count_words(len(placed), "concept"), *([count_words(len(weeks), "week")] if weeks else [])]
    if any(edge.count is not None for edge in layout.edges):
        return " · ".join(
            [*words, f"{count_words(stated, 'prerequisite')}, drawn between groups, the most joined only"]
        )
    implied = ", those that no longer way implies" if drawn < stated else ""
    return " · ".join([*words, f"{drawn:,} of {count_words(stated, 'prerequisite')} drawn{implied}"])


def _left_out(concepts: Iterable[Concept], placed: Collection[str]) -> str:
    """The notes about other notes, which have no box."""
    kinds = Counter(c.kind for c in concepts if c.id not in placed and c.kind != WEEK_KIND)
    words = [count_words(number, "sprint note" if kind == "sprint" else kind) for kind, number in sorted(kinds.items())]
    return f" · left out: {', '.join(words)}" if words else ""


def count_words(number: int, noun: str) -> str:
    """A number with its noun: "1 week", "1,200 concepts"."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def names_of(layout: MapLayout, rows: Mapping[str, Concept]) -> dict[str, str]:
    """The words of each box: a concept's title, or what the layout says of several."""
    return {node.id: node.title or rows[node.id].title for node in layout.nodes}


def week_notes(shown: Iterable[str], rows: Mapping[str, Concept]) -> dict[str, str]:
    """The week of each concept that has one, as words."""
    return {c: f"Week {rows[c].week}" for c in shown if rows[c].week is not None}


def week_colours(concepts: Sequence[Concept], shown: Iterable[str]) -> Colours:
    """The colours that the weeks have on the whole map, for some concepts."""
    placed = placed_concepts(concepts)
    weeks = sorted({c.week for c in placed.values() if c.week is not None})
    numbers = {c.id: weeks.index(c.week) for c in concepts if c.week in weeks} if weeks else {}
    return Colours({c: numbers.get(c, -1) for c in shown}, tuple(f"Week {week}" for week in weeks), len(weeks))
