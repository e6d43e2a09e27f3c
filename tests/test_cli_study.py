"""`prepgraph marks`, `mark` and `weak-spot` in processes of their own."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("prepgraph")
NOTES = {
    "graph.md": "---\ntitle: Graph\nweek: 2\n---\nA graph has edges.\n",
    "hnsw.md": "---\ntitle: HNSW\naliases: [small worlds]\nweek: 5\n---\nHNSW is an index.\n\n"
    "## Connections\n- requires [[graph]]: it is walked\n",
}


@pytest.fixture
def run(notes):
    def run(*arguments):
        command = [COMMAND, *arguments, "--workspace", notes.workspace]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def test_marks_are_made_by_any_name_listed_and_traced(run, notes):
    notes.write(NOTES).ingest()
    done = run("mark", "Small Worlds", "shaky", "--json")
    made = json.loads(done.stdout)
    assert made.pop("at").endswith("+00:00")
    assert made == {"concept": "hnsw", "title": "HNSW", "level": "shaky", "source": "reader"}
    assert "Graph is marked known." in run("mark", "graph", "known").stdout
    assert [row["concept"] for row in json.loads(run("marks", "--json").stdout)] == ["graph", "hnsw"]
    assert json.loads(run("weak-spot", "hnsw", "--json").stdout) == {
        "concept": "hnsw",
        "begin_with": "hnsw",
        "level": "shaky",
        "reason": "You know the one concept that HNSW builds on: what is missing is HNSW itself.",
        "chain": [],
    }
    run("mark", "graph", "shaky")
    spot = json.loads(run("weak-spot", "hnsw", "--json").stdout)
    assert (spot["begin_with"], spot["level"], len(spot["chain"])) == ("graph", "shaky", 1)
    assert spot["chain"][0]["evidence"][0]["quote"] == "requires [[graph]]: it is walked"
    assert "Begin with Graph (shaky)" in run("weak-spot", "hnsw").stdout
    run("mark", "hnsw", "known")
    assert json.loads(run("weak-spot", "hnsw", "--json").stdout)["begin_with"] is None


def test_the_mark_of_a_concept_that_is_gone_is_listed_as_such(run, notes):
    notes.write(NOTES).ingest()
    run("mark", "hnsw", "known")
    notes.replace({"graph.md": NOTES["graph.md"]}).ingest()
    assert json.loads(run("marks", "--json").stdout)[0]["concept"] is None
    assert "HNSW (gone)" in run("marks").stdout


def test_with_nothing_marked_it_says_how_to(run):
    assert "Nothing is marked yet" in run("marks").stdout
    assert json.loads(run("marks", "--json").stdout) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(("mark", "hnws", "known"), "did you mean 'HNSW'?"), (("mark", "hnsw", "great"), "'known', 'shaky', 'new'")],
)
def test_wrong_use_is_said(run, notes, arguments, words):
    notes.write(NOTES).ingest()
    done = run(*arguments)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_damaged_file_is_one_sentence(run, notes):
    notes.write(NOTES).ingest()
    (notes.workspace / "study.sqlite").write_bytes(b"noise" * 999)
    done = run("marks")
    assert done.returncode == 1
    assert done.stderr.startswith("prepgraph: Your marks cannot be kept in")
    assert len(done.stderr.splitlines()) == 1
