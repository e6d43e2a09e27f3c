"""What the graph in Neo4j takes with many concepts: the rate of loading, and the times of what a page asks for.

The graph is made up from a seed: areas of fifty concepts, in each of which a concept requires one to three of those
before it, and now and then the basics of another area; the rest links within an area and to its neighbours, and a few
basics are linked from everywhere. Names are made of four words.

    python -m bench.graph_scale --uri bolt://127.0.0.1:7687 --concepts 100000 --relations 500000
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import delete_graph, publish_graph
from graph.neo4j_store import Neo4jStore
from graph.schema import Concept, Relation, RelationKind, Span

GENERATION = "made-up"
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


@dataclass(frozen=True)
class Timing:
    """What asking for one thing took: the median and the 95th percentile in ms, and the median size of an answer."""

    name: str
    p50: float
    p95: float
    size: float


@dataclass(frozen=True)
class Loaded:
    """How many rows were written (concepts, their names, relations) and in how many seconds."""

    concepts: int
    relations: int
    rows: int
    seconds: float


def load(config: Neo4jConfig, concepts: int, relations: int) -> Loaded:
    """Makes a graph up and publishes it as `GENERATION`; making it up is not timed."""
    nodes = make_concepts(concepts)
    edges = make_relations(nodes, relations)
    totals = [0]
    with Neo4jConnection(config) as connection:
        started = time.perf_counter()
        publish_graph(connection, GENERATION, nodes, edges, on_progress=lambda done, total: totals.append(total))
        return Loaded(len(nodes), len(edges), totals[-1], time.perf_counter() - started)


def time_reads(store: Neo4jStore, concepts: int, queries: int) -> list[Timing]:
    """Asks a store of so many made-up concepts what pages ask, `queries` times each, after ten to warm up."""
    dice = random.Random(2)

    def some_id() -> str:
        return f"c{dice.randrange(concepts):07}"

    def some_concept() -> Concept:
        found = store.concept(some_id())
        assert found, "the graph was not made up by `load`"
        return found

    def some_text() -> str:
        one, two = some_concept(), some_concept()
        return f"What does {one.title} have to do with {two.aliases[0]}, and which of them is learnt first?"

    def path(spread: int) -> Callable[[], int]:
        source = dice.randrange(concepts)
        target = (source + dice.randrange(1, spread)) % concepts
        return lambda: len(store.explain_path(f"c{source:07}", f"c{target:07}") or ())

    asked: dict[str, Callable[[], Callable[[], int]]] = {
        "concept": lambda: _bind(lambda concept: int(store.concept(concept) is not None), some_id()),
        "neighbours": lambda: _bind(lambda concept: len(store.neighbours(concept)), some_id()),
        "prerequisites": lambda: _bind(lambda concept: len(store.prerequisites(concept)), some_id()),
        "unlocked by": lambda: _bind(lambda concept: len(store.unlocked_by(concept)), some_id()),
        "path within 1,000 concepts": lambda: path(min(1_000, concepts)),
        "path, any two": lambda: path(concepts),
        "resolve": lambda: _bind(lambda name: int(store.resolve(name) is not None), some_concept().title),
        "mentions in a question": lambda: _bind(lambda text: len(store.find_mentions(text)), some_text()),
        "suggest": lambda: _bind(lambda name: len(store.suggest(name)), some_concept().title[1:]),
    }
    return [_time(name, prepare, queries) for name, prepare in asked.items()]


def _bind(ask: Callable[[str], int], name: str) -> Callable[[], int]:
    return lambda: ask(name)


def _time(name: str, prepare: Callable[[], Callable[[], int]], queries: int) -> Timing:
    times, sizes = [], []
    for number in range(queries + 10):
        ask = prepare()
        started = time.perf_counter()
        size = ask()
        if number >= 10:
            times.append(1_000 * (time.perf_counter() - started))
            sizes.append(size)
    return as_timing(name, times, sizes)


def as_timing(name: str, times: Sequence[float], sizes: Sequence[int]) -> Timing:
    """What two or more times in ms, and the sizes of their answers, come to."""
    return Timing(name, statistics.median(times), statistics.quantiles(times, n=20)[-1], statistics.median(sizes))


def timings_table(title: str, timings: Sequence[Timing], caption: str = "") -> Table:
    """Milliseconds, one thing that was asked a row."""
    table = Table("asked for", "p50 ms", "p95 ms", "answer, median", title=title, caption=caption or None)
    for column in table.columns[1:]:
        column.justify = "right"
    for timing in timings:
        table.add_row(timing.name, f"{timing.p50:,.1f}", f"{timing.p95:,.1f}", f"{timing.size:,.0f}")
    return table


def describe_load(loaded: Loaded) -> str:
    """A line on a load: how much, how long and how fast."""
    return (
        f"{loaded.concepts:,} concepts, {loaded.relations:,} relations: {loaded.rows:,} rows with the names, "
        f"in {loaded.seconds:,.0f} s ({loaded.rows / loaded.seconds:,.0f} rows/s)"
    )


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
            title = describe_load(load(config, chosen.concepts, chosen.relations))
            timings = time_reads(Neo4jStore(connection, GENERATION), chosen.concepts, chosen.queries)
            Console().print(timings_table(title, timings, f"{chosen.queries} of each"))
        finally:
            delete_graph(connection)


if __name__ == "__main__":
    main()
