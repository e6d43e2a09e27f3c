"""Takes the README's pictures from the real app: `python tools/take_screenshots.py`, into docs/."""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
VIEW = {"width": 1400, "height": 900}
QUESTION = "When would you use RAG and when fine-tuning?"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
PATIENCE_MS = 300_000


def main() -> None:
    """Starts the app on the default workspace, takes each picture, the map in both themes, and stops it."""
    DOCS.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{probe.getsockname()[1]}"
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.headless=true"]
    server = subprocess.Popen(
        [*command, f"--server.port={base.rpartition(':')[2]}"], cwd=ROOT, stdout=subprocess.DEVNULL
    )
    try:
        _wait(base)
        with sync_playwright() as playwright:
            system = shutil.which("chromium") or shutil.which("google-chrome")
            browser = playwright.chromium.launch(executable_path=system, args=FLAGS)
            for theme in ("light", "dark"):
                page = browser.new_context(viewport=VIEW, color_scheme=theme).new_page()  # type: ignore[arg-type]
                _take(page, base, "" if theme == "light" else f"-{theme}")
            browser.close()
    finally:
        server.terminate()
        server.wait()


def _wait(base: str) -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{base}/_stcore/health", timeout=1)
        except OSError:
            time.sleep(0.2)
        else:
            return
    sys.exit("the app did not come up")


def _take(page: Page, base: str, suffix: str) -> None:
    page.set_default_timeout(PATIENCE_MS)
    page.goto(base)
    expect(page.locator("canvas").first).to_be_visible(timeout=PATIENCE_MS)
    if not suffix:
        _shoot(page, "overview")
    page.goto(f"{base}/?concept=hnsw")
    expect(page.locator(".st-key-concept-panel")).to_contain_text("proximity graph", timeout=PATIENCE_MS)
    _shoot(page, f"map{suffix}")
    if suffix:
        return
    page.goto(f"{base}/ask")
    box = page.locator("[data-testid=stChatInput] textarea").first
    box.fill(QUESTION)
    box.press("Enter")
    page.locator("a[href='#cite-0-2']").click()
    expect(page.locator(".st-key-cite-0-2 mark")).to_be_in_viewport(timeout=PATIENCE_MS)
    page.mouse.move(0, 0)
    time.sleep(2)
    # The answer and the opened source in one picture.
    page.locator(".st-key-answer-0").evaluate("element => element.scrollIntoView({block: 'start'})")
    _shoot(page, f"answer{suffix}")


def _shoot(page: Page, name: str) -> None:
    time.sleep(2)  # fades and late fonts
    path = DOCS / f"{name}.png"
    picture = Image.open(BytesIO(page.screenshot()))
    few = picture.convert("RGB").quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    few.save(path, optimize=True)  # a third of the size
    print(f"{path.relative_to(ROOT)} {path.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
