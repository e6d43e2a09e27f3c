"""`prepgraph export` in a process of its own: every format, the parts of a map, and what is said when it cannot."""

import json
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest

ROOT = Path(__file__).parents[1]
COMMAND = Path(sys.executable).with_name("prepgraph")
NOTES = {
    "hnsw.md": "---\ntitle: HNSW\naliases: [small worlds]\nweek: 5\n---\nHNSW is an index.\n\n"
    "## Connections\n- requires [[graph]]: it is walked\n",
    "graph.md": "---\ntitle: Graph\nweek: 2\n---\nA graph has edges.\n",
}


@pytest.fixture
def run(notes):
    notes.write(NOTES).ingest()

    def run(*arguments):
        command = [COMMAND, "export", *map(str, arguments), "--workspace", notes.workspace]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)

    return run


def test_every_format_is_written_and_counted(run, tmp_path):
    for fmt in ("json", "svg", "graphml", "cypher", "jsonld", "markmap", "anki"):
        done = run("--format", fmt, "--output", tmp_path / fmt, "--json")
        assert done.returncode == 0, done.stderr
        size = (tmp_path / fmt).stat().st_size
        assert json.loads(done.stdout) == {"format": fmt, "output": str(tmp_path / fmt), "bytes": size}
        assert size > 100


def test_a_vault_is_a_folder_or_a_zip_file(run, tmp_path):
    assert run("--format", "obsidian", "--output", tmp_path / "vault").returncode == 0
    assert "[[graph|Graph]]: it is walked" in (tmp_path / "vault" / "week-5" / "hnsw.md").read_text()
    assert run("--format", "obsidian", "--output", tmp_path / "vault.zip").returncode == 0
    assert (tmp_path / "vault.zip").read_bytes()[:2] == b"PK"
    done = run("--format", "obsidian", "--output", tmp_path / "vault")
    assert (done.returncode, "is there already" in done.stderr) == (2, True)


@pytest.mark.parametrize(("part", "title"), [(("--concept", "Small Worlds"), "HNSW"), (("--week", 2), "Week 2")])
def test_a_map_of_a_part_is_named_after_it(run, tmp_path, part, title):
    done = run("--format", "svg", "--output", tmp_path / "map.svg", *part)
    assert done.returncode == 0, done.stderr
    assert ElementTree.parse(tmp_path / "map.svg").getroot()[0].text == title


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--format", "svg", "--week", 9), "No concept belongs to week 9; there are the weeks 2, 5."),
        (("--format", "svg", "--concept", "hnws"), "did you mean 'HNSW'?"),
        (("--format", "svg", "--concept", "hnsw", "--week", 5), "cannot go together"),
        (("--week", 5), "--format svg"),
        (("--format", "graphml", "--concept", "hnsw"), "--format svg"),
    ],
)
def test_wrong_use_is_one_sentence(run, tmp_path, arguments, words):
    done = run(*arguments, "--output", tmp_path / "out")
    assert done.returncode == 2
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "out").exists()
