"""How long a search takes among many chunks: ours by stage, and the same vectors in the client's local mode.

The vectors are random and the texts are shuffled sentences of the course: the time depends on how many there are, not
on what they mean. Every search embeds its question.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from bench.local_client import LocalClient
from bench.passages import SEED, make_passages
from graph.schema import Chunk, Concept, Vault
from graph.store import NetworkxStore
from ingest.vault import build_vault, read_sources
from rag.corpus import Corpus, write_corpus
from rag.embed import DIMENSION, MiniLMEmbedder
from rag.index import EdgeIndex, IndexRow, SearchFilter, build_edge_index
from rag.retrieve import CANDIDATES, Retriever

if TYPE_CHECKING:
    from rag.embed import FloatArray

CHUNKS_A_NOTE = 6
TOP_K = 8
OURS = "prepgraph search, whole"
Search = Callable[[str], object]


@dataclass(frozen=True)
class SyntheticNotes:
    """The course's concepts with as many made-up chunks as asked for, and a random unit vector for each."""

    vault: Vault
    chunks: list[Chunk]
    vectors: FloatArray


def measure_search(content: Path, chunk_count: int, query_count: int) -> Table:
    """Time each way to search on the same questions; the table gives median and 95th percentile."""
    embedder = MiniLMEmbedder()
    notes = make_notes(content, chunk_count, embedder)
    with tempfile.TemporaryDirectory() as folder:
        methods = {
            **our_searches(Path(folder) / "edge", notes, embedder),
            "embedding + dense + BM25 in QdrantClient(path=…)": local_client_search(
                Path(folder) / "client", notes, embedder
            ),
        }
        timings = time_searches(methods, make_questions(notes.vault.concepts, query_count))
    return as_table(chunk_count, timings)


def make_notes(content: Path, count: int, embedder: MiniLMEmbedder) -> SyntheticNotes:
    vault = build_vault(read_sources(content), embedder.count_tokens)
    owners = [concept.id for concept in vault.concepts for _ in range(CHUNKS_A_NOTE)]
    chunks = []
    for number, text in enumerate(make_passages(content, count)):
        owner = owners[number] if number < len(owners) else None
        path = f"{number // CHUNKS_A_NOTE}.md"
        chunks.append(Chunk(f"{path}#{number}", path, ("Topic",), text, 1, 1, (owner,) if owner else (), owner))
    vectors = np.random.default_rng(SEED).standard_normal((count, DIMENSION), dtype=np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return SyntheticNotes(vault, chunks, vectors)


def make_questions(concepts: Sequence[Concept], count: int) -> list[str]:
    """Return questions that name one concept or compare two, over and over the course."""
    titles = [concept.title for concept in concepts]
    shapes = ("What is {}?", "Where does {} break, and what does it cost?", "When would you use {} and when {}?")
    return [shapes[n % 3].format(titles[n % len(titles)], titles[(7 * n + 3) % len(titles)]) for n in range(count)]


def our_searches(folder: Path, notes: SyntheticNotes, embedder: MiniLMEmbedder) -> dict[str, Search]:
    folder.mkdir()
    build_edge_index(
        folder, [IndexRow(chunk.id, chunk.text, chunk.document_id) for chunk in notes.chunks], notes.vectors
    )
    write_corpus(folder, notes.vault.documents, notes.chunks)
    index, everywhere = EdgeIndex(folder), SearchFilter()
    graph = NetworkxStore(notes.vault.concepts, notes.vault.relations, notes.vault.resources)
    retriever = Retriever(graph, index, Corpus(folder), embedder)

    def search_index(question: str) -> None:
        index.search_dense(embedder.embed_query(question), CANDIDATES, everywhere)
        index.search_keyword(question, CANDIDATES, everywhere)

    return {
        "the question's embedding alone": embedder.embed_query,
        "embedding + dense + BM25 in Qdrant Edge": search_index,
        OURS: lambda question: retriever.retrieve(question, TOP_K),
    }


def local_client_search(folder: Path, notes: SyntheticNotes, embedder: MiniLMEmbedder) -> Search:
    client = LocalClient(folder, [chunk.text for chunk in notes.chunks], notes.vectors)
    return lambda question: client.search(embedder.embed_query(question), question, CANDIDATES)


def time_searches(methods: Mapping[str, Search], questions: Sequence[str]) -> dict[str, list[float]]:
    """Return the milliseconds of every search; the ways take turns on each question, warm."""
    timings: dict[str, list[float]] = {name: [] for name in methods}
    for method in methods.values():
        method(questions[0])
    for question in questions:
        for name, method in methods.items():
            started = time.perf_counter()
            method(question)
            timings[name].append((time.perf_counter() - started) * 1000)
    return timings


def as_table(chunk_count: int, timings: Mapping[str, list[float]]) -> Table:
    questions = len(timings[OURS])
    table = Table("search", "p50 ms", "p95 ms", "ratio", title=f"{questions} questions over {chunk_count:,} chunks")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, times in timings.items():
        p50, p95 = np.percentile(times, [50, 95])
        table.add_row(name, f"{p50:.1f}", f"{p95:.1f}", f"{p50 / np.median(timings[OURS]):.2f}")
    return table
