"""The row above the map: search, map or list, and the filters. Each only changes the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app_pages.map_view import KINDS, LIST, NO_WEEK, ORIGINS, OVERVIEW, MapView, select, without_filters
from graph.schema import Concept
from graph.store import GraphStore

Go = Callable[[MapView], None]
Current = Callable[[], MapView]
"""The state at the moment of asking: a click on the map changes it without drawing this row again."""
_MODES = ("Map", "List")
_KIND_WORDS = {
    "prerequisite_of": "comes before",
    "part_of": "part of",
    "related_to": "related",
    "contrasts_with": "contrasts",
    "applies_to": "applies to",
}
_ORIGIN_WORDS = {
    "authored": "stated",
    "link": "linked",
    "pattern": "read from a sentence",
    "statistics": "only statistical",
    "llm": "from a language model",
}


@dataclass(frozen=True)
class _Filter:
    """One filter: the part of the state that it sets, its name, its choices and how they are written."""

    field: str
    label: str
    choices: Sequence[str]
    words: Callable[[str], str]


def show_toolbar(graph: GraphStore, view: MapView, current: Current, go: Go) -> None:
    """Draws the row for a state; what the reader does leads on by `go`."""
    search, mode, filters = st.columns([6, 2, 2], vertical_alignment="center")
    with search:
        _search_box(graph, current, go)
    with mode:
        _mode_switch(view, current, go)
    with filters:
        _filter_menu(graph, view, current, go)


def _search_box(graph: GraphStore, current: Current, go: Go) -> None:
    concepts = {concept.id: concept for concept in graph.concepts()}

    def label(concept_id: str) -> str:
        concept = concepts.get(concept_id)
        if concept is None:
            return concept_id
        return f"{concept.title} ({', '.join(concept.aliases)})" if concept.aliases else concept.title

    def chosen() -> None:
        typed = st.session_state["concept-search"]
        st.session_state["concept-search"] = None
        if typed:
            _find(graph, typed, current(), go)

    st.selectbox(
        "Find a concept",
        sorted(concepts, key=lambda c: (concepts[c].kind != "concept", concepts[c].title.casefold())),
        index=None,
        format_func=label,
        key="concept-search",
        placeholder="Find a concept by name or alias, spelt about right …",
        label_visibility="collapsed",
        accept_new_options=True,
        on_change=chosen,
    )


def _find(graph: GraphStore, typed: str, view: MapView, go: Go) -> None:
    """Goes to a concept by its id or any name; else to the one that is spelt most like it, and says so."""
    found = graph.concept(typed) or graph.resolve(typed)
    if found is None:
        near = graph.suggest(typed)
        if not near:
            st.toast(f"No concept is called anything like “{typed}”.")
            return
        found, *others = near
        also = f" Also near: {', '.join(c.title for c in others)}." if others else ""
        st.toast(f"“{typed}” was taken for {found.title}.{also}")
    go(_within_filters(select(view, found.id), found))


def _within_filters(view: MapView, concept: Concept) -> MapView:
    """A search finds what the filters hide too, by lifting them."""
    return view if view.keeps(concept) else replace(view, weeks=(), tracks=())


def _mode_switch(view: MapView, current: Current, go: Go) -> None:
    st.session_state["map-mode"] = _MODES[view.is_list]

    def switched() -> None:
        wanted = LIST if st.session_state["map-mode"] == "List" else OVERVIEW
        go(replace(current(), view=wanted))

    st.segmented_control(
        "Show as", _MODES, key="map-mode", required=True, label_visibility="collapsed", on_change=switched
    )


def _filter_menu(graph: GraphStore, view: MapView, current: Current, go: Go) -> None:
    label = f"Filter ({view.filters})" if view.filters else "Filter"
    with st.popover(label, width="stretch", key="map-filters"):
        st.button(
            "Show everything",
            key="clear-filters",
            disabled=not view.filters,
            on_click=lambda: go(without_filters(current())),
        )
        for menu in _filters(graph):
            _multiselect(menu, view, current, go)


def _filters(graph: GraphStore) -> list[_Filter]:
    concepts = graph.concepts()
    numbers = sorted({c.week for c in concepts if c.week is not None})
    weeks = [*map(str, numbers), *([NO_WEEK] if numbers and any(c.week is None for c in concepts) else [])]
    tracks = sorted({c.track for c in concepts if c.track})
    origins = {r.origin for r in graph.relations()}
    return [
        menu
        for menu in (
            _Filter("weeks", "Weeks", weeks, lambda w: "No week" if w == NO_WEEK else f"Week {w}"),
            _Filter("tracks", "Tracks", tracks, lambda t: t.replace("-", " ").capitalize()),
            _Filter("kinds", "Kinds of relation", KINDS, lambda k: _KIND_WORDS[k]),
            _Filter("origins", "How it is known", [o for o in ORIGINS if o in origins], lambda o: _ORIGIN_WORDS[o]),
        )
        if menu.choices
    ]


def _multiselect(menu: _Filter, view: MapView, current: Current, go: Go) -> None:
    key = f"filter-{menu.field}"
    st.session_state[key] = [value for value in getattr(view, menu.field) if value in menu.choices]

    def changed() -> None:
        chosen: dict[str, Any] = {menu.field: tuple(st.session_state[key])}
        go(replace(current(), **chosen))

    st.multiselect(menu.label, menu.choices, format_func=menu.words, key=key, placeholder="All", on_change=changed)
