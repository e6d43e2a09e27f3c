"""The panel beside the map: what a concept is, needs and unlocks, and why, each reason with its lines."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from app_pages.evidence_html import SENTENCES, context_html, quote_html
from app_pages.learn_panel import show_learn_first
from app_pages.map_view import EGO, OVERVIEW, MapView, open_view, select
from app_pages.marks_view import show_standing
from app_pages.panel_tabs import CONNECTIONS, LEARN, NOTE, PATH, RESOURCES, open_tab
from app_pages.path_panel import show_path
from app_pages.render import (
    concept_link,
    concept_resolver,
    connections_html,
    place_html,
    resources_html,
)
from app_pages.source_html import source_html
from graph.schema import WEEK_KIND, Concept, Relation, Span
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
    """Draws the panel for a concept, with what the learner knows of what is `before` it; buttons lead on by `go`."""
    graph = opened.graph
    needed = len(set(before(concept.id)))
    _heading(concept, view, go)
    if not view.to:  # a path needs the room, and is about two concepts
        show_standing(opened, concept, marks, before, view)
    if view.reason:
        _reason(opened, concept, view, go)
    resources = graph.resources(concept.id)
    labels = {
        CONNECTIONS: "Connections",
        NOTE: "Note",
        LEARN: f"Learn first ({needed})",
        PATH: "Path to …",
        RESOURCES: f"Resources ({len(resources)})",
    }
    name, tab = open_tab(labels, view, go)
    with tab:
        if name == CONNECTIONS:
            st.html(connections_html(graph.neighbours(concept.id)))
        elif name == NOTE:
            _note(opened, concept)
        elif name == LEARN:
            show_learn_first(opened, concept, with_level(marks, ["known"]))
        elif name == PATH:
            show_path(opened, concept, view, go)
        elif resources:
            st.html(resources_html(resources))
        else:
            st.caption("No resource is listed for it.")


def _note(opened: Workspace, concept: Concept) -> None:
    document = opened.corpus.document(concept.spans[0].path)
    if document:
        chunks = opened.corpus.by_path.get(document.path, ())
        st.html(source_html(document, chunks, concept.spans, concept_resolver(opened.graph)))


def _heading(concept: Concept, view: MapView, go: Go) -> None:
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(concept.title, anchor=False, width="stretch")
        if view.is_ego:
            st.button("Overview", key="leave-focus", on_click=go, args=(open_view(view, OVERVIEW),))
        else:
            words = "Show what it needs and unlocks, two steps each way"
            st.button("Focus", key="focus-concept", help=words, on_click=go, args=(open_view(view, EGO),))
        st.button("✕", key="close-panel", help="Close", type="tertiary", on_click=go, args=(select(view, None),))
    facts = [] if concept.kind == WEEK_KIND or concept.week is None else [f"Week {concept.week}"]
    facts += [f"also {', '.join(concept.aliases)}"] if concept.aliases else []
    place = place_html(concept.spans[0].path, concept.spans[0].start_line, concept.spans[0].end_line)
    small = f'<span class="pg-week pg-wrap">{escape(" · ".join(facts))}</span><br>' if facts else ""
    st.html(f'{small}<p class="pg-definition">{escape(concept.summary)} {place}</p>')


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
