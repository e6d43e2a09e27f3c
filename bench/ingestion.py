"""What an ingest costs beyond its embedding: the command on a vault of notes, beside the model alone on its texts."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from rich.table import Table

from ingest.plain_text import passage_text
from ingest.vault import build_vault, read_sources
from rag.embed import MiniLMEmbedder

PASSAGES_A_NOTE = 8


def measure_ingestion(passages: Sequence[str]) -> Table:
    """Time the command on an empty, an unchanged and a slightly changed workspace; the table gives the rates."""
    embedder = MiniLMEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        notes, workspace = Path(folder) / "notes", Path(folder) / "workspace"
        write_notes(notes, passages)
        texts = chunk_texts(notes, embedder)
        half = len(texts) // 2
        # The model goes before and after the command, so that a machine growing busier slows both.
        before = time_embedding(embedder, texts[:half])
        cold = time_command(notes, workspace)
        alone = before + time_embedding(embedder, texts[half:])
        unchanged = time_command(notes, workspace)
        (notes / "0.md").write_text("# Changed\n\nOne note is new, all others are known.\n", encoding="utf-8")
        changed = time_command(notes, workspace)
        small = time_small_vault(Path(folder) / "small")
    rows = {
        "the model alone (embed_texts)": alone,
        "prepgraph ingest, empty workspace": cold,
        "prepgraph ingest, nothing changed": unchanged,
        "prepgraph ingest, one note changed": changed,
        "prepgraph ingest of a single short note": small,
    }
    return as_table(len(texts), rows, alone)


def write_notes(folder: Path, passages: Sequence[str]) -> None:
    folder.mkdir(parents=True)
    for number, start in enumerate(range(0, len(passages), PASSAGES_A_NOTE)):
        sections = [
            f"## Part {part}\n\n{passage}\n"
            for part, passage in enumerate(passages[start : start + PASSAGES_A_NOTE], start=1)
        ]
        (folder / f"{number}.md").write_text("\n".join([f"# Topic {number}\n", *sections]), encoding="utf-8")


def chunk_texts(notes: Path, embedder: MiniLMEmbedder) -> list[str]:
    """Return what an ingest of the notes will embed."""
    vault = build_vault(read_sources(notes), embedder.count_tokens)
    return [passage_text(chunk.headings, chunk.text) for chunk in vault.chunks]


def time_embedding(embedder: MiniLMEmbedder, texts: Sequence[str]) -> float:
    embedder.embed_query("Loads what is loaded late.")
    started = time.perf_counter()
    embedder.embed_texts(texts)
    return time.perf_counter() - started


def time_command(notes: Path, workspace: Path) -> float:
    """Return the seconds of one whole process, from its start to its end."""
    command = [sys.executable, "-c", "import cli; cli.main()", "ingest", str(notes), "--workspace", str(workspace)]
    started = time.perf_counter()
    done = subprocess.run([*command, "--json"], check=True, capture_output=True, text=True)
    json.loads(done.stdout)
    return time.perf_counter() - started


def time_small_vault(folder: Path) -> float:
    write_notes(folder / "notes", ["A note of one sentence costs what every ingest costs."])
    return time_command(folder / "notes", folder / "workspace")


def as_table(count: int, rows: dict[str, float], alone: float) -> Table:
    table = Table("what", "seconds", "passages/s", "ratio", title=f"Ingesting {count:,} passages")
    for column in table.columns[1:]:
        column.justify = "right"
    for name, seconds in rows.items():
        rate = "" if "single" in name else f"{count / seconds:,.1f}"
        table.add_row(name, f"{seconds:.2f}", rate, "" if "single" in name else f"{alone / seconds:.2f}")
    return table
