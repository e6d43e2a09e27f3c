"""One line an event, in both shapes; off by default; secrets never in it."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from graph.errors import StorageError
from logs import configure_logs, log_event, log_stages, timed_event

ROOT = Path(__file__).parents[1]


@pytest.fixture
def logged(capsys):
    """What was logged since the last call, line by line; logs are off again in the end."""
    configure_logs("")
    yield lambda: capsys.readouterr().err.splitlines()
    configure_logs("")


def test_nothing_is_logged_unless_it_is_switched_on(logged):
    configure_logs("")
    log_event("engine_fault", "error", engine="qdrant")
    assert logged() == []


def test_an_event_is_one_json_document_a_line(logged):
    configure_logs("json")
    log_event("publish", texts=3, seconds=0.25, name="a\nb", nested={"list": [1, None, True]}, path=Path("x"))
    (line,) = logged()
    event = json.loads(line)
    assert event["time"].endswith("Z")
    assert event["process"] > 0
    expected = {"level": "info", "event": "publish", "texts": 3, "seconds": 0.25, "name": "a\nb", "path": "x"}
    assert expected.items() <= event.items()
    assert event["nested"] == {"list": [1, None, True]}


def test_text_is_one_line_too(logged):
    configure_logs("text")
    log_event("engine_fault", "error", error="no\nanswer", count=2)
    (line,) = logged()
    assert line.endswith("count=2")
    assert " error engine_fault process=" in line
    assert '"no\\nanswer"' in line


@pytest.mark.parametrize("kind", ["json", "text"])
def test_secrets_are_replaced_wherever_they_stand(logged, kind):
    configure_logs(kind, "info", ["s3cret", "s3cret-and-more", ""])
    log_event("fault", error="key s3cret-and-more", urls=["http://u:s3cret@host"], by={"key": ("s3cret",)})
    (line,) = logged()
    assert "s3cret" not in line
    assert line.count("***") == 3


def test_the_level_is_kept(logged):
    configure_logs("text", "warning")
    log_event("search")
    log_event("engine_fault", "error")
    assert [line.split()[2] for line in logged()] == ["engine_fault"]


def test_a_timed_event_tells_how_it_ended(logged):
    configure_logs("json")
    with timed_event("ask", mode="extractive") as event:
        event["status"] = "answered"
    with pytest.raises(StorageError), timed_event("ask"):
        raise StorageError("Qdrant is away")
    well, ill = map(json.loads, logged())
    assert (well["level"], well["mode"], well["status"]) == ("info", "extractive", "answered")
    assert (ill["level"], ill["error"], ill["kind"]) == ("error", "Qdrant is away", "StorageError")
    assert well["seconds"] >= 0 <= ill["seconds"]


def test_each_stage_is_told_once_with_its_count(logged):
    configure_logs("json")
    seen = []
    progress = log_stages(lambda *told: seen.append(told))
    told = [("read", 0, 4), ("embed", 0, 9), ("embed", 9, 9), ("qdrant", 3, 9), ("publish", 1, 1)]
    for stage, done, total in told:
        progress(stage, done, total)
    assert seen == told
    assert [(e["stage"], e["count"]) for e in map(json.loads, logged())] == [("read", 4), ("embed", 9), ("qdrant", 9)]
    log_stages(None)("read", 0, 1)


def test_the_command_logs_where_the_environment_says_so(tmp_path):
    command = [
        sys.executable,
        "-c",
        "from cli import main; main()",
        "search",
        "secret words",
        "--workspace",
        str(tmp_path),
        "--json",
    ]
    environment = {"PATH": "/usr/bin:/bin", "PREPGRAPH_LOG": "loud"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "PREPGRAPH_LOG is not set right" in done.stderr
