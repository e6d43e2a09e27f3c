"""The part of the Library that writes the graph to a file: a map to print, or a format that other tools open."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from app_pages.library_html import as_plain
from app_pages.session import faults_told
from export.formats import FORMATS, SUFFIXES, Format, export_graph
from graph.names import slugify
from graph.store import GraphStore

LABELS: Mapping[Format, str] = {
    "svg": "Mind map to print (SVG, one sheet of A3)",
    "obsidian": "Obsidian vault (zip of Markdown notes)",
    "markmap": "Mind map for markmap (Markdown)",
    "anki": "Flashcards (Anki deck)",
    "graphml": "Graph for Gephi, yEd or NetworkX (GraphML)",
    "cypher": "Graph for Neo4j (Cypher)",
    "jsonld": "Linked data (JSON-LD)",
}
_MIME: Mapping[Format, str] = {
    "svg": "image/svg+xml",
    "obsidian": "application/zip",
    "markmap": "text/markdown",
    "anki": "application/octet-stream",
    "graphml": "application/xml",
    "cypher": "text/plain",
    "jsonld": "application/ld+json",
}
_WHOLE, _WEEK, _CONCEPT = "Everything", "One week", "One concept"


@st.fragment
@faults_told()
def show_export(graph: GraphStore) -> None:
    """Draws the choice of a format and the button. The file is made when the button is clicked, not before."""
    with st.container(key="export"), st.expander("Export"):
        fmt = st.selectbox("Format", FORMATS, format_func=lambda name: LABELS[name], key="export-format")
        concept_id, week, name = _choose_part(graph) if fmt == "svg" else (None, None, "concepts")
        st.download_button(
            "Download",
            data=lambda: export_graph(graph, fmt, concept_id, week),
            file_name=f"{name}{SUFFIXES[fmt]}",
            mime=_MIME[fmt],
            key="export-download",
            icon=":material/download:",
            disabled=not name,
            on_click="ignore",
        )


def _choose_part(graph: GraphStore) -> tuple[str | None, int | None, str]:
    """What the map is to show: a concept's id, or a week, or neither; and a name for the file, empty if none is."""
    weeks = [week for week in graph.facts().weeks if week is not None]
    parts = [_WHOLE, *([_WEEK] if weeks else []), _CONCEPT]
    part = st.radio("What it shows", parts, horizontal=True, key="export-part")
    if part == _WEEK:
        week = st.selectbox("Week", weeks, key="export-week")
        return None, week, f"week-{week}"
    if part == _CONCEPT:
        return _choose_concept(graph)
    return None, None, "concept-map"


def _choose_concept(graph: GraphStore) -> tuple[str | None, None, str]:
    asked = st.text_input("Concept", key="export-concept", placeholder="A title, such as HNSW").strip()
    found = graph.resolve(asked) if asked else None
    if asked and not found:
        near = ", ".join(c.title for c in graph.suggest(asked))
        st.caption(as_plain(f"There is no concept called {asked}." + (f" Did you mean {near}?" if near else "")))
    return (found.id, None, slugify(found.id)[:60]) if found else (None, None, "")
