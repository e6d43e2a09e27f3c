"""How fast passages become vectors: our embedder beside bare loops over the same model.

The methods take turns, a slice of the passages each, so that whatever else the machine does slows all of them alike.
Worker processes take turns by whole runs, since starting them and loading the model into each is part of their cost.
"""

from __future__ import annotations

import resource
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.console import Group
from rich.table import Table

from rag.embed import MAX_TOKENS, MODEL_DIRECTORY, MODEL_FILE, FloatArray, MiniLMEmbedder, load_tokenizer
from rag.embed_cached import embed_cached
from rag.embed_crew import TEXTS_A_WORKER
from rag.embedding_cache import EmbeddingCache
from rag.segment_writer import SegmentWriter

SLICES = 8
WORKERS = (1, 2, 4)
ROUNDS = 2
BARE = "bare loop, both threads on one passage"
Method = Callable[[Sequence[str]], object]


def measure_embedding(passages: Sequence[str]) -> Group:
    """Time every method on the passages; the tables give their rates."""
    return Group(measure_methods(passages), measure_workers(passages))


def measure_methods(passages: Sequence[str]) -> Table:
    """The rates of our embedder and of bare loops."""
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


def measure_workers(passages: Sequence[str]) -> Table:
    """One process with a thread for each processor beside several processes, starting them included.

    Processor seconds are those of all processes together; unlike the rate, they hardly depend on what else runs.
    """
    time_once(passages[:1], workers=1)  # loads what is loaded late
    worth = [workers for workers in WORKERS if workers == 1 or len(passages) >= workers * TEXTS_A_WORKER]
    seconds, processor = dict.fromkeys(worth, 0.0), dict.fromkeys(worth, 0.0)
    for _ in range(ROUNDS):
        for workers in worth:
            used = processor_seconds()
            seconds[workers] += time_once(passages, workers) / ROUNDS
            processor[workers] += (processor_seconds() - used) / ROUNDS
    title = f"Embedding {len(passages):,} new passages, mean of {ROUNDS} runs"
    table = Table("processes", "seconds", "passages/s", "processor seconds", title=title)
    for column in table.columns:
        column.justify = "right"
    for workers, taken in seconds.items():
        table.add_row(f"{workers}", f"{taken:.1f}", f"{len(passages) / taken:,.1f}", f"{processor[workers]:.1f}")
    return table


def time_once(passages: Sequence[str], workers: int) -> float:
    """The seconds that embedding takes in an empty workspace, the model loaded anew."""
    with tempfile.TemporaryDirectory() as folder:
        cache, segments = EmbeddingCache(Path(folder) / "embeddings.sqlite"), SegmentWriter(Path(folder) / "segments")
        started = time.perf_counter()
        embed_cached(MiniLMEmbedder(), cache, segments, passages, workers=workers)
        return time.perf_counter() - started


def processor_seconds() -> float:
    """What this process and those of its children that have ended have used."""
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def as_table(count: int, seconds: Mapping[str, float]) -> Table:
    table = Table("method", "seconds", "passages/s", "ratio", title=f"Embedding {count:,} passages of 120 words")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, taken in seconds.items():
        table.add_row(name, f"{taken:.1f}", f"{count / taken:,.1f}", f"{seconds[BARE] / taken:.2f}")
    return table
