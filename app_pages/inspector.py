"""The retrieval inspector: every step from a question to its answer, worked out only when somebody opens it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app_pages.inspector_html import (
    decision_html,
    draft_html,
    graph_html,
    match_html,
    read_html,
    stages_html,
    times_html,
    titles_of,
    words_head_html,
)
from app_pages.session import faults_told
from graph.errors import PrepgraphError
from graph.schema import Answer
from rag.consequences import consequences
from rag.inspection import Inspection
from workspace import Workspace

_CSS = Path(__file__).with_name("inspector.css").read_text(encoding="utf-8")
_KEPT = 4  # inspections a visitor; each holds the passages of one question


@st.fragment
@faults_told()
def show_inspector(opened: Workspace, number: int, answer: Answer) -> None:
    """A switch under an answer and, when it is on, how the answer was found. Reruns nothing else of the page."""
    asked = sum(answer.timings_ms.values())
    if not st.toggle(f"How it was found ({asked:.0f} ms)", key=f"inspect-{number}"):
        return
    try:
        seen = _inspection(opened, answer)
    except PrepgraphError as fault:
        st.error(str(fault))
        return
    with st.container(key=f"inspector-{number}", border=True):
        st.html(f"<style>{_CSS}</style>")
        if [r.chunk.id for r in answer.results] != [r.chunk.id for r in seen.retrieval.results]:
            st.caption("The notes have changed since this was answered; these steps are in the notes as they are now.")
        _show_steps(opened, number, seen)


def _show_steps(opened: Workspace, number: int, seen: Inspection) -> None:
    would_break = consequences(seen, opened.graph)
    st.html(read_html(seen, opened.graph, would_break))
    st.html(stages_html(seen, would_break))
    st.html(graph_html(seen, opened.graph, would_break))
    if seen.match:
        _show_words(opened, number, seen)
    if steps := seen.steps:
        st.html(draft_html(steps, would_break))
        st.html(decision_html(steps, would_break))
        if steps.answer.prompt:
            st.caption("What the language model was sent")
            st.code(steps.answer.prompt, language=None, wrap_lines=True, height=300)
        st.html(times_html(steps.answer.timings_ms))


def _show_words(opened: Workspace, number: int, seen: Inspection) -> None:
    st.html(words_head_html())
    titles = titles_of(seen.rows)
    chunks = {row.chunk.id: row.chunk for row in seen.rows}
    chosen = st.selectbox(
        "Passage", list(titles), format_func=lambda chunk_id: titles[chunk_id], key=f"inspect-passage-{number}"
    )
    match = opened.inspector.match_words(seen.retrieval, chunks[chosen])
    st.html(match_html(match)) if match else st.caption("This passage ranked too low to be reranked.")


def _inspection(opened: Workspace, answer: Answer) -> Inspection:
    """The inspection of an answer, kept for the visitor while they look at it."""
    kept: dict[tuple[str, str, str], Inspection] = st.session_state.setdefault("inspections", {})
    key = opened.generation.id, answer.read_as or answer.question, answer.text
    if key not in kept:
        with st.spinner("Going through it again, and without each part …"):
            kept[key] = opened.inspector.inspect_answer(answer)
        while len(kept) > _KEPT:
            del kept[next(iter(kept))]
    return kept[key]
