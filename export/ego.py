"""Decides what the sheet of one concept shows: what it needs and unlocks in columns, and below what else it is tied to.

The other ties need no lines when they stand under words that say how they are meant.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from export.selection import Selection, count_words, names_of, week_colours, week_notes
from graph.ego import layout_ego
from graph.errors import UsageError
from graph.placement import MapLayout
from graph.schema import Concept, Relation, RelationKind

_TALLEST = 18  # rows: a longer column ends in a count of the rest
_MIDDLE = "ego:0"
_AS_SOURCE: Mapping[RelationKind, str] = {
    "part_of": "Part of",
    "applies_to": "Used in",
    "contrasts_with": "Contrasts with",
    "related_to": "Related to",
}
_AS_TARGET: Mapping[RelationKind, str] = {**_AS_SOURCE, "part_of": "Its parts", "applies_to": "Uses"}
_ORDER = ("Part of", "Its parts", "Contrasts with", "Uses", "Used in", "Related to")


def select_concept(concepts: Sequence[Concept], relations: Sequence[Relation], concept_id: str) -> Selection:
    """A concept in five columns: needs of needs, needs, itself, unlocks, next; its other ties in a strip below.

    Raises UsageError for an unknown id.
    """
    rows = {concept.id: concept for concept in concepts}
    full = layout_ego(concepts, relations, concept_id, full=True)
    if full is None:
        raise UsageError(f"There is no concept with the id {concept_id!r}; `prepgraph concepts` lists those there are.")
    tied = [node.id for node in full.nodes if node.column == _MIDDLE and node.id in rows and node.id != concept_id]
    layout = _columns_only(full, concept_id)
    if max(Counter(node.column for node in layout.nodes).values()) > _TALLEST:
        layout = _columns_only(layout_ego(concepts, relations, concept_id) or full, concept_id)
    shown = [*(node.id for node in layout.nodes if node.id in rows), *tied]
    needed, unlocked = (len(_reach(relations, concept_id, forward=forward)) for forward in (False, True))
    return Selection(
        title=rows[concept_id].title,
        subtitle=rows[concept_id].summary,
        foot=f"{count_words(len(shown), 'concept')} shown · in all, {needed:,} come before it and {unlocked:,} after",
        layout=layout,
        names={**names_of(layout, rows), **{c: rows[c].title for c in tied}},
        notes=week_notes(shown, rows),
        colours=week_colours(concepts, shown),
        kinds=("prerequisite_of",),
        even=False,
        strong=concept_id,
        strip=_ties(concept_id, tied, relations),
    )


def _columns_only(layout: MapLayout, concept_id: str) -> MapLayout:
    """The five columns without what stands below the concept; one that is empty says so."""
    nodes = tuple(node for node in layout.nodes if node.column != _MIDDLE or node.id == concept_id)
    kept, filled = {node.id for node in nodes}, {node.column for node in nodes}
    columns = tuple(
        replace(c, title="" if c.id == _MIDDLE else c.title, subtitle="" if c.id in filled else "nothing")
        for c in layout.columns
    )
    edges = tuple(e for e in layout.edges if e.source in kept and e.target in kept)
    return replace(layout, columns=columns, nodes=nodes, edges=edges)


def _ties(
    concept_id: str, tied: Sequence[str], relations: Iterable[Relation]
) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """The other concepts under words that say how they are tied to this one; each once."""
    words: dict[str, str] = {}
    for relation in relations:
        if relation.kind != "prerequisite_of" and concept_id in (relation.source, relation.target):
            is_source = relation.source == concept_id
            other = relation.target if is_source else relation.source
            found = (_AS_SOURCE if is_source else _AS_TARGET)[relation.kind]
            words[other] = min(words.get(other, found), found, key=_ORDER.index)
    groups: defaultdict[str, list[str]] = defaultdict(list)
    for other in tied:
        groups[words[other]].append(other)
    return tuple((name, tuple(groups[name])) for name in _ORDER if name in groups)


def _reach(relations: Iterable[Relation], start: str, *, forward: bool) -> set[str]:
    """All that needs a concept, directly or not, or that it needs."""
    onward: defaultdict[str, list[str]] = defaultdict(list)
    for relation in relations:
        if relation.kind == "prerequisite_of":
            source, target = relation.source, relation.target
            onward[source if forward else target].append(target if forward else source)
    seen, waiting = {start}, [start]
    while waiting:
        fresh = {c for c in onward[waiting.pop()] if c not in seen}
        seen |= fresh
        waiting += fresh
    return seen - {start}
