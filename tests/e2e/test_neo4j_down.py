"""The app over a Neo4j that goes away and comes back: pages say so in a sentence, and go on by themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.graph.neo4j_server import HOW_TO_RUN, Neo4jServer, what_is_missing
from workspace import Settings, ingest_folder

PATIENCE_MS = 180_000  # the driver tries again for a while before it gives up
Serve = Callable[[str, Mapping[str, str]], str]
NOTES = {
    "graphs.md": "---\ntitle: Graph\nweek: 1\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": "---\ntitle: HNSW\nweek: 2\n---\nHNSW walks a proximity graph greedily.\n\n"
    "## Connections\n- requires [[graphs]]: it walks one\n",
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    if lacking := what_is_missing():
        pytest.skip(f"No Neo4j to test with ({lacking}): {HOW_TO_RUN}.")
    server = Neo4jServer(tmp_path_factory.mktemp("neo4j") / "data").start()
    yield server
    server.kill()


@pytest.fixture(scope="module")
def url(serve: Serve, server: Neo4jServer, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("notes")
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    workspace = tmp_path_factory.mktemp("workspace")
    ingest_folder(Settings(workspace=workspace, neo4j_uri=server.uri), folder)
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace), "NEO4J_URI": server.uri})


def assert_told(page: Page, server: Neo4jServer) -> None:
    fault = page.locator(".st-key-store-fault")
    expect(fault).to_be_visible(timeout=PATIENCE_MS)
    expect(fault).to_contain_text(f"Neo4j at {server.uri} does not answer")
    expect(fault).to_contain_text("The page goes on by itself once that is mended.")
    expect(page.locator(".stException")).to_have_count(0)


def test_a_page_says_that_the_graph_does_not_answer_and_goes_on_when_it_does(
    page: Page, url: str, server: Neo4jServer
) -> None:
    page.goto(f"{url}/?concept=hnsw")
    panel = page.locator(".st-key-concept-panel")
    expect(panel).to_contain_text("HNSW walks a proximity graph greedily.")
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()
    server.kill()
    panel.locator(".pg-tabs").get_by_role("link", name="Learn first").click()
    assert_told(page, server)
    page.goto(f"{url}/?concept=graphs")  # a visitor who comes only now
    assert_told(page, server)
    ask = page.context.new_page()
    ask.goto(f"{url}/ask")
    assert_told(ask, server)
    server.start()
    expect(panel).to_contain_text("A graph is a set of nodes joined by edges.", timeout=PATIENCE_MS)
    expect(page.locator(".st-key-store-fault")).to_have_count(0)
    expect(ask.get_by_role("button", name="What is Graph, and where does it break?")).to_be_visible()
    ask.get_by_test_id("stChatInputTextArea").fill("What is HNSW?")
    ask.keyboard.press("Enter")
    expect(ask.locator(".st-key-answer-0")).to_contain_text("walks a proximity graph")
