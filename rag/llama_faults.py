"""Says in one sentence what went wrong between us and a language model's server and what to do, never with a key."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rag.llm import LanguageModelConfig

# The roots of what each client raises; only those of clients in use are loaded.
_ROOTS = (
    ("httpx", "HTTPError"),
    ("openai", "OpenAIError"),
    ("anthropic", "AnthropicError"),
    ("ollama", "ResponseError"),
)
_BY_STATUS: Mapping[int, str] = {
    401: "refused the key; check that it is right and in force",
    403: "refused the key for this model; check what it may be used for",
    404: "knows no such model or address; check PREPGRAPH_LLM and PREPGRAPH_LLM_URL",
    408: "took too long; ask again",
    413: "finds the question and its passages too long; take a model with a larger context",
    429: "has had too many requests for now, or the quota is used up; wait, or look at the account",
}
_SECRET = re.compile(r"\b(?:sk|key|bearer)[-_ ][\w\-*]{4,}|[\w\-]{32,}", re.IGNORECASE)
_LONGEST_MESSAGE = 160


def faults() -> tuple[type[Exception], ...]:
    """What asking a model may raise: the clients' own errors, those of the network, and those of a stream in no order.

    What a server sends decides which of the built-in ones a malformed stream becomes in the code that takes it apart.
    """
    clients = [getattr(sys.modules[name], root) for name, root in _ROOTS if name in sys.modules]
    return (*clients, OSError, RuntimeError, ValueError, TypeError, LookupError, AttributeError)


def describe_fault(fault: Exception, config: LanguageModelConfig) -> str:
    """One sentence: which model failed, how, and what to do next."""
    names, status = _names(fault), _status(fault)
    if status in _BY_STATUS:
        return f"{config.name} {_BY_STATUS[status]}."
    if status >= 500:
        return f"{config.name} has a fault of its own (HTTP {status}); ask again later."
    if status >= 400:
        return f"{config.name} refused the request (HTTP {status}: {_safe_message(fault, config)}); check its settings."
    if names & {"TimeoutError", "TimeoutException"}:
        return f"{config.name} did not finish within {config.timeout:g} s; ask again, or raise PREPGRAPH_LLM_TIMEOUT."
    if _never_arrived(fault):
        return f"{config.name} cannot be reached; check that its server runs and that the address is right."
    if names & {"TransportError", "ConnectionError", "APIConnectionError"}:
        return f"{config.name} broke off in the middle of its answer; ask again."
    return f"{config.name} sent what could not be read; ask again, or check that PREPGRAPH_LLM_URL speaks its protocol."


def may_cost(fault: Exception) -> bool:
    """Whether the request may have been worked on: it arrived, and was not refused."""
    return not _never_arrived(fault) and _status(fault) < 400


def _never_arrived(fault: Exception) -> bool:
    return bool(_names(fault) & {"ConnectError", "ConnectTimeout", "ConnectionRefusedError", "gaierror"}) or (
        type(fault) is ConnectionError  # how the Ollama client says it
    )


def _names(fault: Exception) -> set[str]:
    return {kind.__name__ for cause in _chain(fault) for kind in type(cause).__mro__}


def _status(fault: Exception) -> int:
    """The HTTP status that refused the request, or 0."""
    statuses = (getattr(cause, "status_code", None) for cause in _chain(fault))
    return next((status for status in statuses if isinstance(status, int) and status >= 400), 0)


def _chain(fault: BaseException) -> Iterator[BaseException]:
    seen: BaseException | None = fault
    for _ in range(8):  # a chain may bite its tail
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _safe_message(fault: Exception, config: LanguageModelConfig) -> str:
    """What the server said, on one short line, without anything that looks like a key."""
    body = getattr(fault, "body", None)
    inner = body.get("error", body) if isinstance(body, dict) else None
    said = inner.get("message") if isinstance(inner, dict) else None
    text = " ".join(str(said or getattr(fault, "message", None) or fault).split())
    if config.key:
        text = text.replace(config.key, "…")
    return _SECRET.sub("…", text)[:_LONGEST_MESSAGE]
