"""What a learner knows, in a real browser: marked by keys, in the panel and the list; shown, filtered, traced."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Locator, Page, WebSocket, expect

from study.marks import Marks
from workspace import Settings, ingest_folder

MAP = "Object.values(globalThis.__prepgraphMaps ?? {}).at(-1)"
MARK_BYTES = 10_000
Serve = Callable[[str, Mapping[str, str]], str]

WEEKS = {"sets": 1, "graphs": 1, "walks": 2, "hnsw": 3, "stores": 3}
LATER = {"graphs": "sets", "walks": "graphs", "hnsw": "walks", "stores": "hnsw"}


def note(name: str) -> str:
    needs = LATER.get(name)
    connection = f"\n## Connections\n- requires [[{needs}]]: because {name} is made of {needs}\n" if needs else ""
    return f"---\ntitle: {name.capitalize()}\nweek: {WEEKS[name]}\n---\n{name.capitalize()} are a thing.\n{connection}"


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A chain of five concepts in three weeks."""
    folder = tmp_path_factory.mktemp("marks")
    (folder / "notes").mkdir()
    for name in WEEKS:
        (folder / "notes" / f"{name}.md").write_text(note(name), encoding="utf-8")
    ingest_folder(Settings(workspace=folder / "workspace"), folder / "notes")
    return folder / "workspace"


@pytest.fixture(scope="module")
def app(serve: Serve, workspace: Path) -> str:
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace)})


@pytest.fixture
def marks(workspace: Path) -> Iterator[Marks]:
    """The learner's marks, none to begin with."""
    kept = Marks(workspace)
    yield kept
    for suffix in ("", "-wal", "-shm"):
        kept.path.with_name(kept.path.name + suffix).unlink(missing_ok=True)


def visit(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector("dialog.pm-help", state="attached")
    page.wait_for_function(f"{MAP}?.send != null")
    settle(page)


def settle(page: Page) -> None:
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def wait_for_level(page: Page, concept: str, level: str) -> None:
    page.wait_for_function(f"([id, level]) => {MAP}?.levelShown(id)?.level === level", arg=[concept, level])


def fill(page: Page, concept: str) -> Any:
    return page.evaluate(f"{MAP}.levelShown('{concept}').fill")


def panel(page: Page) -> Locator:
    return page.locator(".st-key-concept-panel")


def received(page: Page) -> list[int]:
    """The sizes of what the server sends from now on; to be called before the page is opened."""
    sizes: list[int] = []

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", lambda data: sizes.append(len(data)))

    page.on("websocket", listen)
    return sizes


def test_a_mark_by_keyboard_is_kept_shown_and_moves_nothing(page: Page, app: str, marks: Marks) -> None:
    sizes = received(page)
    visit(page, f"{app}/?concept=hnsw")
    wait_for_level(page, "hnsw", "new")
    camera, boxes = page.evaluate(f"{MAP}.camera()"), page.evaluate(f"{MAP}.nodeCount()")
    page.wait_for_timeout(1500)
    sizes.clear()
    page.keyboard.press("s")
    wait_for_level(page, "hnsw", "shaky")
    settle(page)
    assert sum(sizes) < MARK_BYTES, sizes
    assert page.evaluate(f"{MAP}.camera()") == camera
    assert page.evaluate(f"{MAP}.nodeCount()") == boxes
    assert marks.all()["hnsw"].level == "shaky"
    assert marks.all()["hnsw"].title == "Hnsw"
    expect(page.locator(".pm-status")).to_have_text("Hnsw is marked shaky.")
    page.reload()
    wait_for_level(page, "hnsw", "shaky")


def test_the_ring_of_the_keyboard_is_what_a_key_marks(page: Page, app: str, marks: Marks) -> None:
    visit(page, f"{app}/?concept=hnsw")
    wait_for_level(page, "walks", "new")
    page.keyboard.press("m")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".pm-status")).to_contain_text("Walks")
    page.keyboard.press("k")
    wait_for_level(page, "walks", "known")
    assert set(marks.all()) == {"walks"}
    page.keyboard.press("n")
    wait_for_level(page, "walks", "new")
    assert marks.all()["walks"].level == "new"


def test_a_key_marks_nothing_while_nothing_is_chosen_or_something_is_typed(page: Page, app: str, marks: Marks) -> None:
    visit(page, app)
    wait_for_level(page, "hnsw", "new")
    page.locator("body").press("k")
    page.keyboard.press("m")
    page.locator(".st-key-concept-search input").press_sequentially("sk")
    page.keyboard.press("Escape")
    visit(page, f"{app}/?concept=hnsw")
    page.locator(".st-key-concept-search input").press_sequentially("sk")
    settle(page)
    assert marks.all() == {}


def test_the_help_lists_the_keys(page: Page, app: str) -> None:
    visit(page, app)
    page.keyboard.press("?")
    expect(page.locator("dialog.pm-help")).to_contain_text("k s n")


def test_the_panel_marks_and_traces_to_the_earliest_weak_one(page: Page, app: str, marks: Marks) -> None:
    marks.set("graphs", "shaky", title="Graphs")
    visit(page, f"{app}/?concept=stores")
    spot = panel(page).locator(".pg-weak")
    expect(spot).to_contain_text("Begin with Graphs")
    expect(spot).to_contain_text("Of the 4 that Stores builds on, you marked this one shaky.")
    spot.locator("summary").click()
    steps = spot.locator("li")
    expect(steps).to_have_count(3)
    expect(steps.first).to_contain_text("Graphs comes before Walks")
    expect(steps.first).to_contain_text("because walks is made of graphs")
    expect(steps.first.locator(".pg-place")).to_contain_text("walks.md:")
    panel(page).get_by_role("radio", name="Known").click()
    expect(spot).to_have_count(0)
    wait_for_level(page, "stores", "known")
    panel(page).get_by_role("radio", name="Shaky").click()
    spot.get_by_role("link", name="Graphs").first.click()
    expect(panel(page).locator("h3")).to_have_text("Graphs")
    expect(page).to_have_url(re.compile("concept=graphs"))


def test_colours_by_how_well_known_are_in_the_address(page: Page, app: str, marks: Marks) -> None:
    marks.set("graphs", "known")
    marks.set("hnsw", "shaky")
    visit(page, app)
    wait_for_level(page, "graphs", "known")
    by_week = [fill(page, name) for name in ("graphs", "hnsw", "sets")]
    page.get_by_role("button", name="How well known").click()
    expect(page).to_have_url(re.compile("colour=known"))
    expect(page.get_by_role("button", name="How well known")).to_have_attribute("aria-pressed", "true")
    page.wait_for_timeout(600)  # the colours fade
    by_known = [fill(page, name) for name in ("graphs", "hnsw", "sets")]
    assert len(set(by_known)) == 3
    assert all(a != b for a, b in zip(by_week, by_known, strict=True))
    page.get_by_role("button", name="Week", exact=True).click()
    expect(page).not_to_have_url(re.compile("colour="))
    fills = f"['graphs', 'hnsw', 'sets'].map((id) => {MAP}.levelShown(id).fill)"
    page.wait_for_function(f"before => {fills}.join() === before.join()", arg=by_week)


def test_the_filter_is_in_the_address_and_what_is_marked_meanwhile_stays(page: Page, app: str, marks: Marks) -> None:
    marks.set("graphs", "known")
    marks.set("walks", "shaky")
    visit(page, f"{app}/?levels=shaky&levels=new")
    page.wait_for_function(f"{MAP}?.nodeCount() === 4")
    assert page.evaluate(f"{MAP}.levelShown('graphs').level") == ""
    visit(page, f"{app}/?levels=shaky&concept=walks")
    page.wait_for_function(f"{MAP}?.nodeCount() === 1")
    page.keyboard.press("k")
    wait_for_level(page, "walks", "known")
    assert page.evaluate(f"{MAP}.nodeCount()") == 1
    page.reload()
    page.wait_for_selector(".st-key-concept-panel")
    settle(page)
    page.wait_for_function(f"({MAP}?.nodeCount() ?? 0) === 0")


def test_the_list_shows_marks_and_sets_them_from_the_keyboard(page: Page, app: str, marks: Marks) -> None:
    marks.set("graphs", "known")
    visit(page, f"{app}/?view=list")

    def sign(concept: str) -> Any:
        script = "id => getComputedStyle(document.querySelector(`li[data-concept=${id}] > a`), '::after').content"
        return page.evaluate(script, concept)

    page.wait_for_selector("li[data-concept=graphs]")
    settle(page)
    assert sign("graphs") == '" ✓ known"'
    assert sign("hnsw") == "none"
    page.locator("li[data-concept=hnsw] > a").focus()
    page.keyboard.press("Enter")
    expect(panel(page).locator("h3")).to_have_text("Hnsw")
    page.wait_for_function(f"{MAP}.focus.selected === 'hnsw'")  # what a key marks, told after the panel
    settle(page)
    page.keyboard.press("s")
    page.wait_for_function(
        "getComputedStyle(document.querySelector('li[data-concept=hnsw] > a'), '::after').content.includes('shaky')"
    )
    assert marks.all()["hnsw"].level == "shaky"


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_serious(browser: Browser, app: str, marks: Marks, theme: Any) -> None:
    marks.set("graphs", "shaky", title="Graphs")
    marks.set("sets", "known", title="Sets")
    context = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=theme)
    page = context.new_page()
    for address in ("?concept=stores&colour=known", "?concept=stores&view=list"):
        visit(page, f"{app}/{address}")
        page.wait_for_selector(".pg-weak")
        page.locator(".pg-weak summary").click()
        found = Axe().run(page).response["violations"]
        assert [v["id"] for v in found if v["impact"] in {"serious", "critical"}] == []
    context.close()


def test_without_a_readable_file_the_app_goes_on(page: Page, app: str, marks: Marks) -> None:
    marks.path.write_bytes(b"\x00noise" * 500)
    visit(page, f"{app}/?concept=hnsw")
    expect(page.get_by_test_id("stAlert")).to_contain_text("Your marks cannot be kept in")
    expect(panel(page).locator("h3")).to_have_text("Hnsw")
    wait_for_level(page, "hnsw", "new")
    page.keyboard.press("k")
    expect(page.get_by_test_id("stToast")).to_contain_text("Your marks cannot be kept in")
    assert marks.path.read_bytes() == b"\x00noise" * 500
