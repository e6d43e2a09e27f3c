"""Decides what the map draws for a state of the page, and turns a layout into what the component takes."""

from __future__ import annotations

from app_pages.components.concept_map import MapColumn, MapEdge, MapGraph, MapNode, MapUp
from app_pages.map_source import LaidOut, MapPart
from app_pages.map_view import OVERVIEW, PATH, MapView
from app_pages.path_html import Ways
from graph.path_layout import layout_paths
from graph.placement import Column, PlacedEdge, PlacedNode
from graph.schema import Concept

MAP_ID = "notes"  # the same for every generation, so that the cameras stay


def draw_scene(part: MapPart, view: MapView) -> MapGraph:
    """The graph that the component draws; a view that does not exist is the overview."""
    laid_out = part.lay_out(view)
    drawn = _scene(part, laid_out)
    if laid_out.scene == OVERVIEW:
        return drawn
    drawn["up"] = _way_up(part, view)
    return {**drawn, "all_kinds": True} if view.is_ego else drawn


def draw_paths(part: MapPart, view: MapView, ways: Ways) -> MapGraph:
    """The ways from one concept to another and nothing else; the filters do not apply to them."""
    scene = f"{PATH} {view.concept} {view.to}"
    drawn = _scene(part, LaidOut(layout_paths(ways.paths), scene, ways.concepts, part.groups_of(ways.concepts)))
    return {**drawn, "up": _way_up(part, view), "all_kinds": True}


def _way_up(part: MapPart, view: MapView) -> MapUp:
    """From a neighbourhood to the group that the concept is in, where that is the nearest view that draws it."""
    is_own = view.is_ego or view.is_path
    own = part.groups_of([view.concept]).get(view.concept) if is_own and view.concept and part.is_large else None
    group = next((g for g in part.groups if g.view == own), None)
    return {"label": group.title, "view": group.view} if group else {"label": "Overview", "view": OVERVIEW}


def _scene(part: MapPart, laid_out: LaidOut) -> MapGraph:
    layout, concepts = laid_out.layout, laid_out.concepts
    place_of = {group.view: place for place, group in enumerate(part.groups)}
    tints = {concept_id: place_of[view] for concept_id, view in laid_out.groups.items() if view in place_of}
    return {
        "map_id": MAP_ID,
        "scene": laid_out.scene,
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
