"""Library: what is ingested, what is wrong with it and on which line, what the last change did, and taking it back."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from app_pages.components.citation_links import page_links
from app_pages.dropped_files import Dropped, add_notes, why_closed
from app_pages.library_export import show_export
from app_pages.library_html import (
    SHOWN_FILES,
    as_plain,
    diff_html,
    diff_summary,
    file_statuses,
    files_html,
    filter_files,
    merges_html,
    problems_by_severity,
    problems_html,
    refusals_html,
    report_html,
    shown_ends,
    undo_label,
    with_concepts,
)
from app_pages.session import current_workspace, faults_told, progress_on, select_concept, settings
from generation import Report
from graph.diff import GraphDiff
from graph.errors import PrepgraphError
from graph.schema import Problem
from ingest.read import NOTE_SUFFIXES
from ingest.settings import keep_apart_setting
from workspace import Workspace, graph_changes, ingest_folder, previous_report, save_address, undo

_MAX_MEGABYTES = 128
_HEADINGS = {"error": "Errors: text was lost, or relations contradict each other", "warning": "Warnings"}


def show() -> None:
    """Draws the page."""
    _follow_links()
    opened = current_workspace()
    report = opened.generation.report()  # not the one that was opened: an undo writes what it took over from
    st.subheader("Library", anchor=False)
    _summary(report)
    left, right = st.columns(2, gap="medium")
    with left:
        _ingest_form(report)
        _undo_button()
    with right:
        _additions(Path(report.root), report)
    _notices()
    _changes(opened, report)
    _problems(report)
    _merges(report)
    _files(opened)
    show_export(opened.graph)


def _follow_links() -> None:
    followed = page_links(key="library-links")
    if followed:
        select_concept(followed)
        st.switch_page("app_pages/explore.py", query_params={"concept": followed})


def _summary(report: Report) -> None:
    columns = st.columns(6)
    counts = ("documents", "chunks", "concepts", "relations", "resources")
    for column, name in zip(columns, counts, strict=False):
        column.metric("Passages" if name == "chunks" else name.capitalize(), f"{getattr(report, name):,}")
    columns[5].metric("Problems", f"{len(report.problems):,}")
    st.html(report_html(report))


def _ingest_form(report: Report) -> None:
    """Ingests the same folder again, or another one in its place."""
    with st.form("ingest", border=True):
        root = st.text_input("Folder of notes", value=report.root, key=f"ingest-root-{report.root}")
        submitted = st.form_submit_button("Ingest", type="primary")
    if submitted:
        _ingest(Path(root.strip()).expanduser(), report)


def _ingest(root: Path, report: Report, news: str = "") -> None:
    """Ingests a folder behind a progress bar; what it did is said on the page that follows."""
    try:
        done = ingest_folder(settings(), root, progress_on(st.progress(0.0, "Reading files")))
    except PrepgraphError as fault:
        st.session_state["fault"] = str(fault)
    else:
        st.session_state["notice"] = news + (
            f"Generation {done.generation} is in service: {done.documents} documents in {done.seconds:.1f} s."
            if done.generation != report.generation
            else f"Nothing has changed; looked in {done.seconds:.1f} s."
        )
    st.rerun()


def _undo_button() -> None:
    """Goes back to the generation before. Its key names that one, so that a click on an outdated page does nothing."""
    previous = previous_report(settings())
    with st.container(key="undo"):
        if previous is None:
            st.caption("There is no earlier generation to go back to.")
            return
        if st.button(undo_label(previous), key=f"undo-{previous.generation}", icon=":material/undo:"):
            try:
                done = undo(settings())
            except PrepgraphError as fault:
                st.session_state["fault"] = str(fault)
            else:
                st.session_state["notice"] = (
                    f"Generation {done.generation} is in service again: {done.documents} documents. The files stay as "
                    "they are; Undo goes forward again."
                )
            st.rerun()
        st.html(report_html(previous))


def _additions(root: Path, report: Report) -> None:
    """Takes files and web pages into the folder that is ingested, and ingests it."""
    with st.container(key="drop"):
        if closed := why_closed(root):
            st.caption(closed)
            return
        with st.form("drop-form", clear_on_submit=True, border=True):
            dropped = st.file_uploader(
                "Drop files to add them: Markdown, text, HTML, PDF, notebooks",
                type=[suffix.removeprefix(".") for suffix in NOTE_SUFFIXES],
                accept_multiple_files=True,
                max_upload_size=_MAX_MEGABYTES,
                key="dropped",
            )
            submitted = st.form_submit_button("Add to the folder")
        if submitted and dropped:
            _added(add_notes(root, ((file.name, file.getvalue()) for file in dropped)), root, report)
        _page_form(root, report)


def _page_form(root: Path, report: Report) -> None:
    """Fetches one web page into the folder. Nothing else on any page asks the network for something."""
    with st.form("page-form", border=True):
        address = st.text_input("Or add a web page", placeholder="https://…", key="page-address")
        submitted = st.form_submit_button("Fetch the page", help="Saves it below saved_pages/ and ingests the folder.")
    if submitted and address.strip():
        try:
            with st.spinner("Fetching the page …"):
                saved = save_address(settings(), address.strip(), root)
        except PrepgraphError as fault:
            st.session_state["fault"] = str(fault)
            st.rerun()
        _ingest(root, report, f"The page was saved as {saved}. ")


def _added(done: Dropped, root: Path, report: Report) -> None:
    st.session_state["refused"] = done.refused
    if done.written:
        _ingest(root, report, f"{len(done.written)} of the files were added. ")


def _notices() -> None:
    """What the last click did, once."""
    if refused := st.session_state.pop("refused", ()):
        with st.container(key="refused"):
            st.html(refusals_html(refused))
    if fault := st.session_state.pop("fault", None):
        st.error(as_plain(fault))
    if notice := st.session_state.pop("notice", None):
        st.success(as_plain(notice))


@st.cache_resource(max_entries=4, show_spinner=False)
def _diff(generation_id: str, previous_id: str, _report: Report) -> GraphDiff | None:
    """What changed between two generations; they never change themselves, so it is compared once."""
    return graph_changes(settings(), _report)


def _changes(opened: Workspace, report: Report) -> None:
    """What the last ingest or undo changed; in a first generation all is new, and nothing is shown."""
    if not report.previous:
        return
    diff = _diff(report.generation, report.previous, report)
    with st.container(key="changes"):
        if diff is None:
            st.caption("What the last change did is not known: the generation before cannot be read.")
            return
        with st.expander(f"Last change: {diff_summary(diff)}"):
            if diff:
                st.html(diff_html(diff, opened.graph.concepts_by_id(shown_ends(diff))))
            else:
                st.caption("Concepts and relations are as they were; texts or problems may differ.")


def _problems(report: Report) -> None:
    groups = problems_by_severity(report.problems)
    with st.container(key="problems"):
        st.markdown("##### Problems")
        if not groups:
            st.caption("None: every file was read whole, and no link leads nowhere.")
        for severity, problems in groups.items():
            with st.expander(f"{_HEADINGS[severity]} ({len(problems)})", expanded=_is_open(problems)):
                st.html(problems_html(problems))
                if severity == "error" and st.button("Try again", key="retry", help="Reads the folder as it is now."):
                    _ingest(Path(report.root), report)


def _merges(report: Report) -> None:
    """The names that were taken for another, and what keeps each pair apart."""
    if not report.merges:
        return
    with st.container(key="merges"), st.expander(f"Merged names ({len(report.merges)})"):
        st.caption(
            "If two of these are different things to you, write their pair into `prepgraph.toml` in the folder and "
            "ingest it again. Pairs stand in one list, such as:"
        )
        st.code(f"[merges]\n{keep_apart_setting(report.merges[:2])}", language="toml")
        st.html(merges_html(report.merges))


def _is_open(problems: list[Problem]) -> bool:
    return len(problems) <= 20 or problems[0].severity == "error"


@st.fragment
@faults_told()
def _files(opened: Workspace) -> None:
    """Each file with what is stored of it; only this part runs again while the filter is typed."""
    passages = {path: opened.corpus.passages(path) for path in opened.corpus.paths()}
    graph, is_served = opened.graph, opened.graph.parts() is not None
    files = file_statuses(passages, () if is_served else graph.concepts(), opened.report.problems)
    with st.container(key="files"), st.expander(f"Files ({len(files)})"):
        wanted = st.text_input(
            "Filter files",
            key="files-filter",
            type="search",
            live=True,
            placeholder="Filter by path, concept or state, such as “unreadable” …",
            label_visibility="collapsed",
        )
        shown = filter_files(files, wanted or "")
        st.caption(f"{len(shown):,} of {len(files):,}")
        if is_served:
            shown = with_concepts(shown, graph.concepts_in([file.path for file in shown[:SHOWN_FILES]]))
        if shown:
            st.html(files_html(shown))


with st.container(key="library-page"):
    show()
