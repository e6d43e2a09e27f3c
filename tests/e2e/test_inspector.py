"""The retrieval inspector in a real browser: opened under an answer, and harmless with hostile notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

NOTES = {
    "heap.md": (
        "---\ntitle: Heap\nweek: 1\n---\nA heap is a complete binary tree in which no parent is larger than its "
        "children.\n\n## Where it breaks\nA heap cannot search for an arbitrary item <img src=x "
        "onerror='window.hacked = 1'> efficiently.\n\n## Connections\n- requires [[tree]]: the shape that it keeps\n"
    ),
    "tree.md": "---\ntitle: Tree\nweek: 1\n---\nA tree is a connected graph without cycles.\n",
    "queue.md": "---\ntitle: Queue\nweek: 1\n---\nA queue hands out first what came first.\n",
}

Serve = Callable[[str, Mapping[str, str]], str]


@pytest.fixture(scope="module")
def ask_url(serve: Serve, tmp_path_factory: pytest.TempPathFactory) -> str:
    folder = tmp_path_factory.mktemp("notes")
    for name, text in NOTES.items():
        (folder / name).write_text(text, encoding="utf-8")
    workspace = tmp_path_factory.mktemp("workspace")
    return serve("app.py", {"PREPGRAPH_WORKSPACE": str(workspace), "PREPGRAPH_CONTENT": str(folder)}) + "/ask"


def ask(page: Page, number: int, question: str) -> Any:
    box = page.locator("[data-testid=stChatInput] textarea").first
    expect(box).to_be_visible(timeout=300_000)
    box.fill(question)
    box.press("Enter")
    answer = page.locator(f".st-key-answer-{number}")
    expect(answer).to_be_visible()
    settle(page)
    return answer


def settle(page: Page) -> None:
    expect(page.locator(".stApp[data-test-script-state=notRunning]")).to_be_visible()


def test_a_question_is_walked_from_its_text_to_its_answer(page: Page, ask_url: str) -> None:
    page.goto(ask_url)
    answer = ask(page, 0, "What is a heap and where does it break?")
    expect(page.locator(".st-key-inspector-0")).to_have_count(0)
    answer.get_by_text("How it was found").click()
    inspector = page.locator(".st-key-inspector-0")
    for head in (
        "How the question was read",
        "What each stage ranked",
        "What the graph added",
        "How reranking met the question's words",
        "From passages to sentences",
        "Whether the notes answer it",
    ):
        expect(inspector.get_by_role("heading", name=head)).to_be_visible()
    expect(inspector).to_contain_text("Heap builds on Tree: the shape that it keeps.")
    expect(inspector.locator(".pg-stages th small").first).to_contain_text("ms")
    expect(inspector.locator(".pg-break").first).to_contain_text("What would break: Had Heap not been recognised")
    assert inspector.locator("img").count() == 0
    assert page.evaluate("window.hacked") is None
    answer.get_by_text("How it was found").click()
    expect(inspector).to_have_count(0)


def test_another_passage_can_be_chosen_and_two_answers_keep_their_own_steps(
    page: Page, ask_url: str, choose_option: Callable[[Locator, str], None]
) -> None:
    page.goto(ask_url)
    ask(page, 0, "What is a heap?").get_by_text("How it was found").click()
    first = page.locator(".st-key-inspector-0")
    strip = first.locator(".pg-strip")
    expect(strip).to_contain_text("heap")
    before = strip.inner_text()
    choose_option(first, "Queue")
    expect(strip).not_to_have_text(before)
    settle(page)
    second = ask(page, 1, "And where does it break?")
    second.get_by_text("How it was found").click()
    expect(page.locator(".st-key-inspector-1")).to_contain_text("Follow-up, read as")
    expect(page.locator(".st-key-inspector-1")).to_contain_text("Read by itself, without the question before it")
    expect(first).to_contain_text("What is a heap?")
    expect(page.locator("[data-testid=stException]")).to_have_count(0)
