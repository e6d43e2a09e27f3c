"""A real language model behind its own server: whatever it writes, only what holds is shown, and nothing breaks.

SmolLM2-135M follows no citation format: it shows that the plumbing stands up to a real model, and nothing of answers.
"""

import re

import pytest

from graph.errors import LanguageModelError
from graph.schema import Chunk
from rag.llm import LanguageModelConfig, open_language_model
from rag.prompt import build_prompt
from workspace import Settings, open_workspace

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

PATIENCE = 600.0  # seconds: a busy machine is twenty times slower
PASSAGE = Chunk("h", "h.md", ("Heap",), "A heap is a tree whose smallest item is on top.", 1, 1, ())
NOTES = {
    "heap.md": "# Heap\nA heap is a complete binary tree in which every parent orders before its children.\n",
    "trie.md": "# Trie\nA trie stores words along shared prefixes, so that a look-up takes one step a letter.\n",
}


@pytest.mark.parametrize(("provider", "path"), [("openai-like", "/v1"), ("anthropic", "")])
def test_its_text_streams_in_with_its_tokens_counted(real_model, provider, path):
    config = LanguageModelConfig(provider, "smollm2", real_model + path, "none", PATIENCE, max_tokens=40)
    pieces = list(open_language_model(config).stream(build_prompt("What is a heap?", [PASSAGE])))
    assert sum(bool(piece.text) for piece in pieces) > 3
    counts = [piece.counts for piece in pieces if piece.counts][-1]
    assert 0 < counts.output_tokens <= 40
    assert 100 < counts.input_tokens <= build_prompt("What is a heap?", [PASSAGE]).most_tokens()
    assert [piece.finish for piece in pieces if piece.finish][-1] in {"stop", "length"}


def test_an_answer_shows_only_what_the_notes_hold(real_model, make_notes):
    notes = make_notes().write(NOTES)
    notes.ingest()
    settings = {"llm": "openai-like:smollm2", "llm_url": f"{real_model}/v1", "llm_prices": "1,1"}
    bounds = {"llm_timeout": PATIENCE, "llm_max_tokens": 60}
    opened = open_workspace(Settings(workspace=notes.workspace, **settings, **bounds))
    shown = ""
    for answer in opened.ask_stream("What is a heap?"):
        assert answer.text.startswith(shown) or answer.mode == "extractive"
        shown = answer.text
    assert answer.status in {"answered", "not_in_sources"}
    assert answer.usage.model == "openai-like:smollm2"
    assert not answer.usage.estimated
    assert answer.usage.cost == pytest.approx((answer.usage.input_tokens + answer.usage.output_tokens) / 1e6)
    assert {int(n) for n in re.findall(r"\[(\d+)\]", answer.text)} == {c.number for c in answer.citations}
    for citation in answer.citations:
        assert citation.quote in NOTES[citation.path]


def test_a_model_that_is_too_slow_is_not_waited_for(real_model):
    config = LanguageModelConfig("openai-like", "smollm2", f"{real_model}/v1", None, 0.001, max_tokens=40)
    with pytest.raises(LanguageModelError, match="PREPGRAPH_LLM_TIMEOUT"):
        list(open_language_model(config).stream(build_prompt("What is a heap?", [PASSAGE])))
