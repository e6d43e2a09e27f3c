"""Decides what the map reads of the graph: all of it where that is little or in memory, else what one view draws."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Protocol

from app_pages.map_view import EGO_FULL, NO_WEEK, OVERVIEW, MapView
from graph.ego import layout_ego
from graph.groups import Group, find_group, view_groups
from graph.layout import layout_map
from graph.parts import GraphParts, Grouping, Portion, Where
from graph.placement import MOST_DRAWN, MapLayout, placed_concepts
from graph.reduction import Pair, reduce_prerequisites
from graph.schema import Concept, Relation
from graph.store import GraphStore, NetworkxStore
from graph.supernodes import MOST_MEMBERS, layout_group, layout_groups, layout_open_group

_FEW_CONCEPTS, _FEW_RELATIONS = 2_000, 10_000  # a graph that a server holds is fetched whole up to here
_MOST_AROUND = 300  # concepts a step, of a neighbourhood that a server is asked for; 100 of them are drawn at most
_MOST_LISTED = 200  # concepts of a group that is open in the list


@dataclass(frozen=True)
class LaidOut:
    """The picture of one view: the concepts of its boxes, and the view of the group of each, by their ids."""

    layout: MapLayout
    scene: str
    concepts: Mapping[str, Concept]
    groups: Mapping[str, str]


@dataclass(frozen=True)
class Listed:
    """What the list shows: of a large graph, `members`, `placed` and `relations` only of the groups that are open."""

    groups: tuple[Group, ...]
    placed: Mapping[str, Concept]
    relations: tuple[Relation, ...]
    is_large: bool


class MapPart(Protocol):
    """The part of a graph that the filters let through."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """From left to right."""

    @property
    def is_large(self) -> bool:
        """Whether the overview shows groups instead of concepts."""

    def groups_of(self, concept_ids: Iterable[str]) -> Mapping[str, str]:
        """The view of the group that each concept is in; those that have no place are left out."""

    def lay_out(self, view: MapView) -> LaidOut:
        """The picture of a view; of one that does not exist, the overview."""

    def listed(self, view: MapView) -> Listed:
        """What the list shows for a state."""


def small_copy(graph: GraphStore) -> GraphStore:
    """A graph of few concepts in memory, wherever it is held; a larger one as it is."""
    if graph.parts() is None:
        return graph
    facts = graph.facts()
    if facts.concepts > _FEW_CONCEPTS or facts.relations > _FEW_RELATIONS:
        return graph
    return NetworkxStore(graph.concepts(), graph.relations())


def open_part(graph: GraphStore, view: MapView) -> MapPart:
    """What the filters of a state let through; raises StorageError as the graph does."""
    parts = graph.parts()
    return filter_graph(graph, view) if parts is None else ServedPart(parts, _where(view))


@dataclass(frozen=True)
class Filtered:
    """All that the filters let through, in memory, with what every view of it needs."""

    concepts: tuple[Concept, ...]
    relations: tuple[Relation, ...]
    placed: Mapping[str, Concept]
    reduced: tuple[Pair, ...]
    groups: tuple[Group, ...]

    @property
    def is_large(self) -> bool:
        return len(self.placed) > MOST_DRAWN

    def groups_of(self, concept_ids: Iterable[str]) -> Mapping[str, str]:
        wanted = set(concept_ids)
        return {member: group.view for group in self.groups for member in group.members if member in wanted}

    def lay_out(self, view: MapView) -> LaidOut:
        layout, scene = None, OVERVIEW
        if view.is_ego and view.concept:
            full = view.view == EGO_FULL
            layout = layout_ego(self.concepts, self.relations, view.concept, full=full, reduced=self.reduced)
            scene = f"{view.view} {view.concept}"
        elif view.group:
            layout, scene = layout_group(self.concepts, self.relations, view.group), view.group
        if layout is None:
            layout, scene = layout_map(self.concepts, self.relations), OVERVIEW
        groups = {member: group.view for group in self.groups for member in group.members}
        return LaidOut(layout, scene, {concept.id: concept for concept in self.concepts}, groups)

    def listed(self, view: MapView) -> Listed:
        return Listed(self.groups, self.placed, self.relations, self.is_large)


def filter_graph(graph: GraphStore, view: MapView) -> Filtered:
    """What the filters of a state let through of a graph that can be walked whole."""
    concepts = tuple(c for c in graph.concepts() if view.keeps(c))
    placed = placed_concepts(concepts)
    relations = tuple(r for r in graph.relations() if view.keeps_relation(r))
    inner = tuple(r for r in relations if r.source in placed and r.target in placed)
    groups = tuple(view_groups(concepts, placed, inner))
    return Filtered(concepts, relations, placed, tuple(reduce_prerequisites(inner)), groups)


class ServedPart:
    """The same of a graph that is not fetched whole: what a view draws is asked for when it is drawn.

    Groups are those of the whole graph, whatever the filters leave of them, so that an address keeps its meaning.
    """

    def __init__(self, parts: GraphParts, where: Where) -> None:
        self._parts, self._where = parts, where
        self._grouping: Grouping = parts.groups(where)

    @property
    def groups(self) -> tuple[Group, ...]:
        return self._grouping.groups

    @property
    def is_large(self) -> bool:
        return self._grouping.size > MOST_DRAWN

    def groups_of(self, concept_ids: Iterable[str]) -> Mapping[str, str]:
        return self._parts.views_of(list(concept_ids), self._where)

    def lay_out(self, view: MapView) -> LaidOut:
        found = self._around(view) if view.is_ego else self._opened(view.group) if view.group else None
        return found or self._overview()

    def listed(self, view: MapView) -> Listed:
        views = {view.open_group, *self.groups_of([view.concept] if view.concept else []).values()}
        if not self.is_large:
            return self._all_listed()
        groups, placed, relations = list(self.groups), dict[str, Concept](), dict[tuple[str, str, str], Relation]()
        for place, group in enumerate(self.groups):
            if group.view in views:
                portion = self._parts.listed(group.view, self._where, _MOST_LISTED)
                groups[place] = _with_members(group, portion)
                placed |= {concept.id: concept for concept in portion.concepts}
                relations |= {(r.source, r.target, r.kind): r for r in portion.relations}
        return Listed(tuple(groups), placed, tuple(relations.values()), is_large=True)

    def _all_listed(self) -> Listed:
        portion = self._parts.placed(self._where)
        groups = tuple(_with_members(group, portion) for group in self.groups)
        return Listed(groups, placed_concepts(portion.concepts), portion.relations, is_large=False)

    def _around(self, view: MapView) -> LaidOut | None:
        portion = self._parts.around(view.concept or "", self._where, _MOST_AROUND)
        full = view.view == EGO_FULL
        layout = layout_ego(portion.concepts, portion.relations, view.concept or "", full=full)
        return _laid_out(layout, f"{view.view} {view.concept}", portion) if layout else None

    def _opened(self, name: str) -> LaidOut | None:
        found = find_group(self.groups, name)
        if found is None:
            return None
        portion = self._parts.members(name, self._where, MOST_MEMBERS)
        shown = tuple(concept.id for concept in portion.concepts)
        layout = layout_open_group(self.groups, found, shown, portion.relations, portion.outward)
        return _laid_out(layout, name, portion)

    def _overview(self) -> LaidOut:
        if self.is_large:
            return LaidOut(layout_groups(self.groups, self._grouping.crossings), OVERVIEW, {}, {})
        portion = self._parts.placed(self._where)
        return _laid_out(layout_map(portion.concepts, portion.relations), OVERVIEW, portion)


def _laid_out(layout: MapLayout, scene: str, portion: Portion) -> LaidOut:
    return LaidOut(layout, scene, {concept.id: concept for concept in portion.concepts}, portion.views)


def _with_members(group: Group, portion: Portion) -> Group:
    return replace(group, members=tuple(c.id for c in portion.concepts if portion.views.get(c.id) == group.view))


def _where(view: MapView) -> Where:
    """The filters of a state as a store takes them. A week that is no number is none of the graph's."""
    weeks = tuple(None if week == NO_WEEK else int(week) for week in view.weeks if week == NO_WEEK or _is_number(week))
    ids = view.allowed.ids if view.allowed else frozenset[str]()
    return Where(
        weeks if view.weeks else None,
        view.tracks or None,
        view.origins or None,
        ids if view.allowed and view.allowed.only else None,
        frozenset() if not view.allowed or view.allowed.only else ids,
    )


def _is_number(week: str) -> bool:
    return week.removeprefix("-").isdecimal()
