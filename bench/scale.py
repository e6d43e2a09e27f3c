"""What an ingest of many notes takes, in seconds and in memory: cold, unchanged, and with one note changed.

Each ingest is a process of its own, so that its peak of memory is its own. Vectors are synthetic (bench/synthetic.py):
the time without the model, the memory with all that the model's vectors would take.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from rich.table import Table

import publication
from bench.notes import write_synthetic_notes
from bench.synthetic import SyntheticEmbedder

STAGES = ("read", "embed", "index", "publish")


def measure_scale(content: Path, counts: Sequence[int], words: int) -> Table:
    """Time ingests of so many notes of so many words each; the table gives seconds and the peak of memory."""
    title = f"Notes of {words:,} words, synthetic vectors"
    table = Table("ingest", "passages", "seconds", *(f"MB, {stage}" for stage in STAGES), title=title)
    for column in table.columns[1:]:
        column.justify = "right"
    for count in counts:
        with tempfile.TemporaryDirectory() as folder:
            notes, workspace = Path(folder) / "notes", Path(folder) / "workspace"
            write_synthetic_notes(notes, content, count, words)
            for name in ("cold", "unchanged", "one changed"):
                if name == "one changed":
                    first = min(notes.rglob("*.md"))
                    first.write_text(f"{first.read_text(encoding='utf-8')}\nOne sentence more.\n", encoding="utf-8")
                row = ingest_in_own_process(notes, workspace)
                peaks = [f"{row['peaks'][stage]:,.0f}" if stage in row["peaks"] else "" for stage in STAGES]
                table.add_row(f"{count:,} notes, {name}", f"{row['chunks']:,}", f"{row['seconds']:.2f}", *peaks)
    return table


def ingest_in_own_process(notes: Path, workspace: Path) -> dict[str, Any]:
    """The passages, the seconds of the whole process, and its peak of memory at the end of each stage in MB."""
    started = time.perf_counter()
    command = [sys.executable, "-m", "bench.scale", str(notes), str(workspace)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    row: dict[str, Any] = json.loads(done.stdout)
    return {**row, "seconds": time.perf_counter() - started}


def ingest_once(notes: Path, workspace: Path) -> dict[str, Any]:
    """Ingests and watches this process's memory."""
    with MemoryWatch() as memory:
        report = publication.ingest(
            notes, workspace, SyntheticEmbedder(), lambda stage, done, total: memory.enter(stage)
        )
    return {"chunks": report.chunks, "peaks": memory.peaks}


class MemoryWatch(threading.Thread):
    """The most memory of its own that this process held in each stage, in MB, asked for 50 times a second.

    What is mapped from files (token vectors, the index) is left out: the system takes it back whenever it needs room.
    Linux only; elsewhere it is the peak of all that the process ever held.
    """

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.peaks: dict[str, float] = {}
        self._stage, self._ended = "read", threading.Event()

    def enter(self, stage: str) -> None:
        """Counts what is held from now on for another stage."""
        if stage != self._stage:
            self._look()
            self._stage = stage

    def run(self) -> None:
        while not self._ended.wait(0.02):
            self._look()

    def _look(self) -> None:
        self.peaks[self._stage] = max(self.peaks.get(self._stage, 0.0), held_memory())

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *fault: object) -> None:
        self._ended.set()
        self.join()
        self._look()


def held_memory() -> float:
    """MB of memory of this process's own."""
    status = Path("/proc/self/status")
    if status.is_file():
        row = next(line for line in status.read_text().splitlines() if line.startswith("RssAnon:"))
        return int(row.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    print(json.dumps(ingest_once(Path(sys.argv[1]), Path(sys.argv[2]))))
