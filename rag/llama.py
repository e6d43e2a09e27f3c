"""The bridges to LlamaIndex: its language models as ours, and our retriever as one of its own."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from typing import TYPE_CHECKING, Any

from graph.errors import LanguageModelError
from graph.schema import SearchResult
from rag.llama_faults import describe_fault, faults, may_cost
from rag.llm import Counts, LanguageModelConfig, Piece
from rag.prompt import Prompt
from rag.retrieve import Retriever

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.base.llms.types import ChatResponse
    from llama_index.core.llms.llm import LLM
    from llama_index.core.schema import NodeWithScore, QueryBundle

_LONGEST_TOKEN = 20  # characters a token: a stream with more is no answer
_OLLAMA_CONTEXT = 16_384
_OPENAI = "https://api.openai.com/v1"


class LlamaIndexModel:
    """A language model through LlamaIndex's integration for its provider; opened anew for each answer."""

    def __init__(self, config: LanguageModelConfig) -> None:
        self._config = config

    @property
    def name(self) -> str:
        return self._config.name

    @property
    def max_tokens(self) -> int:
        return self._config.max_tokens

    def stream(self, prompt: Prompt) -> Iterator[Piece]:
        """The answer as it is written, for `timeout` seconds in all; a silence may last as long once more."""
        finish, length = "", 0
        try:
            with self._opened() as model:
                deadline = time.monotonic() + self._config.timeout  # loading the integration takes seconds, once
                for response in model.stream_chat(_messages(prompt)):
                    piece = Piece(str(response.delta or ""), _counts(response), _finish(response))
                    finish, length = piece.finish or finish, length + len(piece.text)
                    if time.monotonic() > deadline:
                        raise TimeoutError
                    if length > _LONGEST_TOKEN * self.max_tokens:
                        raise ValueError("more text than was asked for")
                    yield piece
        except faults() as fault:
            raise LanguageModelError(describe_fault(fault, self._config), may_cost=may_cost(fault)) from None
        if not finish:
            raise LanguageModelError(f"{self.name} broke off in the middle of its answer; ask again.", may_cost=True)

    def _opened(self) -> AbstractContextManager[LLM]:
        openers: dict[str, Callable[[LanguageModelConfig], AbstractContextManager[LLM]]] = {
            "anthropic": _anthropic,
            "ollama": _ollama,
        }
        try:
            return openers.get(self._config.provider, _openai)(self._config)
        except ImportError as fault:
            raise LanguageModelError(
                f"{self.name} needs a package that is not installed ({fault.name}); run `pip install -e '.[llm]'`."
            ) from fault


def _openai(config: LanguageModelConfig) -> AbstractContextManager[LLM]:
    """OpenAI itself, or anything that speaks its protocol."""
    import httpx
    from llama_index.llms.openai_like import OpenAILike

    is_openai = config.provider == "openai"
    # The name of the bound that reasoning models insist on; other servers know the older one only.
    bound = {"max_completion_tokens": config.max_tokens} if is_openai else {}

    @contextmanager
    def opened() -> Iterator[LLM]:
        with httpx.Client(timeout=config.timeout) as client:
            yield OpenAILike(
                model=config.model,
                api_base=config.url or _OPENAI,
                api_key=config.key or "none",
                is_chat_model=True,
                temperature=config.temperature,
                max_tokens=None if is_openai else config.max_tokens,
                timeout=config.timeout,
                max_retries=0,
                http_client=client,  # type: ignore[call-arg]  # it takes it, as a private field
                additional_kwargs={"stream_options": {"include_usage": True}, **bound},
            )

    return opened()


def _anthropic(config: LanguageModelConfig) -> AbstractContextManager[LLM]:
    from llama_index.core.base.llms.types import LLMMetadata
    from llama_index.llms.anthropic import Anthropic

    class AnyClaude(Anthropic):
        """The integration refuses models newer than itself, because it looks their context up in a table."""

        @property
        def metadata(self) -> LLMMetadata:
            return LLMMetadata(is_chat_model=True, model_name=self.model)

    @contextmanager
    def opened() -> Iterator[LLM]:
        model = AnyClaude(
            model=config.model,
            base_url=config.url,
            api_key=config.key,  # type: ignore[call-arg]  # of the base class, whose subclass seems to take fields only
            temperature=config.temperature,
            max_tokens=config.max_tokens,
            timeout=config.timeout,
            max_retries=0,
        )
        with closing(model._client):
            yield model

    return opened()


def _ollama(config: LanguageModelConfig) -> AbstractContextManager[LLM]:
    from llama_index.llms.ollama import Ollama
    from ollama import Client

    @contextmanager
    def opened() -> Iterator[LLM]:
        client = Client(host=config.url, timeout=config.timeout)
        with closing(client._client):
            yield Ollama(
                model=config.model,
                client=client,
                temperature=config.temperature,
                context_window=_OLLAMA_CONTEXT,
                additional_kwargs={"num_predict": config.max_tokens},
            )

    return opened()


def _messages(prompt: Prompt) -> list[Any]:
    from llama_index.core.base.llms.types import ChatMessage, MessageRole

    return [
        ChatMessage(role=MessageRole.SYSTEM, content=prompt.system),
        ChatMessage(role=MessageRole.USER, content=prompt.user),
    ]


def _counts(response: ChatResponse) -> Counts | None:
    """Tokens as the provider reports them, each in a form of its own."""
    usage = _part(response.raw, "usage") or response.message.additional_kwargs.get("usage")
    read = _part(usage, "prompt_tokens") or _part(usage, "input_tokens")
    written = _part(usage, "completion_tokens") or _part(usage, "output_tokens")
    if not isinstance(read, int) or not isinstance(written, int):
        return None
    return Counts(read, written)


def _finish(response: ChatResponse) -> Any:
    """Why the stream ends here, as "stop" or "length"; empty while it goes on."""
    choices = _part(response.raw, "choices") or [None]
    reason = (
        _part(choices[0], "finish_reason")
        or response.message.additional_kwargs.get("stop_reason")
        or (_part(response.raw, "done_reason") or "stop" if _part(response.raw, "done") is True else "")
    )
    if not reason:
        return ""
    return "length" if reason in {"length", "max_tokens"} else "stop"


def _part(holder: Any, name: str) -> Any:
    return holder.get(name) if isinstance(holder, dict) else getattr(holder, name, None)


def as_llama_retriever(retriever: Retriever, top_k: int = 8) -> BaseRetriever:
    """A LlamaIndex `BaseRetriever` that gives our `top_k` results as nodes, best first, scores in [0, 1].

    Each node's metadata names the path, the lines and the headings, so that a response can be cited by us.
    """
    from llama_index.core.base.base_retriever import BaseRetriever

    class PrepgraphRetriever(BaseRetriever):
        def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
            return [_node(result) for result in retriever.retrieve(query_bundle.query_str, top_k).results]

    return PrepgraphRetriever()


def _node(result: SearchResult) -> NodeWithScore:
    from llama_index.core.schema import NodeWithScore, TextNode

    chunk = result.chunk
    metadata = {
        "path": chunk.document_id,
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "headings": " > ".join(chunk.headings),
    }
    return NodeWithScore(node=TextNode(id_=chunk.id, text=chunk.text, metadata=metadata), score=result.score)
