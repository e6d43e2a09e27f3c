"""The whole app in a real browser: the course on one server, a hostile folder of notes on another."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

ROOT = Path(__file__).parents[2]
MAP = "Object.values(globalThis.__prepgraphMaps ?? {}).at(-1)"
HOSTILE = """---
title: Hostile note
week: 1
---
Hostile notes say <script>window.hacked = 1</script> and <img src=x onerror="window.hacked = 2"> in their definition.

## How it works
A [click me](javascript:window.hacked=3) link, an ![image](https://example.com/pixel.png "x") and $a$ :red[text]
stay harmless.
<iframe src="https://example.com"></iframe><style>body { display: none }</style>
Inline code such as `a[0]` and `[1]` is not a citation, and "><svg onload=window.hacked=4> closes nothing.

## Connections
- requires [[plain]]: because <b onmouseover="window.hacked=5">bold</b> claims need plain ones
"""
PLAIN = "---\ntitle: Plain note\nweek: 1\n---\nA plain note says in one sentence what it is, and nothing else.\n"

Serve = Callable[[str, Mapping[str, str]], str]


@pytest.fixture(scope="module")
def course_url(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on an empty workspace: the first visitor sees it filled."""
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(tmp_path_factory.mktemp("workspace"))})


def open_map(page: Page, url: str) -> None:
    page.goto(url)
    expect(page.locator("canvas").first).to_be_visible(timeout=300_000)
    page.wait_for_function(f"({MAP}?.nodeCount() ?? 0) > 0")
    settle(page)


def settle(page: Page) -> None:
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def on_map(page: Page, call: str) -> Any:
    return page.evaluate(f"{MAP}.{call}")


def click_concept(page: Page, concept_id: str) -> None:
    """Clicks a box once the page has stopped moving it."""
    last, at = None, on_map(page, f"screenPosition('{concept_id}')")
    while at != last:
        page.wait_for_timeout(300)
        last, at = at, on_map(page, f"screenPosition('{concept_id}')")
    page.mouse.click(at["x"], at["y"])


def panel(page: Page) -> Any:
    return page.locator(".st-key-concept-panel")


def ask(page: Page, number: int, question: str) -> Any:
    box = page.locator("[data-testid=stChatInput] textarea").first
    expect(box).to_be_visible()
    box.fill(question)
    box.press("Enter")
    answer = page.locator(f".st-key-answer-{number}")
    expect(answer).to_be_visible()
    settle(page)
    return answer


def no_exception(page: Page) -> None:
    expect(page.locator("[data-testid=stException]")).to_have_count(0)


def test_a_click_opens_the_panel_marks_prerequisites_and_keeps_the_camera(page: Page, course_url: str) -> None:
    open_map(page, course_url)
    before = on_map(page, "camera()")
    click_concept(page, "hnsw")
    expect(panel(page)).to_contain_text("proximity graph")
    page.wait_for_function(f"{MAP}.classes('graphs').includes('prerequisite')")
    assert "prerequisite" in on_map(page, "classes('ann-search')")
    assert "selected" in on_map(page, "classes('hnsw')")
    assert on_map(page, "camera()")["zoom"] == before["zoom"]
    expect(panel(page)).to_contain_text("concepts/hnsw.md")
    assert "concept=hnsw" in page.url
    no_exception(page)


def test_a_box_in_view_is_chosen_without_moving_the_camera(page: Page, course_url: str) -> None:
    open_map(page, course_url)
    click_concept(page, "heaps")
    expect(panel(page).get_by_role("heading", name="Heap")).to_be_visible()
    before = on_map(page, "camera()")
    for concept_id in ("graphs", "arrays", "tries"):
        click_concept(page, concept_id)
        page.wait_for_function(f"{MAP}.focus.selected === '{concept_id}'")
    assert on_map(page, "camera()") == before


def test_a_link_in_the_panel_moves_on_and_the_panel_follows(page: Page, course_url: str) -> None:
    open_map(page, f"{course_url}/?concept=hnsw")
    expect(panel(page)).to_contain_text("HNSW")
    panel(page).get_by_role("link", name="Approximate nearest neighbour search").first.click()
    expect(panel(page).get_by_role("heading", name="Approximate nearest neighbour search")).to_be_visible()
    assert "concept=ann-search" in page.url


@pytest.mark.parametrize("name", ["hnsw", "HNSW", "Hierarchical Navigable Small World"])
def test_a_deep_link_takes_an_id_a_title_or_an_alias(page: Page, course_url: str, name: str) -> None:
    open_map(page, f"{course_url}/?concept={name}")
    expect(panel(page).get_by_role("heading", name="HNSW")).to_be_visible()


def test_tabs_show_the_note_the_order_and_the_resources(page: Page, course_url: str) -> None:
    open_map(page, f"{course_url}/?concept=hnsw")
    page.locator(".pg-tabs").get_by_role("link", name="Note").click()
    expect(panel(page).get_by_role("heading", name="Where it breaks")).to_be_visible()
    page.locator(".pg-tabs").get_by_role("link", name="Learn first").click()
    expect(panel(page).get_by_role("link", name="Graph", exact=True).last).to_be_visible()
    page.locator(".pg-tabs").get_by_role("link", name="Resources").click()
    expect(panel(page).locator("a[target=_blank]").first).to_be_visible()


def test_the_keyboard_stays_on_a_tab_that_is_opened_and_a_link_of_the_panel_keeps_the_filters(
    page: Page, course_url: str
) -> None:
    open_map(page, f"{course_url}/?concept=hnsw&weeks=2&weeks=5")
    note = page.locator(".pg-tabs").get_by_role("link", name="Note")
    note.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("tab=note"))
    expect(note).to_have_attribute("aria-current", "true")
    expect(note).to_be_focused()
    page.locator(".st-key-concept-panel .prepgraph-note a[href='?concept=graphs']").first.click()
    page.wait_for_url(re.compile("concept=graphs"))
    assert all(part in page.url for part in ("weeks=2", "weeks=5", "tab=note"))


def test_search_finds_a_concept_by_alias(page: Page, course_url: str) -> None:
    open_map(page, course_url)
    page.locator(".st-key-concept-search input").fill("BFS")
    page.get_by_role("option", name="Breadth-first search (").click()
    expect(panel(page).get_by_role("heading", name="Breadth-first search")).to_be_visible()


def test_a_week_header_opens_the_week(page: Page, course_url: str) -> None:
    open_map(page, f"{course_url}/?concept=week-5")
    expect(panel(page).get_by_role("heading", name="Week 5")).to_be_visible()
    expect(panel(page)).to_contain_text("HNSW")


def test_three_questions_and_their_citations(page: Page, course_url: str) -> None:
    open_map(page, course_url)
    page.goto(f"{course_url}/ask")
    questions = (
        "What is HNSW and where does it break?",
        "RAG or fine-tuning?",
        "How does a hash table give O(1) lookup?",
    )
    for number, question in enumerate(questions):
        answer = ask(page, number, question)
        answer.locator("a[href^='#cite-']").nth(1).click()
        source = page.locator(f".st-key-cite-{number}-2")
        expect(source.locator("mark")).to_be_in_viewport()
        quoted = " ".join(source.locator("mark").all_inner_texts())
        assert quoted[:40] in answer.inner_text(), "the marked words are those of the answer's sentence"
    no_exception(page)


def test_a_chip_leads_from_an_answer_to_the_map(page: Page, course_url: str) -> None:
    open_map(page, course_url)
    page.goto(f"{course_url}/ask")
    ask(page, 0, "How does a hash table give O(1) lookup?").locator("a.pg-chip").first.click()
    expect(panel(page).get_by_role("heading", name="Hash table")).to_be_visible()


def test_what_the_notes_do_not_say_is_refused(page: Page, course_url: str) -> None:
    open_map(page, course_url)
    page.goto(f"{course_url}/ask")
    answer = ask(page, 0, "What is the recommended dose of amoxicillin for a child?")
    expect(answer).to_contain_text("The notes don't say")
    expect(answer.locator("a[href^='#cite-']")).to_have_count(0)


@pytest.fixture(scope="module")
def hostile_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "hostile.md").write_text(HOSTILE, encoding="utf-8")
    (folder / "plain.md").write_text(PLAIN, encoding="utf-8")
    (folder / "<img src=x onerror=window.hacked=6>.md").write_text(
        "# <script>window.hacked = 7</script>\nA title too.\n"
    )
    return folder


@pytest.fixture(scope="module")
def hostile(serve: Serve, hostile_vault: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """The app on the hostile notes, and its workspace."""
    workspace = tmp_path_factory.mktemp("hostile-workspace")
    url = serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace), "PREPGRAPH_CONTENT": str(hostile_vault)})
    return url, workspace


def test_a_hostile_note_runs_nothing_and_loads_nothing(page: Page, hostile: tuple[str, Path]) -> None:
    url, _ = hostile
    open_map(page, f"{url}/?concept=hostile")
    expect(panel(page)).to_contain_text("<script>")
    page.locator(".pg-tabs").get_by_role("link", name="Note").click()
    expect(panel(page)).to_contain_text("[image: image]")
    expect(panel(page)).to_contain_text(":red[text]")
    assert panel(page).locator("a[href^='javascript']").count() == 0
    assert panel(page).locator("img, iframe, script, svg[onload]").count() == 0
    panel(page).get_by_text("click me").click()
    page.goto(f"{url}/library")
    expect(page.locator(".st-key-library-page")).to_contain_text("Documents")
    page.get_by_text("Files (3)").click()
    page.goto(f"{url}/ask")
    answer = ask(page, 0, "What do hostile notes say in their definition?")
    answer.get_by_text("Sources").click()
    assert page.locator("img[src*='x'], iframe[src*='example']").count() == 0
    assert page.evaluate("window.hacked") is None
    no_exception(page)


def test_the_open_library_moves_to_a_new_generation_by_itself(
    page: Page, hostile: tuple[str, Path], hostile_vault: Path
) -> None:
    url, workspace = hostile
    open_map(page, url)
    page.goto(f"{url}/library")
    library = page.locator(".st-key-library-page")
    expect(library).to_contain_text("built")
    (hostile_vault / "late.md").write_text("# Latecomer\nA late note with [[no such target]].\n", encoding="utf-8")
    command = [Path(sys.executable).with_name("prepgraph"), "ingest", str(hostile_vault), "--workspace", str(workspace)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    expect(library.locator(".st-key-problems")).to_contain_text("late.md:2")
    expect(library.locator(".st-key-problems")).to_contain_text("no such target")


def test_ingesting_from_the_library(page: Page, hostile: tuple[str, Path], hostile_vault: Path) -> None:
    url, _ = hostile
    open_map(page, url)
    page.goto(f"{url}/library")
    (hostile_vault / "later.md").write_text("# Later still\nAnother note, about [[plain]] things.\n", encoding="utf-8")
    page.get_by_role("button", name="Ingest").click()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("is in service")
    page.get_by_label("Folder of notes").fill("/no/such/folder")
    page.get_by_role("button", name="Ingest").click()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("There is no file or folder")
    no_exception(page)
