"""How long a click on the concept map takes until the panel is there: ours beside st-link-analysis, on one graph.

Both run under Streamlit and are clicked in one real Chromium, at the same concepts. The peer shows the graph at our
positions, so that neither waits for a layout, and answers with a title alone, where ours answers with the whole panel.
At 5,000 concepts ours shows one week of the eight, as a reader would; the peer has no such view and draws them all.
"""

from __future__ import annotations

import json
import random
import statistics
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.table import Table

from bench.real_app import open_browser, serve
from bench.vaults import SEED, make_workspace
from generation import current_generation
from graph.groups import group_concepts
from graph.layout import place_groups
from graph.placement import MOST_DRAWN, MapLayout, placed_concepts
from graph.reduction import drawn_edges, prerequisite_depths
from graph.store import GraphStore

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

SIZES = (80, 500, 5_000)
WAIT_MS = 180_000
_MISS_MS = 8_000
_VIEW = {"width": 1400, "height": 900}
_OURS = "Object.values(globalThis.__prepgraphMaps ?? {}).at(-1)"
_LEFT, _RIGHT, _TOP, _BOTTOM = 40, 850, 210, 800  # what of the page neither panel nor header covers, in pixels
PEER = """
import json
import streamlit as st
from st_link_analysis import Event, NodeStyle, EdgeStyle, st_link_analysis

st.set_page_config(layout="wide")
graph = json.loads(open({graph!r}, encoding="utf-8").read())
left, right = st.columns([70, 30])
with left:
    clicked = st_link_analysis(
        graph,
        layout={{"name": "preset", "fit": True}},
        node_styles=[NodeStyle("CONCEPT", "#3f5bd4", "title")],
        edge_styles=[EdgeStyle("NEEDS", directed=True)],
        height=760,
        key="graph",
        events=[Event("clicked", "tap", "node")],
    )
with right:
    st.subheader(clicked["data"]["target_id"] if clicked else "Nothing", anchor=False)
"""


@dataclass(frozen=True)
class Clicks:
    """Seconds from each click to its panel, and how many boxes were drawn."""

    seconds: Sequence[float]
    drawn: int

    @property
    def median(self) -> float:
        return statistics.median(self.seconds)


def measure_concept_map(sizes: Sequence[int] = SIZES, clicks: int = 15) -> Table:
    """Clicks through a map of each size with ours and the peer; the table gives medians and their ratio."""
    table = Table(title=f"Click to panel, median of {clicks}", title_justify="left")
    for heading in ("concepts", "ours", "drawn", "st-link-analysis", "drawn", "times as fast"):
        table.add_column(heading, justify="right")
    with open_browser() as browser:
        for size in sizes:
            with tempfile.TemporaryDirectory(prefix="prepgraph-bench-") as folder:
                ours, peer = _measure(browser, Path(folder), size, clicks)
            ratio = f"{peer.median / ours.median:.1f}"
            row = (f"{size:,}", _ms(ours), f"{ours.drawn:,}", _ms(peer), f"{peer.drawn:,}", ratio)
            table.add_row(*row)
    return table


def _ms(clicks: Clicks) -> str:
    return f"{clicks.median * 1000:,.0f} ms"


def _measure(browser: Browser, folder: Path, size: int, clicks: int) -> tuple[Clicks, Clicks]:
    workspace = folder / "workspace"
    make_workspace(folder / "notes", workspace, size)
    generation = current_generation(workspace)
    if generation is None:
        raise RuntimeError("the workspace was just made, and holds nothing")
    script = folder / "peer.py"
    script.write_text(PEER.format(graph=_write_peer_graph(generation.graph(), folder)), encoding="utf-8")
    view = "/?view=week-4" if size > MOST_DRAWN else "/"
    with serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace)}) as base:
        ours = _click_ours(_open(browser, base + view), clicks)
    with serve(str(script), {}) as base:
        return ours, _click_peer(_open(browser, base), clicks)


def _write_peer_graph(graph: GraphStore, folder: Path) -> str:
    """The same boxes at the same places, and the same lines, as the peer takes them."""
    layout = _whole_layout(graph)
    nodes = [
        {"data": {"id": n.id, "label": "CONCEPT", "title": n.id}, "position": {"x": n.x, "y": n.y}}
        for n in layout.nodes
    ]
    edges = [
        {"data": {"id": f"e{i}", "label": "NEEDS", "source": e.source, "target": e.target}}
        for i, e in enumerate(layout.edges)
    ]
    path = folder / "graph.json"
    path.write_text(json.dumps({"nodes": nodes, "edges": edges}), encoding="utf-8")
    return str(path)


def _whole_layout(graph: GraphStore) -> MapLayout:
    """Every concept placed, however many there are."""
    concepts = graph.concepts()
    placed = placed_concepts(concepts)
    inner = [r for r in graph.relations() if r.source in placed and r.target in placed]
    depth = prerequisite_depths(placed, inner)
    groups = group_concepts(concepts, placed, inner, depth, by_track=False)
    return place_groups(groups, depth, drawn_edges(inner))


def _open(browser: Browser, url: str) -> Page:
    page = browser.new_context(viewport=_VIEW).new_page()  # type: ignore[arg-type]
    page.set_default_timeout(WAIT_MS)
    page.goto(url)
    return page


def _click_ours(page: Page, clicks: int) -> Clicks:
    page.wait_for_function(f"({_OURS}?.nodeCount() ?? 0) > 0")
    drawn = int(page.evaluate(f"{_OURS}.nodeCount()"))
    nodes = page.evaluate(f"{_OURS}.graph.nodes.filter(n => n.count === undefined).map(n => [n.id, n.title])")
    titles = dict(nodes)

    def place(concept: str) -> Any:
        return page.evaluate(f"id => {_OURS}.screenPosition(id)", concept)

    heading = ".st-key-concept-panel h3"
    return Clicks(_click_through(page, list(titles), titles, place, heading, clicks), drawn)


def _click_peer(page: Page, clicks: int) -> Clicks:
    frame = page.frame_locator("iframe").first
    frame.locator("canvas").first.wait_for()
    core = "document.querySelector('.__________cytoscape_container')._cyreg.cy"
    inner = next(f for f in page.frames if f != page.main_frame)
    inner.wait_for_function(f"() => {core.replace('._cyreg.cy', '?._cyreg?.cy')}?.nodes().length")
    ids = inner.evaluate(f"{core}.nodes().map(n => n.id())")

    def place(concept: str) -> Any:
        bounds = page.locator("iframe").first.bounding_box() or {"x": 0, "y": 0}
        inside = inner.evaluate(
            f"""id => {{
                const cy = {core}, box = cy.container().getBoundingClientRect();
                const at = cy.getElementById(id).renderedPosition();
                return {{ x: box.left + at.x, y: box.top + at.y }};
            }}""",
            concept,
        )
        return {"x": bounds["x"] + inside["x"], "y": bounds["y"] + inside["y"]}

    names = {concept: concept for concept in ids}
    return Clicks(_click_through(page, ids, names, place, "h3", clicks), len(ids))


def _click_through(
    page: Page, ids: Sequence[str], titles: dict[str, str], place: Any, heading: str, clicks: int
) -> list[float]:
    """Clicks concepts in view, in a fixed random order; the first two, of a cold server, do not count."""
    from playwright.sync_api import TimeoutError

    seconds: list[float] = []
    for concept in random.Random(SEED).sample(ids, min(len(ids), 40 * clicks)):
        at = place(concept)
        if not (_LEFT < at["x"] < _RIGHT and _TOP < at["y"] < _BOTTOM):
            continue
        page.wait_for_timeout(250)
        at = place(concept)
        started = time.perf_counter()
        page.mouse.click(at["x"], at["y"])
        try:
            page.wait_for_function(
                "([css, title]) => document.querySelector(css)?.innerText === title",
                arg=[heading, titles[concept]],
                polling=10,
                timeout=_MISS_MS,
            )
        except TimeoutError:  # a box of another concept, or of the peer's own, lay over it
            continue
        seconds.append(time.perf_counter() - started)
        if len(seconds) == clicks + 2:
            break
    return seconds[2:]
