"""Language models through LlamaIndex, each provider's protocol over real HTTP: what arrives, what each fault says."""

import subprocess
import sys
from pathlib import Path

import pytest

from graph.errors import LanguageModelError, UsageError
from graph.schema import Chunk
from rag.llm import Counts, LanguageModelConfig, check_url, open_language_model, parse_model
from rag.prompt import build_prompt
from tests.rag.scripted_model import Script

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")
ROOT = Path(__file__).parents[2]
PROVIDERS = ["openai", "openai-like", "anthropic", "ollama"]
TEXT = "A heap is a tree. [1] Its smallest item is on top. [1]"
KEY = "sk-test-0123456789abcdef"
PROMPT = build_prompt("What is a heap?", [Chunk("h", "h.md", ("Heap",), "A heap is a tree.", 1, 1, ())])


def config(model, provider, **settings):
    url = f"{model.url}/v1" if provider.startswith("openai") else model.url
    return LanguageModelConfig(provider, "some-model", url, KEY, **{"timeout": 30.0, "max_tokens": 123, **settings})


def stream(model, provider, script, **settings):
    model.script = script
    return list(open_language_model(config(model, provider, **settings)).stream(PROMPT))


def fault(model, provider, script, **settings):
    with pytest.raises(LanguageModelError) as caught:
        stream(model, provider, script, **settings)
    message = str(caught.value)
    assert message.startswith(f"{provider}:some-model ")
    assert message.endswith(".")
    assert KEY not in message
    assert "\n" not in message
    return caught.value


@pytest.mark.parametrize("provider", PROVIDERS)
def test_text_arrives_in_pieces_with_the_tokens_counted(model, provider):
    pieces = stream(model, provider, Script(TEXT, usage=(321, 45)))
    assert "".join(piece.text for piece in pieces) == TEXT
    assert sum(bool(piece.text) for piece in pieces) > 3
    assert [piece.counts for piece in pieces if piece.counts][-1] == Counts(321, 45)
    assert [piece.finish for piece in pieces if piece.finish][-1] == "stop"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_sent(model, provider):
    stream(model, provider, Script(TEXT))
    (request,) = model.requests
    sent = str(request)
    assert PROMPT.user.splitlines()[0] in sent
    assert PROMPT.system.splitlines()[0] in sent
    assert request["stream"] is True
    assert not request.get("tools")
    options = request.get("options", request)
    bounds = [options.get(name) for name in ("max_tokens", "max_completion_tokens", "num_predict")]
    assert [bound for bound in bounds if bound] == [123]
    headers = {name.lower(): value for name, value in model.headers[0].items()}
    if provider == "anthropic":
        assert headers["x-api-key"] == KEY
    if provider.startswith("openai"):
        assert headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_an_answer_that_was_too_long_says_so(model, provider):
    assert stream(model, provider, Script(TEXT, finish="length"))[-1:] != []
    assert "length" in {piece.finish for piece in stream(model, provider, Script(TEXT, finish="length"))}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    ("status", "words"),
    [(401, "key"), (403, "key"), (404, "no such model"), (429, "wait"), (500, "HTTP 500"), (400, "400")],
)
def test_a_refusal_is_explained_and_costs_nothing(model, provider, status, words):
    found = fault(model, provider, Script(status=status))
    assert words in str(found)
    assert not found.may_cost
    assert len(model.requests) == 1, "a fault is answered from the notes at once, not by asking again"


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_key_in_a_server_s_message_is_not_repeated(model, provider):
    body = f'{{"error": {{"message": "bad parameter for {KEY} and sk-proj-abcdefgh", "type": "t", "code": "c"}}}}'
    message = str(fault(model, provider, Script(status=400, body=body)))
    assert "bad parameter" in message
    assert "abcdefgh" not in message


@pytest.mark.parametrize("provider", PROVIDERS)
def test_silence_and_slowness_both_time_out(model, provider):
    silent = fault(model, provider, Script(TEXT, stall_after=3), timeout=0.5)
    slow = fault(model, provider, Script(TEXT, drip=0.2, size=1), timeout=0.5)
    assert "PREPGRAPH_LLM_TIMEOUT" in str(silent)
    assert "PREPGRAPH_LLM_TIMEOUT" in str(slow)
    assert silent.may_cost
    assert slow.may_cost


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_stream_that_breaks_off_is_no_whole_answer(model, provider):
    assert "broke off" in str(fault(model, provider, Script(TEXT, cut_after=4)))


@pytest.mark.parametrize("provider", ["openai", "openai-like"])
def test_a_stream_that_ends_without_saying_so_is_no_whole_answer(model, provider):
    assert "broke off" in str(fault(model, provider, Script(TEXT, finish=None)))


@pytest.mark.parametrize("provider", ["openai", "openai-like", "ollama"])
@pytest.mark.parametrize("event", ["data: {oops\n\n", 'data: {"foo": 1}\n\n', "data: [1]\n\n"])
def test_a_malformed_stream_is_a_fault(model, provider, event):
    found = fault(model, provider, Script(TEXT, malformed=event))
    assert "could not be read" in str(found)
    assert found.may_cost


@pytest.mark.parametrize("provider", PROVIDERS)
def test_text_without_end_is_cut(model, provider):
    fault(model, provider, Script("word " * 5_000, size=500), max_tokens=10)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_no_server(provider):
    gone = LanguageModelConfig(provider, "some-model", "http://127.0.0.1:9/v1", KEY, timeout=10.0)
    with pytest.raises(LanguageModelError, match="cannot be reached") as caught:
        list(open_language_model(gone).stream(PROMPT))
    assert not caught.value.may_cost


@pytest.mark.parametrize(
    ("provider", "variable"),
    [("openai", "OPENAI_API_KEY"), ("anthropic", "ANTHROPIC_API_KEY"), ("openai-like", "PREPGRAPH_LLM_URL")],
)
def test_what_is_not_set_is_named(provider, variable):
    with pytest.raises(LanguageModelError, match=variable):
        open_language_model(LanguageModelConfig(provider, "m"))


def test_a_package_that_is_not_there_is_named():
    code = """
import sys
sys.modules["llama_index.llms.openai_like"] = None
from rag.llm import LanguageModelConfig, open_language_model
from rag.prompt import build_prompt
from graph.errors import LanguageModelError
try:
    list(open_language_model(LanguageModelConfig("openai", "m", key="k")).stream(build_prompt("q", [])))
except LanguageModelError as fault:
    print(fault)
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "pip install -e '.[llm]'" in done.stdout


def test_a_key_is_in_no_text_of_the_settings():
    assert KEY not in repr(LanguageModelConfig("openai", "m", key=KEY))


@pytest.mark.parametrize("text", ["openai:gpt-4o-mini", " ollama:qwen3:4b ", "openai-like:a/b:c"])
def test_models_are_named_by_their_provider(text):
    provider, name = parse_model(text)
    assert f"{provider}:{name}" == text.strip()


@pytest.mark.parametrize("text", ["gpt-4o", "openai:", "openai", ":x", "azure:gpt", "OpenAI:x"])
def test_a_model_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match="provider:model"):
        parse_model(text)


@pytest.mark.parametrize("url", ["127.0.0.1:8080", "file:///etc/passwd", "http://", "nonsense"])
def test_an_address_that_is_none_is_refused(url):
    with pytest.raises(UsageError, match="PREPGRAPH_LLM_URL"):
        check_url(url)
