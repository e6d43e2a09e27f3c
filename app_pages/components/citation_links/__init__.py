"""An invisible listener that makes links inside the page work without loading it again.

`#cite-<message>-<n>` opens and flashes the container with that key. `?concept=<id>` inside an element of class
`prepgraph-note`, or a container whose key begins so, is reported to Python.
"""

from pathlib import Path

import streamlit as st

_DIST = Path(__file__).parent / "dist"

_links = st.components.v2.component(
    "prepgraph.page_links",
    html='<div class="prepgraph-links"></div>\n',
    js=(_DIST / "listener.js").read_text(encoding="utf-8"),
    css=(_DIST / "listener.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def page_links(*, key: str) -> str | None:
    """Listen on this page; return the concept whose link was clicked, in the one run that follows the click."""
    clicked = _links(key=key, on_concept_change=_no_callback).get("concept")
    return None if clicked is None else str(clicked)


def _no_callback() -> None:
    """Declares the trigger; its value is read where the listener is mounted."""


__all__ = ["page_links"]
