"""How fast notes become searchable: our whole ingest beside LlamaIndex's pipeline, with one model and as many chunks.

Both get the same made-up notes of 300 words, a slice in turns, so that whatever else the machine does slows both alike.
Ours begins with an empty workspace each time and ends with a generation on disk (concepts, relations, passages, token
vectors, index); the peer ends with its nodes and their vectors in memory. Loading models and libraries is not counted.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from pathlib import Path

from rich.table import Table

import publication
from bench.llama_pipeline import find_chunk_size, make_pipeline
from bench.notes import write_synthetic_notes
from ingest.vault import build_vault, read_sources
from rag.embed import MiniLMEmbedder

WORDS = 300
SLICES = 4


def measure_peer(content: Path, count: int) -> Table:
    """Time both on the same notes; the table gives their rates and the ratio of these."""
    embedder = MiniLMEmbedder()
    with tempfile.TemporaryDirectory() as folder:
        notes = Path(folder) / "notes"
        write_synthetic_notes(notes, content, count, WORDS)
        paths = sorted(notes.rglob("*.md"))
        texts = [path.read_text(encoding="utf-8") for path in paths]
        chunks = len(build_vault(read_sources(notes), embedder.count_tokens).chunks)
        size = find_chunk_size(texts, chunks)
        run = make_pipeline(size)
        run(paths[:1])
        embedder.encode_query("Loads what is loaded late.")
        ours, peer = [0.0, 0], [0.0, 0]
        for turn in range(SLICES):
            part = paths[turn::SLICES]
            root = Path(folder) / str(turn)
            root.mkdir()
            for path in part:
                shutil.copy(path, root)
            started = time.perf_counter()
            report = publication.ingest(root, Path(folder) / f"workspace-{turn}", embedder)
            between = time.perf_counter()
            nodes = run(part)
            ended = time.perf_counter()
            ours = [ours[0] + between - started, ours[1] + report.chunks]
            peer = [peer[0] + ended - between, peer[1] + len(nodes)]
    rows = {"prepgraph ingest": ours, f"LlamaIndex IngestionPipeline, {size} of its tokens a chunk": peer}
    return as_table(count, rows, peer[1] / peer[0])


def as_table(count: int, rows: dict[str, list[float]], peer: float) -> Table:
    title = f"Ingesting {count:,} notes of {WORDS} words for the first time"
    table = Table("what", "chunks", "seconds", "chunks/s", "ratio", title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for name, (seconds, chunks) in rows.items():
        table.add_row(
            name, f"{chunks:,}", f"{seconds:.1f}", f"{chunks / seconds:,.1f}", f"{chunks / seconds / peer:.2f}"
        )
    return table
