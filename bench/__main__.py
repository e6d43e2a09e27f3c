"""Runs the benchmarks and prints a table for each: `make bench`, or `python -m bench --passages 500` for a look.

`python -m bench scale` and `python -m bench memory` ingest thousands of notes and run only when they are named.
"""

import argparse
import os
import platform
from collections.abc import Callable
from pathlib import Path

from rich.console import Console, Group
from rich.table import Table

from bench.concept_map import measure_concept_map
from bench.embedding import measure_embedding
from bench.ingestion import measure_ingestion
from bench.passages import make_passages
from bench.peer import measure_peer
from bench.scale import measure_scale
from bench.search import measure_search

CONTENT = Path(__file__).resolve().parent.parent / "content"


PARTS = ("embedding", "ingestion", "peer", "search", "map")
ASKED_FOR = ("scale", "memory")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, *ASKED_FOR, []], help=f"{', '.join(PARTS)} unless named")
    parser.add_argument("--passages", type=int, default=2_000, help="passages to embed and to ingest (2000)")
    parser.add_argument("--notes", type=int, default=400, help="notes to ingest beside LlamaIndex (400)")
    parser.add_argument(
        "--chunks", type=int, nargs="+", default=[10_000], help="chunks in the indexes searched (10000)"
    )
    parser.add_argument("--queries", type=int, default=100, help="questions searched for (100)")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 3_000, 10_000], help="notes, for `memory`")
    parser.add_argument("--clicks", type=int, default=15, help="clicks on each concept map (15)")
    arguments = parser.parse_args()
    console = Console()
    console.print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    measures: dict[str, Callable[[], Table | Group]] = {
        "embedding": lambda: measure_embedding(make_passages(CONTENT, arguments.passages)),
        "ingestion": lambda: measure_ingestion(make_passages(CONTENT, arguments.passages)),
        "peer": lambda: measure_peer(CONTENT, arguments.notes),
        "search": lambda: Group(*(measure_search(CONTENT, count, arguments.queries) for count in arguments.chunks)),
        "map": lambda: measure_concept_map(clicks=arguments.clicks),
        "scale": lambda: measure_scale(CONTENT, [2_000], words=300),
        "memory": lambda: measure_scale(CONTENT, arguments.sizes, words=1_000),
    }
    for part in arguments.parts or PARTS:
        console.print(measures[part]())


if __name__ == "__main__":
    main()
