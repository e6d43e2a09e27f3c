"""The panel beside the map: what a concept is, needs and unlocks, and why, each reason with its lines."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from html import escape

import streamlit as st

from app_pages.map_view import EGO, OVERVIEW, MapView, open_view, select
from app_pages.render import (
    concept_link,
    concept_resolver,
    connections_html,
    order_html,
    place_html,
    resources_html,
)
from app_pages.source_html import lines_html, source_html
from graph.schema import WEEK_KIND, Concept, Relation, Span
from graph.store import GraphStore
from workspace import Workspace

Go = Callable[[MapView], None]
"""Makes another state of the page the one that is shown."""

CONTEXT_LINES = 4  # of the source, above and below a quoted line
_SENTENCES = {
    "prerequisite_of": "{source} comes before {target}",
    "part_of": "{source} is part of {target}",
    "applies_to": "{source} applies to {target}",
    "related_to": "{source} is related to {target}",
    "contrasts_with": "{source} contrasts with {target}",
}
_ORIGINS = {
    "authored": "stated in the notes",
    "link": "linked in the notes, without a reason",
    "pattern": "read from the wording of this sentence",
    "statistics": "only statistical: judged from the wording of both notes",
    "llm": "suggested by a language model",
}


def show_panel(opened: Workspace, concept: Concept, needed: int, view: MapView, go: Go) -> None:
    """Draws the panel for a concept that needs as many others; its buttons lead on by `go`."""
    graph = opened.graph
    _heading(concept, view, go)
    if view.reason:
        _reason(opened, concept, view, go)
    resources = graph.resources(concept.id)
    names = ["Connections", "Note", f"Learn first ({needed})", f"Resources ({len(resources)})"]
    # Only what is looked at is sent: a note is often longer than all the rest.
    connections, note, order, reading = st.tabs(names, key="concept-tabs", on_change="rerun")
    if connections.open:
        connections.html(connections_html(graph.neighbours(concept.id)))
    if note.open:
        document = opened.corpus.document(concept.spans[0].path)
        if document:
            note.html(source_html(document, opened.corpus.chunks, concept.spans, concept_resolver(graph)))
    if order.open:
        order.caption("All that it builds on, first to learn first." if needed else "It needs nothing first.")
        if needed:
            ordered = [found for i in graph.prerequisites(concept.id) if (found := graph.concept(i))]
            order.html(order_html(ordered))
    if reading.open:
        if resources:
            reading.html(resources_html(resources))
        else:
            reading.caption("No resource is listed for it.")


def _heading(concept: Concept, view: MapView, go: Go) -> None:
    title, focus, close = st.columns([8, 4, 1], vertical_alignment="center")
    title.subheader(concept.title, anchor=False)
    if view.is_ego:
        focus.button("Overview", key="leave-focus", on_click=go, args=(open_view(view, OVERVIEW),))
    else:
        words = "Show what it needs and unlocks, two steps each way"
        focus.button("Focus", key="focus-concept", help=words, on_click=go, args=(open_view(view, EGO),))
    close.button("✕", key="close-panel", help="Close", type="tertiary", on_click=go, args=(select(view, None),))
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
    st.html(f'<blockquote class="pg-quote">{escape(span.quote)}</blockquote>')
    document = opened.corpus.document(span.path)
    if document is None:
        return
    with st.expander(f"`{span.path}:{span.start_line}` in its place", key=key):
        st.html(context_html(document.text, span))


def context_html(text: str, span: Span) -> str:
    """The quoted lines among their neighbours, marked, with their numbers."""
    lines = text.split("\n")
    first = max(0, span.start_line - 1 - CONTEXT_LINES)
    kept = ["" if at < first else line for at, line in enumerate(lines[: span.end_line + CONTEXT_LINES])]
    return lines_html("\n".join(kept), {}, range(span.start_line, span.end_line + 1))


def relations_between(graph: GraphStore, concept_id: str, other: str) -> Sequence[Relation]:
    """Every relation that joins two concepts, whichever way."""
    return [n.relation for n in graph.neighbours(concept_id) if n.concept.id == other]


def relation_html(graph: GraphStore, relation: Relation) -> str:
    """A relation as a sentence with both ends as links, how it is known and how strong it is."""
    ends = {
        name: concept_link(found) if (found := graph.concept(concept_id)) else escape(concept_id)
        for name, concept_id in (("source", relation.source), ("target", relation.target))
    }
    sentence = _SENTENCES[relation.kind].format(**ends)
    known = f"{_ORIGINS[relation.origin]}, weight {relation.weight:.2f}"
    return (
        f'<div class="pg-note prepgraph-note">{sentence}<br><span class="pg-week pg-wrap">{escape(known)}</span></div>'
    )
