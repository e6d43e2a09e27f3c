"""A box that finds one concept, by id or any name, spelt about right: for the search, and for the end of a path."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from graph.schema import Concept
from graph.store import GraphStore


def concept_box(graph: GraphStore, label: str, placeholder: str, key: str, chosen: Callable[[Concept], None]) -> None:
    """Draws the box, which is empty again once something is `chosen`."""
    # Of a graph that is not in memory nothing is listed; what is typed is looked for there.
    concepts = {concept.id: concept for concept in graph.concepts()} if graph.parts() is None else {}

    def words(concept_id: str) -> str:
        concept = concepts.get(concept_id)
        if concept is None:
            return concept_id
        return f"{concept.title} ({', '.join(concept.aliases)})" if concept.aliases else concept.title

    def typed() -> None:
        name = st.session_state[key]
        st.session_state[key] = None
        if name and (found := _find(graph, name)):
            chosen(found)

    st.selectbox(
        label,
        sorted(concepts, key=lambda c: (concepts[c].kind != "concept", concepts[c].title.casefold())),
        index=None,
        format_func=words,
        key=key,
        placeholder=placeholder,
        label_visibility="collapsed",
        accept_new_options=True,
        on_change=typed,
    )


def _find(graph: GraphStore, name: str) -> Concept | None:
    """A concept by its id or any name; else the one that is spelt most like it, which is said."""
    if found := graph.concept(name) or graph.resolve(name):
        return found
    near = graph.suggest(name)
    if not near:
        st.toast(f"No concept is called anything like “{name}”.")
        return None
    found, *others = near
    also = f" Also near: {', '.join(c.title for c in others)}." if others else ""
    st.toast(f"“{name}” was taken for {found.title}.{also}")
    return found
