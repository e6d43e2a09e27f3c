"""Explore: the concept map or the same as a list, and a panel that says what the chosen concept is, needs and unlocks.

What is shown is the address, read anew in every run; clicks, keys, links and filters only change the address.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

import streamlit as st

from app_pages.components.concept_map import (
    MapGraph,
    MapMarks,
    concept_map,
    concept_map_control,
    map_keys,
)
from app_pages.concept_list import list_html
from app_pages.concept_panel import show_panel
from app_pages.map_events import take_events
from app_pages.map_light import Light, drawn_places, light_concept, light_order, light_path, standing_for
from app_pages.map_scene import MAP_ID, draw_paths, draw_scene
from app_pages.map_source import Listed, MapPart, open_part, small_copy
from app_pages.map_toolbar import show_toolbar
from app_pages.map_view import (
    LIST,
    OVERVIEW,
    MapView,
    close_path,
    read_params,
    select,
)
from app_pages.marks_html import list_signs_html
from app_pages.marks_view import current_marks, level_filter, map_marks, show_fault
from app_pages.path_html import list_path_html
from app_pages.path_panel import find_ways
from app_pages.session import current_workspace, faults_told, take_selection
from graph.schema import Concept
from graph.store import GraphStore, Reached
from study.marks import Mark, with_level
from workspace import Workspace

MAP_HEIGHT = 760
_CONTROL = "map-control"


def show() -> None:
    """Draws the page."""
    opened = current_workspace()
    if not opened.graph.facts().concepts:
        st.info("No concept was found in the folder; write a note there, or ingest another folder in the Library.")
        return
    _arrive()
    narrow = map_keys(map_id=MAP_ID, key="map-keys")
    st.session_state["map-narrow"] = narrow
    show_toolbar(_map_graph(opened.generation.id), _on_this_screen(_address()), _address, go)
    show_fault(opened)
    _body()


def _body() -> None:
    """The map or the list, and beside it the panel."""
    opened = current_workspace()
    view, selected = _read_state(opened)
    shown = _on_this_screen(view)
    st.session_state["map-drawn"] = _picture(opened, view)
    main, side = st.columns([70, 30] if selected else [1000, 1], gap="small")
    with main:
        if shown.is_list:
            with st.container(key="concept-list"):
                st.html(list_html(_listed(opened, view), shown))
        else:
            concept_map(_graph(opened.generation.id, _scene_of(view)), key="map", height=MAP_HEIGHT)
    with side:
        _side()


@st.fragment
@faults_told()
def _side() -> None:
    """The panel and what is lit on the map: all that most clicks change, so that they run nothing else."""
    opened = current_workspace()
    view, selected = _read_state(opened)
    if _picture(opened, view) != st.session_state["map-drawn"]:
        st.rerun()
    marks = current_marks(opened)
    if selected:
        with st.container(key="concept-panel"):
            show_panel(opened, selected, lambda c: _reach(opened.generation.id, c).before, marks, view, go)
    _mark_selection(opened, view, selected, marks)  # last: the panel is what is waited for
    if _on_this_screen(view).is_list:
        signs = list_signs_html(marks, _listed(opened, view).placed) + list_path_html(_on_the_way(opened, view, marks))
        st.html(signs or "<style></style>")  # a style sheet that is not sent again stays as it was


def _on_the_way(opened: Workspace, view: MapView, marks: Mapping[str, Mark]) -> Iterable[str]:
    """The concepts of the path that the address names, or those that are to be learnt first."""
    if view.concept and view.to:
        steps = find_ways(opened.generation.id, view.concept, view.to).chosen(view.route)
        return [view.concept, *(step.target for step in steps)]
    known = with_level(marks, ["known"])
    return _reach(opened.generation.id, view.concept).before - known if view.concept and view.is_learning else ()


def _read_state(opened: Workspace) -> tuple[MapView, Concept | None]:
    """The state after what the reader has done, which from now on is the address, and its concept."""
    view = take_events(_address(), _CONTROL)
    selected = _selected(opened.graph, view.concept)
    target = _selected(opened.graph, view.to) if selected else None
    view = replace(view, concept=selected.id) if selected else select(view, None)
    view = replace(view, to=target.id) if target and target != selected else close_path(view)
    view = _where_drawn(_part(opened, view), view)
    go(view)
    return view, selected


def _part(opened: Workspace, view: MapView) -> MapPart:
    return _filtered(opened.generation.id, replace(_scene_of(view), concept=None, to=None, view=None))


def _picture(opened: Workspace, view: MapView) -> tuple[object, ...]:
    """What of a state is drawn outside of the panel's fragment: when it changes, the whole page runs."""
    part = _part(opened, view)
    open_group = _group_of(part, view) if view.is_list and part.is_large else None
    return opened.generation.id, _scene_of(view), view.kinds, view.concept is not None, open_group


def go(view: MapView) -> None:
    """Makes a state the one that the address names; the browser keeps the one before in its history."""
    if view.view == OVERVIEW and not st.session_state.get("map-narrow"):
        view = replace(view, view=None)  # where it is what suits the screen, it need not be named
    if view != _address():
        st.query_params.from_dict(view.to_params())
    st.session_state["map-view"] = view


def _address() -> MapView:
    return read_params({name: st.query_params.get_all(name) for name in st.query_params})


def _on_this_screen(view: MapView) -> MapView:
    """A narrow screen gets the list, unless the address names a view."""
    return replace(view, view=LIST) if view.view is None and st.session_state.get("map-narrow") else view


def _arrive() -> None:
    """Coming from another page, the reader finds what they left, or the concept that a link there led to."""
    came = "concept-search" not in st.session_state  # widgets of a page that is left are forgotten
    wanted = take_selection()
    if came and not st.query_params and "map-view" in st.session_state:
        go(st.session_state["map-view"])
    if wanted:
        go(select(_address(), wanted))


def _selected(graph: GraphStore, name: str | None) -> Concept | None:
    found = graph.resolve(name) if name else None
    if name and not found:
        st.toast(f"There is no concept called “{name}”.")
    return found


def _where_drawn(part: MapPart, view: MapView) -> MapView:
    """In a large vault a concept is drawn in its own group, so a selection leads there."""
    if not part.is_large or view.is_ego or view.is_path or view.is_list or not view.concept:
        return view
    return replace(view, view=_group_of(part, view) or view.view)


def _group_of(part: MapPart, view: MapView) -> str | None:
    """The group that the concept is placed in."""
    return part.groups_of([view.concept]).get(view.concept) if view.concept else None


def _scene_of(view: MapView) -> MapView:
    """What of a state decides the picture: the concept only in its own neighbourhood."""
    concept, to = view.concept if view.is_ego or view.is_path else None, view.to if view.is_path else None
    plain = replace(view, reason=None, kinds=(), colour=None, route=1, tab=None)
    return replace(plain, concept=concept, to=to, allowed=level_filter(view))


@st.cache_resource(max_entries=8, show_spinner=False)
def _filtered(generation_id: str, view: MapView) -> MapPart:
    return open_part(_map_graph(generation_id), view)


@st.cache_resource(max_entries=2, show_spinner=False)
def _map_graph(generation_id: str) -> GraphStore:
    return small_copy(current_workspace().graph)


def _listed(opened: Workspace, view: MapView) -> Listed:
    return _list_of(opened.generation.id, replace(_scene_of(view), concept=view.concept))


@st.cache_resource(max_entries=8, show_spinner=False)
def _list_of(generation_id: str, view: MapView) -> Listed:
    return _filtered(generation_id, replace(view, concept=None, to=None, view=None)).listed(view)


@st.cache_resource(max_entries=32, show_spinner=False)
def _reach(generation_id: str, concept_id: str) -> Reached:
    return _map_graph(generation_id).reach(concept_id)


@st.cache_resource(max_entries=64, show_spinner=False)
def _graph(generation_id: str, view: MapView) -> MapGraph:
    """The map's payload, made once for all visitors of a generation; nobody changes it."""
    part = _filtered(generation_id, replace(view, concept=None, to=None, view=None))
    if view.is_path and (ways := find_ways(generation_id, view.concept or "", view.to or "")).paths:
        return draw_paths(part, view, ways)
    return draw_scene(part, view)


def _mark_selection(opened: Workspace, view: MapView, selected: Concept | None, marks: Mapping[str, Mark]) -> None:
    """Lights up what the state asks for, and shows what is known."""
    scene = None if _on_this_screen(view).is_list else _graph(opened.generation.id, _scene_of(view))
    lit = _light(opened, view, scene, marks) if scene and selected else Light()
    concept_map_control(
        map_id=MAP_ID,
        selected=selected.id if selected else None,
        prerequisites=lit.prerequisites,
        unlocks=lit.unlocks,
        related=lit.related,
        hidden_kinds=view.hidden_kinds,
        reason=view.reason,
        marks=_marks(opened, view, scene, marks),
        path=lit.path,
        learn=view.is_learning,
        key=_CONTROL,
    )


def _marks(opened: Workspace, view: MapView, scene: MapGraph | None, marks: Mapping[str, Mark]) -> MapMarks:
    if scene is None:
        return map_marks({}, (), {}, view)
    return map_marks(marks, scene["nodes"], standing_for(_part(opened, view), drawn_places(scene), marks), view)


def _light(opened: Workspace, view: MapView, scene: MapGraph, marks: Mapping[str, Mark]) -> Light:
    generation_id, concept_id, drawn = opened.generation.id, view.concept or "", drawn_places(scene)
    steps = find_ways(generation_id, concept_id, view.to).chosen(view.route) if view.to else ()
    if steps:
        return light_path(_part(opened, view), steps, drawn)
    reached = _reach(generation_id, concept_id)
    if view.is_learning:
        return light_order(_part(opened, view), reached, with_level(marks, ["known"]), drawn)
    return light_concept(opened.graph, reached, concept_id, drawn)


show()
