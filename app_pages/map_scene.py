"""Decides what the map draws for a state of the page, and turns a layout into what the component takes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app_pages.components.concept_map import MapColumn, MapEdge, MapGraph, MapNode, MapUp
from app_pages.map_view import EGO_FULL, OVERVIEW, MapView
from graph.ego import layout_ego
from graph.groups import Group, view_groups
from graph.layout import layout_map
from graph.placement import MOST_DRAWN, Column, MapLayout, PlacedEdge, PlacedNode, placed_concepts
from graph.reduction import Pair, reduce_prerequisites
from graph.schema import Concept, Relation
from graph.store import GraphStore
from graph.supernodes import layout_group

MAP_ID = "notes"  # the same for every generation, so that the cameras stay


@dataclass(frozen=True)
class Filtered:
    """The part of the graph that the filters let through, with what every view of it needs."""

    concepts: tuple[Concept, ...]
    relations: tuple[Relation, ...]
    placed: Mapping[str, Concept]
    reduced: tuple[Pair, ...]
    groups: tuple[Group, ...]

    @property
    def is_large(self) -> bool:
        """Whether the overview shows groups instead of concepts."""
        return len(self.placed) > MOST_DRAWN

    def group_of(self, concept_id: str) -> str | None:
        """The view of the group that a concept is in."""
        return next((group.view for group in self.groups if concept_id in group.members), None)


def filter_graph(graph: GraphStore, view: MapView) -> Filtered:
    """What the filters of a state let through."""
    concepts = tuple(c for c in graph.concepts() if view.keeps(c))
    placed = placed_concepts(concepts)
    relations = tuple(r for r in graph.relations() if view.keeps_relation(r))
    inner = tuple(r for r in relations if r.source in placed and r.target in placed)
    groups = tuple(view_groups(concepts, placed, inner))
    return Filtered(concepts, relations, placed, tuple(reduce_prerequisites(inner)), groups)


def draw_scene(part: Filtered, view: MapView) -> MapGraph:
    """The graph that the component draws; a view that does not exist is the overview."""
    layout, scene = None, OVERVIEW
    if view.is_ego and view.concept:
        full = view.view == EGO_FULL
        layout = layout_ego(part.concepts, part.relations, view.concept, full=full, reduced=part.reduced)
        scene = f"{view.view} {view.concept}"
    elif view.group:
        layout, scene = layout_group(part.concepts, part.relations, view.group), view.group
    if layout is None:
        layout, scene = layout_map(part.concepts, part.relations), OVERVIEW
    drawn = _scene(part, layout, scene)
    if scene == OVERVIEW:
        return drawn
    drawn["up"] = _way_up(part, view)
    return {**drawn, "all_kinds": True} if view.is_ego else drawn


def _way_up(part: Filtered, view: MapView) -> MapUp:
    """From a neighbourhood to the group that the concept is in, where that is the nearest view that draws it."""
    own = part.group_of(view.concept) if view.is_ego and view.concept and part.is_large else None
    group = next((g for g in part.groups if g.view == own), None)
    return {"label": group.title, "view": group.view} if group else {"label": "Overview", "view": OVERVIEW}


def _scene(part: Filtered, layout: MapLayout, scene: str) -> MapGraph:
    tints = {member: place for place, group in enumerate(part.groups) for member in group.members}
    concepts = {concept.id: concept for concept in part.concepts}
    return {
        "map_id": MAP_ID,
        "scene": scene,
        "tints": len(part.groups),
        "columns": [_column(column) for column in layout.columns],
        "nodes": [_node(node, concepts.get(node.id), tints.get(node.id, node.tint)) for node in layout.nodes],
        "edges": [_edge(edge) for edge in layout.edges],
    }


def _column(column: Column) -> MapColumn:
    drawn: MapColumn = {
        "id": column.id,
        "title": column.title,
        "subtitle": column.subtitle,
        "x": column.x,
        "width": column.width,
        "tint": column.tint,
    }
    if column.group:
        drawn["opens"] = column.group
    else:
        drawn["fixed"] = True
    if column.concept_id:
        drawn["selects"] = column.concept_id
    return drawn


def _node(node: PlacedNode, concept: Concept | None, tint: int) -> MapNode:
    drawn: MapNode = {
        "id": node.id,
        "title": concept.title if concept else node.title,
        "column": node.column,
        "x": node.x,
        "y": node.y,
        "width": node.width,
        "height": node.height,
        "tint": tint,
    }
    if concept:
        return {**drawn, "kind": concept.kind, "summary": concept.summary}
    return {**drawn, "count": node.count or 0, "opens": node.opens}


def _edge(edge: PlacedEdge) -> MapEdge:
    drawn: MapEdge = {"source": edge.source, "target": edge.target, "kind": edge.kind}
    return drawn if edge.count is None else {**drawn, "count": edge.count}
