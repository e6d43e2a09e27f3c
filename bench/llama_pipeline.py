"""The peer: LlamaIndex's `IngestionPipeline`, which cuts notes at sentences and embeds them with the same model.

It is set up as its documentation has it: `SentenceSplitter`, an embedding class of one's own, its batches of ten texts,
padded to the longest, and a session with ONNX Runtime's own choice of threads. It extracts no concepts and writes no
index; its vectors stay in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rag.embed import MAX_TOKENS, MODEL_DIRECTORY, MODEL_FILE, load_tokenizer

if TYPE_CHECKING:
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from llama_index.core.schema import BaseNode

OVERLAP = 0
_SMALLEST, _LARGEST = 40, 1_000  # tokens a chunk, between which the size is sought

Pipeline = Callable[[Sequence[Path]], "Sequence[BaseNode]"]


def make_pipeline(chunk_size: int) -> Pipeline:
    """A pipeline that cuts chunks of so many tokens (as LlamaIndex counts them); returns the nodes of some files."""
    from llama_index.core import Document
    from llama_index.core.ingestion import IngestionPipeline
    from llama_index.core.node_parser import SentenceSplitter

    embedding = make_embedding()

    def run(paths: Sequence[Path]) -> Sequence[BaseNode]:
        splitter = SentenceSplitter(chunk_size=chunk_size, chunk_overlap=OVERLAP)
        pipeline = IngestionPipeline(transformations=[splitter, embedding])
        documents = [Document(text=path.read_text(encoding="utf-8"), id_=str(path)) for path in paths]
        return pipeline.run(documents=documents)

    return run


def make_embedding() -> BaseEmbedding:
    """The model behind LlamaIndex's interface."""
    from llama_index.core.base.embeddings.base import BaseEmbedding
    from onnxruntime import InferenceSession

    session = InferenceSession(str(MODEL_DIRECTORY / MODEL_FILE), providers=["CPUExecutionProvider"])
    tokenizer = load_tokenizer()
    tokenizer.enable_truncation(MAX_TOKENS)
    tokenizer.enable_padding()

    def embed(texts: list[str]) -> list[list[float]]:
        rows = tokenizer.encode_batch(texts)
        ids = np.array([row.ids for row in rows], dtype=np.int64)
        mask = np.array([row.attention_mask for row in rows], dtype=np.int64)
        vectors = session.run(["embedding"], {"input_ids": ids, "attention_mask": mask})[0]
        return [[*map(float, vector)] for vector in vectors]

    class ModelEmbedding(BaseEmbedding):
        def _get_text_embedding(self, text: str) -> list[float]:
            return embed([text])[0]

        def _get_text_embeddings(self, texts: list[str]) -> list[list[float]]:
            return embed(texts)

        def _get_query_embedding(self, query: str) -> list[float]:
            return embed([query])[0]

        async def _aget_query_embedding(self, query: str) -> list[float]:
            return embed([query])[0]

    return ModelEmbedding(model_name="all-MiniLM-L6-v2")


def find_chunk_size(texts: Sequence[str], wanted: int) -> int:
    """The chunk size, in tokens, at which the splitter comes nearest to a number of chunks."""
    from llama_index.core.node_parser import SentenceSplitter

    def chunks(size: int) -> int:
        splitter = SentenceSplitter(chunk_size=size, chunk_overlap=OVERLAP)
        return sum(len(splitter.split_text(text)) for text in texts)

    low, high = _SMALLEST, _LARGEST
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if chunks(middle) >= wanted else (low, middle)
    return min((low, high), key=lambda size: abs(chunks(size) - wanted))
