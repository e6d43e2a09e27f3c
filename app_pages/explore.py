"""Explore: the concept map, and a panel that says what the chosen concept is, needs, unlocks, and why."""

from __future__ import annotations

from html import escape

import streamlit as st

from app_pages.components.citation_links import page_links
from app_pages.components.concept_map import MapColumn, MapGraph, concept_map, concept_map_control, read_map_event
from app_pages.render import concept_resolver, connections_html, note_html, order_html, place_html, resources_html
from app_pages.session import current_workspace, map_layout, select_concept
from graph.layout import Column
from graph.schema import WEEK_KIND, Concept
from graph.store import GraphStore
from workspace import Workspace

MAP_HEIGHT = 760
_CONTROL = "map-control"


def show() -> None:
    """Draws the page."""
    opened = current_workspace()
    graph = opened.graph
    if not graph.concepts():
        st.info("No concept was found in the folder; write a note there, or ingest another folder in the Library.")
        return
    layout_graph = _map_graph(opened.generation.id)
    selected = _selection(graph)
    _search_box(graph, selected)
    map_side, panel_side = st.columns([70, 30] if selected else [1000, 1], gap="small")
    with map_side:
        concept_map(layout_graph, key="map", height=MAP_HEIGHT)
        _mark_selection(graph, layout_graph["map_id"], selected)
    if selected:
        with panel_side, st.container(key="concept-panel"):
            _panel(opened, selected)


def _selection(graph: GraphStore) -> Concept | None:
    """The concept to show: the last one clicked, searched for or followed, else the one in the address."""
    event = read_map_event(_CONTROL)
    if event.is_new:
        select_concept(event.selected)
    followed = page_links(key="explore-links")
    if followed:
        select_concept(followed)
    asked = st.query_params.get("concept")
    if "selected" not in st.session_state or (asked and asked != st.session_state.get("shown")):
        st.session_state.setdefault("selected", None)
        if not event.is_new and not followed:
            st.session_state["selected"] = asked
    name = st.session_state["selected"]
    found = graph.resolve(name) if name else None
    if name and not found:
        st.toast(f"There is no concept called “{name}”.")
    st.session_state["shown"] = found.id if found else None
    if found:
        st.query_params["concept"] = found.id
    elif "concept" in st.query_params:
        del st.query_params["concept"]
    st.session_state["selected"] = found.id if found else None
    return found


def _search_box(graph: GraphStore, selected: Concept | None) -> None:
    concepts = {concept.id: concept for concept in graph.concepts()}

    def label(concept_id: str) -> str:
        concept = concepts[concept_id]
        return f"{concept.title} ({', '.join(concept.aliases)})" if concept.aliases else concept.title

    def chosen() -> None:
        if st.session_state["concept-search"]:
            select_concept(st.session_state["concept-search"])
            st.session_state["concept-search"] = None

    st.selectbox(
        "Find a concept",
        sorted(concepts, key=lambda c: (concepts[c].kind != "concept", concepts[c].title.casefold())),
        index=None,
        format_func=label,
        key="concept-search",
        placeholder="Find a concept by name or alias …",
        label_visibility="collapsed",
        on_change=chosen,
    )


@st.cache_data(max_entries=2, show_spinner=False)
def _map_graph(generation_id: str) -> MapGraph:
    """The map's payload, made once for all visitors of a generation."""
    layout = map_layout(generation_id)
    concepts = {concept.id: concept for concept in current_workspace().graph.concepts()}
    return {
        "map_id": "notes",  # the same for every generation, so that the camera stays
        "columns": [_map_column(column) for column in layout.columns],
        "nodes": [
            {
                "id": node.id,
                "title": concepts[node.id].title,
                "column": node.column,
                "x": node.x,
                "y": node.y,
                "width": node.width,
                "height": node.height,
                "kind": concepts[node.id].kind,
                "summary": concepts[node.id].summary,
            }
            for node in layout.nodes
        ],
        "edges": [{"source": edge.source, "target": edge.target, "kind": edge.kind} for edge in layout.edges],
    }


def _map_column(column: Column) -> MapColumn:
    placed: MapColumn = {
        "id": column.id,
        "title": column.title,
        "subtitle": column.subtitle,
        "x": column.x,
        "width": column.width,
    }
    return {**placed, "selects": column.concept_id} if column.concept_id else placed


def _mark_selection(graph: GraphStore, map_id: str, selected: Concept | None) -> None:
    """Lights up what the concept needs and unlocks; for a week, all that is part of it."""
    concept_id = selected.id if selected else None
    neighbours = graph.neighbours(concept_id) if concept_id else ()
    concept_map_control(
        map_id=map_id,
        selected=concept_id,
        prerequisites=graph.prerequisites(concept_id) if concept_id else (),
        unlocks=graph.unlocked_by(concept_id) if concept_id else (),
        related=[n.concept.id for n in neighbours if n.relation.kind != "prerequisite_of"],
        key=_CONTROL,
    )


def _panel(opened: Workspace, concept: Concept) -> None:
    graph = opened.graph
    _heading(concept)
    needed = [found for i in graph.prerequisites(concept.id) if (found := graph.concept(i))]
    resources = graph.resources(concept.id)
    connections, note, order, reading = st.tabs(
        ["Connections", "Note", f"Learn first ({len(needed)})", f"Resources ({len(resources)})"]
    )
    with connections:
        st.html(connections_html(graph.neighbours(concept.id)))
    with note:
        document = opened.corpus.document(concept.spans[0].path)
        if document:
            st.html(note_html(document, concept_resolver(graph)))
    with order:
        if needed:
            st.caption("All that it builds on, first to learn first.")
            st.html(order_html(needed))
        else:
            st.caption("It needs nothing first.")
    with reading:
        if resources:
            st.html(resources_html(resources))
        else:
            st.caption("No resource is listed for it.")


def _heading(concept: Concept) -> None:
    title, close = st.columns([10, 1], vertical_alignment="center")
    title.subheader(concept.title, anchor=False)
    close.button("✕", key="close-panel", help="Close", type="tertiary", on_click=select_concept, args=(None,))
    facts = [] if concept.kind == WEEK_KIND or concept.week is None else [f"Week {concept.week}"]
    facts += [f"also {', '.join(concept.aliases)}"] if concept.aliases else []
    place = place_html(concept.spans[0].path, concept.spans[0].start_line, concept.spans[0].end_line)
    small = f'<span class="pg-week" style="white-space: normal">{escape(" · ".join(facts))}</span><br>' if facts else ""
    st.html(f'{small}<p class="pg-definition">{escape(concept.summary)} {place}</p>')


show()
