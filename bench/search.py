"""How long a search takes among many chunks: ours by stage, and beside it what one would use instead.

The texts are shuffled sentences of the course. Up to 10,000 chunks the model embeds them; beyond, their vectors and
those of their tokens are random, from a fixed seed: the time depends on how many there are, not on what they mean.
Every search embeds its question, unless it is by words alone. LlamaIndex over Qdrant's local mode, whose searches take
seconds beyond 10,000 chunks, is left out there, and is asked only one question in five.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from rich.table import Table

from bench.passages import SEED, make_passages
from bench.search_peers import Search, keyword_search, llama_index_searches
from graph.schema import Chunk, Concept, Vault
from graph.store import NetworkxStore
from ingest.vault import build_vault, read_sources
from rag.corpus import Corpus, write_corpus
from rag.embed import DIMENSION, TOKEN_DIMENSION, Encoding, MiniLMEmbedder
from rag.index import EdgeIndex, IndexRow, SearchFilter, build_edge_index
from rag.rerank import LateInteraction
from rag.retrieve import CANDIDATES, Retriever
from rag.segment_writer import SegmentWriter
from rag.segments import text_key, to_rows
from rag.spelling import Speller, Vocabulary, write_vocabulary
from rag.token_vectors import TokenVectors, write_token_vectors

if TYPE_CHECKING:
    from rag.embed import FloatArray

CHUNKS_A_NOTE = 6
TOP_K = 8
REAL_UP_TO = 10_000
TEXTS_A_WRITE = 500
TOKENS = 160  # of a passage of 120 words
VOCABULARY = 30_522
OURS = "prepgraph search, whole"
SLOW = "LlamaIndex"
SLOW_TURNS = 5


@dataclass(frozen=True)
class SyntheticNotes:
    """The course's concepts with as many made-up chunks as asked for."""

    vault: Vault
    chunks: list[Chunk]


def measure_search(content: Path, chunk_count: int, query_count: int) -> Table:
    """Time each way to search on the same questions; the table gives median and 95th percentile."""
    embedder = MiniLMEmbedder()
    notes = make_notes(content, chunk_count, embedder)
    with tempfile.TemporaryDirectory() as folder:
        methods, vectors = our_searches(Path(folder) / "edge", notes, embedder)
        texts = [chunk.text for chunk in notes.chunks]
        methods["bm25s, words alone"] = keyword_search(texts, CANDIDATES)
        if chunk_count <= REAL_UP_TO:
            methods |= llama_index_searches(Path(folder) / "peer", texts, vectors, embedder, CANDIDATES)
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
    return SyntheticNotes(vault, chunks)


def encode_chunks(chunks: Sequence[Chunk], embedder: MiniLMEmbedder) -> Iterator[Encoding]:
    """The model's vectors of a few chunks, or seeded random ones of many."""
    if len(chunks) <= REAL_UP_TO:
        for start in range(0, len(chunks), TEXTS_A_WRITE):
            yield from embedder.encode_texts([chunk.text for chunk in chunks[start : start + TEXTS_A_WRITE]])
        return
    dice = np.random.default_rng(SEED)
    for _ in chunks:
        ids = dice.integers(0, VOCABULARY, TOKENS, dtype=np.uint16)
        tokens = dice.standard_normal((TOKENS, TOKEN_DIMENSION), dtype=np.float32)
        yield Encoding(unit_rows(dice.standard_normal((1, DIMENSION), dtype=np.float32))[0], ids, unit_rows(tokens))


def unit_rows(vectors: FloatArray) -> FloatArray:
    rows: FloatArray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return rows


def write_index(folder: Path, notes: SyntheticNotes, embedder: MiniLMEmbedder) -> FloatArray:
    """Write all that a search opens, as an ingest does; return the chunks' vectors."""
    (folder / "tokens").mkdir(parents=True)
    segments = SegmentWriter(folder / "segments")
    keys = [text_key("bench", chunk.id) for chunk in notes.chunks]
    vectors = np.empty((len(keys), DIMENSION), dtype=np.float32)
    encodings = iter(enumerate(encode_chunks(notes.chunks, embedder)))
    while batch := list(islice(encodings, TEXTS_A_WRITE)):
        segments.add(to_rows(keys[number], encoding) for number, encoding in batch)
        for number, encoding in batch:
            vectors[number] = encoding.vector
    segments.compact(keys)
    write_token_vectors(folder / "tokens", keys, segments)
    build_edge_index(folder, [IndexRow(chunk.id, chunk.text, chunk.document_id) for chunk in notes.chunks], vectors)
    write_corpus(folder, notes.vault.documents, notes.chunks)
    write_vocabulary(folder, (chunk.text for chunk in notes.chunks))
    return vectors


def make_questions(concepts: Sequence[Concept], count: int) -> list[str]:
    """Return questions that name one concept or compare two, over and over the course."""
    titles = [concept.title for concept in concepts]
    shapes = ("What is {}?", "Where does {} break, and what does it cost?", "When would you use {} and when {}?")
    return [shapes[n % 3].format(titles[n % len(titles)], titles[(7 * n + 3) % len(titles)]) for n in range(count)]


def our_searches(folder: Path, notes: SyntheticNotes, embedder: MiniLMEmbedder) -> tuple[dict[str, Search], FloatArray]:
    """Our searches by name, and the chunks' vectors."""
    vectors = write_index(folder, notes, embedder)
    index, corpus, everywhere = EdgeIndex(folder), Corpus(folder), SearchFilter()
    graph = NetworkxStore(notes.vault.concepts, notes.vault.relations, notes.vault.resources)
    names = (name for concept in graph.concepts() for name in (concept.title, *concept.aliases))
    speller = Speller(
        Vocabulary(folder), names, lambda w: index.known_words(w) == 1.0, lambda w: embedder.count_tokens(w) <= 3
    )
    reranker = LateInteraction(TokenVectors(folder / "tokens", folder / "segments"), corpus)
    retriever = Retriever(graph, index, corpus, embedder, reranker, speller)
    fused = Retriever(graph, index, corpus, embedder)

    def search_index(question: str) -> None:
        index.search_dense(embedder.embed_query(question), CANDIDATES, everywhere)
        index.search_keyword(question, CANDIDATES, everywhere)

    methods: dict[str, Search] = {
        "the question's embedding alone": embedder.embed_query,
        "BM25 in Qdrant Edge, words alone": lambda question: index.search_keyword(question, CANDIDATES, everywhere),
        "embedding + dense + BM25 in Qdrant Edge": search_index,
        "prepgraph search, not reranked": lambda question: fused.retrieve(question, TOP_K),
        OURS: lambda question: retriever.retrieve(question, TOP_K),
    }
    return methods, vectors


def time_searches(methods: Mapping[str, Search], questions: Sequence[str]) -> dict[str, list[float]]:
    """Return the milliseconds of every search; the ways take turns on each question, warm."""
    timings: dict[str, list[float]] = {name: [] for name in methods}
    for method in methods.values():
        method(questions[0])
    for turn, question in enumerate(questions):
        for name, method in methods.items():
            if name.startswith(SLOW) and turn % SLOW_TURNS:
                continue
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
