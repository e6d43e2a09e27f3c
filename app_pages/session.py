"""Decides which generation the pages show: the one in service, opened once for all visitors, built if there is none.

While it cannot be read, such as when a server is down, the pages say why in one sentence and go on by themselves later.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

import streamlit as st

from app_pages.library_html import as_plain
from generation import Progress
from graph.errors import BusyError, PrepgraphError, StorageError
from workspace import Settings, Workspace, current_generation, ingest_folder, load_settings, open_workspace

_LOOK_SECONDS = 4
_TOLD, _SHOWN = "fault-told-at", "generation-shown"
_STAGES = {
    "read": "Reading files",
    "embed": "Embedding passages",
    "index": "Building the index",
    "neo4j": "Writing the graph to Neo4j",
    "qdrant": "Writing the index to Qdrant",
    "publish": "Putting it into service",
}


def settings() -> Settings:
    """The settings of this process."""
    return load_settings()


def current_workspace() -> Workspace:
    """The generation in service, opened; an empty workspace is filled from the course first. Errors end the page."""
    try:
        generation_id = _generation_in_service() or _first_generation()
        return _open(settings().workspace, generation_id)
    except PrepgraphError as fault:
        _tell(fault)
        st.stop()


@contextmanager
def faults_told() -> Iterator[None]:
    """What runs inside ends at a fault of a store, which is told, and runs again when the store is back.

    A fragment needs one of its own: Streamlit runs it without the page around it.
    """
    try:
        yield
    except PrepgraphError as fault:
        _tell(fault)


def _tell(fault: PrepgraphError) -> None:
    with st.container(key="store-fault"):
        st.error(as_plain(str(fault)))
        if isinstance(fault, StorageError):
            st.caption("The page goes on by itself once that is mended.")
            st.session_state[_TOLD] = time.monotonic()


def watch_stores() -> None:
    """Keeps an open page up to date: call it before anything that may meet a fault, so that its place never changes.

    Streamlit runs a fragment again where it stood, and a place that the page no longer has breaks the page.
    """
    st.session_state[_TOLD] = st.session_state[_SHOWN] = None
    _look()


def follow_generation(shown: str) -> None:
    """From now on the page moves to a new generation by itself."""
    st.session_state[_SHOWN] = shown


@st.fragment(run_every=_LOOK_SECONDS)
def _look() -> None:
    """Runs the page again when its stores answer after a fault, or hold a new generation."""
    told_at, shown = st.session_state[_TOLD], st.session_state[_SHOWN]
    try:
        generation_id = _generation_in_service()
        if told_at is None:
            if shown in {None, generation_id}:
                return
        elif time.monotonic() - told_at < _LOOK_SECONDS / 2:
            return  # not at once, or a fault that is none of theirs would never rest
        elif generation_id:
            _open(settings().workspace, generation_id).check()
    except PrepgraphError:
        return  # told already, or by the next interaction
    st.rerun()


@st.cache_resource(max_entries=2, show_spinner="Opening the notes …")
def _open(workspace: Path, generation_id: str) -> Workspace:
    # The id is in the key, so that a new generation is opened and the old one let go.
    opened = open_workspace(load_settings(workspace))
    # The first question would wait for the model and the passages to load; meanwhile the reader looks at the map.
    threading.Thread(target=_warm_up, args=(opened,), daemon=True).start()
    return opened


def _warm_up(opened: Workspace) -> None:
    with suppress(PrepgraphError):  # whoever asks is told
        opened.answerer.answer("What is this about?")


def _generation_in_service() -> str | None:
    found = current_generation(settings().workspace)
    return found.id if found else None


def _first_generation() -> NoReturn:
    """Builds the first generation behind a progress bar; whoever comes meanwhile waits for the one who builds."""
    place = st.container(key="first-ingest")
    place.subheader("Preparing the course")
    place.caption("The notes are read and indexed once; the next start takes a second.")
    bar = place.progress(0.0, "Reading files")
    while _generation_in_service() is None:
        try:
            ingest_folder(settings(), settings().content, progress_on(bar))
        except BusyError:
            bar.progress(0.0, "Another window is preparing it; this one follows")
            time.sleep(0.5)
    st.rerun()


def progress_on(bar: st.delta_generator.DeltaGenerator) -> Progress:
    """Shows an ingest on a progress bar: its stage, how much is done, the rate and the time left."""
    begun: dict[str, tuple[float, int]] = {}
    drawn = 0.0

    def report(stage: str, done: int, total: int) -> None:
        nonlocal drawn
        now = time.monotonic()
        # What was known before comes at once and is no measure of the rate.
        started, known = begun.setdefault(stage, (now, done)) if done else (now, 0)
        if done < total and now - drawn < 0.1:
            return
        drawn = now
        share = done / total if total else 1.0
        text = f"{_STAGES[stage]}: {done:,} of {total:,}"
        if known < done < total and now > started:
            rate = (done - known) / (now - started)
            text += f", {rate:,.0f} a second, about {(total - done) / rate:,.0f} s left"
        bar.progress(min(share, 1.0), text)

    return report


def select_concept(concept_id: str | None) -> None:
    """Makes a concept the one that Explore shows this visitor when they come to it next."""
    st.session_state["selected"] = concept_id


def take_selection() -> str | None:
    """What `select_concept` was last told, once."""
    wanted: str | None = st.session_state.pop("selected", None)
    return wanted
