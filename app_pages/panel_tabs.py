"""Decides which tab of the panel is open: the one that the address means, else the one that the reader chose last."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from app_pages.map_view import MapView, learn_first

Go = Callable[[MapView], None]

CONNECTIONS, NOTE, LEARN, PATH, RESOURCES = "connections", "note", "learn", "path", "resources"
_TABS, _CHOSEN, _SEEN = "concept-tabs", "concept-tab", "concept-tab-for"


def open_tab(labels: Mapping[str, str], view: MapView, go: Go) -> tuple[str, st.delta_generator.DeltaGenerator]:
    """Draws the tabs; returns the name of the one that is open, and it. Only what is looked at need be drawn."""
    name = _open_name(view)
    st.session_state[_CHOSEN], st.session_state[_SEEN] = name, (view.concept, view.to)
    st.session_state[_TABS] = labels[name]

    def changed() -> None:
        chosen = next(key for key, label in labels.items() if label == st.session_state[_TABS])
        st.session_state[_CHOSEN] = chosen
        go(learn_first(view, chosen == LEARN))

    tabs = st.tabs(list(labels.values()), key=_TABS, on_change=changed)
    return name, tabs[list(labels).index(name)]


def is_asking_where(view: MapView) -> bool:
    """Whether the reader has been asked where a path should lead, so that the next concept they choose says so."""
    return bool(view.concept and not view.to) and st.session_state.get(_CHOSEN) == PATH


def stop_asking() -> None:
    """Leaves the tab that asks, so that the next concept the reader chooses is opened."""
    st.session_state[_CHOSEN] = CONNECTIONS


def _open_name(view: MapView) -> str:
    chosen: str = st.session_state.get(_CHOSEN, CONNECTIONS)
    concept, to = st.session_state.get(_SEEN, (None, None))
    if view.learn:
        return LEARN
    if view.to and (concept, to) != (view.concept, view.to):
        return PATH
    if chosen == LEARN or (chosen == PATH and concept != view.concept and not view.to):
        return CONNECTIONS  # by the browser's history, or on from a path: what was asked then is asked no more
    return chosen
