"""The scorer run for real, over a few notes and over texts as the only sources."""

import io
import json
import sys
from dataclasses import replace

import pytest
from rich.console import Console

import cli
from evals.bootstrap import Estimate
from evals.configurations import BM25, FUSED, configurations
from evals.measure import RANK_METRICS, Run, ask_all, citation_metrics, differences, run_configuration, status_metrics
from evals.questions import Place, Question, load_questions
from evals.report import show
from evals.score import compare, evaluate_file, run_all
from evals.workspaces import ask_contexts, describe

NOTES = {
    "heap.md": "---\ntitle: Heap\nweek: 2\n---\nA heap keeps the smallest item on top.\n\nIts push costs O(log n).\n",
    "graph.md": "---\ntitle: Graph\nweek: 2\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": (
        "---\ntitle: HNSW\nweek: 5\n---\nHNSW walks a proximity graph greedily.\n\n"
        "## Connections\n- requires [[graph]]: the index is one\n"
    ),
}
HEAP, HNSW, GRAPH = [{"path": "heap.md", "start_line": 5}], [{"path": "hnsw.md"}], [{"path": "graph.md"}]
SPIDER = "How many legs has a spider?"
ROWS = [
    {"id": "1", "question": "What keeps the smallest item on top?", "kind": "direct", "gold": [HEAP]},
    {"id": "2", "question": "Which nodes does HNSW walk?", "kind": "two_notes", "gold": [HNSW, GRAPH]},
    {"id": "3", "question": "How long does a risotto simmer?", "kind": "unanswerable", "gold": []},
    {"id": "4", "question": SPIDER, "contexts": ["A spider has eight legs."], "expected": "answered"},
]


@pytest.fixture(scope="module")
def opened(make_notes):
    notes = make_notes().write(NOTES)
    notes.ingest()
    return notes.open()


@pytest.fixture
def rows(tmp_path):
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(map(json.dumps, ROWS)), encoding="utf-8")
    return file


def test_a_file_is_scored_with_its_configuration(opened, rows):
    report = evaluate_file(rows, opened)
    row = json.loads(json.dumps(report.as_row()))
    assert set(row) == {"configuration", "retrieval", "differences", "answers"}
    assert row["configuration"]["documents"] == 3
    assert set(row["configuration"]["questions"]) == {"rows.jsonl"}
    assert list(row["retrieval"])[:3] == ["BM25", "dense", "fused"]
    for found in row["retrieval"].values():
        assert found["hit@1"] == {"value": 1.0, "low": 1.0, "high": 1.0, "n": 2}
        assert found["both notes@5"]["n"] == 1
    assert row["answers"]["right status by kind"]["unanswerable (not_in_sources)"]["value"] == 1.0
    assert row["answers"]["status"]["answering recall"]["n"] == 4
    assert row["answers"]["citations"]["sentences without a citation"]["value"] == 0.0
    assert [asked.answer.status for asked in report.asked] == ["answered", "answered", "not_in_sources", "answered"]


def test_a_file_without_passages_scores_answers_only(opened, tmp_path):
    file = tmp_path / "bare.jsonl"
    file.write_text('{"id": "1", "question": "How long does a risotto simmer?", "expected": "not_in_sources"}')
    report = evaluate_file(file, opened)
    assert report.runs == ()
    assert list(report.answers) == ["right status by kind", "status"]
    assert report.answers["status"]["refusal recall"].value == 1.0


def test_people_get_tables(opened, rows):
    screen = io.StringIO()
    show(evaluate_file(rows, opened), Console(file=screen, width=160))
    shown = screen.getvalue()
    for words in ("fused over dense", "hit@5", "n=2", "1.000", "refusal recall", opened.report.root):
        assert words in shown


def test_articles_get_a_table_of_their_own(opened, rows):
    report = evaluate_file(rows, opened)
    unseen = replace(report, unseen=report.runs)
    assert "unseen" not in report.as_row()
    assert unseen.as_row()["unseen"] == report.as_row()["retrieval"]
    screen = io.StringIO()
    show(unseen, Console(file=screen, width=160))
    assert "articles of other subjects" in screen.getvalue()
    assert run_all(opened, ()) == ()


def test_scoring_does_not_depend_on_what_ran_before(opened, rows):
    questions = [question for question in load_questions(rows) if question.gold]
    first, again = (run_configuration(configurations(opened)[0], questions) for _ in range(2))
    assert first.values == again.values
    assert set(first.values) == set(RANK_METRICS)


def test_the_configuration_changes_with_the_content(opened, make_notes, rows):
    other = make_notes().write({**NOTES, "heap.md": NOTES["heap.md"] + "\nMore.\n"})
    other.ingest()
    here, there = describe(opened, rows), describe(other.open(), rows)
    assert here["content"] != there["content"]
    assert (here["code"], here["model"], here["questions"]) == (there["code"], there["model"], there["questions"])


def test_contexts_are_the_only_sources(tmp_path):
    known = Question("1", SPIDER, "", "dev", "answered", (), ("A spider has eight legs.",))
    other = Question("2", SPIDER, "", "dev", "not_in_sources", (), ("Clay is fired in a kiln.",))
    answers = [asked.answer for asked in ask_all((known, other, known), lambda q: ask_contexts(q, tmp_path))]
    assert [answer.status for answer in answers] == ["answered", "not_in_sources", "answered"]
    assert answers[0].citations[0].quote == "A spider has eight legs."


def run(name, *hits):
    return Run(name, {metric: list(map(float, hits)) for metric in RANK_METRICS}, 1.0)


def test_ways_are_compared_in_pairs():
    runs = (run(BM25, 0, 1), run("dense", 1, 1), run(FUSED, 1, 1), run("+ graph", 1, 0))
    found = compare(runs)
    assert set(found) == {"fused over dense", "+ graph over fused", "fused over BM25"}
    assert found["fused over BM25"]["hit@1"].value == 0.5
    assert differences(runs[3], runs[2])["hit@1"] == found["+ graph over fused"]["hit@1"]
    assert compare(()) == {}


def test_nothing_asked_gives_no_figures():
    assert status_metrics([]) == {}
    assert all(found is None for found in citation_metrics([]).values())
    assert Estimate(0.12345, 0.1, 0.2, 3).as_row() == {"value": 0.1235, "low": 0.1, "high": 0.2, "n": 3}
    assert Place("a", 1, 2).overlaps(Place("a", 2, 3))


@pytest.fixture
def prepgraph(monkeypatch, capsys):
    def run(*args):
        monkeypatch.setattr(sys, "argv", ["prepgraph", *map(str, args)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        return code, *capsys.readouterr()

    return run


def test_the_command_prints_one_document(prepgraph, opened, rows):
    workspace = opened.generation.folder.parents[1]
    code, out, err = prepgraph("eval", rows, "--workspace", workspace, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["configuration"]["root"] == opened.report.root
    code, out, err = prepgraph("eval", rows, "--workspace", workspace)
    assert (code, err) == (0, "")
    assert "refusal recall" in out


def test_a_wrong_file_is_one_sentence(prepgraph, opened, tmp_path):
    (tmp_path / "bad.jsonl").write_text("{")
    code, out, err = prepgraph("eval", tmp_path / "bad.jsonl", "--workspace", opened.generation.folder.parents[1])
    assert (code, out) == (2, "")
    assert err.startswith("prepgraph: ")
    assert "bad.jsonl:1" in err
