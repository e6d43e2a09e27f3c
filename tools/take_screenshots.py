"""Takes the pictures of the docs from the real app: `python -m tools.take_screenshots`, into docs/.

The course (made in a workspace of its own, unless one is named) and made-up vaults of 80, 500 and 5,000 concepts, in
both themes.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from PIL import Image

from bench.real_app import ROOT, open_browser, serve
from bench.vaults import make_workspace
from workspace import SHIPPED_CONTENT, ingest_folder, load_settings

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

DOCS = ROOT / "docs"
SIZES = (80, 500, 5_000)
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
QUESTION = "When would you use RAG and when fine-tuning?"
PATIENCE_MS = 300_000
_LARGEST = 300_000  # bytes of a picture


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tools.take_screenshots", description=__doc__)
    parser.add_argument("--only", choices=["course", "sizes"], help="one part of them")
    arguments = parser.parse_args()
    DOCS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="prepgraph-pictures-") as folder, open_browser() as browser:
        if arguments.only != "sizes":
            workspace = Path(folder) / "course"
            ingest_folder(load_settings(workspace), SHIPPED_CONTENT)
            with serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace)}) as base:
                for theme in THEMES:
                    _take_course(_open(browser, theme), base, theme)
        for size in SIZES if arguments.only != "course" else ():
            workspace = Path(folder) / f"workspace-{size}"
            make_workspace(Path(folder) / f"notes-{size}", workspace, size)
            with serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace)}) as base:
                for theme in THEMES:
                    page = _open(browser, theme)
                    _show_map(page, base)
                    _shoot(page, f"{size}-concepts-{theme}")
                    page.context.close()


def _open(browser: Browser, theme: Literal["light", "dark"]) -> Page:
    page = browser.new_context(viewport={"width": 1400, "height": 900}, color_scheme=theme).new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def _take_course(page: Page, base: str, theme: str) -> None:
    _show_map(page, base)
    _shoot(page, f"overview-{theme}")
    _show_map(page, f"{base}/?concept=hnsw")
    page.locator(".st-key-concept-panel").get_by_text("proximity graph").first.wait_for()
    _shoot(page, f"concept-{theme}")
    _show_map(page, f"{base}/?concept=hnsw&view=ego")
    page.locator(".st-key-concept-panel").get_by_text("proximity graph").first.wait_for()
    _shoot(page, f"neighbourhood-{theme}")
    _show_map(page, f"{base}/?concept=hash-table&to=apache-kafka")
    page.locator(".st-key-concept-panel").get_by_text("Apache Kafka").first.wait_for()
    _shoot(page, f"path-{theme}")
    page.goto(f"{base}/ask")
    box = page.locator("[data-testid=stChatInput] textarea").first
    box.fill(QUESTION)
    box.press("Enter")
    page.locator("a[href='#cite-0-2']").click()
    page.locator(".st-key-cite-0-2 mark").first.wait_for()
    page.mouse.move(0, 0)
    time.sleep(2)
    # The answer and the opened source in one picture.
    page.locator(".st-key-answer-0").evaluate("element => element.scrollIntoView({block: 'start'})")
    _shoot(page, f"answer-{theme}")
    page.context.close()


def _show_map(page: Page, address: str) -> None:
    page.goto(address)
    page.wait_for_function("Object.values(globalThis.__prepgraphMaps ?? {}).at(-1)?.nodeCount() > 0")
    page.locator(".stApp[data-test-script-state=notRunning]").wait_for()


def _shoot(page: Page, name: str) -> None:
    time.sleep(2)  # fades and late fonts
    path = DOCS / f"{name}.png"
    picture = Image.open(BytesIO(page.screenshot()))
    few = picture.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)  # a third of the size
    size = path.stat().st_size
    print(f"{path.relative_to(ROOT)} {size // 1024} kB")
    if size > _LARGEST:
        raise SystemExit(f"{path.relative_to(ROOT)} is larger than {_LARGEST // 1000} kB; show less in it.")


if __name__ == "__main__":
    main()
