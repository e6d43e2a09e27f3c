"""Paths and what to learn first, on Explore in a real browser: by mouse, by keyboard, by link, in every view."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, expect

from bench.vaults import make_workspace
from generation import current_generation
from graph.paths import PathStep
from graph.store import GraphStore
from study.marks import Marks, with_level

MAP = "Object.values(globalThis.__prepgraphMaps ?? {}).at(-1)"
Serve = Callable[[str, Mapping[str, str]], str]


@dataclass(frozen=True)
class Served:
    """The app on a vault, and what is in it."""

    url: str
    workspace: Path
    graph: GraphStore


@pytest.fixture(scope="module")
def course(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    return serve_vault(serve, tmp_path_factory, 200)


@pytest.fixture(scope="module")
def large(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """More concepts than are drawn at once."""
    return serve_vault(serve, tmp_path_factory, 640)


def serve_vault(serve: Serve, tmp_path_factory: pytest.TempPathFactory, count: int) -> Served:
    folder = tmp_path_factory.mktemp(f"paths-{count}")
    make_workspace(folder / "notes", folder / "workspace", count)
    found = current_generation(folder / "workspace")
    assert found
    url = serve("app.py", {"PREPGRAPH_WORKSPACE": str(folder / "workspace")})
    return Served(url, folder / "workspace", found.graph())


def ends_of(served: Served, ways: int = 3, week: int | None = None) -> tuple[str, str]:
    """Two concepts with this many ways between them, some of them with hops in between; the first of some week."""
    ids = [c.id for c in served.graph.concepts() if c.kind == "concept" and week in {None, c.week}]
    others = [c.id for c in served.graph.concepts() if c.kind == "concept"]
    pairs = ((a, b) for a in ids[::7] for b in others[3::11] if a != b)
    return next(
        pair for pair in pairs if len(paths := served.graph.explain_paths(*pair)) == ways and 3 <= len(paths[0]) <= 5
    )


def settle(page: Page) -> None:
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_function(f"({MAP}?.nodeCount() ?? 0) > 0")
    page.wait_for_selector("dialog.pm-help", state="attached")  # from then on the page's keys are listened for
    settle(page)


def on_map(page: Page, call: str) -> Any:
    return page.evaluate(f"{MAP}.{call}")


def wait_for_scene(page: Page, scene: str) -> None:
    page.wait_for_function(f"scene => {MAP}?.graph?.scene === scene && {MAP}.nodeCount() > 0", arg=scene)


def wait_for_lines(page: Page, count: int) -> None:
    page.wait_for_function(f"count => {MAP}?.hops().length === count", arg=count)


def click(page: Page, concept: str) -> None:
    last, at = None, on_map(page, f"screenPosition('{concept}')")
    while at != last or at is None:
        page.wait_for_timeout(400)
        last, at = at, on_map(page, f"screenPosition('{concept}')")
    page.mouse.click(at["x"], at["y"])


def open_tab(page: Page, name: str) -> None:
    page.locator(".pg-tabs").get_by_role("link", name=name).click()
    settle(page)


def routes(page: Page) -> Locator:
    return page.locator(".pg-routes a")


def expect_lit(page: Page, path: Sequence[PathStep]) -> None:
    """The boxes and lines of a path are lit, and no other box."""
    wait_for_lines(page, len(path))
    lit = [path[0].source, *(step.target for step in path)]
    assert "selected" in on_map(page, f"classes('{lit[0]}')")
    assert all("stop" in on_map(page, f"classes('{concept}')") for concept in lit[1:])
    assert "end" in on_map(page, f"classes('{lit[-1]}')")
    drawn = [node["id"] for node in on_map(page, "graph.nodes")]
    assert all("dim" in on_map(page, f"classes('{concept}')") for concept in drawn if concept not in lit)
    lines = [(hop["source"], hop["target"]) for hop in on_map(page, "hops()")]
    forward = [(s.source, s.target) if s.direction == "forward" else (s.target, s.source) for s in path]
    assert lines == forward


def test_a_path_is_asked_for_in_the_panel_answered_on_the_map_and_left_again(page: Page, course: Served) -> None:
    source, target = ends_of(course)
    first, second, _ = course.graph.explain_paths(source, target)
    visit(page, f"{course.url}/?concept={source}")
    open_tab(page, "Path to …")
    expect(page.get_by_text("or by a click on the map")).to_be_visible()
    on_map(page, f"send({{action: 'select', id: '{target}'}})")  # as a click on its box, wherever the camera is
    page.wait_for_url(re.compile(f"to={target}"))
    expect_lit(page, first)
    expect(routes(page)).to_have_count(3)
    routes(page).nth(1).click()
    page.wait_for_url(re.compile("route=2"))
    expect(routes(page).nth(1)).to_have_attribute("aria-current", "true")
    expect_lit(page, second)
    page.go_back()
    expect(routes(page).nth(0)).to_have_attribute("aria-current", "true")
    expect_lit(page, first)
    page.go_forward()
    expect_lit(page, second)
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    wait_for_lines(page, 0)
    page.wait_for_url(re.compile(r"^((?!to=).)*$"))
    assert f"concept={source}" in page.url, "the panel is closed only by the next one"
    expect(page.locator(".pg-tabs").get_by_role("link", name="Connections")).to_have_attribute("aria-current", "true")


def test_a_click_on_another_box_ends_the_path_and_opens_that(page: Page, course: Served) -> None:
    source, target = ends_of(course)
    (path, *_) = course.graph.explain_paths(source, target)
    visit(page, f"{course.url}/?concept={source}&to={target}")
    expect_lit(page, path)
    click(page, path[0].target)
    expect(page.locator(".st-key-concept-panel h3")).to_have_text(course.graph.concept(path[0].target).title)  # type: ignore[union-attr]
    wait_for_lines(page, 0)
    expect(page.locator(".pg-tabs").get_by_role("link", name="Connections")).to_have_attribute("aria-current", "true")
    page.go_back()
    expect_lit(page, path)


def test_each_hop_has_its_line_in_its_place(page: Page, course: Served) -> None:
    source, target = ends_of(course)
    chosen = course.graph.explain_paths(source, target)[1]
    visit(page, f"{course.url}/?concept={source}&to={target}&route=2")
    expect_lit(page, chosen)
    hops = page.locator(".pg-hops > li")
    expect(hops).to_have_count(len(chosen))
    for number, step in enumerate(chosen):
        (span,) = step.evidence
        expect(hops.nth(number).locator("blockquote")).to_have_text(span.quote)
        hops.nth(number).get_by_text(f"{span.path}:{span.start_line}").click()
        expect(hops.nth(number).locator(".pg-here")).to_contain_text(span.quote)


def test_the_ways_are_drawn_alone_and_on_the_whole_map_again(page: Page, course: Served) -> None:
    source, target = ends_of(course)
    paths = course.graph.explain_paths(source, target)
    visit(page, f"{course.url}/?concept={source}&to={target}")
    page.get_by_role("link", name="Draw only these").click()
    wait_for_scene(page, f"path {source} {target}")
    every = {source, *(step.target for path in paths for step in path)}
    assert {node["id"] for node in on_map(page, "graph.nodes")} == every
    expect_lit(page, paths[0])
    page.get_by_role("link", name="Turn around").click()
    wait_for_scene(page, f"path {target} {source}")
    wait_for_lines(page, len(course.graph.explain_paths(target, source)[0]))
    settle(page)
    page.keyboard.press("m")
    page.keyboard.press("Escape")
    wait_for_scene(page, "overview")
    wait_for_lines(page, len(course.graph.explain_paths(target, source)[0]))


def test_from_a_neighbourhood_the_ways_are_drawn_alone_by_the_keyboard_alone(page: Page, course: Served) -> None:
    source, target = ends_of(course)
    visit(page, f"{course.url}/?concept={source}&view=ego")
    connections = page.locator(".pg-tabs").get_by_role("link", name="Connections")
    connections.focus()
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    tab = page.locator(".pg-tabs").get_by_role("link", name="Path to")
    expect(tab).to_have_attribute("aria-current", "true")
    expect(tab).to_be_focused()
    box = page.locator(".st-key-path-to input")
    expect(box).to_be_visible()
    settle(page)
    for _ in range(2):  # past the last tab
        page.keyboard.press("Tab")
    expect(box).to_be_focused()
    page.keyboard.type(course.graph.concept(target).title.upper())  # type: ignore[union-attr]
    page.keyboard.press("Enter")
    wait_for_scene(page, f"path {source} {target}")
    settle(page)
    routes(page).nth(2).focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("route=3"))
    expect_lit(page, course.graph.explain_paths(source, target)[2])


def test_a_path_to_nowhere_says_so(page: Page, course: Served) -> None:
    visit(page, f"{course.url}/?concept=cedar-encoding&to=nothing-of-the-sort")
    expect(page.get_by_text("There is no concept called “nothing-of-the-sort”.")).to_be_visible()
    page.wait_for_url(re.compile(r"^((?!to=).)*$"))
    assert "selected" in on_map(page, "classes('cedar-encoding')")


def test_what_is_ticked_is_known_and_lit_no_more(page: Page, course: Served) -> None:
    concept = next(c.id for c in course.graph.concepts() if 4 <= len(course.graph.prerequisites(c.id)) <= 8)
    order = course.graph.prerequisites(concept)
    names = [course.graph.concept(needed).title for needed in order]  # type: ignore[union-attr]
    visit(page, f"{course.url}/?concept={concept}")
    open_tab(page, "Learn first")
    page.wait_for_url(re.compile("tab=learn"))
    ticks = page.locator(".st-key-prepgraph-note-learn label")
    expect(ticks).to_have_count(len(order))
    assert [re.sub(r"^\d+\. | week \d+$", "", text) for text in ticks.all_inner_texts()] == names
    expect(page.get_by_text(f"Next is {names[0]}")).to_be_visible()
    page.wait_for_function(f"id => {MAP}.classes(id).includes('prerequisite')", arg=order[0])
    unlocked = course.graph.unlocked_by(concept)
    assert all("unlock" not in on_map(page, f"classes('{other}')") for other in unlocked)
    box = ticks.nth(0).locator("input")
    box.focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(f"you know 1 of {len(order)}. Next is {names[1]}")).to_be_visible()
    page.wait_for_function(f"id => {MAP}.classes(id).includes('dim')", arg=order[0])
    assert with_level(Marks(course.workspace).all(), ["known"]) == {order[0]}
    page.reload()
    page.wait_for_function(f"({MAP}?.nodeCount() ?? 0) > 0")  # until then what is beside it moves
    expect(page.get_by_text(f"you know 1 of {len(order)}")).to_be_visible()
    expect(ticks).to_have_count(len(order))
    expect(page.locator(".pg-tabs").get_by_role("link", name="Learn first")).to_have_attribute("aria-current", "true")
    settle(page)
    ticks.nth(1).get_by_role("link").click()
    expect(page.locator(".st-key-concept-panel h3")).to_have_text(names[1])
    assert "tab=learn" in page.url
    page.go_back()
    expect(page.get_by_text(f"you know 1 of {len(order)}")).to_be_visible()
    settle(page)
    ticks.nth(0).click(position={"x": 8, "y": 10})  # the box: the words are a link
    expect(page.get_by_text("tick what you know")).to_be_visible()
    assert not with_level(Marks(course.workspace).all(), ["known"])


def test_the_list_does_all_of_it(page: Page, course: Served) -> None:
    source, target = ends_of(course)
    (path, *_) = course.graph.explain_paths(source, target)
    page.goto(f"{course.url}/?concept={source}&view=list")
    settle(page)
    open_tab(page, "Path to …")
    page.locator(f"li[data-concept='{target}'] > .pg-concept").click()
    expect(page.locator(".pg-hops > li")).to_have_count(len(path))
    assert f"to={target}" in page.url
    assert "view=list" in page.url
    lit = "rgba(0, 0, 0, 0)"
    for concept in (source, target, path[0].target):
        expect(page.locator(f"li[data-concept='{concept}'] > .pg-concept")).not_to_have_css("background-color", lit)
    page.get_by_role("link", name="Another end").click()
    expect(page.locator(".st-key-path-to")).to_be_visible()
    expect(page.locator(f"li[data-concept='{target}'] > .pg-concept")).to_have_css("background-color", lit)


def test_a_narrow_screen_has_the_path_beside_the_list(browser: Browser, course: Served) -> None:
    source, target = ends_of(course)
    context = browser.new_context(viewport={"width": 800, "height": 900})
    context.set_default_timeout(60_000)
    page = context.new_page()
    page.goto(f"{course.url}/?concept={source}&to={target}")
    expect(page.locator(".pg-map-list")).to_be_visible()
    expect(routes(page)).to_have_count(3)
    context.close()


def test_in_a_large_vault_a_path_is_drawn_alone_and_can_be_followed_through_the_weeks(
    page: Page, large: Served
) -> None:
    source, target = ends_of(large, week=2)
    (path, *_) = large.graph.explain_paths(source, target)
    visit(page, f"{large.url}/?concept={source}")
    page.wait_for_url(re.compile("view=week-2"))
    open_tab(page, "Path to …")
    box = page.locator(".st-key-path-to input")
    box.fill(large.graph.concept(target).title)  # type: ignore[union-attr]
    page.keyboard.press("Enter")
    wait_for_scene(page, f"path {source} {target}")
    expect_lit(page, path)
    page.get_by_role("button", name="← Week 2").click()
    wait_for_scene(page, "week-2")
    page.wait_for_function(f"id => {MAP}.classes(id).includes('selected')", arg=source)
    lit = {
        n["id"]
        for n in on_map(page, "graph.nodes")
        if {"stop", "selected"} & set(on_map(page, f"classes('{n['id']}')"))
    }
    weeks = {large.graph.concept(step.target).week for step in path} - {2}  # type: ignore[union-attr]
    groups = {n["id"] for n in on_map(page, "graph.nodes") if "count" in n}
    assert lit & groups == {f"group week-{week}" for week in weeks} & groups
    inner = {step.target for step in path if large.graph.concept(step.target).week == 2}  # type: ignore[union-attr]
    assert inner <= lit
    assert f"to={target}" in page.url


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("state", ["to", "learn"])
def test_axe_finds_no_serious_fault(page: Page, course: Served, state: str, scheme: str) -> None:
    source, target = ends_of(course)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    visit(page, f"{course.url}/?concept={target}&{f'to={source}' if state == 'to' else 'tab=learn'}")
    page.wait_for_timeout(1500)  # until what fades in has its colour
    found = Axe().run(page).response["violations"]
    assert not [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in {"serious", "critical"}]
