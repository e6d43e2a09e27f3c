"""Our retriever as LlamaIndex knows one, so that its query engines can stand on this graph and index."""

from __future__ import annotations

from typing import TYPE_CHECKING

from graph.schema import SearchResult
from rag.retrieve import Retriever

if TYPE_CHECKING:
    from llama_index.core.base.base_retriever import BaseRetriever
    from llama_index.core.schema import NodeWithScore, QueryBundle


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
