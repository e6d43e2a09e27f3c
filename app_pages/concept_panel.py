"""The panel beside the map: what a concept is, needs and unlocks, and why, each reason with its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from app_pages.evidence_html import SENTENCES, context_html, quote_html
from app_pages.learn_panel import show_learn_first
from app_pages.map_view import CONNECTIONS, LEARN, NOTE, PATH_TO, RESOURCES, MapView
from app_pages.marks_view import show_standing
from app_pages.panel_html import head_html, tabs_html
from app_pages.path_panel import show_path
from app_pages.render import concept_link, concept_resolver, connections_html, resources_html
from app_pages.source_html import source_html
from graph.schema import Concept, Relation, Resource, Span
from graph.store import GraphStore
from study.marks import Mark, with_level
from study.weak_spots import Before
from workspace import Workspace

Go = Callable[[MapView], None]
"""Makes another state of the page the one that is shown."""

_ORIGINS = {
    "authored": "stated in the notes",
    "link": "linked in the notes, without a reason",
    "pattern": "read from the wording of this sentence",
    "statistics": "only statistical: judged from the wording of both notes",
    "llm": "suggested by a language model",
}


def show_panel(
    opened: Workspace, concept: Concept, before: Before, marks: Mapping[str, Mark], view: MapView, go: Go
) -> None:
    """Draws the panel for a concept, with what the learner knows of what is `before` it; buttons lead on by `go`.

    Every element costs the browser several milliseconds at every click, so what is no input is one piece of HTML, with
    links for buttons.
    """
    resources = opened.graph.resources(concept.id)
    st.html(head_html(concept, view))
    if not view.to:  # a path needs the room, and is about two concepts
        show_standing(opened, concept, marks, before, view)
    if view.reason:
        _reason(opened, concept, view, go)
    labels = {
        CONNECTIONS: "Connections",
        NOTE: "Note",
        LEARN: f"Learn first ({len(set(before(concept.id)))})",
        PATH_TO: "Path to …",
        RESOURCES: f"Resources ({len(resources)})",
    }
    st.html(tabs_html(labels, view) + _opened_html(opened, concept, resources, view.open_tab))
    if view.open_tab == LEARN:
        show_learn_first(opened, concept, with_level(marks, ["known"]))
    elif view.open_tab == PATH_TO:
        show_path(opened, concept, view, go)


def _opened_html(opened: Workspace, concept: Concept, resources: Sequence[Resource], tab: str) -> str:
    """What the open tab says, unless there is something to set in it."""
    if tab == CONNECTIONS:
        return connections_html(opened.graph.neighbours(concept.id))
    if tab == NOTE:
        return _note_html(opened, concept)
    return resources_html(resources) if tab == RESOURCES else ""


def _note_html(opened: Workspace, concept: Concept) -> str:
    document = opened.corpus.document(concept.spans[0].path)
    if document is None:
        return ""
    chunks = opened.corpus.by_path.get(document.path, ())
    return source_html(document, chunks, concept.spans, concept_resolver(opened.graph))


def _reason(opened: Workspace, concept: Concept, view: MapView, go: Go) -> None:
    """Why the two ends of a line are joined: each relation, how it is known, and the lines that say so."""
    relations = relations_between(opened.graph, concept.id, view.reason or "")
    with st.container(key="relation-reason", border=True):
        close = replace(view, reason=None)
        st.button("✕", key="close-reason", help="Close the reason", type="tertiary", on_click=go, args=(close,))
        for number, relation in enumerate(relations):
            st.html(relation_html(opened.graph, relation))
            for place, span in enumerate(relation.evidence):
                _evidence(opened, span, f"reason-{number}-{place}")


def _evidence(opened: Workspace, span: Span, key: str) -> None:
    st.html(quote_html(span))
    document = opened.corpus.document(span.path)
    if document is None:
        return
    with st.expander(f"`{span.path}:{span.start_line}` in its place", key=key):
        st.html(context_html(document.text, span))


def relations_between(graph: GraphStore, concept_id: str, other: str) -> Sequence[Relation]:
    """Every relation that joins two concepts, whichever way."""
    return [n.relation for n in graph.neighbours(concept_id) if n.concept.id == other]


def relation_html(graph: GraphStore, relation: Relation) -> str:
    """A relation as a sentence with both ends as links, how it is known and how strong it is."""
    ends = {
        name: concept_link(found) if (found := graph.concept(concept_id)) else escape(concept_id)
        for name, concept_id in (("source", relation.source), ("target", relation.target))
    }
    sentence = SENTENCES[relation.kind].format(**ends)
    known = f"{_ORIGINS[relation.origin]}, weight {relation.weight:.2f}"
    return (
        f'<div class="pg-note prepgraph-note">{sentence}<br><span class="pg-week pg-wrap">{escape(known)}</span></div>'
    )
