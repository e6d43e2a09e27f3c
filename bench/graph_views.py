"""What the map of a graph in Neo4j takes in the app: the time of each view, and the memory beside the graph's size.

The graph of `bench.graph_scale` is made up and loaded by another process, so that this one holds what a view needs and
nothing else, as the app does.

    python -m bench.graph_views --uri bolt://127.0.0.1:7687 --concepts 100000 --relations 500000
"""

from __future__ import annotations

import argparse
import random
import resource
import statistics
import time
from collections.abc import Callable
from multiprocessing import get_context
from uuid import uuid4

from rich.console import Console
from rich.table import Table

from bench.graph_scale import make_concepts, make_relations
from graph.ego import layout_ego
from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import delete_graph, publish_graph
from graph.neo4j_store import Neo4jStore
from graph.parts import Where
from graph.supernodes import MOST_MEMBERS, layout_groups, layout_open_group

GENERATION = "made-up"
_AROUND = 300


def load(config: Neo4jConfig, concepts: int, relations: int) -> None:
    """Makes a graph up and publishes it."""
    nodes = make_concepts(concepts)
    with Neo4jConnection(config) as connection:
        publish_graph(connection, GENERATION, nodes, make_relations(nodes, relations))


def measure_views(connection: Neo4jConnection, concepts: int, queries: int) -> Table:
    """Draws each view of the map, and asks what a click asks; the table gives milliseconds and megabytes."""
    store, dice = Neo4jStore(connection, GENERATION), random.Random(3)
    parts = store.parts()
    everything = parts.groups(Where())  # opens the connection, so that its memory is not counted for a view

    def some_concept() -> str:
        return f"c{dice.randrange(concepts):07}"

    def draw_week() -> int:
        group = dice.choice(everything.groups)
        portion = parts.members(group.view, Where(), MOST_MEMBERS)
        shown = tuple(concept.id for concept in portion.concepts)
        drawn = layout_open_group(everything.groups, group, shown, portion.relations, portion.outward)
        return len(drawn.nodes)

    def draw_neighbourhood() -> int:
        concept_id = some_concept()
        portion = parts.around(concept_id, Where(), _AROUND)
        drawn = layout_ego(portion.concepts, portion.relations, concept_id)
        return len(drawn.nodes) if drawn else 0

    def count_filtered() -> int:
        where = Where(weeks=(dice.randint(1, 12), dice.randint(1, 12)))
        found = parts.groups(where)
        return len(layout_groups(found.groups, found.crossings).nodes)

    asked: dict[str, Callable[[], int]] = {
        "overview": lambda: len(layout_groups(everything.groups, parts.groups(Where()).crossings).nodes),
        "overview, two weeks": count_filtered,
        "one week": draw_week,
        "one neighbourhood": draw_neighbourhood,
        "list of one week": lambda: len(parts.listed(dice.choice(everything.groups).view, Where(), 200).concepts),
        "what it needs and unlocks": lambda: len(store.reach(some_concept()).before),
        "what the filters offer": lambda: len(store.facts().weeks),
    }
    before = _peak()
    table = Table("view", "p50", "p95", "boxes or rows, median", title=f"{concepts:,} concepts")
    for name, ask in asked.items():
        times, sizes = [], []
        for _ in range(queries):
            started = time.perf_counter()
            sizes.append(ask())
            times.append(1_000 * (time.perf_counter() - started))
        p95 = statistics.quantiles(times, n=20)[-1]
        table.add_row(name, f"{statistics.median(times):,.0f}", f"{p95:,.0f}", f"{statistics.median(sizes):,.0f}")
    table.caption = f"{queries} of each, in ms; memory before {before:,.0f} MB, at most {_peak():,.0f} MB"
    return table


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.graph_views", description=__doc__)
    parser.add_argument("--uri", default="bolt://127.0.0.1:7687", help="address of Neo4j")
    parser.add_argument("--user", default="neo4j")
    parser.add_argument("--password", default="")
    parser.add_argument("--concepts", type=int, default=100_000)
    parser.add_argument("--relations", type=int, default=500_000)
    parser.add_argument("--queries", type=int, default=30)
    chosen = parser.parse_args()
    config = Neo4jConfig(chosen.uri, chosen.user, chosen.password, graph=f"bench-{uuid4().hex[:8]}", retry_seconds=30)
    loader = get_context("spawn").Process(target=load, args=(config, chosen.concepts, chosen.relations))
    with Neo4jConnection(config) as connection:
        try:
            loader.start()
            loader.join()
            Console().print(measure_views(connection, chosen.concepts, chosen.queries))
        finally:
            delete_graph(connection)


if __name__ == "__main__":
    main()
