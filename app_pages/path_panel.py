"""The panel's tab that leads from the concept that is shown to another: where to, and the ways there."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from app_pages.concept_box import concept_box
from app_pages.map_view import MOST_ROUTES, MapView, find_path
from app_pages.path_html import Ways, ways_html
from app_pages.session import current_workspace
from graph.schema import Concept
from graph.store import GraphStore
from workspace import Workspace

Go = Callable[[MapView], None]


@st.cache_resource(max_entries=200, show_spinner=False)
def find_ways(generation_id: str, source: str, target: str) -> Ways:
    """The ways between two ids, sought once for all visitors of a generation."""
    graph = current_workspace().graph
    paths = graph.explain_paths(source, target, MOST_ROUTES)
    ids = dict.fromkeys([source, target, *(step.target for path in paths for step in path)])
    return Ways(paths, graph.concepts_by_id(ids))


def show_path(opened: Workspace, concept: Concept, view: MapView, go: Go) -> None:
    """Asks where to, or shows the ways there, of which the address names one."""
    if not view.to:
        _ask_where(opened.graph, concept, view, go)
        return
    ways = find_ways(opened.generation.id, concept.id, view.to)
    st.html(ways_html(opened.corpus, ways, view))


def _ask_where(graph: GraphStore, concept: Concept, view: MapView, go: Go) -> None:
    def chosen(found: Concept) -> None:
        if found == concept:
            st.toast("That is where the path begins.")
        else:
            go(find_path(view, found.id))

    concept_box(graph, f"Where should the path from {concept.title} lead?", "Path to …", "path-to", chosen)
    where = "in the list" if view.is_list else "on the map"
    st.caption(f"Choose where it should lead: here, or by a click {where}.")
