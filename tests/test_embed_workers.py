"""An ingest with worker processes: what it publishes, and how it ends when it is interrupted."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import generation
import publication
from rag.embed_crew import TEXTS_A_WORKER
from settings import load_settings
from tests.processes import is_alive, wait_for

ROOT = Path(__file__).parents[1]
SAID = "says that whoever reads it has read a note about"


def write_many(notes):
    return notes.write({f"{number}.md": f"The note {number} {SAID} {number}." for number in range(2 * TEXTS_A_WORKER)})


def published(notes):
    """Every file that readers find, but for the report, which tells times, and the index, which the engine writes."""
    folder = generation.current_generation(notes.workspace).folder
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "report.json"]
    found = {str(path.relative_to(folder)): path.read_bytes() for path in files if "index" not in path.parts}
    segments = {path.name for path in (notes.workspace / "segments").iterdir()}
    return folder.name, found, segments


def test_what_is_published_does_not_depend_on_the_number_of_workers(notes, embedder):
    stages = []
    write_many(notes)
    for workers, workspace in ((1, "one"), (3, "three")):
        notes.workspace = notes.root.parent / workspace
        publication.ingest(
            notes.root, notes.workspace, embedder, lambda *told: stages.append(told), embed_workers=workers
        )
        stages.append(published(notes))
    one, three = [told for told in stages if isinstance(told[1], dict)]
    assert one == three
    assert {"graph.json", "chunks.jsonl", "tokens/manifest.json", "tokens/places.npy"} <= set(one[1])
    by_workers = [done for stage, done, _ in stages[stages.index(one) + 1 : -1] if stage == "embed"]
    assert by_workers == sorted(by_workers)
    assert by_workers[-1] == 2 * TEXTS_A_WORKER
    assert len(by_workers) < 2 * TEXTS_A_WORKER  # they are told of by batches: workers did it
    assert notes.open().search(f"note 7 {SAID} 7").results[0].chunk.document_id == "7.md"


def ingest(notes, workers):
    command = [sys.executable, "-c", "import cli; cli.main()", "ingest", notes.root, "--workspace", notes.workspace]
    environment = {**os.environ, "PREPGRAPH_EMBED_WORKERS": workers}
    return subprocess.Popen(
        [*command, "--json"], cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def claims(notes):
    path = notes.workspace / "cache" / "embeddings.sqlite"
    if not path.exists():
        return 0
    with sqlite3.connect(path) as database:
        tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master")}
        return database.execute("SELECT count(*) FROM claims").fetchone()[0] if "claims" in tables else 0


def children(process):
    return [int(child) for child in Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()]


@pytest.mark.skipif(sys.platform != "linux", reason="looks for children in /proc")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_ingest_that_is_ended_ends_its_workers_without_a_word_of_theirs(notes, end):
    write_many(notes)
    with ingest(notes, "2") as process:
        workers = wait_for(lambda: claims(notes) and children(process))
        assert len(workers) == 2
        process.send_signal(end)
        out, err = process.communicate()
    assert process.returncode == (130 if end == signal.SIGINT else -end)
    assert (out, err) == ("", "")
    wait_for(lambda: not any(map(is_alive, workers)))
    assert generation.current_generation(notes.workspace) is None
    assert notes.ingest().documents == 2 * TEXTS_A_WORKER
    assert claims(notes) == 0


def test_the_setting_is_a_number_of_processes(monkeypatch):
    assert load_settings().embed_workers == 1
    monkeypatch.setenv("PREPGRAPH_EMBED_WORKERS", "3")
    assert load_settings().embed_workers == 3


def test_a_number_that_makes_no_sense_is_one_sentence(notes):
    with ingest(notes.write({"a.md": "A note."}), "0") as process:
        out, err = process.communicate()
    assert (process.returncode, out, err.count("\n")) == (2, "", 1)
    assert "PREPGRAPH_EMBED_WORKERS is not set right" in err
