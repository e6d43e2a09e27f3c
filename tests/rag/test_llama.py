"""Our retriever inside LlamaIndex's own query engine, with a language model that repeats what it was given."""

from __future__ import annotations

import pytest

from rag.llama import as_llama_retriever
from workspace import Workspace

pytestmark = pytest.mark.filterwarnings(
    "ignore::DeprecationWarning", "ignore::pydantic.warnings.PydanticDeprecatedSince20"
)


def test_a_plain_query_engine_answers_from_our_passages(course: Workspace) -> None:
    from llama_index.core.llms import MockLLM
    from llama_index.core.query_engine import RetrieverQueryEngine

    engine = RetrieverQueryEngine.from_args(as_llama_retriever(course.retriever, top_k=3), llm=MockLLM())
    response = engine.query("What is HNSW and where does it break?")

    paths = [node.metadata["path"] for node in response.source_nodes]
    assert len(paths) == 3
    assert "concepts/hnsw.md" in paths
    # MockLLM answers with its prompt, so the passages must have reached the model.
    assert response.source_nodes[0].text.split(".")[0] in str(response)


def test_scores_and_lines_are_ours(course: Workspace) -> None:
    question = "when is streaming not worth it"
    nodes = as_llama_retriever(course.retriever, top_k=5).retrieve(question)
    ours = course.search(question, top_k=5).results

    assert [node.node_id for node in nodes] == [result.chunk.id for result in ours]
    assert [node.score for node in nodes] == [result.score for result in ours]
    assert [node.metadata["start_line"] for node in nodes] == [result.chunk.start_line for result in ours]
