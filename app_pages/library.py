"""Library: what is ingested, what is wrong with it and on which line, and ingesting it again."""

from __future__ import annotations

from collections import Counter
from html import escape
from pathlib import Path

import streamlit as st

from app_pages.render import place_html
from app_pages.session import current_workspace, progress_on, settings
from generation import Report
from graph.errors import PrepgraphError
from graph.schema import Problem
from workspace import Workspace, ingest_folder


def show() -> None:
    """Draws the page."""
    opened = current_workspace()
    st.subheader("Library", anchor=False)
    _summary(opened.report)
    _ingest_form(opened.report)
    _problems(opened.report.problems)
    _files(opened)


def _summary(report: Report) -> None:
    columns = st.columns(6)
    counts = ("documents", "chunks", "concepts", "relations", "resources")
    for column, name in zip(columns, counts, strict=False):
        column.metric("Passages" if name == "chunks" else name.capitalize(), f"{getattr(report, name):,}")
    columns[5].metric("Problems", f"{len(report.problems):,}")
    st.caption(
        f"Read from {report.root} · generation {report.generation} · built {report.built_at} in {report.seconds} s"
    )


def _ingest_form(report: Report) -> None:
    """Ingests the same folder again, or another one in its place."""
    with st.form("ingest", border=True):
        root = st.text_input("Folder of Markdown notes", value=report.root, key="ingest-root")
        submitted = st.form_submit_button("Ingest", type="primary")
    if submitted:
        bar = st.progress(0.0, "Reading files")
        try:
            done = ingest_folder(settings(), Path(root.strip()).expanduser(), progress_on(bar))
        except PrepgraphError as fault:
            bar.empty()
            st.error(str(fault))
        else:
            changed = done.generation != report.generation
            st.session_state["notice"] = (
                f"Generation {done.generation} is in service: {done.documents} documents in {done.seconds:.1f} s."
                if changed
                else f"Nothing has changed; looked in {done.seconds:.1f} s."
            )
            st.rerun()
    if notice := st.session_state.pop("notice", None):
        st.success(notice)


def _problems(problems: tuple[Problem, ...]) -> None:
    with st.container(key="problems"):
        st.markdown("##### Problems")
        if not problems:
            st.caption("None: every file was read whole, and no link leads nowhere.")
            return
        rows = "".join(_problem_row(problem) for problem in problems)
        st.html(f'<table class="pg-table"><tr><th></th><th>Where</th><th>What, and what to do</th></tr>{rows}</table>')


def _problem_row(problem: Problem) -> str:
    where = (
        place_html(problem.path, problem.line, problem.line) if problem.line else f"<code>{escape(problem.path)}</code>"
    )
    severity = f'<td class="pg-{problem.severity}">{problem.severity}</td>'
    return f"<tr>{severity}<td>{where}</td><td>{escape(problem.message)}</td></tr>"


def _files(opened: Workspace) -> None:
    """Each file with what is stored of it: counted from the passages and problems, never from a flag."""
    passages = Counter(chunk.document_id for chunk in opened.corpus.chunks)
    problems = Counter(problem.path for problem in opened.report.problems)
    rows = "".join(
        f"<tr><td><code>{escape(path)}</code></td><td>{passages[path]}</td><td>{problems[path] or ''}</td></tr>"
        for path in sorted({*opened.corpus.paths(), *problems})
    )
    with st.expander(f"Files ({len(opened.corpus.paths())})"):
        st.html(f'<table class="pg-table"><tr><th>File</th><th>Passages</th><th>Problems</th></tr>{rows}</table>')


with st.container(key="library-page"):
    show()
