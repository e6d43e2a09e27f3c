"""The concept map as components: one draws, one carries the graph, one says what is selected, one has the keys.

Streamlit sends a component's code again whenever its data changes. So the drawing library goes alone, once; a view
goes as a graph with a few lines of code; and a selection goes with a few hundred bytes of control. They meet in the
browser, in a registry by map id, which also keeps the cameras across reruns and page switches.

    event = read_map_event("map-control")       # before anything that depends on the selection
    if event.is_new and event.action == "select":
        selected = event.selected
    concept_map(graph, key="map", height=640)
    concept_map_control(map_id=graph["map_id"], selected=selected, ..., key="map-control")

`map_keys` stands apart, outside of the fragment that a click runs again, since it never changes.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NotRequired, TypedDict

import streamlit as st

_DIST = Path(__file__).parent / "dist"


class MapColumn(TypedDict):
    """A column, such as a week: `x` is its centre; clicking its header selects `selects`, or its `id` without one.

    Columns may share what they select: while it is selected, they are marked and their boxes left undimmed. With
    `opens` and no `selects` a click opens that view; with both, a double click does. A `fixed` header does nothing.
    `tint` is its place in the walk of colours; -1 is no colour.
    """

    id: str
    title: str
    subtitle: NotRequired[str]
    selects: NotRequired[str]
    opens: NotRequired[str]
    fixed: NotRequired[bool]
    tint: NotRequired[int]
    x: float
    width: float


class MapNode(TypedDict):
    """A box with its centre at `x`, `y`, in the unit of the columns; `column` is a column's id or its position.

    A box with a `count` stands for that many concepts, and a click on it asks for the view that it `opens`.
    """

    id: str
    title: str
    column: str | int
    x: float
    y: float
    width: float
    height: float
    kind: NotRequired[str]
    summary: NotRequired[str]
    tint: NotRequired[int]
    count: NotRequired[int]
    opens: NotRequired[str]


class MapEdge(TypedDict):
    """A line; `kind` is a relation's kind. Edges are routed around the boxes in the browser."""

    source: str
    target: str
    kind: str
    count: NotRequired[int]


class MapUp(TypedDict):
    """The way out of a view: the words of the button, and the view that it leads to."""

    label: str
    view: str


class MapGraph(TypedDict):
    """All that is drawn. Keep `map_id` the same for what the reader takes for the same map: it holds the cameras.

    `scene` names the view, which has a camera of its own; boxes that two scenes share glide from one to the other.
    `all_kinds` draws every kind of line at rest, not prerequisites alone.
    """

    map_id: str
    scene: NotRequired[str]
    tints: NotRequired[int]
    up: NotRequired[MapUp]
    all_kinds: NotRequired[bool]
    columns: Sequence[MapColumn]
    nodes: Sequence[MapNode]
    edges: Sequence[MapEdge]


class MapMarks(TypedDict):
    """What the learner knows of the boxes, as places in the graph's `nodes`; the others are new to them.

    `groups` has the boxes that stand for several concepts: the place, how many of these are known, and how many shaky.
    """

    colour_by: Literal["week", "known"]
    known: Sequence[int]
    shaky: Sequence[int]
    groups: Sequence[tuple[int, int, int]]


class MapHop(TypedDict):
    """A line of a path between two boxes, by their places in the graph's `nodes`, pointing as the relation does.

    `kind` is the relation's, or empty where the line stands for hops between concepts that are not drawn.
    """

    source: int
    target: int
    kind: str
    label: str


class MapPath(TypedDict):
    """A path through the drawn boxes: the places of those on it, in order, of its end, and its lines."""

    stops: Sequence[int]
    end: int | None
    hops: Sequence[MapHop]


@dataclass(frozen=True)
class MapEvent:
    """What the reader did on the map.

    `action` is `select` (`selected`: a node, a column, or None for the background), `open` (the neighbourhood of
    `selected`), `view` (`selected` names it), `edge` (`other` comes before `selected`), `kinds` (`hidden` are off),
    `go` (`selected` is a query string), `mark` (`selected` is known to that `level` from now on) or `colour`
    (`selected` is what the boxes are coloured by: week, known).
    `is_new` is true in the first run that reads the event, so that a selection made elsewhere since then
    (a search, a link) is not undone by an old click.
    """

    selected: str | None
    is_new: bool
    action: str = "select"
    other: str | None = None
    hidden: tuple[str, ...] = ()
    level: str | None = None


_map = st.components.v2.component(
    "prepgraph.concept_map",
    js=(_DIST / "map.js").read_text(encoding="utf-8"),
    css=(_DIST / "map.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_scene = st.components.v2.component(
    "prepgraph.concept_map_scene",
    html='<div class="prepgraph-scene"></div>\n',
    js=(_DIST / "scene.js").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_control = st.components.v2.component(
    "prepgraph.concept_map_control",
    html='<div class="prepgraph-control"></div>\n',
    js=(_DIST / "control.js").read_text(encoding="utf-8"),
    css=(_DIST / "control.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)
_keys = st.components.v2.component(
    "prepgraph.concept_map_keys",
    html='<div class="prepgraph-keys"></div>\n',
    js=(_DIST / "keys.js").read_text(encoding="utf-8"),
    css=(_DIST / "keys.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def concept_map(graph: MapGraph, *, key: str, height: int) -> None:
    """Draw `graph` in a box `height` pixels high and as wide as there is room."""
    _map(key=key, data={"map_id": graph["map_id"]}, height=height)
    _scene(key=f"{key}-scene", data=graph)


def read_map_event(key: str) -> MapEvent:
    """Return the last event from the control mounted as `key`; readable before it is mounted in this run.

    The state is `{"selected": {"action": …, "id": …, "click": n}}`, where `n` tells a second click on the same node
    from none. A test may set `{"selected": "id"}`.
    """
    state: Any = st.session_state.get(key) or {}
    raw = state.get("selected")
    if raw is None:
        return MapEvent(None, is_new=False)
    seen_key = f"{key}-seen"
    is_new = raw != st.session_state.get(seen_key)
    st.session_state[seen_key] = raw
    if not isinstance(raw, dict):
        return MapEvent(str(raw), is_new)
    hidden = tuple(str(kind) for kind in raw.get("hidden", ()))
    action = str(raw.get("action", "select"))
    return MapEvent(raw.get("id"), is_new, action, raw.get("other"), hidden, raw.get("level"))


def map_keys(*, map_id: str, key: str) -> bool:
    """Listen for the page's keys and links; return whether the screen is too narrow for a map, once it has said so."""
    return bool(_keys(key=key, data={"map_id": map_id}, on_narrow_change=_no_callback).get("narrow"))


def concept_map_control(
    *,
    map_id: str,
    selected: str | None,
    prerequisites: Iterable[str] | Iterable[int],
    unlocks: Iterable[str] | Iterable[int],
    related: Iterable[str] | Iterable[int],
    key: str,
    hidden_kinds: Iterable[str] = (),
    reason: str | None = None,
    marks: MapMarks | None = None,
    path: MapPath | None = None,
    learn: bool = False,
) -> MapEvent:
    """Show a selection on the map `map_id`: what it needs in amber, what it unlocks in green, the rest dimmed.

    `prerequisites` and `unlocks` may reach any depth; what an edge joins to `selected` itself is drawn stronger, and
    the edge between `selected` and `reason` strongest. The three may be ids, or places in the graph's `nodes`. Edges
    of `hidden_kinds` are not drawn. `marks` put a sign on the boxes of what the learner knows, and may colour them.
    With a `path`, that is lit and nothing else; with `learn`, only the prerequisites and the lines between them are.
    """
    _control(
        key=key,
        data={
            "map_id": map_id,
            "selected": selected,
            "prerequisites": sorted(prerequisites),
            "unlocks": sorted(unlocks),
            "related": sorted(related),
            "hidden_kinds": sorted(hidden_kinds),
            "reason": reason,
            **({"marks": marks} if marks else {}),
            **({"path": path} if path else {}),
            **({"learn": True} if learn else {}),
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
    "MapHop",
    "MapMarks",
    "MapNode",
    "MapPath",
    "MapUp",
    "concept_map",
    "concept_map_control",
    "map_keys",
    "read_map_event",
]
