"""Exports from the Library in a real browser: each choice is a file that its reader opens."""

from __future__ import annotations

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Locator, Page, expect

ROOT = Path(__file__).parents[2]
NOTES = {
    "array.md": "---\ntitle: Array\nweek: 1\n---\nAn array is a row of cells.\n",
    "hash.md": "---\ntitle: Hash table\nweek: 2\n---\nIt is fast.\n\n## Connections\n- requires [[array]]: rows\n",
}

Serve = Callable[[str, Mapping[str, str]], str]
Choose = Callable[[Locator, str], None]


@pytest.fixture(scope="module")
def address(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    notes, workspace = tmp_path_factory.mktemp("notes"), tmp_path_factory.mktemp("workspace")
    for name, text in NOTES.items():
        (notes / name).write_text(text)
    command = [Path(sys.executable).with_name("prepgraph"), "ingest", notes, "--json", "--workspace", workspace]
    done = subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert json.loads(done.stdout)["documents"] == 2
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace), "PREPGRAPH_CONTENT": str(notes)})


@pytest.fixture
def section(page: Page, address: str) -> Locator:
    page.goto(f"{address}/library")
    found = page.locator(".st-key-export")
    found.locator("summary").click()
    return found


def download(page: Page, section: Locator) -> tuple[str, bytes]:
    button = section.get_by_role("button", name="Download")
    expect(button).to_be_enabled()
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    with page.expect_download() as caught:
        button.click()
    return caught.value.suggested_filename, Path(caught.value.path()).read_bytes()


def titles(svg: bytes) -> set[str]:
    groups = ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}g")
    return {str(group[0].text) for group in groups if group.get("class") == "concept"}


def test_the_map_can_be_downloaded_whole_and_in_part(page: Page, section: Locator) -> None:
    name, data = download(page, section)
    assert (name, titles(data)) == ("concept-map.svg", {"Array", "Hash table"})
    section.get_by_text("One week", exact=True).click()
    expect(section.locator(".st-key-export-week")).to_be_visible()
    name, data = download(page, section)
    assert name == "week-1.svg"
    assert b">Week 1</title>" in data
    section.get_by_text("One concept", exact=True).click()
    box = section.get_by_label("Concept", exact=True)
    expect(box).to_be_visible()
    expect(section.get_by_role("button", name="Download")).to_be_disabled()
    box.fill("hash tabel")
    box.press("Enter")
    expect(section.get_by_text("Did you mean Hash table?")).to_be_visible()
    box.fill("Hash table")
    box.press("Enter")
    name, data = download(page, section)
    assert name == "hash.svg"
    assert b'<title id="title">Hash table</title>' in data


def test_another_format_can_be_chosen(page: Page, section: Locator, choose_option: Choose, tmp_path: Path) -> None:
    choose_option(section.locator(".st-key-export-format"), "Obsidian vault")
    expect(section.locator(".st-key-export-part")).to_have_count(0)
    name, data = download(page, section)
    (tmp_path / name).write_bytes(data)
    assert name == "concepts.zip"
    assert {"week-1/array.md", "week-2/hash.md"} <= set(zipfile.ZipFile(tmp_path / name).namelist())
