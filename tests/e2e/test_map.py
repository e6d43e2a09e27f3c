"""Explore in a real browser: its views, the address, the keyboard, the list, and what a selection costs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, WebSocket, expect

from bench.vaults import make_workspace

MAP = "Object.values(globalThis.__prepgraphMaps ?? {}).at(-1)"
SELECTION_BYTES = 10_000
CONCEPTS, MANY = 200, 640
Serve = Callable[[str, Mapping[str, str]], str]


@pytest.fixture(scope="module")
def course(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on 200 concepts in eight weeks."""
    return serve_vault(serve, tmp_path_factory, CONCEPTS)


@pytest.fixture(scope="module")
def large(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on more concepts than are drawn at once."""
    return serve_vault(serve, tmp_path_factory, MANY)


def serve_vault(serve: Serve, tmp_path_factory: pytest.TempPathFactory, count: int) -> str:
    folder = tmp_path_factory.mktemp(f"vault-{count}")
    make_workspace(folder / "notes", folder / "workspace", count)
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(folder / "workspace")})


def settle(page: Page) -> None:
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function(f"({MAP}?.nodeCount() ?? 0) > 0")
    page.wait_for_selector("dialog.pm-help", state="attached")  # from then on the page's keys are listened for
    settle(page)


def on_map(page: Page, call: str) -> Any:
    return page.evaluate(f"{MAP}.{call}")


def place_of(page: Page, call: str) -> dict[str, float]:
    """A place on the screen, once nothing moves it any more."""
    last, at = None, on_map(page, call)
    while at != last or at is None:
        page.wait_for_timeout(400)
        last, at = at, on_map(page, call)
    return dict(at)


def click(page: Page, concept: str) -> None:
    at = place_of(page, f"screenPosition('{concept}')")
    page.mouse.click(at["x"], at["y"])


def wait_for_scene(page: Page, scene: str) -> None:
    page.wait_for_function(f"scene => {MAP}?.graph?.scene === scene && {MAP}.nodeCount() > 0", arg=scene)


def wait_for_selection(page: Page, concept: str | None) -> None:
    page.wait_for_function(f"concept => {MAP}?.focus.selected === concept", arg=concept)


def title(page: Page) -> Any:
    return page.locator(".st-key-concept-panel h3")


def test_the_camera_stays_over_twenty_clicks(page: Page, course: str) -> None:
    visit(page, f"{course}/?concept=amber-caching")
    inside = [
        box["id"]
        for box in on_map(page, "boxes()")
        if box["box"][0] > 0 and box["box"][2] < 900 and box["box"][1] > 0 and box["box"][3] < 600
    ]
    click(page, inside[0])
    wait_for_selection(page, inside[0])
    before = on_map(page, "camera()")
    for concept in inside[1:21]:
        click(page, concept)
        wait_for_selection(page, concept)
    assert on_map(page, "camera()") == before


def test_no_labels_overlap_in_the_overview_and_none_leaves_its_box(page: Page, course: str) -> None:
    visit(page, course)
    boxes = on_map(page, "boxes()")
    assert len(boxes) == CONCEPTS
    for box in boxes:
        (left, top, right, bottom), inner = box["box"], box["label"]
        slack = 3  # Cytoscape counts a margin of its own around a label
        assert inner[0] >= left - slack, box
        assert inner[1] >= top - slack, box
        assert inner[2] <= right + slack, box
        assert inner[3] <= bottom + slack, box
    for at, one in enumerate(boxes):
        for other in boxes[at + 1 :]:
            a, b = one["box"], other["box"]
            assert a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1], (one, other)


def test_a_double_click_opens_the_neighbourhood_and_back_returns(page: Page, course: str) -> None:
    visit(page, course)
    at = place_of(page, "screenPosition('cedar-encoding')")
    page.mouse.dblclick(at["x"], at["y"])
    wait_for_scene(page, "ego cedar-encoding")
    expect(title(page)).to_have_text("Cedar encoding")
    assert "view=ego" in page.url
    columns = {n["column"] for n in on_map(page, "graph.nodes")}
    assert {"ego:-1", "ego:0", "ego:1"} <= columns
    page.go_back()
    wait_for_scene(page, "overview")
    page.wait_for_url(re.compile(r"^((?!view=).)*$"))
    page.go_forward()
    wait_for_scene(page, "ego cedar-encoding")


def test_back_and_forward_walk_through_the_selections(page: Page, course: str) -> None:
    visit(page, course)
    for concept in ("brisk-caching", "delta-caching"):
        click(page, concept)
        wait_for_selection(page, concept)
        page.wait_for_url(re.compile(f"concept={concept}"))
        settle(page)
    page.go_back()
    wait_for_selection(page, "brisk-caching")
    expect(title(page)).to_have_text("Brisk caching")
    page.go_back()
    wait_for_selection(page, None)
    page.go_forward()
    wait_for_selection(page, "brisk-caching")


def test_a_link_reopens_view_filters_and_selection(page: Page, course: str) -> None:
    visit(page, f"{course}/?concept=cedar-encoding&weeks=2&weeks=3&kinds=prerequisite_of&view=week-2")
    wait_for_scene(page, "week-2")
    weeks = {n["tint"] for n in on_map(page, "graph.nodes") if "count" not in n}
    assert weeks == {0}, "of the two weeks that pass the filter, the first"
    expect(page.get_by_role("button", name="Filter (2)")).to_be_visible()
    wait_for_selection(page, "cedar-encoding")
    assert "related_to" in on_map(page, "focus.hidden_kinds")


def test_the_week_filter_takes_the_other_weeks_away(page: Page, course: str) -> None:
    visit(page, course)
    page.get_by_role("button", name="Filter").click()
    page.locator(".st-key-filter-weeks input").fill("Week 4")
    page.get_by_role("option", name="Week 4").click()
    page.wait_for_function(f"{MAP}.nodeCount() === {CONCEPTS // 8}")
    assert "weeks=4" in page.url
    page.get_by_role("button", name="Show everything").click()
    page.wait_for_function(f"{MAP}.nodeCount() === {CONCEPTS}")
    assert "weeks" not in page.url


def test_the_legend_switches_a_kind_of_line_off_and_on(page: Page, course: str) -> None:
    visit(page, course)
    entry = page.get_by_role("button", name="comes before")
    expect(entry).to_have_attribute("aria-pressed", "true")
    entry.click()
    page.wait_for_url(re.compile("kinds="))
    expect(page.get_by_role("button", name="comes before")).to_have_attribute("aria-pressed", "false")
    settle(page)
    page.get_by_role("button", name="comes before").click()
    page.wait_for_url(re.compile(r"^((?!kinds=).)*$"))


def test_a_click_on_a_line_says_why_with_the_quoted_line_in_its_place(page: Page, course: str) -> None:
    visit(page, f"{course}/?concept=cedar-encoding&view=ego")
    edge = next(e for e in on_map(page, "graph.edges") if e["target"] == "cedar-encoding")
    at = place_of(page, f"edgePosition('{edge['source']}', '{edge['target']}')")
    page.mouse.click(at["x"], at["y"])
    reason = page.locator(".st-key-relation-reason")
    expect(reason).to_contain_text("comes before Cedar encoding")
    expect(reason).to_contain_text("stated in the notes")
    expect(reason.locator("blockquote")).to_contain_text(f"requires [[{edge['source']}]]")
    assert f"reason={edge['source']}" in page.url
    reason.locator("summary").click()
    expect(reason.locator(".pg-here")).to_contain_text(f"requires [[{edge['source']}]]")
    page.get_by_role("button", name="✕").first.click()


def test_a_search_forgives_a_slip_of_the_pen(page: Page, course: str) -> None:
    visit(page, course)
    page.keyboard.press("/")
    box = page.locator(".st-key-concept-search input")
    expect(box).to_be_focused()
    box.fill("Ceddar encodng")
    page.keyboard.press("Enter")
    expect(title(page)).to_have_text("Cedar encoding")
    expect(page.get_by_text("was taken for Cedar encoding")).to_be_visible()


def test_the_keyboard_alone_walks_the_lines_opens_and_closes(page: Page, course: str) -> None:
    visit(page, f"{course}/?concept=cedar-encoding")
    page.keyboard.press("m")
    expect(page.get_by_role("application")).to_be_focused()
    needs = {e["source"] for e in on_map(page, "graph.edges") if e["target"] == "cedar-encoding"}
    spoken = page.locator(".pm-status")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowDown")
    expect(spoken).to_contain_text("Cedar encoding")
    page.keyboard.press("ArrowLeft")
    expect(spoken).not_to_contain_text("Cedar encoding. Needs")
    ringed = [b["id"] for b in on_map(page, "boxes()") if "focus" in on_map(page, f"classes('{b['id']}')")]
    assert len(ringed) == 1
    assert ringed[0] in needs
    page.keyboard.press("Enter")
    wait_for_selection(page, ringed[0])
    settle(page)
    page.keyboard.press("Enter")
    wait_for_scene(page, f"ego {ringed[0]}")
    settle(page)
    page.keyboard.press("Escape")
    wait_for_scene(page, "overview")
    settle(page)
    page.keyboard.press("Escape")
    wait_for_selection(page, None)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys on the map")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keys on the map")).to_be_hidden()


def test_the_list_opens_the_panel_the_reasons_and_the_neighbourhood(page: Page, course: str) -> None:
    visit(page, course)
    page.get_by_text("List", exact=True).click()
    rows = page.locator(".pg-map-list")
    expect(rows.get_by_role("heading", name="Week 1")).to_be_visible()
    assert "view=list" in page.url
    rows.get_by_role("link", name="Cedar encoding", exact=True).first.click()
    expect(title(page)).to_have_text("Cedar encoding")
    row = rows.locator("li", has=page.get_by_role("link", name="Cedar encoding", exact=True)).filter(has_text="case")
    row.first.locator("summary").first.click()
    row.first.get_by_role("link", name=re.compile("^Why Cedar encoding and")).first.click()
    expect(page.locator(".st-key-relation-reason")).to_contain_text("Cedar encoding")
    settle(page)
    focus = rows.locator("a[href*='view=ego'][href*='cedar-encoding']").first
    if not focus.is_visible():
        row.first.locator("summary").first.click()
    focus.click()
    wait_for_scene(page, "ego cedar-encoding")


def test_a_narrow_screen_gets_the_list_first_and_the_map_on_request(browser: Browser, course: str) -> None:
    context = browser.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(course)
    expect(page.locator(".pg-map-list")).to_be_visible()
    page.get_by_text("Map", exact=True).click()
    wait_for_scene(page, "overview")
    assert "view=overview" in page.url
    context.close()


def test_the_theme_flips_under_a_neighbourhood(page: Page, course: str) -> None:
    page.emulate_media(color_scheme="light")
    visit(page, f"{course}/?concept=cedar-encoding&view=ego")
    frame = page.locator(".prepgraph-map")
    light = frame.evaluate("element => getComputedStyle(element).backgroundColor")
    page.emulate_media(color_scheme="dark")
    expect(frame).not_to_have_css("background-color", light)
    assert on_map(page, "graph.scene") == "ego cedar-encoding"


def test_a_selection_sends_little(page: Page, course: str) -> None:
    sizes: list[int] = []

    def watch(socket: WebSocket) -> None:
        socket.on("framereceived", lambda payload: sizes.append(len(payload)))

    page.on("websocket", watch)
    visit(page, f"{course}/?concept=cedar-encoding")
    for concept in ("delta-caching", "ember-encoding"):
        sizes.clear()
        click(page, concept)
        wait_for_selection(page, concept)
        settle(page)
        page.wait_for_timeout(500)
        assert 0 < sum(sizes) <= SELECTION_BYTES


def test_a_large_vault_opens_as_weeks_then_a_week_then_a_neighbourhood(page: Page, large: str) -> None:
    visit(page, large)
    assert on_map(page, "nodeCount()") == 8
    click(page, "group week-3")
    wait_for_scene(page, "week-3")
    assert MANY // 8 <= on_map(page, "nodeCount()") <= MANY // 8 + 7
    assert "view=week-3" in page.url
    concept = next(n["id"] for n in on_map(page, "graph.nodes") if "count" not in n)
    click(page, concept)
    wait_for_selection(page, concept)
    settle(page)
    page.get_by_role("link", name="Focus").click()
    wait_for_scene(page, f"ego {concept}")
    page.get_by_role("button", name="← Week 3").click()
    wait_for_scene(page, "week-3")
    settle(page)
    page.get_by_role("button", name="← Overview").click()
    wait_for_scene(page, "overview")


def test_the_box_of_a_group_says_how_many_of_its_concepts_are_marked(page: Page, large: str) -> None:
    visit(page, f"{large}/?view=week-3")
    one, other = [n["id"] for n in on_map(page, "graph.nodes") if "count" not in n][:2]
    for concept, level in ((one, "known"), (other, "shaky")):
        on_map(page, f"send({{action: 'mark', id: '{concept}', level: '{level}'}})")
        page.wait_for_function(f"([id, level]) => {MAP}?.levelShown(id)?.level === level", arg=[concept, level])
    page.get_by_role("button", name="← Overview").click()
    wait_for_scene(page, "overview")
    page.wait_for_function(f"() => {MAP}?.levelShown('group week-3')?.label.includes('✓ 1  ~ 1  of ')")
    assert "concepts" in on_map(page, "levelShown('group week-2').label")
    for concept in (one, other):
        on_map(page, f"send({{action: 'mark', id: '{concept}', level: 'new'}})")
    page.wait_for_function(f"() => {MAP}?.levelShown('group week-3')?.label.includes('concepts')")


def test_a_search_in_a_large_vault_flies_to_the_week(page: Page, large: str) -> None:
    visit(page, f"{large}/?concept=Brisk%20voting")
    settle(page)
    page.wait_for_url(re.compile(r"view=week-\d"))
    assert "selected" in on_map(page, "classes('brisk-voting')")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/?concept=cedar-encoding&view=ego", "/?view=list", "/ask", "/library"])
def test_axe_finds_no_serious_fault(page: Page, course: str, path: str, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.goto(f"{course}{path}")
    expect(page.locator(".stMainBlockContainer")).not_to_be_empty()
    settle(page)
    page.wait_for_timeout(1500)  # until what fades in has its colour
    found = Axe().run(page).response["violations"]
    assert not [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in {"serious", "critical"}]
