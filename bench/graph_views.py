"""What the map of a graph in Neo4j takes in the app: the time of each view, and the memory beside the graph's size.

The graph of `bench.graph_scale` is made up and loaded by another process, so that this one holds what a view needs and
nothing else, as the app does.

    python -m bench.graph_views --uri bolt://127.0.0.1:7687 --concepts 100000 --relations 500000
"""

from __future__ import annotations

import argparse
import random
import resource
import time
from collections.abc import Callable
from multiprocessing import get_context
from uuid import uuid4

from rich.console import Console

from bench.graph_scale import GENERATION, Timing, as_timing, load, timings_table
from graph.ego import layout_ego
from graph.neo4j_connection import Neo4jConfig, Neo4jConnection
from graph.neo4j_publish import delete_graph
from graph.neo4j_store import Neo4jStore
from graph.parts import Where
from graph.supernodes import MOST_MEMBERS, layout_groups, layout_open_group

_AROUND = 300


def time_views(connection: Neo4jConnection, concepts: int, queries: int) -> list[Timing]:
    """Draws each view of the map, and asks what a click asks; sizes are boxes or rows."""
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
    return [_time(name, ask, queries) for name, ask in asked.items()]


def _time(name: str, ask: Callable[[], int], queries: int) -> Timing:
    times, sizes = [], []
    for _ in range(queries):
        started = time.perf_counter()
        sizes.append(ask())
        times.append(1_000 * (time.perf_counter() - started))
    return as_timing(name, times, sizes)


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
            before, timings = _peak(), time_views(connection, chosen.concepts, chosen.queries)
            memory = f"memory before {before:,.0f} MB, at most {_peak():,.0f} MB"
            Console().print(timings_table(f"{chosen.concepts:,} concepts", timings, memory))
        finally:
            delete_graph(connection)


if __name__ == "__main__":
    main()
