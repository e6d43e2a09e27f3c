"""The concept map as two components: a heavy one that draws, and a light one that says what is selected.

Streamlit sends a component's code again whenever its data changes. So the graph goes with the drawing code, once,
and a selection goes with a few hundred bytes of control. The two meet in the browser, in a registry by map id,
which also keeps the camera across reruns and page switches.

    event = read_map_event("map-control")       # before anything that depends on the selection
    if event.is_new:
        selected = event.selected
    concept_map(graph, key="map", height=640)
    concept_map_control(map_id=graph["map_id"], selected=selected, ..., key="map-control")
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NotRequired, TypedDict

import streamlit as st

_DIST = Path(__file__).parent / "dist"


class MapColumn(TypedDict):
    """A column, such as a week: `x` is its centre; clicking its header selects `selects`, or its `id` without one.

    Columns may share what they select: while it is selected, they are marked and their boxes left undimmed.
    """

    id: str
    title: str
    subtitle: NotRequired[str]
    selects: NotRequired[str]
    x: float
    width: float


class MapNode(TypedDict):
    """A box with its centre at `x`, `y`, in the unit of the columns; `column` is a column's id or its position."""

    id: str
    title: str
    column: str | int
    x: float
    y: float
    width: float
    height: float
    kind: NotRequired[str]
    summary: NotRequired[str]


class MapEdge(TypedDict):
    """A line; `kind` is a relation's kind. Edges are routed around the boxes in the browser."""

    source: str
    target: str
    kind: str


class MapGraph(TypedDict):
    """All that is drawn. Keep `map_id` the same for what the reader takes for the same map: it holds the camera."""

    map_id: str
    columns: Sequence[MapColumn]
    nodes: Sequence[MapNode]
    edges: Sequence[MapEdge]


@dataclass(frozen=True)
class MapEvent:
    """What is clicked on the map: a node's or a column's id, or None for the background.

    `is_new` is true in the first run that reads the click, so that a selection made elsewhere since then
    (a search, a link) is not undone by an old click.
    """

    selected: str | None
    is_new: bool


_map = st.components.v2.component(
    "prepgraph.concept_map",
    js=(_DIST / "map.js").read_text(encoding="utf-8"),
    css=(_DIST / "map.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_control = st.components.v2.component(
    "prepgraph.concept_map_control",
    html='<div class="prepgraph-control"></div>\n',
    js=(_DIST / "control.js").read_text(encoding="utf-8"),
    css=(_DIST / "control.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def concept_map(graph: MapGraph, *, key: str, height: int) -> None:
    """Draw `graph` in a box `height` pixels high and as wide as there is room."""
    _map(key=key, data=graph, height=height)


def read_map_event(key: str) -> MapEvent:
    """Return the last click from the control mounted as `key`; readable before it is mounted in this run.

    The state is `{"selected": {"id": …, "click": n}}`, where `n` tells a second click on the same node from none.
    A test may set `{"selected": "id"}`.
    """
    state: Any = st.session_state.get(key) or {}
    raw = state.get("selected")
    if raw is None:
        return MapEvent(None, is_new=False)
    seen_key = f"{key}-seen"
    is_new = raw != st.session_state.get(seen_key)
    st.session_state[seen_key] = raw
    return MapEvent(raw["id"] if isinstance(raw, dict) else str(raw), is_new)


def concept_map_control(
    *,
    map_id: str,
    selected: str | None,
    prerequisites: Iterable[str],
    unlocks: Iterable[str],
    related: Iterable[str],
    key: str,
) -> MapEvent:
    """Show a selection on the map `map_id`: what it needs in amber, what it unlocks in green, the rest dimmed.

    `prerequisites` and `unlocks` may reach any depth; what an edge joins to `selected` itself is drawn stronger.
    """
    _control(
        key=key,
        data={
            "map_id": map_id,
            "selected": selected,
            "prerequisites": sorted(prerequisites),
            "unlocks": sorted(unlocks),
            "related": sorted(related),
        },
        on_selected_change=_no_callback,
    )
    return read_map_event(key)


def _no_callback() -> None:
    """Declares the state; clicks are read at the start of the next run."""


__all__ = [
    "MapColumn",
    "MapEdge",
    "MapEvent",
    "MapGraph",
    "MapNode",
    "concept_map",
    "concept_map_control",
    "read_map_event",
]
