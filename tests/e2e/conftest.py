"""A real Chromium and a real Streamlit server for the tests in this folder.

Fixtures live as long as a module, no longer: Playwright's synchronous API keeps an event loop running, in which
other tests could not start their own.
"""

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError

ROOT = Path(__file__).parents[2]
SYSTEM_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Each context draws two pages for the address bar's popups: a third of the processor time of opening the app. Of two
# such flags only the last one counts, so what Playwright switches off is here again.
UNUSED = (
    "WebUIOmniboxPopup,WebUIOmniboxAimPopup,AimEnabled,AvoidUnnecessaryBeforeUnloadCheckSync,"
    "DestroyProfileOnBrowserClose,HttpsFirstBalancedModeAutoEnable,HttpsUpgrades,LensOverlay,MediaRouter,"
    "NetworkTimeServiceQuerying,OptimizationHints,PaintHolding,PreconnectToSearch,ThirdPartyStoragePartitioning"
)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={UNUSED}",
]
FOREIGN = re.compile(r"(https?|wss?)://(?!127\.0\.0\.1[:/])")
START_SECONDS = 120
WAIT_MS = 60_000
expect.set_options(timeout=WAIT_MS)  # its own five seconds are too few for a busy machine

Serve = Callable[[str, Mapping[str, str]], str]


def find_browser(own: str) -> str | None:
    """Return the system's Chromium, else the one that Playwright downloaded, else None."""
    system = next(filter(None, map(shutil.which, SYSTEM_BROWSERS)), None)
    return system or (own if Path(own).exists() else None)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        executable = find_browser(playwright.chromium.executable_path)
        if executable is None:
            message = "no Chromium: install the system's, or run `playwright install chromium`"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A fresh visitor. Fails the test if any of their pages asked another host for anything, or threw an error."""
    context = browser.new_context(viewport={"width": 1400, "height": 900})
    context.set_default_timeout(WAIT_MS)
    faults: list[str] = []
    context.on("request", lambda request: faults.append(request.url) if FOREIGN.match(request.url) else None)
    context.on("weberror", lambda error: faults.append(str(error.error)))
    yield context
    context.close()
    assert not faults, faults


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_healthy(server: "subprocess.Popen[bytes]", base_url: str, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(f"{base_url}/_stcore/health", timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    pytest.fail(f"the server did not come up: {log.read_text(errors='replace')[-2000:]}")


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Start `streamlit run SCRIPT` (a path from the project's root) with `env` added; return its address."""
    servers: list[subprocess.Popen[bytes]] = []

    def start(script: str, env: Mapping[str, str]) -> str:
        port = free_port()
        log = tmp_path_factory.mktemp("server") / "log.txt"
        command = [sys.executable, "-m", "streamlit", "run", script, "--server.headless=true"]
        command += ["--server.address=127.0.0.1", f"--server.port={port}", "--browser.gatherUsageStats=false"]
        with log.open("wb") as output:
            server = subprocess.Popen(command, cwd=ROOT, env=os.environ | dict(env), stdout=output, stderr=output)
        servers.append(server)
        base_url = f"http://127.0.0.1:{port}"
        wait_until_healthy(server, base_url, log)
        return base_url

    yield start
    for server in servers:
        server.terminate()
    for server in servers:
        try:
            server.wait(15)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@pytest.fixture
def choose_option(page: Page) -> Callable[[Locator, str], None]:
    """Chooses from a select box; a page that is still being drawn closes the list, so it is opened until it stays."""

    def choose(box: Locator, name: str) -> None:
        option = page.get_by_role("option", name=name).first
        for _ in range(6):
            box.get_by_role("combobox").click()
            try:
                option.click(timeout=WAIT_MS / 6)
            except PlaywrightTimeoutError:
                page.keyboard.press("Escape")
            else:
                return
        pytest.fail(f"the option {name!r} could not be chosen")

    return choose
