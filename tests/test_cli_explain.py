"""`--explain` on search and ask: plain data with `--json`, and steps in 80 columns for people."""

import contextlib
import json
import sys

import pytest
from rich.console import Console

import cli
from command import terminal, terminal_explain

NOTES = {
    "graphs.md": "---\ntitle: Graph\nweek: 2\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": (
        "---\ntitle: HNSW\naliases: [Small World]\nweek: 5\n---\n"
        "HNSW walks a proximity graph [red]greedily[/].\n\n"
        "## Where it breaks\nA narrow filter strands the walk of HNSW among disallowed nodes.\n\n"
        "## Connections\n- requires [[graphs]]: it walks one\n"
    ),
    "star.md": "---\ntitle: STAR story\nweek: 7\n---\nA STAR story ends with a result that carries a number.\n",
}
KEYS = {
    "asked", "concepts", "corrections", "named", "intent", "parts", "stages", "passages", "graph", "dropped", "words",
    "without", "would_break", "decision",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(make_notes):
    notes = make_notes().write(NOTES)
    notes.ingest()
    return notes


@pytest.fixture
def run(monkeypatch, capsys, small):
    """Runs the command on the small workspace in this process, on a terminal of 80 columns; returns what it printed."""

    def call(*args):
        console = Console(width=80, highlight=False, file=None)
        monkeypatch.setattr(terminal, "out", console)
        monkeypatch.setattr(terminal_explain, "out", console)
        monkeypatch.setattr(sys, "argv", ["prepgraph", *args, "--workspace", str(small.workspace)])
        with contextlib.suppress(SystemExit):
            cli.main()
        printed = capsys.readouterr()
        assert printed.err == ""
        return printed.out

    return call


@pytest.fixture
def explained(run):
    def call(*args):
        return json.loads(run(*args, "--explain", "--json"))["explain"]

    return call


def test_search_gives_every_step_as_plain_data(explained):
    row = explained("search", "How does small world brek with a filter?")
    assert set(row) == KEYS
    assert row["named"] == [{"concept_id": "hnsw", "words": "small world"}]
    assert [stage["name"] for stage in row["stages"]] == ["dense", "keyword", "graph", "fuse", "rerank"]
    for stage in row["stages"]:
        assert [c["rank"] for c in stage["candidates"]] == list(range(1, len(stage["candidates"]) + 1))
        scores = [c["score"] for c in stage["candidates"]]
        assert scores == sorted(scores, reverse=True)
    assert row["decision"] is None
    reason = next(w for w in row["graph"] if w["relation"] == "prerequisite_of")
    assert reason["sentence"] == "HNSW builds on Graph: it walks one."
    assert reason["evidence"]["path"] == "hnsw.md"
    assert {"names", "dense", "keyword", "graph", "rerank"} <= set(row["without"])
    assert set(row["without"]) <= set(row["would_break"])


def test_a_passage_has_the_rank_that_each_stage_gave(explained):
    row = explained("search", "What is a graph?")
    ranks = {(s["name"], c["chunk_id"]): c["rank"] for s in row["stages"] for c in s["candidates"]}
    for passage in row["passages"]:
        for name, place in passage["stages"].items():
            assert place["rank"] == ranks[name, passage["chunk_id"]]


def test_ask_says_on_what_grounds_it_answered(run):
    row = json.loads(run("ask", "What is HNSW and where does it break?", "--explain", "--json"))
    decision = row["explain"]["decision"]
    assert row["status"] == "answered"
    assert decision["suffice"] is True
    assert decision["score"] == pytest.approx(sum(decision["terms"].values()), abs=0.001)
    assert all(sentence["text"] in row["answer"] for sentence in decision["sentences"])
    assert decision["prompt"] is None


def test_without_explain_nothing_is_added(run):
    for command in ("search", "ask"):
        assert "explain" not in json.loads(run(command, "What is HNSW?", "--json"))
        assert "would be" not in run(command, "What is HNSW?")


def test_a_file_of_questions_is_explained_line_by_line(run, tmp_path):
    file = tmp_path / "questions.jsonl"
    file.write_text('{"id": "1", "question": "What is HNSW?"}\n{"id": "2", "question": "What is a graph?"}\n')
    rows = [json.loads(line) for line in run("ask", "--questions", str(file), "--explain", "--json").splitlines()]
    assert [(row["id"], set(row["explain"])) for row in rows] == [("1", KEYS), ("2", KEYS)]


@pytest.mark.parametrize("command", ["search", "ask"])
def test_people_see_the_steps_in_eighty_columns(run, command):
    printed = run(command, "What is the small wrld graph and where does it break?", "--explain")
    steps = printed[printed.index("How the question was read") :]
    assert max(len(line) for line in steps.splitlines()) <= 80
    for head in ("What each stage ranked", "What the graph added", "How passage 1 met the question's words"):
        assert head in steps
    assert ("Whether the notes answer it" in steps) == (command == "ask")
    assert steps.count("✂") >= 6
    assert "dense" in steps
    assert "\x1b" not in steps


def test_a_refusal_is_explained(run):
    printed = run("ask", "Which licence is HNSW released under?", "--explain")
    assert "The notes don't say" in printed
    assert "not enough to answer" in printed
    assert "✂" in printed


def test_markup_in_notes_is_not_read(run):
    assert "[red]greedily[/]" in run("ask", "What is HNSW?", "--explain").split("From passages to an answer")[1]
