"""What the graph in Neo4j takes with many concepts: the rate of loading, and the times of what a page asks for.

The graph is made up from a seed: areas of fifty concepts, in each of which a concept requires one to three of those
before it, and now and then the basics of another area; the rest links within an area and to its neighbours, and a few
basics are linked from everywhere. Names are made of four words.

    python -m bench.graph_scale --uri bolt://127.0.0.1:7687 --concepts 100000 --relations 500000
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import delete_graph, publish_graph
from graph.neo4j_store import Neo4jStore
from graph.schema import Concept, Relation, RelationKind, Span

AREA = 50
_BASICS = 5  # the first concepts of an area, which others require
_SYLLABLES = ("ka", "lo", "mi", "ren", "tus", "vel", "dor", "pin", "sha", "gor", "bex", "uma")
_OTHER_KINDS: tuple[RelationKind, ...] = ("related_to", "applies_to", "part_of", "contrasts_with")


def make_concepts(count: int, seed: int = 1) -> list[Concept]:
    """So many concepts, with names of four words of which some differ by a letter or two only."""
    dice = random.Random(seed)
    words = ["".join(dice.choices(_SYLLABLES, k=3)) for _ in range(2_000)]
    return [
        Concept(
            f"c{number:07}",
            " ".join(dice.choices(words, k=3)) + f" {number:x}",
            (f"{dice.choice(words)} {number:x}",),
            "A concept that was made up.",
            1 + number * 12 // count,
            None,
            "concept",
            (Span(f"{number}.md", 1, 1, "A concept that was made up."),),
        )
        for number in range(count)
    ]


def make_relations(concepts: Sequence[Concept], count: int, seed: int = 1) -> list[Relation]:
    """About so many relations, no two of a kind between the same two; prerequisites never go in a circle."""
    dice, found = random.Random(seed), dict[tuple[int, int, RelationKind], None]()
    for target in range(len(concepts)):
        found.update(dict.fromkeys((source, target, "prerequisite_of") for source in _required(target, dice)))
    while len(found) < count:
        source = dice.randrange(len(concepts))
        spread = AREA if dice.random() < 0.9 else 20 * AREA
        target = min(max(source + dice.randint(-spread, spread), 0), len(concepts) - 1)
        if dice.random() < 0.02:
            target = dice.randrange(_BASICS)
        if source != target:
            found[source, target, dice.choice(_OTHER_KINDS)] = None
    return [
        Relation(
            concepts[source].id,
            concepts[target].id,
            kind,
            "authored",
            1.0,
            (Span(f"{source}.md", 9, 9, f"{kind} {target}: for a reason"),),
        )
        for source, target, kind in found
    ]


def _required(target: int, dice: random.Random) -> Iterator[int]:
    first = target - target % AREA
    if target > first:
        yield from {dice.randrange(first, target) for _ in range(dice.randint(1, 3))}
    if first and dice.random() < 0.05:
        yield dice.randrange(first // AREA) * AREA + dice.randrange(_BASICS)


def measure_graph(connection: Neo4jConnection, concepts: int, relations: int, queries: int) -> Table:
    """Load a made-up graph and ask it; the table gives milliseconds."""
    nodes = make_concepts(concepts)
    edges = make_relations(nodes, relations)
    started = time.perf_counter()
    publish_graph(connection, uuid4().hex[:12], nodes, edges)
    seconds = time.perf_counter() - started
    return _table(connection, nodes, f"{len(nodes):,} concepts, {len(edges):,} relations", seconds, len(edges), queries)


def _table(
    connection: Neo4jConnection, nodes: Sequence[Concept], size: str, seconds: float, edges: int, queries: int
) -> Table:
    from graph.neo4j_store import current_generation_id

    store, dice = Neo4jStore(connection, current_generation_id(connection) or ""), random.Random(2)
    rate = (len(nodes) + edges) / seconds
    table = Table("query", "p50", "p95", "answer, median", title=f"{size}, loaded in {seconds:,.0f} s ({rate:,.0f}/s)")
    ids = [concept.id for concept in nodes]

    def some_text() -> str:
        one, two = dice.sample(nodes, 2)
        return f"What does {one.title} have to do with {two.aliases[0]}, and which of them is learnt first?"

    asked: dict[str, Callable[[], Callable[[], int]]] = {
        "concept": lambda: _bind(lambda concept: int(store.concept(concept) is not None), dice.choice(ids)),
        "neighbours": lambda: _bind(lambda concept: len(store.neighbours(concept)), dice.choice(ids)),
        "prerequisites": lambda: _bind(lambda concept: len(store.prerequisites(concept)), dice.choice(ids)),
        "unlocked by": lambda: _bind(lambda concept: len(store.unlocked_by(concept)), dice.choice(ids)),
        "path within 1,000 concepts": lambda: _path(store, ids, dice, 1_000),
        "path, any two": lambda: _path(store, ids, dice, len(ids)),
        "resolve": lambda: _bind(lambda name: int(store.resolve(name) is not None), dice.choice(nodes).title),
        "mentions in a question": lambda: _bind(lambda text: len(store.find_mentions(text)), some_text()),
        "suggest": lambda: _bind(lambda name: len(store.suggest(name)), dice.choice(nodes).title[1:]),
    }
    for name, prepare in asked.items():
        times, sizes = _time(prepare, queries)
        table.add_row(name, *(f"{1000 * t:,.1f}" for t in times), f"{sizes:,.0f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    table.caption = f"{queries} of each, in ms; peak of this process, which made the graph up: {peak:,.0f} MB"
    return table


def _bind(ask: Callable[[str], int], name: str) -> Callable[[], int]:
    return lambda: ask(name)


def _path(store: Neo4jStore, ids: Sequence[str], dice: random.Random, spread: int) -> Callable[[], int]:
    source = dice.randrange(len(ids))
    target = (source + dice.randrange(1, spread)) % len(ids)
    return lambda: len(store.explain_path(ids[source], ids[target]) or ())


def _time(prepare: Callable[[], Callable[[], int]], queries: int) -> tuple[tuple[float, float], float]:
    """The median and the 95th percentile in seconds, and the median size of an answer, after a few to warm up."""
    times, sizes = [], []
    for number in range(queries + 10):
        ask = prepare()
        started = time.perf_counter()
        size = ask()
        if number >= 10:
            times.append(time.perf_counter() - started)
            sizes.append(size)
    return (statistics.median(times), statistics.quantiles(times, n=20)[-1]), statistics.median(sizes)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.graph_scale", description=__doc__)
    parser.add_argument("--uri", default="bolt://127.0.0.1:7687", help="address of Neo4j")
    parser.add_argument("--user", default="neo4j")
    parser.add_argument("--password", default="")
    parser.add_argument("--concepts", type=int, default=100_000)
    parser.add_argument("--relations", type=int, default=500_000)
    parser.add_argument("--queries", type=int, default=200)
    chosen = parser.parse_args()
    config = Neo4jConfig(chosen.uri, chosen.user, chosen.password, graph=f"bench-{uuid4().hex[:8]}", retry_seconds=30)
    with Neo4jConnection(config) as connection:
        try:
            Console().print(measure_graph(connection, chosen.concepts, chosen.relations, chosen.queries))
        finally:
            delete_graph(connection)


if __name__ == "__main__":
    main()
