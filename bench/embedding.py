"""How fast passages become vectors: our embedder beside bare loops over the same model.

The methods take turns, a slice of the passages each, so that whatever else the machine does slows all of them alike.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from rag.embed import MAX_TOKENS, MODEL_DIRECTORY, MODEL_FILE, FloatArray, MiniLMEmbedder, load_tokenizer
from rag.embedding_cache import EmbeddingCache, embed_cached
from rag.segment_writer import SegmentWriter

SLICES = 8
BARE = "bare loop, both threads on one passage"
Method = Callable[[Sequence[str]], object]


def measure_embedding(passages: Sequence[str]) -> Table:
    """Time every method on the passages; the table gives their rates."""
    embedder = MiniLMEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        cache, segments = EmbeddingCache(Path(folder) / "embeddings.sqlite"), SegmentWriter(Path(folder) / "segments")
        methods: dict[str, Method] = {
            BARE: bare_loop(threads=2),
            "bare loop, one thread": bare_loop(threads=1),
            "embed_texts": embedder.embed_texts,
            "embed_cached, all new": lambda texts: embed_cached(embedder, cache, segments, texts),
            "embed_cached, all known": lambda texts: embed_cached(embedder, cache, segments, texts),
        }
        return as_table(len(passages), time_in_turns(methods, passages))


def bare_loop(threads: int) -> Method:
    """The least code that embeds: tokenise, run, one passage after the other."""
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    options.intra_op_num_threads = threads
    session = InferenceSession(str(MODEL_DIRECTORY / MODEL_FILE), options, providers=["CPUExecutionProvider"])
    tokenizer = load_tokenizer()
    tokenizer.enable_truncation(MAX_TOKENS)

    def embed(text: str) -> FloatArray:
        ids = np.array([tokenizer.encode(text).ids], dtype=np.int64)
        vector: FloatArray = session.run(["embedding"], {"input_ids": ids, "attention_mask": np.ones_like(ids)})[0][0]
        return vector

    return lambda texts: [embed(text) for text in texts]


def time_in_turns(methods: Mapping[str, Method], passages: Sequence[str]) -> dict[str, float]:
    """Return the seconds that each method took for all passages; loading the model is not counted."""
    for method in methods.values():
        method(["Loads what is loaded late."])
    seconds = dict.fromkeys(methods, 0.0)
    for turn in range(SLICES):
        for name, method in methods.items():
            started = time.perf_counter()
            method(passages[turn::SLICES])
            seconds[name] += time.perf_counter() - started
    return seconds


def as_table(count: int, seconds: Mapping[str, float]) -> Table:
    table = Table("method", "seconds", "passages/s", "ratio", title=f"Embedding {count:,} passages of 120 words")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, taken in seconds.items():
        table.add_row(name, f"{taken:.1f}", f"{count / taken:,.1f}", f"{seconds[BARE] / taken:.2f}")
    return table
