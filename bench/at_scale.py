"""What a large graph in a real Neo4j and an index of many passages take: `make bench-scale`.

All is made up from a seed: the graph by bench/graph_scale.py, passages and their vectors by bench/search.py, an equal
share of them for each concept. The graph goes to the Neo4j that NEO4J_URI names, else to one that is started here and
ended again. The index stays in Qdrant Edge, unless QDRANT_URL names a server. Writing, reading and searching are
processes of their own, so that the memory of each is its own; the same reads run over a small graph and the large one.

    python -m bench.at_scale --concepts 100000 --relations 500000 --chunks 200000
"""

from __future__ import annotations

import argparse
import os
import platform
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from importlib import import_module
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar
from uuid import uuid4

from rich.console import Console
from rich.table import Table
from rich.text import Text

from bench.graph_scale import GENERATION, Timing, describe_load, load, make_concepts, time_reads, timings_table
from bench.graph_views import time_views
from bench.scale import held_memory
from bench.search import OURS, TOP_K, as_table, make_notes, make_questions, time_searches, write_index
from engines import neo4j_connection, open_reranker, qdrant_connection
from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import delete_graph
from graph.neo4j_store import Neo4jStore
from graph.schema import Chunk
from rag.corpus import Corpus
from rag.embed import MiniLMEmbedder
from rag.index import EdgeIndex, SearchFilter, SearchIndex
from rag.qdrant_connection import QdrantConfig, QdrantConnection
from rag.qdrant_publish import delete_index, publish_index
from rag.qdrant_server import QdrantIndex
from rag.retrieve import CANDIDATES, Retriever
from rag.spelling import Speller, Vocabulary, read_names, write_names
from rag.token_vectors import TokenVectors
from settings import SHIPPED_CONTENT, Settings, load_settings

T = TypeVar("T")
_FEWER_VIEWS = 10  # times fewer than other reads, since some read a thousand rows
_FLAT = 1.1  # times the memory with the small graph


@dataclass(frozen=True)
class Size:
    """What is made up, and how often each thing is asked; memory is compared with a graph of `small` concepts."""

    concepts: int = 2_000
    relations: int = 10_000
    chunks: int = 2_000
    small: int = 1_000
    queries: int = 40

    @property
    def views(self) -> int:
        return max(10, self.queries // _FEWER_VIEWS)

    @property
    def small_relations(self) -> int:
        return self.small * self.relations // self.concepts


@dataclass(frozen=True)
class Reading:
    """What reading one graph took, and what the process held in MB when it was connected and in the end."""

    reads: list[Timing]
    views: list[Timing]
    before: float
    after: float


@dataclass(frozen=True)
class Searching:
    """The milliseconds of each search by its kind; what the process held in MB in the end, and what of it was its own.

    The rest is mapped from files, which the system takes back whenever it needs room.
    """

    timings: dict[str, list[float]]
    after: float
    own: float


def measure_graphs(config: Neo4jConfig, size: Size) -> Iterator[Table | Text]:
    """Loads the small graph and the large one, and reads both in the same way."""
    small_config = replace(config, graph=f"{config.graph}-small")
    loaded = apart(load, small_config, size.small, size.small_relations)
    yield Text(f"Neo4j at {config.address}\n{describe_load(loaded)}")
    small = apart(read_as_the_app, small_config, size.small, size)
    yield Text(describe_load(apart(load, config, size.concepts, size.relations)))
    large = apart(read_as_the_app, config, size.concepts, size)
    title = f"{size.concepts:,} concepts, {size.relations:,} relations"
    yield timings_table(f"Reads, {title}", large.reads, f"{size.queries} of each")
    yield timings_table(f"Views of the map, {title}", large.views, f"{size.views} of each; sizes are boxes or rows")
    yield memory_table(size, small, large)


def memory_table(size: Size, small: Reading, large: Reading) -> Table:
    """What the reading process holds of both graphs, and whether the large one made it more than a tenth larger."""
    grown = large.after / small.after
    verdict = "flat within 10 %" if grown <= _FLAT else "not flat"
    table = Table("concepts", "connected", "after the reads", title="Memory of the reading process (RSS), MB")
    table.caption = f"{grown - 1:+.1%}: {verdict}"
    for concepts, reading in ((size.small, small), (size.concepts, large)):
        table.add_row(f"{concepts:,}", f"{reading.before:,.0f}", f"{reading.after:,.0f}")
    return table


def read_as_the_app(config: Neo4jConfig, concepts: int, size: Size) -> Reading:
    """Asks what pages ask and draws what the map shows, as a process that did not make the graph up."""
    with Neo4jConnection(config) as connection:
        store = Neo4jStore(connection, GENERATION)
        store.check()
        before = resident_memory()
        reads = time_reads(store, concepts, size.queries)
        views = time_views(connection, concepts, size.views)
    return Reading(reads, views, before, resident_memory())


def measure_searches(
    folder: Path, graph: Neo4jConfig, qdrant: QdrantConfig | None, size: Size
) -> Iterator[Table | Text]:
    """Writes the index, hands it to the server if there is one, and searches it with the graph in Neo4j."""
    seconds = apart(write_passages, folder, size)
    yield Text(f"{size.chunks:,} passages written and indexed in {seconds:,.0f} s ({size.chunks / seconds:,.0f}/s)")
    engine = "Qdrant Edge in this process (QDRANT_URL is not set)"
    if qdrant:
        engine, seconds = f"Qdrant at {qdrant.address}", apart(publish_passages, folder, qdrant)
        yield Text(f"sent to {engine} and indexed there in {seconds:,.0f} s ({size.chunks / seconds:,.0f} passages/s)")
    found = apart(search_as_the_app, folder, graph, qdrant, size)
    table = as_table(size.chunks, found.timings)
    memory = f"the process held {found.after:,.0f} MB (RSS), {found.own:,.0f} of them its own, the rest mapped files"
    table.caption = f"{engine}, the graph in Neo4j; {memory}"
    yield table


def write_passages(folder: Path, size: Size) -> float:
    """Writes all that a search opens; the seconds leave out making the texts up, but not their vectors."""
    concepts, embedder = make_concepts(size.concepts), MiniLMEmbedder()
    notes = make_notes(SHIPPED_CONTENT, size.chunks, embedder)

    def about_a_concept(number: int, chunk: Chunk) -> Chunk:
        concept = concepts[number * size.concepts // size.chunks]
        text = f"{concept.title}: {chunk.text}"
        return replace(chunk, text=text, owner=concept.id, concept_ids=(concept.id,))

    chunks = [about_a_concept(number, chunk) for number, chunk in enumerate(notes.chunks)]
    started = time.perf_counter()
    write_index(folder, replace(notes, chunks=chunks), embedder)
    write_names(folder, (name for concept in concepts for name in (concept.title, *concept.aliases)))
    return time.perf_counter() - started


def publish_passages(folder: Path, config: QdrantConfig) -> float:
    """Hands the index to the server; the seconds until the server has indexed it."""
    with closing(QdrantConnection(config)) as connection, closing(EdgeIndex(folder)) as index:
        started = time.perf_counter()
        publish_index(connection, GENERATION, index, open_tokens(folder), lambda done, total: None)
        return time.perf_counter() - started


def search_as_the_app(folder: Path, graph: Neo4jConfig, qdrant: QdrantConfig | None, size: Size) -> Searching:
    """Asks questions that name made-up concepts, as a process that did not write the index."""
    embedder, corpus, everywhere = MiniLMEmbedder(), Corpus(folder), SearchFilter()
    server = QdrantConnection(qdrant) if qdrant else None
    index: SearchIndex = QdrantIndex(server, GENERATION) if server else EdgeIndex(folder)
    reranker = open_reranker("late-interaction", open_tokens(folder), corpus, server)
    with Neo4jConnection(graph) as connection:
        store = Neo4jStore(connection, GENERATION)
        speller = Speller(
            Vocabulary(folder),
            read_names(folder) or (),
            lambda word: index.known_words(word) == 1.0,
            lambda word: embedder.count_tokens(word) <= 3,
        )
        retriever = Retriever(store, index, corpus, embedder, reranker, speller)
        step = max(1, size.concepts // size.queries)
        named = [store.concept(f"c{number:07}") for number in range(0, size.concepts, step)]
        questions = make_questions([concept for concept in named if concept], size.queries)
        vectors = {question: embedder.embed_query(question) for question in questions}
        timings = time_searches(
            {
                "the question's embedding alone": embedder.embed_query,
                "dense alone": lambda question: index.search_dense(vectors[question], CANDIDATES, everywhere),
                "BM25 alone": lambda question: index.search_keyword(question, CANDIDATES, everywhere),
                OURS: lambda question: retriever.retrieve(question, TOP_K),
            },
            questions,
        )
    if server:
        server.close()
    return Searching(timings, resident_memory(), held_memory())


def open_tokens(folder: Path) -> TokenVectors:
    return TokenVectors(folder / "tokens", folder / "segments")


def apart(work: Callable[..., T], *arguments: Any) -> T:
    """Runs a function of a module in a process of its own, which is gone afterwards."""
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(work, *arguments).result()


def resident_memory() -> float:
    """MB of this process in memory, mapped files included; on other systems than Linux the most there ever was."""
    status = Path("/proc/self/status")
    if status.is_file():
        row = next(line for line in status.read_text().splitlines() if line.startswith("VmRSS:"))
        return int(row.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@contextmanager
def open_neo4j(settings: Settings) -> Iterator[Neo4jConfig]:
    """The server that NEO4J_URI names, whose made-up graphs are deleted in the end, else one of our own."""
    name = f"bench-{uuid4().hex[:8]}"
    if set_one := neo4j_connection(settings):
        config = replace(set_one.config, graph=name, retry_seconds=30.0)
        try:
            yield config
        finally:
            for graph in (name, f"{name}-small"):
                with Neo4jConnection(replace(config, graph=graph)) as connection:
                    delete_graph(connection)
        return
    starter: Any = import_module("tests.graph.neo4j_server")  # that of the tests, which come without types
    if lacking := starter.what_is_missing():
        raise SystemExit(f"There is no Neo4j to measure ({lacking}): {starter.HOW_TO_RUN}.")
    with tempfile.TemporaryDirectory() as folder:
        server = starter.Neo4jServer(Path(folder) / "data").start()
        try:
            yield Neo4jConfig(server.uri, graph=name, retry_seconds=30.0)
        finally:
            server.kill()


@contextmanager
def open_qdrant(settings: Settings) -> Iterator[QdrantConfig | None]:
    """Collections of our own on the server that QDRANT_URL names, deleted in the end; None without one."""
    connection = qdrant_connection(settings)
    if connection is None:
        yield None
        return
    config = replace(connection.config, name=f"bench-{uuid4().hex[:8]}")
    try:
        yield config
    finally:
        with closing(QdrantConnection(config)) as own:
            delete_index(own)


def measure(settings: Settings, size: Size) -> Iterator[Table | Text]:
    """Everything, a part at a time as it is known."""
    with (
        open_neo4j(settings) as graph,
        open_qdrant(settings) as qdrant,
        tempfile.TemporaryDirectory() as folder,
    ):
        yield from measure_graphs(graph, size)
        yield from measure_searches(Path(folder) / "index", graph, qdrant, size)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.at_scale", description=__doc__.partition("\n")[0])
    default = Size()
    parser.add_argument("--concepts", type=int, default=default.concepts, help=f"in the graph ({default.concepts})")
    parser.add_argument("--relations", type=int, default=default.relations, help=f"in the graph ({default.relations})")
    parser.add_argument("--chunks", type=int, default=default.chunks, help=f"passages in the index ({default.chunks})")
    parser.add_argument("--small", type=int, default=default.small, help=f"concepts to compare with ({default.small})")
    parser.add_argument("--queries", type=int, default=default.queries, help=f"of each kind ({default.queries})")
    size = Size(**vars(parser.parse_args()))
    console = Console()
    console.print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    console.print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}")
    for part in measure(load_settings(), size):
        console.print(part)
    console.print(f"load of the machine over the last minute: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
