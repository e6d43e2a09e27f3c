"""The `prepgraph` command: the JSON it promises, and one clear sentence for every wrong use."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import cli

ROOT = Path(__file__).parents[1]
NOTES = {
    "graphs.md": "---\ntitle: Graph\nweek: 2\ntrack: algorithms\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": (
        "---\ntitle: HNSW\naliases: [Small World]\nweek: 5\ntrack: rag\n---\n"
        "HNSW walks a proximity graph [red]greedily[/].\n\n## Connections\n- requires [[graphs]]: it walks one\n"
    ),
    "star.md": "---\ntitle: STAR story\nweek: 7\n---\nA STAR story ends with a result that carries a number.\n",
    "resources/list.yaml": (
        "- id: paper\n  title: The paper\n  url: https://arxiv.org/abs/1603.09320\n"
        "  takeaway: Read section 4 on the role of M.\n  concepts: [hnsw]\n"
    ),
}  # fmt: skip
RUN = "import cli; cli.main()"
QUESTION = "Which index walks a proximity graph?"


@pytest.fixture
def prepgraph(monkeypatch, capsys):
    """Runs the command in this process; returns its exit code and what it printed."""

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["prepgraph", *map(str, args)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture(scope="module")
def small(make_notes):
    notes = make_notes().write(NOTES)
    notes.ingest()
    return notes


@pytest.fixture
def ask_json(prepgraph, small):
    """Runs a command on the small workspace and returns the one JSON document that it prints."""

    def run(*args):
        code, out, err = prepgraph(*args, "--workspace", small.workspace, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run


def test_ingest(ask_json, small):
    row = ask_json("ingest", small.root)
    assert set(row) >= {"generation", "documents", "chunks", "concepts", "relations", "problems", "seconds"}
    assert (row["documents"], row["concepts"]) == (4, 6)
    assert all(set(p) == {"path", "line", "severity", "code", "message"} for p in row["problems"])


def test_check(prepgraph, small, tmp_path):
    code, out, _ = prepgraph("check", small.root, "--json")
    assert code == 0
    assert [p["code"] for p in json.loads(out)["problems"]] == ["unlinked_concept"]
    (tmp_path / "broken.md").write_text("---\n[\n---\nText.")
    code, out, _ = prepgraph("check", tmp_path, "--json")
    assert code == 1
    assert json.loads(out)["problems"][0]["code"] == "broken_front_matter"


def test_search(ask_json):
    row = ask_json("search", QUESTION, "--top-k", 2)
    assert set(row) == {"query", "results", "timings_ms"}
    assert [result["rank"] for result in row["results"]] == [1, 2]
    assert set(row["results"][0]) == {
        "rank", "score", "chunk_id", "path", "headings", "start_line", "end_line", "text", "origins",
    }  # fmt: skip
    assert (row["results"][0]["path"], row["results"][0]["start_line"]) == ("hnsw.md", 7)


def test_search_explains_how_the_question_was_read(ask_json):
    row = ask_json("search", "small world", "--explain")
    assert (row["explain"]["asked"], row["explain"]["concepts"]) == ("small world (HNSW)", ["hnsw"])


@pytest.mark.parametrize(
    ("option", "value", "paths"),
    [
        ("--week", 2, {"graphs.md"}),
        ("--track", "rag", {"hnsw.md", "resources/list.yaml"}),
        ("--path", "resources", {"resources/list.yaml"}),
        ("--week", 99, set()),
    ],
)
def test_search_keeps_to_a_filter(ask_json, option, value, paths):
    assert {result["path"] for result in ask_json("search", QUESTION, option, value)["results"]} == paths


def test_ask(ask_json):
    row = ask_json("ask", QUESTION)
    assert set(row) >= {"question", "status", "answer", "citations", "concepts", "mode", "timings_ms"}
    assert row["status"] == "answered"
    assert set(row["citations"][0]) == {"number", "path", "headings", "start_line", "end_line", "quote"}
    assert {c["number"] for c in row["citations"]} == {int(n) for n in re.findall(r"\[(\d+)\]", row["answer"])}


@pytest.mark.parametrize("command", ["search", "ask"])
def test_many_questions_get_a_line_each_with_their_ids(prepgraph, small, tmp_path, command):
    file = tmp_path / "questions.jsonl"
    questions = {"a": QUESTION, "2": "What is a graph?", "ü": "line\u2028separator 🙂 in a STAR story?"}
    rows = [json.dumps({"id": key, "question": text}, ensure_ascii=False) for key, text in questions.items()]
    file.write_text("\ufeff" + "\n\n".join(rows) + "\n", encoding="utf-8")
    code, out, err = prepgraph(command, "--questions", file, "--workspace", small.workspace, "--json")
    assert (code, err) == (0, "")
    printed = [json.loads(line) for line in out.rstrip("\n").split("\n")]
    key = "query" if command == "search" else "question"
    assert {row["id"]: row[key] for row in printed} == questions


def test_concepts_resources_and_relations(ask_json):
    concepts = {row["id"]: row for row in ask_json("concepts")}
    assert set(concepts) == {"graphs", "hnsw", "star", "week-2", "week-5", "week-7"}
    assert concepts["hnsw"] == {
        "id": "hnsw", "title": "HNSW", "aliases": ["Small World"],
        "summary": "HNSW walks a proximity graph [red]greedily[/].",
        "week": 5, "track": "rag", "kind": "concept", "path": "hnsw.md", "start_line": 7,
    }  # fmt: skip
    (resource,) = ask_json("resources")
    assert (resource["id"], resource["concepts"], resource["start_line"]) == ("paper", ["hnsw"], 4)
    line = {"path": "hnsw.md", "start_line": 10, "end_line": 10, "quote": "requires [[graphs]]: it walks one"}
    relation = next(row for row in ask_json("relations") if row["kind"] == "prerequisite_of")
    assert relation == {
        "source": "graphs", "target": "hnsw", "kind": "prerequisite_of", "origin": "authored", "weight": 1.0,
        "evidence": [line],
    }  # fmt: skip


def test_a_path_by_title_and_alias_and_none_where_there_is_none(ask_json):
    row = ask_json("path", "Graph", "small world")
    assert row["found"]
    (step,) = row["steps"]
    assert (step["source"], step["target"], step["kind"], step["direction"]) == (
        "graphs", "hnsw", "prerequisite_of", "forward",
    )  # fmt: skip
    assert step["evidence"][0]["quote"] == "requires [[graphs]]: it walks one"
    assert ask_json("path", "STAR story", "Graph") == {"found": False, "steps": []}


def test_a_path_from_a_concept_to_itself_says_so(ask_json, prepgraph, small):
    assert ask_json("path", "small world", "HNSW") == {"found": True, "steps": []}
    _, out, _ = prepgraph("path", "small world", "HNSW", "--workspace", small.workspace)
    assert out == "Both names mean the same concept: HNSW.\n"


def test_prerequisites(ask_json):
    assert ask_json("prerequisites", "HNSW") == {"concept": "hnsw", "order": ["graphs"]}
    assert ask_json("prerequisites", "Graph") == {"concept": "graphs", "order": []}


def test_export(ask_json, tmp_path):
    row = ask_json("export", "--format", "json", "--output", tmp_path / "new" / "graph.json")
    data = (tmp_path / "new" / "graph.json").read_bytes()
    assert row == {"format": "json", "output": str(tmp_path / "new" / "graph.json"), "bytes": len(data)}
    assert {"concepts", "relations", "resources"} == set(json.loads(data))


COMMANDS = [
    "ingest",
    "check",
    "search",
    "ask",
    "concepts",
    "resources",
    "relations",
    "path",
    "prerequisites",
    "export",
    "doctor",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(prepgraph, command):
    code, out, _ = prepgraph(command, "--help")
    assert code == 0
    assert "--json" in out
    assert "--workspace" in out


@pytest.mark.parametrize(
    ("args", "expected"),
    [
        (("ingest",), "1 problem\n"),
        (("search", QUESTION, "--explain"), r"hnsw\.md:7"),
        (("ask", QUESTION), r"\[red\]greedily\[/\]. \[1\]"),
        (("concepts",), "Small World|HNSW"),
        (("resources",), "The paper"),
        (("relations",), "graphs prerequisite_of hnsw"),
        (("path", "Graph", "HNSW"), "Graph —prerequisite of→ HNSW"),
        (("path", "HNSW", "Graph"), "HNSW ←prerequisite of— Graph"),
        (("path", "STAR story", "Graph"), "Nothing links STAR story and Graph"),
        (("prerequisites", "HNSW"), "1. Graph"),
        (("prerequisites", "Graph"), "Graph needs nothing first"),
        (("doctor",), "as ingested"),
    ],
)
def test_people_get_words(prepgraph, small, args, expected):
    args = ("ingest", small.root) if args == ("ingest",) else args
    code, out, err = prepgraph(*args, "--workspace", small.workspace)
    assert (code, err) == (0, "")
    assert re.search(expected, out)
    assert not out.startswith(("{", "["))


def assert_one_sentence(err):
    assert err.startswith("prepgraph: ")
    assert err.count("\n") == 1
    assert len(err) < 600
    assert "Traceback" not in err


NEEDS_WORKSPACE = [
    ("search", "anything"),
    ("ask", "anything"),
    ("concepts",),
    ("resources",),
    ("relations",),
    ("path", "a", "b"),
    ("prerequisites", "a"),
    ("export", "--output", "x.json"),
]


@pytest.mark.parametrize("args", NEEDS_WORKSPACE, ids=lambda args: args[0])
def test_without_a_workspace_every_command_says_what_to_run(prepgraph, tmp_path, args):
    code, out, err = prepgraph(*args, "--workspace", tmp_path / "none", "--json")
    assert (code, out) == (2, "")
    assert_one_sentence(err)
    assert "run `prepgraph ingest` first" in err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["ingest", "check"])
def test_a_missing_folder_is_wrong_use(prepgraph, tmp_path, command):
    code, out, err = prepgraph(command, tmp_path / "nowhere", "--workspace", tmp_path / "w", "--json")
    assert (code, out) == (2, "")
    assert_one_sentence(err)
    assert "nowhere; name the folder" in err


@pytest.mark.parametrize("args", [("ask", ""), ("ask", " \n"), ("search", ""), ("search",), ("ask",)])
def test_an_empty_question_is_wrong_use(prepgraph, small, args):
    code, out, err = prepgraph(*args, "--workspace", small.workspace, "--json")
    assert (code, out) == (2, "")
    assert_one_sentence(err)
    assert "question is empty" in err


@pytest.mark.parametrize(
    "line", ["no json", "[]", "{}", '{"id": 1}', '{"id": 1, "question": ""}', '{"id": 1, "question": 2}', "1"]
)
def test_a_broken_line_of_questions_is_named_before_anything_is_answered(prepgraph, small, tmp_path, line):
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"id": "1", "question": "{QUESTION}"}}\n\n{line}\n')
    code, out, err = prepgraph("ask", "--questions", file, "--workspace", small.workspace, "--json")
    assert (code, out) == (2, "")
    assert_one_sentence(err)
    assert f"{file}:3 is not a row" in err


@pytest.mark.parametrize("data", [None, b"\xff\xfe\0"])
def test_questions_that_cannot_be_read_are_wrong_use(prepgraph, small, tmp_path, data):
    file = tmp_path / "questions.jsonl"
    if data:
        file.write_bytes(data)
    code, out, err = prepgraph("search", "--questions", file, "--workspace", small.workspace, "--json")
    assert (code, out) == (2, "")
    assert_one_sentence(err)
    assert str(file) in err


@pytest.mark.parametrize("args", [("path", "Graph", "HNWS"), ("path", "HNWS", "Graph"), ("prerequisites", "HNWS")])
def test_an_unknown_concept_is_named_with_what_could_be_meant(prepgraph, small, args):
    code, out, err = prepgraph(*args, "--workspace", small.workspace, "--json")
    assert (code, out) == (2, "")
    assert_one_sentence(err)
    assert "no concept called 'HNWS'; did you mean 'HNSW'" in err


def test_an_unknown_concept_that_is_like_no_other_says_where_to_look(prepgraph, small):
    _, _, err = prepgraph("prerequisites", "zzzzzz", "--workspace", small.workspace)
    assert "`prepgraph concepts` lists" in err


@pytest.mark.parametrize(
    "args",
    [("search", "x", "--top-k", "0"), ("search", "x", "--week", "one"), ("nonsense",), ("export", "--format", "x")],
)
def test_wrong_options_exit_with_2(prepgraph, args):
    code, out, err = prepgraph(*args)
    assert (code, out) == (2, "")
    assert err


def test_a_place_that_cannot_be_written_is_a_failure(prepgraph, small, tmp_path):
    code, _, err = prepgraph("export", "--output", tmp_path, "--workspace", small.workspace)
    assert code == 1
    assert_one_sentence(err)
    assert "choose another place" in err


def test_a_workspace_that_is_a_file_is_a_failure(prepgraph, small, tmp_path):
    (tmp_path / "file").write_text("x")
    for args in (("ingest", small.root), ("search", "x")):
        code, out, err = prepgraph(*args, "--workspace", tmp_path / "file", "--json")
        assert (code, out) == (1, "")
        assert_one_sentence(err)


def test_bad_files_are_named_and_lose_nothing(prepgraph, notes):
    notes.write(
        {
            **NOTES,
            "broken.md": "---\ntitle: [unclosed\n---\nThe body of a note with broken front matter is still text.\n",
            "binary.md": bytes(range(256)) * 40,
            "rubbish.md": os.urandom(2_000).replace(b"\0", b"\xff"),
            "empty.md": "",
            "sub/hnsw.md": "A second note with one id.",
            "long.md": "# Long\n" + "word " * 20_000,
            "a.md": "A.\n## Connections\n- requires [[b]]: a loop\n",
            "b.md": "B.\n## Connections\n- requires [[a]]: a loop\n",
            os.fsdecode(b"caf\xe9.md"): "A note whose name is no text.",
            "resources/bad.yaml": "- [",
        }
    )
    code, out, err = prepgraph("ingest", notes.root, "--workspace", notes.workspace, "--json")
    assert (code, err) == (0, "")
    row = json.loads(out)
    named = {(p["path"], p["code"]) for p in row["problems"]}
    assert named >= {
        ("broken.md", "broken_front_matter"),
        ("binary.md", "unreadable"),
        ("rubbish.md", "not_utf8"),
        ("empty.md", "empty"),
        ("sub/hnsw.md", "duplicate_id"),
        ("resources/bad.yaml", "broken_yaml"),
    }
    assert {"contradiction"} <= {code for _, code in named}
    assert "prerequisite_cycle" not in {code for _, code in named}, "a pair is one problem, not two"
    assert row["documents"] == 13  # all but the binary one
    _, out, _ = prepgraph("search", "note with broken front matter", "--workspace", notes.workspace, "--json")
    assert json.loads(out)["results"][0]["path"] == "broken.md"


def test_a_question_that_is_no_text_is_answered_all_the_same(prepgraph, small):
    asked = os.fsdecode(b"caf\xe9 graph")
    code, out, err = prepgraph("ask", asked, "--workspace", small.workspace, "--json")
    assert (code, err) == (0, "")
    assert json.loads(out)["question"] == "caf? graph"


def test_a_reader_of_a_pipe_may_leave(course_settings):
    command = f"'{sys.executable}' -c '{RUN}' relations --workspace '{course_settings.workspace}' --json | head -c 1"
    done = subprocess.run(["sh", "-c", command], cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("[", "")


def test_a_terminal_may_lack_characters(small):
    command = [sys.executable, "-c", RUN, "path", "Graph", "HNSW", "--workspace", str(small.workspace)]
    plain = {**os.environ, "PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env=plain)
    assert (done.returncode, done.stderr) == (0, "")
    assert "Graph" in done.stdout
