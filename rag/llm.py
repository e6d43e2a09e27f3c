"""What a language model is to us: something that streams text for a prompt. Opens the one that PREPGRAPH_LLM names."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args
from urllib.parse import urlsplit

from graph.errors import LanguageModelError, UsageError
from rag.prompt import Prompt

Provider = Literal["openai", "anthropic", "ollama", "openai-like"]
_INTEGRATIONS: dict[Provider, str] = {
    "openai": "openai_like",
    "anthropic": "anthropic",
    "ollama": "ollama",
    "openai-like": "openai_like",
}
_PATIENCE_SECONDS = 3
_KEY_VARIABLES: dict[Provider, str] = {"openai": "OPENAI_API_KEY", "anthropic": "ANTHROPIC_API_KEY"}


@dataclass(frozen=True, slots=True)
class Counts:
    """Tokens as the provider counted them."""

    input_tokens: int
    output_tokens: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of streamed text; `counts` once the provider gives them, `finish` with the piece that ends the stream.

    `length` means that the model had more to say than it was allowed.
    """

    text: str
    counts: Counts | None = None
    finish: Literal["", "stop", "length"] = ""


class LanguageModel(Protocol):
    """A model behind whatever service. It is given text and gives text: no tools."""

    @property
    def name(self) -> str:
        """`provider:model`, for people and for the price table."""

    @property
    def max_tokens(self) -> int:
        """The most tokens that one answer may have."""

    def stream(self, prompt: Prompt) -> Iterator[Piece]:
        """The answer as it is written. Raises LanguageModelError at any time, with what failed and what to do."""


@dataclass(frozen=True, slots=True)
class LanguageModelConfig:
    """Which model to ask, where, and within what bounds. The key is in no text that this makes."""

    provider: Provider
    model: str
    url: str | None = None
    key: str | None = field(default=None, repr=False)
    timeout: float = 60.0
    max_tokens: int = 800
    temperature: float = 0.0

    @property
    def name(self) -> str:
        """`provider:model`."""
        return f"{self.provider}:{self.model}"

    def missing(self) -> str | None:
        """What is not set that has to be, as one sentence, or None."""
        if self.provider == "openai-like" and not self.url:
            return (
                f"{self.name} has no address: set PREPGRAPH_LLM_URL to that of its OpenAI-compatible server, such as "
                "http://127.0.0.1:8080/v1."
            )
        variable = _KEY_VARIABLES.get(self.provider)
        if variable and not self.key:
            return f"{self.name} needs a key: set {variable}."
        return None


def parse_model(text: str) -> tuple[Provider, str]:
    """Provider and model of `provider:model`. Raises UsageError for anything else."""
    provider, _, model = text.strip().partition(":")
    known = {name: name for name in get_args(Provider)}
    if provider not in known or not model.strip():
        raise UsageError(
            f"PREPGRAPH_LLM is {text!r}; write provider:model, the provider being openai, anthropic, ollama or "
            "openai-like."
        )
    return known[provider], model.strip()


def check_url(url: str | None) -> str | None:
    """The address as given. Raises UsageError when it is none of a web server."""
    if url and (urlsplit(url).scheme not in {"http", "https"} or not urlsplit(url).hostname):
        raise UsageError(f"PREPGRAPH_LLM_URL is {url!r}; give an address such as http://127.0.0.1:8080/v1.")
    return url or None


def missing_package(config: LanguageModelConfig) -> str | None:
    """That the integration for this provider is not installed, as one sentence, or None."""
    module = _INTEGRATIONS[config.provider]
    if importlib.util.find_spec("llama_index.llms") and importlib.util.find_spec(f"llama_index.llms.{module}"):
        return None
    return f"{config.name} needs a package that is not installed; run `pip install -e '.[llm]'`."


def unreachable(config: LanguageModelConfig) -> str | None:
    """That nothing listens at an address that was set, as one sentence, or None; nothing is sent there."""
    address = config.url or ("http://127.0.0.1:11434" if config.provider == "ollama" else None)
    if address is None:
        return None  # a provider's own servers
    parts = urlsplit(address if "://" in address else f"http://{address}")
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=_PATIENCE_SECONDS).close()
    except (OSError, ValueError) as fault:
        reason = getattr(fault, "strerror", None) or str(fault)
        return f"Nothing answers at {address} ({reason}); start the server, or correct the address."
    return None


def open_language_model(config: LanguageModelConfig) -> LanguageModel:
    """The model, through LlamaIndex. Raises LanguageModelError when something that it needs is missing."""
    if missing := config.missing():
        raise LanguageModelError(missing)
    from rag.llama import LlamaIndexModel

    return LlamaIndexModel(config)
