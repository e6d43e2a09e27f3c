"""The row above the map: search, map or list, and the filters. Each only changes the address."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from app_pages.concept_box import concept_box
from app_pages.map_view import KINDS, LIST, NO_WEEK, ORIGINS, OVERVIEW, MapView, select, without_filters
from app_pages.marks_view import level_filter
from graph.schema import Concept
from graph.store import GraphStore
from study.marks import LEVELS

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
    placeholder = "Find a concept by name or alias, spelt about right …"

    def chosen(found: Concept) -> None:
        go(_within_filters(select(current(), found.id), found))

    concept_box(graph, "Find a concept", placeholder, "concept-search", chosen)


def _within_filters(view: MapView, concept: Concept) -> MapView:
    """A search finds what the filters hide too, by lifting them."""
    is_shown = replace(view, allowed=level_filter(view)).keeps(concept)
    return view if is_shown else replace(view, weeks=(), tracks=(), levels=())


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
    facts = graph.facts()
    numbers = [str(week) for week in facts.weeks if week is not None]
    weeks = [*numbers, *([NO_WEEK] if numbers and None in facts.weeks else [])]
    origins = [origin for origin in ORIGINS if origin in facts.origins]
    return [
        menu
        for menu in (
            _Filter("weeks", "Weeks", weeks, lambda w: "No week" if w == NO_WEEK else f"Week {w}"),
            _Filter("tracks", "Tracks", facts.tracks, lambda t: t.replace("-", " ").capitalize()),
            _Filter("levels", "How well you know it", LEVELS, str.capitalize),
            _Filter("kinds", "Kinds of relation", KINDS, lambda k: _KIND_WORDS[k]),
            _Filter("origins", "How it is known", origins, lambda o: _ORIGIN_WORDS[o]),
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
