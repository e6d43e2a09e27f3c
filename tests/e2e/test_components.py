"""The concept map and the link listener in a real browser, on the made-up graph of `component_demo.py`."""

import re
import time
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, WebSocket, expect
from streamlit.testing.v1 import AppTest

DEMO = "tests/e2e/component_demo.py"
CONCEPTS = 100
SELECTION_BYTES = 10_000
TEN = ("hnsw", "heaps", "caching", "attention", "arrays", "react", "estimation", "kv-cache", "sharding", "bm25")
READY = f"(globalThis.__prepgraphMaps?.['demo-1']?.nodeCount() ?? 0) >= {CONCEPTS}"


@pytest.fixture(scope="module")
def base_url(serve: Any) -> str:
    return str(serve(DEMO, {}))


@pytest.fixture
def explore(page: Page, base_url: str) -> Page:
    page.goto(base_url)
    wait_for_map(page)
    return page


def wait_for_map(page: Page) -> None:
    page.wait_for_function(READY)
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def ask_map(page: Page, method: str, *arguments: str) -> Any:
    return page.evaluate("([method, rest]) => __prepgraphMaps['demo-1'][method](...rest)", [method, list(arguments)])


def roles(page: Page, concept: str) -> set[str]:
    """What a box is dressed as, apart from the pointer's doing."""
    return set(ask_map(page, "classes", concept)) - {"hover", "near"}


def click_on_map(page: Page, target: str) -> None:
    position = ask_map(page, "screenPosition", target)
    page.mouse.click(position["x"], position["y"])


def panel(page: Page) -> Locator:
    return page.locator(".st-key-demo-panel")


def expect_selected(page: Page, concept: str | None) -> None:
    """Python has taken the selection in, and its answer has reached the map."""
    expect(panel(page).locator("h3")).to_have_text(concept or "Nothing selected")
    entry = "globalThis.__prepgraphMaps['demo-1']"
    page.wait_for_function(f"concept => {entry}.focus.selected === concept", arg=concept)


def empty_place(page: Page) -> tuple[float, float]:
    """Below the last box of the first column."""
    box = page.locator(".pm-canvas").bounding_box()
    assert box
    return box["x"] + 40, box["y"] + box["height"] - 12


def assert_same_camera(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert one["zoom"] == pytest.approx(other["zoom"])
    assert one["pan"] == pytest.approx(other["pan"])


def drag_map(page: Page, dx: float, dy: float) -> None:
    x, y = empty_place(page)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + dx / 2, y + dy / 2, steps=4)
    page.mouse.move(x + dx, y + dy, steps=4)
    page.mouse.up()


def test_a_click_reaches_python_and_lights_what_is_needed_and_unlocked(explore: Page) -> None:
    click_on_map(explore, "message-queues")
    expect_selected(explore, "message-queues")
    expect(panel(explore)).to_contain_text("breadth-first-search")
    assert roles(explore, "message-queues") == {"selected"}
    assert roles(explore, "breadth-first-search") == {"prerequisite", "direct"}
    assert roles(explore, "arrays") == {"prerequisite"}
    assert roles(explore, "batch-processing") == {"unlock", "direct"}
    assert roles(explore, "lora") == {"unlock"}
    assert roles(explore, "rate-limiting") == {"related"}
    assert roles(explore, "attention") == {"dim"}


def test_the_camera_stays_over_ten_clicks(explore: Page) -> None:
    before = ask_map(explore, "camera")
    for concept in TEN:
        click_on_map(explore, concept)
        expect_selected(explore, concept)
    assert_same_camera(ask_map(explore, "camera"), before)


def test_an_empty_place_clears_the_selection(explore: Page) -> None:
    click_on_map(explore, "hnsw")
    expect_selected(explore, "hnsw")
    explore.mouse.click(*empty_place(explore))
    expect_selected(explore, None)
    assert roles(explore, "attention") == set()


def test_a_column_header_selects_its_column(explore: Page) -> None:
    click_on_map(explore, "week-6")
    expect_selected(explore, "week-6")
    assert roles(explore, "week-6") == {"selected"}
    assert roles(explore, "attention") == set()
    assert roles(explore, "hnsw") == {"dim"}
    expect(explore.get_by_role("button", name="Week 6")).to_have_attribute("aria-pressed", "true")


def test_a_later_selection_is_not_undone_by_an_earlier_click(explore: Page) -> None:
    click_on_map(explore, "arrays")
    expect_selected(explore, "arrays")
    explore.get_by_role("button", name="Select HNSW").click()
    expect_selected(explore, "hnsw")
    runs = panel(explore).get_by_text("runs:").inner_text()
    explore.get_by_role("button", name="Rerun").click()
    expect(panel(explore).get_by_text("runs:")).not_to_have_text(runs)
    expect_selected(explore, "hnsw")
    click_on_map(explore, "arrays")
    expect_selected(explore, "arrays")


def test_camera_and_selection_outlive_a_visit_to_another_page(explore: Page) -> None:
    click_on_map(explore, "hnsw")
    expect_selected(explore, "hnsw")
    drag_map(explore, 90, -60)
    moved = ask_map(explore, "camera")
    explore.get_by_role("link", name="Ask").click()
    expect(explore.get_by_text("Filler paragraph 0.")).to_be_visible()
    assert ask_map(explore, "nodeCount") == 0
    explore.get_by_role("link", name="Explore").click()
    wait_for_map(explore)
    expect_selected(explore, "hnsw")
    assert roles(explore, "hnsw") == {"selected"}
    assert_same_camera(ask_map(explore, "camera"), moved)


def test_a_concept_out_of_view_is_panned_to_without_a_zoom(explore: Page) -> None:
    position = ask_map(explore, "screenPosition", "arrays")
    explore.mouse.move(position["x"], position["y"])
    zoom = ask_map(explore, "camera")["zoom"]
    for _ in range(6):
        explore.mouse.wheel(0, -120)
    explore.wait_for_function("zoom => __prepgraphMaps['demo-1'].camera().zoom > 1.5 * zoom", arg=zoom)
    zoomed = ask_map(explore, "camera")["zoom"]
    width = explore.locator(".pm-canvas").bounding_box()["width"]  # type: ignore[index]
    assert ask_map(explore, "screenPosition", "hnsw")["x"] > width + 100
    explore.get_by_role("button", name="Select HNSW").click()
    expect_selected(explore, "hnsw")
    explore.wait_for_function("edge => __prepgraphMaps['demo-1'].screenPosition('hnsw').x < edge", arg=width + 80)
    assert ask_map(explore, "camera")["zoom"] == pytest.approx(zoomed)


def test_a_double_click_on_an_empty_place_fits_and_keeps_the_selection(explore: Page) -> None:
    fitted = ask_map(explore, "camera")
    click_on_map(explore, "hnsw")
    expect_selected(explore, "hnsw")
    explore.get_by_role("button", name="Zoom out").click()
    explore.wait_for_function("zoom => __prepgraphMaps['demo-1'].camera().zoom < zoom * 0.85", arg=fitted["zoom"])
    explore.mouse.dblclick(*empty_place(explore))
    explore.wait_for_function(
        "zoom => Math.abs(__prepgraphMaps['demo-1'].camera().zoom - zoom) < 1e-6", arg=fitted["zoom"]
    )
    expect_selected(explore, "hnsw")


def test_keys_zoom_fit_and_clear(explore: Page) -> None:
    click_on_map(explore, "hnsw")
    expect_selected(explore, "hnsw")
    zoom = ask_map(explore, "camera")["zoom"]
    explore.locator(".pm-canvas").focus()
    explore.keyboard.press("+")
    explore.wait_for_function("zoom => __prepgraphMaps['demo-1'].camera().zoom > zoom * 1.2", arg=zoom)
    explore.keyboard.press("Escape")
    expect_selected(explore, None)
    expect(explore.get_by_role("application")).to_have_attribute("aria-label", re.compile("100 concepts"))


def test_a_hover_names_the_concept(explore: Page) -> None:
    position = ask_map(explore, "screenPosition", "approximate-nearest-neighbour-search")
    explore.mouse.move(position["x"], position["y"])
    tooltip = explore.get_by_role("tooltip")
    expect(tooltip).to_be_visible()
    expect(tooltip).to_contain_text("Approximate nearest neighbour search")
    assert "hover" in ask_map(explore, "classes", "approximate-nearest-neighbour-search")
    explore.mouse.move(*empty_place(explore))
    expect(tooltip).to_be_hidden()
    assert ask_map(explore, "classes", "approximate-nearest-neighbour-search") == []


def test_the_legend_folds_away_and_stays_so(explore: Page) -> None:
    legend = explore.locator(".pm-legend")
    expect(legend.get_by_text("Learn first")).to_be_visible()
    legend.locator("summary").click()
    expect(legend.get_by_text("Learn first")).to_be_hidden()
    explore.get_by_role("link", name="Ask").click()
    expect(explore.get_by_text("Filler paragraph 0.")).to_be_visible()
    explore.get_by_role("link", name="Explore").click()
    wait_for_map(explore)
    expect(legend.get_by_text("Learn first")).to_be_hidden()


def brightness(page: Page, concept: str) -> int:
    """Mean of the red, green and blue that the canvas shows just inside a box's left edge."""
    return int(
        page.evaluate(
            """concept => {
                const at = __prepgraphMaps['demo-1'].screenPosition(concept);
                const zoom = __prepgraphMaps['demo-1'].camera().zoom;
                const layers = [...document.querySelectorAll('.pm-canvas canvas')];
                for (const layer of layers) {
                    const box = layer.getBoundingClientRect();
                    const scale = layer.width / box.width;
                    const x = (at.x - 50 * zoom - box.left) * scale, y = (at.y - box.top) * scale;
                    const [r, g, b, a] = layer.getContext('2d').getImageData(x, y, 1, 1).data;
                    if (a > 250) return (r + g + b) / 3;
                }
                return -1;
            }""",
            concept,
        )
    )


def test_a_theme_flip_recolours_the_map_in_place(explore: Page) -> None:
    explore.emulate_media(color_scheme="light")
    frame = explore.locator(".prepgraph-map")
    light = frame.evaluate("element => getComputedStyle(element).backgroundColor")
    drag_map(explore, 30, 20)
    camera = ask_map(explore, "camera")
    assert brightness(explore, "attention") > 200
    explore.emulate_media(color_scheme="dark")
    expect(frame).not_to_have_css("background-color", light)
    deadline = time.monotonic() + 20
    while not 0 <= brightness(explore, "attention") < 100 and time.monotonic() < deadline:
        explore.wait_for_timeout(100)
    assert 0 <= brightness(explore, "attention") < 100
    assert_same_camera(ask_map(explore, "camera"), camera)


def received_bytes(page: Page) -> list[int]:
    sizes: list[int] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    page.on("websocket", watch)
    return sizes


def test_a_selection_costs_little(page: Page, base_url: str) -> None:
    sizes = received_bytes(page)
    page.goto(base_url)
    wait_for_map(page)
    assert sum(sizes) > 400_000, "the first visit carries the drawing code"
    for concept in ("hnsw", "message-queues"):
        sizes.clear()
        click_on_map(page, concept)
        expect_selected(page, concept)
        page.wait_for_timeout(500)
        assert 0 < sum(sizes) <= SELECTION_BYTES


def test_a_link_between_concepts_selects_without_loading_the_page(explore: Page) -> None:
    explore.evaluate("window.sameDocument = true")
    url = explore.url
    explore.get_by_role("link", name="sharding").click()
    expect_selected(explore, "sharding")
    assert explore.evaluate("window.sameDocument")
    assert explore.url == url
    assert len(explore.context.pages) == 1
    click_on_map(explore, "hnsw")
    expect_selected(explore, "hnsw")


@pytest.fixture
def ask(page: Page, base_url: str) -> Page:
    page.goto(f"{base_url}/ask")
    expect(page.get_by_text("More filler 29.")).to_be_attached()
    page.evaluate(
        """() => {
            window.flashed = [];
            document.addEventListener('animationstart', ({ animationName, target }) => {
                if (animationName === 'prepgraph-flash') window.flashed.push(target.innerText);
            });
        }"""
    )
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    return page


def expect_opened(page: Page, number: int) -> None:
    quote = page.locator(f".st-key-cite-demo-{number} mark")
    expect(quote).to_be_in_viewport(ratio=1)
    expect(page.locator(f".st-key-cite-demo-{number}")).to_be_focused()
    page.wait_for_function("text => window.flashed.includes(text)", arg=quote.inner_text())
    expect(quote).not_to_have_class(re.compile("prepgraph-flash"))
    expect(page.locator("details", has=quote)).to_have_attribute("open", "")


def test_a_citation_opens_its_source_and_flashes_the_quote(ask: Page) -> None:
    expect(ask.locator("details")).not_to_have_attribute("open", "")
    ask.get_by_role("link", name="[2]").click()
    expect_opened(ask, 2)
    ask.get_by_role("link", name="[1]").click()
    expect_opened(ask, 1)


def test_a_citation_opens_from_the_keyboard(ask: Page) -> None:
    ask.get_by_role("link", name="[1]").focus()
    ask.keyboard.press("Enter")
    expect_opened(ask, 1)


def test_app_tests_can_select_through_the_control_s_state() -> None:
    app = AppTest.from_file("component_demo.py", default_timeout=60).run()
    assert app.subheader[0].value == "Nothing selected"
    app.session_state["demo-control"] = {"selected": "hnsw"}
    app.run()
    assert app.subheader[0].value == "hnsw"
    assert not app.exception


def test_a_click_hits_the_box_under_it_after_the_page_has_moved_the_map(explore: Page) -> None:
    click_on_map(explore, "heaps")
    expect_selected(explore, "heaps")
    explore.evaluate("document.querySelector('.stMainBlockContainer').style.paddingTop = '170px'")
    click_on_map(explore, "caching")
    expect_selected(explore, "caching")
