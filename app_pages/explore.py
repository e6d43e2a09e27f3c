"""Explore: the concept map or the same as a list, and a panel that says what the chosen concept is, needs and unlocks.

What is shown is the address, read anew in every run; clicks, keys, links and filters only change the address.
"""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from app_pages.components.citation_links import page_links
from app_pages.components.concept_map import (
    MapEvent,
    MapGraph,
    concept_map,
    concept_map_control,
    map_keys,
    read_map_event,
)
from app_pages.concept_list import list_html
from app_pages.concept_panel import show_panel
from app_pages.map_scene import MAP_ID, Filtered, draw_scene, filter_graph
from app_pages.map_toolbar import show_toolbar
from app_pages.map_view import (
    EGO,
    LIST,
    OVERVIEW,
    MapView,
    explain,
    hide_kinds,
    open_view,
    read_href,
    read_params,
    select,
)
from app_pages.session import current_workspace, take_selection
from graph.reduction import Reach
from graph.schema import Concept
from graph.store import GraphStore
from workspace import Workspace

MAP_HEIGHT = 760
_CONTROL = "map-control"


def show() -> None:
    """Draws the page."""
    opened = current_workspace()
    if not opened.graph.concepts():
        st.info("No concept was found in the folder; write a note there, or ingest another folder in the Library.")
        return
    _arrive()
    if followed := page_links(key="explore-links"):
        go(select(_address(), followed))
    narrow = map_keys(map_id=MAP_ID, key="map-keys")
    st.session_state["map-narrow"] = narrow
    show_toolbar(opened.graph, _on_this_screen(_address()), _address, go)
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
                st.html(list_html(_part(opened, view), shown))
        else:
            concept_map(_graph(opened.generation.id, _scene_of(view)), key="map", height=MAP_HEIGHT)
    with side:
        _side()


@st.fragment
def _side() -> None:
    """The panel and what is lit on the map: all that most clicks change, so that they run nothing else."""
    opened = current_workspace()
    view, selected = _read_state(opened)
    if _picture(opened, view) != st.session_state["map-drawn"]:
        st.rerun()
    if selected:
        with st.container(key="concept-panel"):
            show_panel(opened, selected, len(_reach(opened.generation.id).before(selected.id)), view, go)
    _mark_selection(opened.generation.id, opened.graph, view, selected)  # last: the panel is what is waited for


def _read_state(opened: Workspace) -> tuple[MapView, Concept | None]:
    """The state after what the reader has done, which from now on is the address, and its concept."""
    view = _take_events(_address())
    selected = _selected(opened.graph, view)
    view = _where_drawn(_part(opened, view), replace(view, concept=selected.id if selected else None))
    go(view)
    return view, selected


def _part(opened: Workspace, view: MapView) -> Filtered:
    return _filtered(opened.generation.id, replace(view, concept=None, reason=None, view=None, kinds=()))


def _picture(opened: Workspace, view: MapView) -> tuple[object, ...]:
    """What of a state is drawn outside of the panel's fragment: when it changes, the whole page runs."""
    part = _part(opened, view)
    open_group = part.group_of(view.concept) if view.concept and view.is_list and part.is_large else None
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


def _take_events(view: MapView) -> MapView:
    """The state after what the reader has done on the map since the last run."""
    event = read_map_event(_CONTROL)
    return _after(event, view) if event.is_new else view


def _after(event: MapEvent, view: MapView) -> MapView:
    name = event.selected
    if event.action == "kinds":
        return hide_kinds(view, event.hidden)
    if event.action == "go" and name:
        return read_href(name)
    if event.action == "view" and name:
        left = replace(view, concept=None) if name == OVERVIEW and view.group else view  # else it would lead back
        return open_view(left, name)
    if event.action == "edge" and name and event.other:
        return explain(view, event.other, name)
    if event.action == "open" and name:
        return open_view(select(view, name), EGO)
    return select(view, name)


def _selected(graph: GraphStore, view: MapView) -> Concept | None:
    found = graph.resolve(view.concept) if view.concept else None
    if view.concept and not found:
        st.toast(f"There is no concept called “{view.concept}”.")
    return found


def _where_drawn(part: Filtered, view: MapView) -> MapView:
    """In a large vault a concept is drawn in its own group, so a selection leads there."""
    if not part.is_large or view.is_ego or view.is_list or not view.concept or view.concept not in part.placed:
        return view
    return replace(view, view=part.group_of(view.concept))


def _scene_of(view: MapView) -> MapView:
    """What of a state decides the picture: the concept only in its own neighbourhood."""
    return replace(view, concept=view.concept if view.is_ego else None, reason=None, kinds=())


@st.cache_resource(max_entries=8, show_spinner=False)
def _filtered(generation_id: str, view: MapView) -> Filtered:
    return filter_graph(current_workspace().graph, view)


@st.cache_resource(max_entries=2, show_spinner=False)
def _reach(generation_id: str) -> Reach:
    return Reach(current_workspace().graph.relations())


@st.cache_resource(max_entries=64, show_spinner=False)
def _graph(generation_id: str, view: MapView) -> MapGraph:
    """The map's payload, made once for all visitors of a generation; nobody changes it."""
    part = _filtered(generation_id, replace(view, concept=None, view=None))
    return draw_scene(part, view)


def _mark_selection(generation_id: str, graph: GraphStore, view: MapView, selected: Concept | None) -> None:
    """Lights up what the concept needs and unlocks; for a week, all that is part of it."""
    concept_id = selected.id if selected else None
    scene = None if _on_this_screen(view).is_list else _graph(generation_id, _scene_of(view))
    drawn = {node["id"]: place for place, node in enumerate(scene["nodes"])} if scene else {}
    reach = _reach(generation_id)
    neighbours = graph.neighbours(concept_id) if concept_id else ()
    others = dict.fromkeys(n.concept.id for n in neighbours if n.relation.kind != "prerequisite_of")
    concept_map_control(
        map_id=MAP_ID,
        selected=concept_id,
        # As places among the drawn boxes: the ids of all that a concept builds on can be many kilobytes.
        prerequisites=[drawn[c] for c in reach.before(concept_id) if c in drawn] if concept_id else (),
        unlocks=[drawn[c] for c in reach.after(concept_id) if c in drawn] if concept_id else (),
        related=[drawn[c] for c in others if c in drawn],
        hidden_kinds=view.hidden_kinds,
        reason=view.reason,
        key=_CONTROL,
    )


show()
