"""The Ask page with a language model: what holds appears as it is written, what fails is said, follow-ups are read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.rag.scripted_model import Script, ScriptedModel, passage_number, scripted_model

Serve = Callable[[str, Mapping[str, str]], str]
HEAP = """---
title: Heap
---
A heap is a complete binary tree in which every parent orders before its children.

## Where it breaks
A heap breaks down as a place to look things up: it cannot search for an arbitrary item efficiently.
"""
TRIE = "---\ntitle: Trie\n---\nA trie stores words along shared prefixes.\n"
KEY = "sk-test-key-0123456789"


def write(request: dict[str, Any]) -> str:
    heap, limit = (passage_number(request, words) for words in ("binary tree", "cannot search"))
    return (
        f"A heap is a complete binary tree whose parents order before their children. [{heap}] "
        f"It needs 900 GB of memory. [{heap}] ![A heap](http://example.com/p.png) is a <b>binary</b> tree. [{heap}] "
        f"It costs $5 and :red[more] and $6. [77] A heap cannot search efficiently for an arbitrary item. [{limit}]"
    )


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    with scripted_model() as running:
        yield running


@pytest.fixture(scope="module")
def ask_url(serve: Serve, model: ScriptedModel, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder: Path = tmp_path_factory.mktemp("notes")
    (folder / "heap.md").write_text(HEAP, encoding="utf-8")
    (folder / "trie.md").write_text(TRIE, encoding="utf-8")
    env = {"PREPGRAPH_LLM": "openai-like:m", "PREPGRAPH_LLM_URL": f"{model.url}/v1", "PREPGRAPH_LLM_KEY": KEY}
    workspace = {"PREPGRAPH_WORKSPACE": str(tmp_path_factory.mktemp("workspace")), "PREPGRAPH_CONTENT": str(folder)}
    return serve("app.py", {**env, **workspace, "PREPGRAPH_LLM_PRICES": "1,2", "PREPGRAPH_LLM_CAP": "1"}) + "/ask"


def ask(page: Page, number: int, question: str) -> Any:
    box = page.locator("[data-testid=stChatInput] textarea").first
    expect(box).to_be_visible()
    box.fill(question)
    box.press("Enter")
    return page.locator(f".st-key-answer-{number}")


def test_sentences_appear_as_they_are_written_and_only_those_that_hold(
    page: Page, ask_url: str, model: ScriptedModel
) -> None:
    model.script = Script(write, drip=0.05)
    page.goto(ask_url)
    expect(page.get_by_text("which are sent to it")).to_be_visible()
    answer = ask(page, 0, "What is a heap and where does it break?")
    expect(page.locator(".pg-answer")).to_contain_text("complete binary tree")
    assert "cannot search" not in page.locator(".pg-answer").inner_text(), "it is still being written"
    expect(answer).to_contain_text("A heap cannot search efficiently for an arbitrary item. [2]")
    expect(answer).to_contain_text("Written by openai-like:m, each sentence checked")
    expect(answer).to_contain_text("2 sentences were left out")
    expect(answer).to_contain_text("1,000 tokens read, 50 written (as counted by the provider), $0.0011.")
    expect(page.get_by_text("Spent on language models today (UTC): $0.0011 of the $1.0000 allowed.")).to_be_visible()
    for never in ("900", "example.com", "$5"):
        expect(page.locator(".pg-answer")).not_to_contain_text(never)
    answer.locator("a[href='#cite-0-2']").click()
    expect(page.locator(".st-key-cite-0-2 mark")).to_contain_text("it cannot search for an arbitrary item")
    answer.get_by_text("How it was found").click()
    expect(answer.locator("[data-testid=stCode]")).to_contain_text("passage 1")
    assert KEY not in page.content()


def test_a_fault_is_said_and_a_follow_up_is_read_with_the_question_before(
    page: Page, ask_url: str, model: ScriptedModel
) -> None:
    model.script = Script(status=429)
    page.goto(ask_url)
    expect(ask(page, 0, "What is a heap?").locator(".pg-notice")).to_contain_text("too many requests")
    answer = ask(page, 1, "And where does it break?")
    expect(answer).to_contain_text("Read as: Where does Heap break?")
    expect(answer).to_contain_text("it cannot search for an arbitrary item efficiently.")
    expect(answer).to_contain_text("Made of the notes' own sentences.")
    page.get_by_role("button", name="New conversation").click()
    expect(page.get_by_text("which are sent to it")).to_be_visible()
    model.script = Script(write)
    answer = ask(page, 0, "And where does it break?")
    expect(answer).to_be_visible()
    expect(answer).not_to_contain_text("Read as")
