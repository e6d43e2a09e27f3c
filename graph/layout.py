"""Decides where each concept stands on the map: week columns read left to right, ordered so that few lines cross.

Positions are a function of the graph alone, so that the map never moves under a reader. Within a long week, what is
needed first stands in the left column (longest-path layering), and each column is ordered by the barycentres of its
neighbours (Sugiyama, Tagawa and Toda, 1981).
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.paths import prerequisite_graph
from graph.schema import WEEK_KIND, Concept, Relation, RelationKind

COLUMN_PITCH, ROW_PITCH = 146.0, 48.0
BOX_WIDTH, BOX_HEIGHT = 112.0, 38.0
HEADER_HEIGHT = 56.0
_ASPECT = 1340 / 720  # the room that the map has on a laptop's screen
_SWEEPS = 12
_TRACK_SHARE = 4  # a track with fewer concepts in a week gets no column of its own
_NO_WEEK = 10**6
_OFF_THE_MAP = {WEEK_KIND, "comparison", "question", "sprint"}


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the map; `concept_id` is the week's concept, if the column stands for a week."""

    id: str
    title: str
    subtitle: str
    concept_id: str | None
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class PlacedNode:
    """A concept's box, with its centre at `x`, `y`."""

    id: str
    column: str
    x: float
    y: float
    width: float = BOX_WIDTH
    height: float = BOX_HEIGHT


@dataclass(frozen=True, slots=True)
class PlacedEdge:
    """A relation to draw."""

    source: str
    target: str
    kind: RelationKind


@dataclass(frozen=True, slots=True)
class MapLayout:
    """All that the map draws."""

    columns: tuple[Column, ...]
    nodes: tuple[PlacedNode, ...]
    edges: tuple[PlacedEdge, ...]


@dataclass(frozen=True, slots=True)
class _Group:
    """The concepts that share a band of the map: a week, or a track of a week, or a step of a vault without weeks."""

    key: str
    title: str
    subtitle: str
    concept_id: str | None
    members: tuple[str, ...]


def layout_map(concepts: Iterable[Concept], relations: Iterable[Relation]) -> MapLayout:
    """Places every concept and picks the relations to draw; weeks are columns, notes about other notes stay off."""
    rows = list(concepts)
    placed = {concept.id: concept for concept in rows if concept.kind not in _OFF_THE_MAP}
    inner = [r for r in relations if r.source in placed and r.target in placed]
    depth = _depths(placed, inner)
    groups = _week_groups(rows, placed) if any(c.week is not None for c in placed.values()) else _depth_groups(depth)
    edges = drawn_edges(inner)
    columns, members = _split_groups(groups, depth)
    order = _untangle(members, edges)
    height = max((len(m) for m in order), default=0) * ROW_PITCH
    nodes = tuple(
        PlacedNode(
            concept_id,
            column.id,
            column.x,
            HEADER_HEIGHT + (height - len(ids) * ROW_PITCH) / 2 + ROW_PITCH * (row + 0.5),
        )
        for column, ids in zip(columns, order, strict=True)
        for row, concept_id in enumerate(ids)
    )
    return MapLayout(tuple(columns), nodes, edges)


def drawn_edges(relations: Sequence[Relation]) -> tuple[PlacedEdge, ...]:
    """The relations worth a line: prerequisites that no longer way implies, and of other kinds the authored ones."""
    prerequisites = _transitive_reduction(relations)
    drawn = [PlacedEdge(s, t, "prerequisite_of") for s, t in prerequisites]
    joined = {frozenset((r.source, r.target)) for r in relations if r.kind == "prerequisite_of"}
    for relation in relations:
        pair = frozenset((relation.source, relation.target))
        if relation.kind != "prerequisite_of" and pair not in joined:
            joined.add(pair)
            drawn.append(PlacedEdge(relation.source, relation.target, relation.kind))
    return tuple(drawn)


def _transitive_reduction(relations: Sequence[Relation]) -> list[tuple[str, str]]:
    import networkx as nx

    graph = prerequisite_graph(relations)
    if not nx.is_directed_acyclic_graph(graph):  # a cycle has no unique reduction, and is reported as an error
        return sorted(graph.edges)
    return sorted(nx.transitive_reduction(graph).edges)


def _depths(concepts: Mapping[str, Concept], relations: Sequence[Relation]) -> dict[str, int]:
    """The longest chain of prerequisites below each concept; those on a cycle share theirs."""
    import networkx as nx

    graph = prerequisite_graph(relations)
    graph.add_nodes_from(concepts)
    groups = nx.condensation(graph)
    found: dict[int, int] = {}
    for group in nx.topological_sort(groups):
        found[group] = max((found[before] + 1 for before in groups.predecessors(group)), default=0)
    return {concept_id: found[group] for group in groups for concept_id in groups.nodes[group]["members"]}


def _week_groups(concepts: Sequence[Concept], placed: Mapping[str, Concept]) -> list[_Group]:
    weeks = {c.week: c for c in concepts if c.kind == WEEK_KIND}
    sizes = Counter((c.week, c.track) for c in placed.values())
    own_column = {key for key, size in sizes.items() if key[1] and size >= _TRACK_SHARE}
    main = {
        week: max((k for k in own_column if k[0] == week), key=lambda k: (sizes[k], k[1] or ""), default=(week, None))
        for week, _ in sizes
    }
    members: defaultdict[tuple[int | None, str | None], list[str]] = defaultdict(list)
    for concept in placed.values():
        key = (concept.week, concept.track)
        members[key if key in own_column else main[concept.week]].append(concept.id)
    ordered = sorted(members, key=lambda k: (_NO_WEEK if k[0] is None else k[0], k != main[k[0]], k[1] or ""))
    acronyms = _acronyms(concepts)
    return [_week_group(key, weeks.get(key[0]), members[key], acronyms) for key in ordered]


def _week_group(
    key: tuple[int | None, str | None], week: Concept | None, members: Iterable[str], acronyms: Mapping[str, str]
) -> _Group:
    number, track = key
    title = "No week" if number is None else f"Week {number}"
    subtitle = _spelt(track, acronyms) if track else _after_the_number(week)
    name = f"{'none' if number is None else number}-{track or 'all'}"
    return _Group(name, title, subtitle, week.id if week else None, tuple(members))


def _after_the_number(week: Concept | None) -> str:
    """What a week's title says of it: "Week 5 — Retrieval" is about retrieval."""
    return re.sub(r"^\w+\s+\d+\s*[:.—–-]*\s*", "", week.title) if week else ""


def _spelt(track: str, acronyms: Mapping[str, str]) -> str:
    """A track's slug as a title: "ml-and-llms" is "ML and LLMs"."""
    words = [_spelt_word(word, acronyms) for word in track.split("-")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _spelt_word(word: str, acronyms: Mapping[str, str]) -> str:
    singular = word.removesuffix("s")
    if word in acronyms:
        return acronyms[word]
    # No English word lacks a vowel: "ml", "llms", "nlp" are spelt letter by letter.
    return singular.upper() + word[len(singular) :] if not set(singular) & set("aeiouy") else word


def _acronyms(concepts: Iterable[Concept]) -> dict[str, str]:
    names = (name for concept in concepts for name in (concept.title, *concept.aliases))
    return {name.casefold(): name for name in names if name.isupper()}


def _depth_groups(depth: Mapping[str, int]) -> list[_Group]:
    members: defaultdict[int, list[str]] = defaultdict(list)
    for concept_id, step in depth.items():
        members[step].append(concept_id)
    return [_Group(f"step-{s}", f"Step {s + 1}", "", None, tuple(members[s])) for s in sorted(members)]


def _split_groups(groups: Sequence[_Group], depth: Mapping[str, int]) -> tuple[list[Column], list[list[str]]]:
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
            columns.append(Column(f"{group.key}:{part}", group.title, subtitle, group.concept_id, x, COLUMN_PITCH))
            members.append(ordered[part * size : (part + 1) * size])
    return columns, members


def _best_rows(sizes: Sequence[int]) -> int:
    """The column height at which the map can be shown largest in a room of the usual shape."""

    def scale(rows: int) -> float:
        width = max(1, sum(-(-size // rows) for size in sizes)) * COLUMN_PITCH
        return min(_ASPECT / width, 1 / (HEADER_HEIGHT + rows * ROW_PITCH))

    return max(range(6, max([6, *sizes]) + 1), key=lambda rows: (scale(rows), -rows))


def _untangle(columns: Sequence[Sequence[str]], edges: Sequence[PlacedEdge]) -> list[list[str]]:
    """Orders each column by where its concepts' neighbours stand, sweeping to the right and back."""
    order = [list(column) for column in columns]
    neighbours: defaultdict[str, list[str]] = defaultdict(list)
    for edge in edges:
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
