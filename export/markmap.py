"""Writes the graph as Markdown that markmap shows as a mind map: weeks, their tracks, and the concepts of each.

Where a concept is part of another one of its own branch, it hangs below it. Notes about other notes are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from export.markdown import escape_rendered
from export.rows import GraphRows
from graph.groups import Group, group_concepts
from graph.placement import placed_concepts
from graph.reduction import prerequisite_depths
from graph.schema import Relation

_FRONT = "---\nmarkmap:\n  colorFreezeLevel: 2\n  initialExpandLevel: 3\n  maxWidth: 320\n---\n"


def to_markmap(graph: GraphRows, title: str = "") -> bytes:
    """UTF-8 Markdown: a heading for the whole, one a week and one a track, and a list of concepts under each."""
    return (_FRONT + "\n" + "\n".join(_lines(graph, title or "Concept map")) + "\n").encode()


def _lines(graph: GraphRows, title: str) -> Iterator[str]:
    placed = placed_concepts(graph.concepts)
    inner = [r for r in graph.relations if r.source in placed and r.target in placed]
    depth = prerequisite_depths(placed, inner)
    titles = {c.id: c.title for c in graph.concepts}
    yield f"# {escape_rendered(title)}"
    branch = ""
    for group in group_concepts(list(graph.concepts), placed, inner, depth, by_track=True):
        if group.view != branch:
            branch = group.view
            yield f"\n## {escape_rendered(_branch_title(group, titles))}"
        if group.subtitle:
            yield f"\n### {escape_rendered(group.subtitle)}"
        yield ""
        members = sorted(group.members, key=lambda c: (depth[c], placed[c].title.casefold(), c))
        parents = _parents(members, inner)
        children: defaultdict[str | None, list[str]] = defaultdict(list)
        for member in members:
            children[parents.get(member)].append(member)
        yield from _items(None, children, titles, 0)


def _branch_title(group: Group, titles: Mapping[str, str]) -> str:
    return titles.get(group.concept_id or "", group.title)


def _parents(members: Iterable[str], relations: Iterable[Relation]) -> dict[str, str]:
    """What each concept is part of within its branch: the first such, and never one that is part of it in turn."""
    inside = set(members)
    parents: dict[str, str] = {}
    for relation in relations:
        source, target = relation.source, relation.target
        if relation.kind != "part_of" or source in parents or not {source, target} <= inside:
            continue
        above: str | None = target
        while above is not None and above != source:
            above = parents.get(above)
        if above is None:
            parents[source] = target
    return parents


def _items(
    parent: str | None, children: Mapping[str | None, list[str]], titles: Mapping[str, str], level: int
) -> Iterator[str]:
    for child in children.get(parent, ()):
        yield f"{'  ' * level}- {escape_rendered(titles[child])}"
        yield from _items(child, children, titles, level + 1)
