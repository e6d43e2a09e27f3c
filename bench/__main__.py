"""Runs every benchmark and prints a table for each: `make bench`, or `python -m bench --passages 500` for a look."""

import argparse
import os
import platform
from pathlib import Path

from rich.console import Console

from bench.embedding import measure_embedding
from bench.ingestion import measure_ingestion
from bench.passages import make_passages
from bench.search import measure_search

CONTENT = Path(__file__).resolve().parent.parent / "content"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--passages", type=int, default=2_000, help="passages to embed and to ingest (2000)")
    parser.add_argument("--chunks", type=int, default=10_000, help="chunks in the index that is searched (10000)")
    parser.add_argument("--queries", type=int, default=100, help="questions searched for (100)")
    arguments = parser.parse_args()
    console = Console()
    console.print(f"{platform.machine()}, {os.cpu_count()} processors, Python {platform.python_version()}")
    passages = make_passages(CONTENT, arguments.passages)
    console.print(measure_embedding(passages))
    console.print(measure_ingestion(passages))
    console.print(measure_search(CONTENT, arguments.chunks, arguments.queries))


if __name__ == "__main__":
    main()
