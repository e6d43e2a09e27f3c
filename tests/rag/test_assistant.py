"""Answers that a language model writes: only what holds is shown, and whatever fails, the notes answer themselves."""

import re
from itertools import pairwise

import pytest
from pydantic import SecretStr

from rag.spending import Ledger
from tests.rag.scripted_model import Script, passage_number
from workspace import Settings, load_settings, open_workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

HEAP = """---
title: Heap
aliases: [priority queue]
---
A heap is a complete binary tree in which every parent orders before its children.

## How it works
Push appends an item and swaps it upwards. Pop moves the last element to the root and swaps it downwards.

## Where it breaks
- A heap cannot search for an arbitrary item efficiently.
- Changing a priority inside the heap breaks the invariant silently.

## Numbers worth knowing
- Building a heap from 1,000 items needs about 2,000 comparisons.
"""
TRIE = """---
title: Trie
---
A trie stores words along shared prefixes, so that looking up a key of length L takes L steps.

## Where it breaks
- A trie's memory explodes with large alphabets.
"""
QUESTION = "What is a heap and where does it break?"
DEFINITION = "A heap is a complete binary tree in which every parent comes before its children."
LIMIT = "Searching a heap for an arbitrary item is not efficient."


@pytest.fixture(scope="module")
def vault(make_notes):
    notes = make_notes()
    notes.write({"heap.md": HEAP, "trie.md": TRIE}).ingest()
    return notes


@pytest.fixture
def ask(vault, model, tmp_path):
    """Asks with a script; every test has a ledger of its own."""

    def run(script, question=QUESTION, conversation=(), **settings):
        model.script = script
        given = {"llm": "openai-like:m", "llm_url": f"{model.url}/v1", "llm_prices": "1,2", **settings}
        opened = open_workspace(Settings(workspace=vault.workspace, **given))
        (vault.workspace / "spending.sqlite").unlink(missing_ok=True)
        return list(opened.ask_stream(question, conversation=conversation))

    return run


def writes(*parts):
    """A script of sentences, each with words of the passage that it cites; a number cites as it stands."""

    def text(request):
        numbered = (
            (said, cited if isinstance(cited, int) else passage_number(request, cited)) for said, cited in parts
        )
        return " ".join(f"{said} [{number}]" for said, number in numbered)

    return Script(text)


GOOD = ((DEFINITION, "complete binary tree"), (LIMIT, "cannot search"))


def markers(text):
    return {int(number) for number in re.findall(r"\[(\d+)\]", text)}


def assert_extractive(answer):
    assert (answer.status, answer.mode) == ("answered", "extractive")
    assert answer.citations
    assert "instead" in answer.notices[-1]


def test_supported_sentences_are_shown_with_exact_quotes(ask, vault):
    answer = ask(writes(*GOOD))[-1]
    assert (answer.status, answer.mode, answer.dropped, answer.notices) == ("answered", "openai-like:m", 0, ())
    assert answer.text == f"{DEFINITION} [1] {LIMIT} [2]"
    lines = HEAP.split("\n")
    for citation, words in zip(answer.citations, ("complete binary tree", "cannot search"), strict=True):
        assert citation.path == "heap.md"
        assert citation.quote in "\n".join(lines[citation.start_line - 1 : citation.end_line])
        assert words in citation.quote
    assert "heap" in answer.concepts


def test_the_answer_grows_and_never_takes_anything_back(ask):
    texts = [answer.text for answer in ask(writes(*GOOD))]
    assert len(set(texts)) == 2
    assert all(after.startswith(before) for before, after in pairwise(texts))


def test_nothing_without_support_is_ever_shown(ask):
    invented = (
        ("A heap was invented in 1964 by Williams.", "complete binary tree"),
        ("Building a heap from 1,000 items needs about 9,000 comparisons.", "2,000 comparisons"),
        ("A heap can search for an arbitrary item efficiently.", "cannot search"),
        ("Bananas are rich in potassium and taste sweet.", "complete binary tree"),
        ("A heap is a complete binary tree.", 77),
        ("A trie stores words along shared prefixes.", "complete binary tree"),
    )
    for answer in ask(writes(GOOD[0], *invented, GOOD[1])):
        assert answer.text in {f"{DEFINITION} [1]", f"{DEFINITION} [1] {LIMIT} [2]"}
    assert answer.dropped == len(invented)


def test_sentences_without_any_citation_are_dropped(ask):
    answer = ask(Script(f"{DEFINITION} {LIMIT} So much for heaps, my friend."))[-1]
    assert_extractive(answer)
    assert answer.dropped == 3
    assert "No sentence" in answer.notices[0]


def test_links_images_and_markup_are_only_words(ask):
    def text(request):
        number = passage_number(request, "complete binary tree")
        return (
            f"A heap is a **complete** [binary tree](http://evil.example/?q=1) of parents and children. [{number}] "
            f"![A heap is a complete binary tree](http://evil.example/p.png) of parents. [{number}] "
            f"<img src=x onerror=alert(1)> A heap is a complete binary tree, see http://evil.example. [{number}]"
        )

    answer = ask(Script(text))[-1]
    assert answer.text.startswith("A heap is a complete binary tree of parents and children. [1]")
    assert "evil" not in answer.text
    assert "](" not in answer.text


@pytest.mark.parametrize("size", [1, 3, 1000])
def test_it_does_not_matter_in_which_pieces_it_comes(ask, size):
    script = writes(*GOOD)
    script.size = size
    assert ask(script)[-1].text == f"{DEFINITION} [1] {LIMIT} [2]"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        (Script(status=401), "refused the key"),
        (Script(status=429), "too many requests"),
        (Script(status=500), "HTTP 500"),
        (Script("x", malformed="data: {oops\n\n", size=1), "could not be read"),
        (Script("", finish="stop"), "No sentence"),
    ],
)
def test_a_fault_is_answered_from_the_notes_with_a_notice(ask, script, words):
    (answer,) = ask(script)
    assert_extractive(answer)
    assert words in answer.notices[0]


def test_a_timeout_is_answered_from_the_notes(ask):
    answer = ask(Script("A heap is a tree.", stall_after=1), llm_timeout=0.5)[-1]
    assert_extractive(answer)
    assert "PREPGRAPH_LLM_TIMEOUT" in answer.notices[0]


def test_no_server_is_answered_from_the_notes(ask):
    answer = ask(Script(), llm_url="http://127.0.0.1:9/v1")[-1]
    assert_extractive(answer)
    assert "cannot be reached" in answer.notices[0]


@pytest.mark.parametrize(("llm", "words"), [("openai:gpt-4o-mini", "OPENAI_API_KEY"), ("nonsense", "provider:model")])
def test_a_setting_that_lacks_something_is_answered_from_the_notes(ask, model, llm, words):
    answer = ask(Script(), llm=llm)[-1]
    assert_extractive(answer)
    assert words in answer.notices[0]
    assert model.requests == []


def test_of_a_broken_stream_the_sentences_that_hold_are_kept(ask):
    script = writes(*GOOD)
    script.cut_after = 16
    answer = ask(script)[-1]
    assert answer.text == f"{DEFINITION} [1]"
    assert answer.mode == "openai-like:m"
    assert "broke off" in answer.notices[0]
    assert "checked" in answer.notices[-1]
    assert answer.usage.estimated


def test_an_answer_cut_at_its_limit_keeps_whole_sentences_only(ask):
    def text(request):
        number = passage_number(request, "complete binary tree")
        return f"{DEFINITION} [{number}] A heap is a complete binary"

    answer = ask(Script(text, finish="length"))[-1]
    assert answer.text == f"{DEFINITION} [1]"
    assert (answer.dropped, "PREPGRAPH_LLM_MAX_TOKENS" in answer.notices[0]) == (0, True)


def test_what_the_model_does_not_find_is_refused_with_the_nearest(ask):
    answer = ask(Script("NOT_IN_SOURCES"))[-1]
    assert (answer.status, answer.citations) == ("not_in_sources", ())
    assert "Heap" in answer.text
    assert "found no answer" in answer.notices[0]


def test_what_the_notes_do_not_say_is_refused_without_asking_a_model(ask, model):
    answer = ask(writes(*GOOD), "Who won the football world cup in 1998?")[-1]
    assert answer.status == "not_in_sources"
    assert model.requests == []


def test_tokens_and_cost_as_the_provider_counts_them(ask):
    script = writes(*GOOD)
    script.usage = (1000, 100)
    usage = ask(script)[-1].usage
    assert (usage.input_tokens, usage.output_tokens, usage.estimated) == (1000, 100, False)
    assert usage.cost == pytest.approx((1000 * 1 + 100 * 2) / 1e6)


def test_tokens_are_estimated_when_nobody_counts_them(ask):
    script = writes(*GOOD)
    script.usage = None
    answer = ask(script)[-1]
    assert answer.usage.estimated
    assert answer.usage.input_tokens == pytest.approx(len(answer.prompt) / 4, rel=0.01)


def test_an_unknown_price_is_said(ask):
    assert ask(writes(*GOOD), llm_prices=None)[-1].usage.cost is None


def test_over_the_cap_no_call_is_made(ask, model):
    answer = ask(writes(*GOOD), llm_cap=0.0001)[-1]
    assert_extractive(answer)
    assert "PREPGRAPH_LLM_CAP" in answer.notices[0]
    assert model.requests == []
    assert answer.usage is None


def test_the_cap_holds_over_many_questions_and_openings(ask, vault, model):
    model.script = Script("Nothing.", usage=(4000, 500))
    cap, settings = 0.02, {"llm": "openai-like:m", "llm_url": f"{model.url}/v1", "llm_prices": "1,2"}
    (vault.workspace / "spending.sqlite").unlink(missing_ok=True)
    for _ in range(8):
        open_workspace(Settings(workspace=vault.workspace, llm_cap=cap, **settings)).ask(QUESTION)
    spent = len(model.requests) * (4000 * 1 + 500 * 2) / 1e6
    assert 0 < len(model.requests) < 8
    assert spent <= cap
    assert Ledger(vault.workspace).spent_today() == pytest.approx(spent)


def test_a_refused_call_costs_nothing_and_a_lost_one_its_worst(ask, vault):
    ask(Script(status=429))
    assert Ledger(vault.workspace).spent_today() == 0
    ask(Script("A heap is", stall_after=2), llm_timeout=0.5)
    assert Ledger(vault.workspace).spent_today() > 0.0016  # 800 tokens written at 2 dollars a million, and those read


def test_a_reader_who_leaves_is_charged_the_worst(vault, model):
    model.script = writes(*GOOD)
    settings = {"llm": "openai-like:m", "llm_url": f"{model.url}/v1", "llm_prices": "1,2"}
    opened = open_workspace(Settings(workspace=vault.workspace, **settings))
    (vault.workspace / "spending.sqlite").unlink(missing_ok=True)
    answers = opened.ask_stream(QUESTION)
    next(answers)
    answers.close()
    assert Ledger(vault.workspace).spent_today() > 0.0016


def test_a_follow_up_is_sent_as_it_is_read(ask, model):
    from workspace import turn_of

    first = ask(writes(*GOOD))[-1]
    answer = ask(writes(GOOD[1]), "And where does it break?", [turn_of(first)])[-1]
    assert (answer.question, answer.read_as) == ("And where does it break?", "Where does Heap break?")
    assert "Where does Heap break?" in model.requests[-1]["messages"][-1]["content"]


def test_without_a_model_nothing_is_sent(ask, model):
    (answer,) = ask(Script(), llm="")
    assert (answer.mode, answer.notices, answer.usage, answer.prompt) == ("extractive", (), None, "")
    assert model.requests == []


def test_keys_come_from_the_usual_variables_and_show_nowhere(monkeypatch, tmp_path):
    secret = "sk-very-secret-key-1234567890"
    monkeypatch.setenv("OPENAI_API_KEY", secret)
    monkeypatch.setenv("PREPGRAPH_LLM", "openai:gpt-4o-mini")
    settings = load_settings(tmp_path)
    assert settings.openai_api_key == SecretStr(secret)
    assert secret not in repr(settings)
