"""The panel's tab that says what to learn before a concept, first to learn first, and takes off what is known."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from urllib.parse import quote

import streamlit as st

from app_pages.library_html import as_plain
from app_pages.marks_view import set_mark
from app_pages.session import current_workspace
from graph.schema import Concept
from workspace import Workspace

AT_ONCE = 60  # ticks: a browser takes a while for hundreds


@st.cache_resource(max_entries=100, show_spinner=False)
def find_order(generation_id: str, concept_id: str) -> tuple[str, ...]:
    """The ids of all that must be known before a concept, first to learn first."""
    return current_workspace().graph.prerequisites(concept_id)


def show_learn_first(opened: Workspace, concept: Concept, known: Collection[str]) -> None:
    """The order with a tick before each: to set it marks the concept as known, to take it away as new."""
    order = find_order(opened.generation.id, concept.id)
    if not order:
        st.caption("It needs nothing first.")
        return
    rows, more = shown_rows(order, known)
    concepts = opened.graph.concepts_by_id([needed for _, needed in rows])
    upcoming = next((needed for _, needed in rows if needed not in known), None)
    st.caption(_progress(order, known, concepts[upcoming].title if upcoming else ""))
    with st.container(key="prepgraph-note-learn", gap=None):  # by that name its links are followed within the page
        for number, needed in rows:
            _tick(number, concepts[needed], needed in known)
    if more:
        st.caption(f"And {more} more after these.")


def shown_rows(order: Sequence[str], known: Collection[str]) -> tuple[Sequence[tuple[int, str]], int]:
    """The rows with their numbers, and how many follow; of a long order, what is known is left out."""
    rows = list(enumerate(order, start=1))
    if len(rows) > AT_ONCE:
        rows = [row for row in rows if row[1] not in known]
    return rows[:AT_ONCE], len(rows) - len(rows[:AT_ONCE])


def _progress(order: Sequence[str], known: Collection[str], upcoming: str) -> str:
    done = sum(needed in known for needed in order)
    if done == len(order):
        return f"You know all {done} that it builds on."
    so_far = f"you know {done} of {len(order)}" if done else "tick what you know"
    return f"All that it builds on, first to learn first: {so_far}. Next is **{as_plain(upcoming)}**."


def _tick(number: int, concept: Concept, is_known: bool) -> None:
    key = f"learn-{concept.id}"
    st.session_state[key] = is_known
    week = f" :small[week {concept.week}]" if concept.week is not None else ""
    title = f"{number}\\. [{as_plain(concept.title)}](?concept={quote(concept.id)}){week}"

    def ticked() -> None:
        set_mark(concept.id, "known" if st.session_state[key] else "new")

    st.checkbox(title, key=key, on_change=ticked)
