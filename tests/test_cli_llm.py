"""The command with a language model behind it, in processes of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.rag.scripted_model import Script, passage_number, scripted_model

ROOT = Path(__file__).parents[1]
RUN = "import cli; cli.main()"
KEY = "sk-test-key-0123456789"
NOTES = {"heap.md": "# Heap\nA heap is a complete binary tree in which every parent orders before its children.\n"}


@pytest.fixture
def model():
    with scripted_model() as running:
        yield running


@pytest.fixture
def prepgraph(notes, model):
    notes.write(NOTES).ingest()

    def run(*args, **env):
        given = {"PREPGRAPH_LLM": "openai-like:m", "PREPGRAPH_LLM_URL": f"{model.url}/v1", "PREPGRAPH_LLM_KEY": KEY}
        command = [sys.executable, "-c", RUN, *args, "--workspace", str(notes.workspace)]
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ, **given, **env}
        )
        assert KEY not in done.stdout + done.stderr
        return done

    return run


def good(request):
    return f"A heap is a binary tree that is complete. [{passage_number(request, 'binary')}] It costs $9. [1]"


def test_ask_prints_what_holds_and_what_it_cost(prepgraph, model):
    model.script = Script(good, usage=(1000, 100))
    done = prepgraph("ask", "What is a heap?", PREPGRAPH_LLM_PRICES="1,2")
    assert (done.returncode, done.stderr) == (0, "")
    assert "A heap is a binary tree that is complete. [1]" in done.stdout
    assert "$9" not in done.stdout
    assert "heap.md:2" in done.stdout
    assert "1 sentence was left out" in done.stdout
    assert "1,000 tokens read, 100 written (as counted by the provider), $0.0012" in done.stdout


def test_ask_as_json(prepgraph, model):
    model.script = Script(good, usage=(1000, 100))
    row = json.loads(prepgraph("ask", "What is a heap?", "--json").stdout)
    assert (row["mode"], row["dropped"], row["notices"], row["read_as"]) == ("openai-like:m", 1, [], None)
    assert row["usage"] == {
        "model": "openai-like:m",
        "input_tokens": 1000,
        "output_tokens": 100,
        "estimated": False,
        "cost": None,
    }


def test_a_fault_is_a_notice_and_no_error(prepgraph, model):
    model.script = Script(status=401)
    done = prepgraph("ask", "What is a heap?")
    assert (done.returncode, done.stderr) == (0, "")
    assert "complete binary tree" in done.stdout
    assert "refused the key" in done.stdout.replace("\n", " ")


@pytest.mark.parametrize(
    ("variable", "value"),
    [("PREPGRAPH_LLM_TIMEOUT", "soon"), ("PREPGRAPH_LLM_CAP", "-1"), ("PREPGRAPH_LLM_MAX_TOKENS", "0")],
)
def test_a_setting_that_is_none_is_one_sentence(prepgraph, variable, value):
    done = prepgraph("ask", "What is a heap?", **{variable: value})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"prepgraph: {variable} is not set right")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("env", "status", "words"),
    [
        ({}, "ok", "price unknown"),
        ({"PREPGRAPH_LLM": ""}, "ok", "none"),
        ({"PREPGRAPH_LLM": "gpt"}, "broken", "provider:model"),
        ({"PREPGRAPH_LLM": "openai:gpt-4o-mini", "OPENAI_API_KEY": ""}, "broken", "OPENAI_API_KEY"),
        ({"PREPGRAPH_LLM_URL": "http://127.0.0.1:9/v1"}, "broken", "Nothing answers"),
        ({"PREPGRAPH_LLM_CAP": "1"}, "warning", "price unknown"),
    ],
)
def test_doctor_says_how_it_stands_and_asks_nothing(prepgraph, model, env, status, words):
    findings = json.loads(prepgraph("doctor", "--json", **env).stdout)["findings"]
    (found,) = [finding for finding in findings if finding["name"] == "language model"]
    assert found["status"] == status
    assert words in found["detail"]
    assert bool(found["next_step"]) == (status != "ok")
    assert model.requests == []
