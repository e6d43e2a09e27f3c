"""The Library in a real browser: states, problems, the diff and its links, undo, dropped files, trying again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from workspace import Settings, ingest_folder

EVIL = "<img src=x onerror=window.hacked=1>"
FIRST = {
    "array.md": "---\ntitle: Array\nweek: 1\n---\nAn array is a row of cells. See [[nowhere]].\n",
    "tree.md": "---\ntitle: Tree\nweek: 2\n---\nA tree has no cycles.\n\n## Connections\n- related to [[array]]: why\n",
    "sort.md": f"---\ntitle: Bubble sort {EVIL}\n---\nBubble sort is slow, says [[array]].\n",
}
SECOND = {
    "array.md": FIRST["array.md"],
    "tree.md": FIRST["tree.md"].replace("week: 2", "week: 3"),
    "hash.md": f"---\ntitle: Hash table {EVIL}\nweek: 1\n---\nA hash table maps keys to slots of an [[array]].\n",
    "binary.md": b"\0\1\2",
}

Serve = Callable[[str, Mapping[str, str]], str]


@dataclass(frozen=True)
class Library:
    """An app on notes of its own."""

    url: str
    notes: Path
    workspace: Path

    def fill(self, files: Mapping[str, str | bytes]) -> None:
        shutil.rmtree(self.notes)
        self.notes.mkdir()
        for name, text in files.items():
            (self.notes / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    def ingest(self) -> None:
        """In another process than the app's: in this one."""
        ingest_folder(Settings(workspace=self.workspace), self.notes)

    def open(self, page: Page) -> Locator:
        """The page as it stands after the last ingest."""
        page.goto(f"{self.url}/library")
        expect(page.locator(".st-key-files summary")).to_be_visible()
        settle(page)
        return page.locator(".st-key-library-page")


@pytest.fixture(scope="module")
def server(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> Library:
    notes, workspace = tmp_path_factory.mktemp("vault") / "own_notes", tmp_path_factory.mktemp("workspace")
    notes.mkdir()
    environment = {
        "PREPGRAPH_WORKSPACE": str(workspace),
        "PREPGRAPH_CONTENT": str(notes),
        "PREPGRAPH_ALLOW_PRIVATE": "1",
    }
    return Library(serve("app.py", environment), notes, workspace)


@pytest.fixture
def library(server: Library) -> Library:
    """Notes that were ingested, changed and ingested again."""
    for files in (FIRST, SECOND):
        server.fill(files)
        server.ingest()
    return server


def settle(page: Page) -> None:
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def unharmed(page: Page) -> None:
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
    assert page.evaluate("window.hacked") is None
    assert page.locator("img[src='x']").count() == 0


def unfold(page: Page, key: str) -> Locator:
    section = page.locator(f".st-key-{key}")
    section.locator("summary").first.click()
    expect(section.locator("details[open]").first).to_be_visible()
    return section


def drop(page: Page, *files: tuple[str, str]) -> None:
    payloads: Any = [{"name": name, "mimeType": "text/markdown", "buffer": text.encode()} for name, text in files]
    page.locator(".st-key-drop input[type=file]").set_input_files(payloads)
    for name, _ in files:
        expect(page.locator(".st-key-drop").get_by_text(name).first).to_be_visible()
    settle(page)
    page.get_by_role("button", name="Add to the folder").click()


def test_files_have_the_state_of_what_is_stored_and_can_be_filtered(page: Page, library: Library) -> None:
    library.open(page)
    files = unfold(page, "files")
    row = files.locator("tr", has_text="binary.md")
    expect(row).to_contain_text("unreadable")
    expect(files.locator("tr", has_text="tree.md")).to_contain_text("read")
    expect(files.locator("tr")).to_have_count(5)
    files.locator("input").fill("unread")
    expect(files.locator("tr")).to_have_count(2)
    expect(row).to_be_visible()
    expect(files.locator("details[open]")).to_be_visible()
    files.locator("input").fill("hash table")
    expect(files.locator("tr", has_text="hash.md")).to_be_visible()
    expect(row).to_have_count(0)
    files.locator("input").fill("no such file")
    expect(files).to_contain_text("0 of 4")
    unharmed(page)


def test_problems_stand_by_severity_with_their_lines(page: Page, library: Library) -> None:
    library.open(page)
    problems = page.locator(".st-key-problems")
    expect(problems.locator("details", has_text="Errors").first).to_contain_text("binary.md")
    warnings = problems.locator("details", has_text="Warnings").last
    expect(warnings).to_contain_text("array.md:5")
    expect(warnings).not_to_contain_text("binary.md")


def test_the_diff_is_folded_and_its_names_lead_to_the_map(page: Page, library: Library) -> None:
    library.open(page)
    expect(page.locator(".st-key-changes summary")).to_contain_text("added")
    expect(page.locator(".st-key-changes details[open]")).to_have_count(0)
    changes = unfold(page, "changes")
    expect(changes).to_contain_text("week: 2 → 3")
    expect(changes.locator(".pg-gone", has_text="Bubble sort")).to_have_text(f"Bubble sort {EVIL}")
    unharmed(page)
    changes.locator("a.pg-chip", has_text="Hash table").click()
    panel = page.locator(".st-key-concept-panel")
    expect(panel).to_contain_text("maps keys to slots")
    assert "concept=" in page.url
    unharmed(page)


def test_undo_names_what_it_goes_back_to_and_undoes_itself(page: Page, library: Library) -> None:
    library.open(page)
    undo = page.get_by_role("button", name="Undo: back to own_notes")
    expect(page.locator(".st-key-undo")).to_contain_text("3 documents")
    undo.click()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("is in service again: 3 documents")
    expect(page.locator(".st-key-problems")).not_to_contain_text("binary.md")
    files = unfold(page, "files")
    expect(files.locator("tr", has_text="sort.md")).to_be_visible()
    assert (library.notes / "hash.md").exists(), "undo touches no file"
    undo.click()
    expect(page.locator(".st-key-problems")).to_contain_text("binary.md")
    unharmed(page)


def test_a_dropped_note_is_added_and_ingested(page: Page, library: Library) -> None:
    library.open(page)
    drop(page, ("queue.md", "# Queue\nA queue serves the first first, in an [[array]].\n"))
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("1 of the files were added")
    assert (library.notes / "queue.md").read_text().startswith("# Queue")
    expect(unfold(page, "changes").get_by_role("link", name="Queue").first).to_be_visible()
    unharmed(page)


def test_a_dropped_note_never_takes_the_place_of_another(page: Page, library: Library) -> None:
    library.open(page)
    drop(page, ("array.md", "overwritten"), ("stack.md", "# Stack\nA stack serves the last first.\n"))
    refused = page.locator(".st-key-refused")
    expect(refused).to_contain_text("array.md was not added: a file of that name is there already")
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("1 of the files were added")
    assert (library.notes / "array.md").read_text() == SECOND["array.md"]
    assert (library.notes / "stack.md").exists()
    unharmed(page)


def test_other_formats_can_be_dropped_and_are_shown_line_by_line(page: Page, library: Library) -> None:
    library.open(page)
    body = f"<body><p>A ring *has* no end. {EVIL}</p></body>"
    drop(page, ("ring.html", f"<html><head><title>Ring</title></head>\n{body}</html>"))
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("1 of the files were added")
    page.goto(f"{library.url}/?concept=Ring")
    page.locator(".pg-tabs").get_by_role("link", name="Note").click()
    line = page.locator(".st-key-concept-panel p[data-line='2']")
    expect(line).to_contain_text("A ring *has* no end.")
    expect(line).to_have_class("pg-here")
    unharmed(page)


def fetch(page: Page, address: str) -> None:
    page.locator(".st-key-page-address input").fill(address)
    page.get_by_role("button", name="Fetch the page").click()


def test_a_page_that_is_fetched_joins_the_folder(page: Page, library: Library, site: Any) -> None:
    library.open(page)
    fetch(page, f"{site.address}/wiki/heap?a=*b*")
    alert = page.locator("[data-testid=stAlert]")
    expect(alert).to_contain_text("The page was saved as saved_pages/127.0.0.1-")
    (saved,) = library.notes.glob("saved_pages/*/wiki-heap-*.html")
    assert b"A heap is a tree." in saved.read_bytes()
    expect(unfold(page, "files").locator("tr", has_text=saved.name)).to_contain_text("Heap")
    page.goto(f"{library.url}/?concept=Heap")
    page.locator(".pg-tabs").get_by_role("link", name="Note").click()
    link = page.locator(".st-key-concept-panel").get_by_role("link", name=f"{site.address}/wiki/heap?a=*b*")
    expect(link).to_have_attribute("href", f"{site.address}/wiki/heap?a=*b*")
    unharmed(page)


def test_a_page_that_is_not_fetched_is_said_and_changes_nothing(page: Page, library: Library, site: Any) -> None:
    site.pages["/gone"] = (404, {"Content-Type": "text/html"}, b"")
    library.open(page)
    fetch(page, f"{site.address}/gone")
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("status 404")
    fetch(page, "file:///etc/passwd")
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("does not begin with http:// or https://")
    assert {path.name for path in library.notes.iterdir()} == set(SECOND)
    unharmed(page)


def test_merged_names_are_listed_with_what_undoes_them(page: Page, server: Library) -> None:
    server.fill({"course.md": "# Course\n## Week 1\n### Focus\nHeaps, rings\n## Week 2\n### Focus\nA heap, ropes\n"})
    server.ingest()
    server.open(page)
    merges = unfold(page, "merges")
    expect(merges.locator("tr", has_text="plural")).to_contain_text('["heap", "Heaps"]')
    (server.notes / "prepgraph.toml").write_text(merges.locator("pre").inner_text())
    page.get_by_role("button", name="Ingest", exact=True).click()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("is in service")
    settle(page)  # until then the page's old sections stand in the places of the new ones
    expect(page.locator(".st-key-merges")).to_have_count(0)
    expect(page.locator(".st-key-changes summary")).to_contain_text("concepts 1 added")
    unharmed(page)


def test_a_file_in_error_can_be_mended_and_tried_again(page: Page, library: Library) -> None:
    library.open(page)
    (library.notes / "binary.md").write_text("# Mended\nThis note can be read, and links an [[array]].\n")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator("[data-testid=stAlert]")).to_contain_text("is in service")
    expect(page.locator(".st-key-problems")).not_to_contain_text("binary.md")
    expect(page.get_by_role("button", name="Try again")).to_have_count(0)
    expect(unfold(page, "files").locator("tr", has_text="binary.md")).to_contain_text("Mended")
    unharmed(page)


@pytest.fixture(scope="module")
def course(serve: Serve, course_settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The app on the course, of which its workspace has the vectors but no generation."""
    workspace = tmp_path_factory.mktemp("workspace") / "course"
    shutil.copytree(course_settings.workspace, workspace, ignore=shutil.ignore_patterns("CURRENT", "generations"))
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace)})


def test_the_course_takes_no_files_and_a_first_generation_has_no_undo(page: Page, course: str) -> None:
    page.goto(f"{course}/library")
    expect(page.locator(".st-key-files summary").first).to_be_visible(timeout=300_000)
    expect(page.locator(".st-key-drop")).to_contain_text("ships with Prepgraph")
    expect(page.locator("input[type=file]")).to_have_count(0)
    expect(page.locator(".st-key-undo")).to_contain_text("no earlier generation")
    expect(page.locator(".st-key-changes")).to_have_count(0)
    unharmed(page)
