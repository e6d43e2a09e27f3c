"""Going back to the generation before, and what an ingest says that it changed: in the workspace and on the command."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

import cli
import generation
import publication
from graph.diff import GraphDiff
from graph.errors import BusyError, StorageError, UsageError
from workspace import Settings, graph_changes, previous_report, undo

ROOT = Path(__file__).parents[1]
FIRST = {
    "graphs.md": "---\ntitle: Graph\nweek: 2\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": "---\ntitle: HNSW\nweek: 5\n---\nHNSW walks a graph.\n\n## Connections\n- requires [[graphs]]\n",
    "star.md": "---\ntitle: STAR\nweek: 7\n---\nA STAR story ends with a result.\n",
}
SECOND = {
    "graphs.md": FIRST["graphs.md"],
    "hnsw.md": FIRST["hnsw.md"].replace("week: 5", "week: 2"),
    "ivf.md": "---\ntitle: IVF [bold]\nweek: 5\n---\nIVF has clusters.\n\n## Connections\n- contrasts with [[hnsw]]\n",
}


def in_service(notes):
    return generation.current_generation(notes.workspace).id


def kept(notes):
    return {path.name for path in (notes.workspace / "generations").iterdir()}


@pytest.fixture
def twice(notes):
    """Notes that were ingested, changed and ingested again, with both reports."""
    return notes, notes.write(FIRST).ingest(), notes.replace(SECOND).ingest()


def settings_of(notes):
    return Settings(workspace=notes.workspace)


def prepgraph(notes, *arguments):
    """Runs the command in this process; the exit code and what it printed."""
    done = CliRunner().invoke(cli.app, [*arguments, "--workspace", str(notes.workspace)], catch_exceptions=False)
    return done.exit_code, done.stdout


def test_a_report_names_the_generation_that_it_took_over_from(twice):
    notes, first, second = twice
    assert (first.previous, second.previous) == (None, first.generation)
    assert notes.ingest().previous == second.generation, "nothing changed, so it took over from itself"
    assert generation.previous_generation(notes.workspace).id == first.generation, "which is not to be gone back to"


def test_undo_puts_the_generation_before_back_and_a_second_one_goes_forward(twice):
    notes, first, second = twice
    forward = notes.graph_bytes()
    back = undo(settings_of(notes))
    assert (back.generation, back.previous) == (first.generation, second.generation)
    assert (in_service(notes), back.documents) == (first.generation, 3)
    assert notes.open().graph.concept("star")
    again = undo(settings_of(notes))
    assert (again.generation, again.previous) == (second.generation, first.generation)
    assert notes.graph_bytes() == forward
    assert kept(notes) == {first.generation, second.generation}


def test_after_an_undo_the_next_ingest_goes_back_to_what_was_in_service(twice):
    notes, first, _ = twice
    undo(settings_of(notes))
    third = notes.write({"late.md": "A latecomer."}).ingest()
    assert third.previous == first.generation
    assert kept(notes) == {first.generation, third.generation}
    assert undo(settings_of(notes)).generation == first.generation


def test_an_ingest_of_an_input_that_is_kept_can_be_undone(twice):
    notes, first, second = twice
    assert notes.replace(FIRST).ingest().previous == second.generation
    assert in_service(notes) == first.generation
    assert undo(settings_of(notes)).generation == second.generation


def test_undo_touches_no_note(twice):
    notes, _, _ = twice
    undo(settings_of(notes))
    assert {path.name for path in notes.root.iterdir()} == set(SECOND)


def test_there_is_nothing_to_undo_in_an_empty_workspace_or_after_one_ingest(notes):
    with pytest.raises(UsageError, match="Nothing has been ingested"):
        undo(settings_of(notes))
    assert not notes.workspace.exists()
    report = notes.write(FIRST).ingest()
    with pytest.raises(UsageError, match="keeps no generation before the one in service"):
        undo(settings_of(notes))
    assert in_service(notes) == report.generation
    assert previous_report(settings_of(notes)) is None


def test_a_generation_that_was_taken_away_is_not_gone_back_to(twice):
    notes, first, second = twice
    (notes.workspace / "generations" / first.generation).rename(notes.workspace / "elsewhere")
    with pytest.raises(UsageError, match="keeps no generation before"):
        undo(settings_of(notes))
    assert graph_changes(settings_of(notes), second) is None


@pytest.mark.parametrize("previous", ["..", "../..", ""])
def test_a_report_cannot_name_a_folder_elsewhere(twice, previous):
    notes, _, second = twice
    report = notes.workspace / "generations" / second.generation / "report.json"
    report.write_text(json.dumps({**json.loads(report.read_text()), "previous": previous}))
    with pytest.raises(UsageError, match="keeps no generation before"):
        undo(settings_of(notes))


@pytest.mark.parametrize("name", ["graph.json", "report.json", "chunks.jsonl"])
def test_a_damaged_generation_stays_out_of_service(twice, name):
    notes, first, second = twice
    (notes.workspace / "generations" / first.generation / name).write_bytes(b"{")
    with pytest.raises(StorageError, match="stays out of service"):
        undo(settings_of(notes))
    assert in_service(notes) == second.generation


def test_undo_waits_for_no_writer(twice):
    from filelock import FileLock

    notes, _, second = twice
    with FileLock(notes.workspace / "writer.lock"), pytest.raises(BusyError, match="being written"):
        undo(settings_of(notes))
    assert in_service(notes) == second.generation


@pytest.mark.parametrize(("step", "is_back"), [("write_report", False), ("_swap_pointer", False), ("_prune", True)])
def test_an_undo_that_is_killed_is_done_or_not_done(twice, step, is_back):
    notes, first, second = twice
    code = (
        "import os, signal, sys, publication; from pathlib import Path\n"
        f"publication.{step} = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        "publication.undo(Path(sys.argv[1]))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(notes.workspace)], cwd=ROOT, check=False)
    assert done.returncode == -signal.SIGKILL
    ids = (first.generation, second.generation) if is_back else (second.generation, first.generation)
    assert (in_service(notes), generation.previous_generation(notes.workspace).id) == ids
    assert undo(settings_of(notes)).generation == ids[1]


def test_what_never_came_into_service_does_not_push_out_what_was(twice, monkeypatch):
    notes, _, second = twice

    def fail(*_):
        raise OSError("the disk is full")

    notes.write({"never.md": "This note is in no generation that was in service."})
    with monkeypatch.context() as patched:
        patched.setattr(publication, "_swap_pointer", fail)
        with pytest.raises(StorageError):
            notes.ingest()
    third = notes.write({"never.md": "This one is."}).ingest()
    assert third.previous == second.generation
    assert kept(notes) == {second.generation, third.generation}


def test_a_report_of_an_older_version_is_read(notes):
    report = notes.write(FIRST).ingest()
    path = notes.workspace / "generations" / report.generation / "report.json"
    row = json.loads(path.read_text())
    del row["previous"], row["merges"]
    path.write_text(json.dumps(row))
    read = generation.current_generation(notes.workspace).report()
    assert (read.previous, read.merges) == (None, ())


@pytest.mark.parametrize("name", ["graph.json", "report.json"])
def test_a_generation_that_is_built_again_after_damage_can_be_undone_as_before(twice, name):
    notes, first, second = twice
    (notes.workspace / "generations" / second.generation / name).write_bytes(b"{")
    assert notes.ingest().generation == second.generation
    assert generation.previous_generation(notes.workspace).id == first.generation
    assert undo(settings_of(notes)).generation == first.generation


def test_a_first_generation_that_is_built_again_has_nothing_before(notes):
    report = notes.write(FIRST).ingest()
    (notes.workspace / "generations" / report.generation / "report.json").write_bytes(b"{")
    notes.ingest()
    assert generation.previous_generation(notes.workspace) is None


def test_what_an_ingest_changed_is_compared_anew(twice):
    notes, first, second = twice
    diff = graph_changes(settings_of(notes), second)
    assert [c.id for c in diff.concepts_added] == ["ivf"]
    assert {c.id for c in diff.concepts_gone} == {"star", "week-7"}
    assert [(c.new.id, c.fields) for c in diff.concepts_changed] == [("hnsw", ("week",))]
    assert len(diff.relations_added) > 0
    back = graph_changes(settings_of(notes), undo(settings_of(notes)))
    assert (back.concepts_added, back.concepts_gone) == (diff.concepts_gone, diff.concepts_added)
    everything = graph_changes(settings_of(notes), first)
    assert {c.id for c in everything.concepts_added} == {"graphs", "hnsw", "star", "week-2", "week-5", "week-7"}


def test_an_unchanged_ingest_changed_nothing(twice):
    notes, _, _ = twice
    assert graph_changes(settings_of(notes), notes.ingest()) == GraphDiff()


def test_what_changed_from_a_generation_that_cannot_be_read_is_not_known(twice):
    notes, first, second = twice
    (notes.workspace / "generations" / first.generation / "graph.json").write_bytes(b"{")
    assert graph_changes(settings_of(notes), second) is None


def test_the_command_prints_the_diff_as_json(notes):
    notes.write(FIRST)
    code, out = prepgraph(notes, "ingest", str(notes.root), "--json")
    row = json.loads(out)
    assert (code, row["documents"]) == (0, 3)
    assert list(row) == [
        *("generation", "documents", "chunks", "concepts", "relations", "resources", "problems", "merges", "seconds"),
        "diff",
    ]
    assert row["diff"]["concepts"]["added"] == ["graphs", "hnsw", "star", "week-2", "week-5", "week-7"]
    assert row["diff"]["relations"]["added"] == row["relations"]
    notes.replace(SECOND)
    _, out = prepgraph(notes, "ingest", str(notes.root), "--json")
    diff = json.loads(out)["diff"]
    assert diff["concepts"] == {"added": ["ivf"], "gone": ["star", "week-7"], "changed": ["hnsw"]}
    assert set(diff["relations"]) == {"added", "gone", "changed"}
    _, out = prepgraph(notes, "ingest", str(notes.root), "--json")
    assert json.loads(out)["diff"]["concepts"] == {"added": [], "gone": [], "changed": []}
    _, out = prepgraph(notes, "undo", "--json")
    assert json.loads(out)["diff"]["concepts"] == {"added": ["star", "week-7"], "gone": ["ivf"], "changed": ["hnsw"]}


def test_the_command_tells_people_what_changed(notes):
    notes.write(FIRST)
    _, out = prepgraph(notes, "ingest", str(notes.root))
    assert "added" not in out, "in a first generation all is new"
    notes.replace(SECOND)
    _, out = prepgraph(notes, "ingest", str(notes.root))
    assert out.index("problem") < out.index("1 concept added: IVF [bold]\n")
    assert "2 concepts gone: STAR, Week 7\n" in out
    assert "1 concept changed: HNSW (week)\n" in out
    assert "relations added, " in out
    _, out = prepgraph(notes, "ingest", str(notes.root))
    assert "Nothing changed in the graph." in out
    _, out = prepgraph(notes, "undo")
    assert "Back in service: 3 documents" in out
    assert "1 concept gone: IVF [bold]\n" in out


def test_many_names_are_cut_short(notes):
    notes.write(FIRST).ingest()
    notes.write({f"n{number}.md": f"# Note {number}\nA note with a number.\n" for number in range(9)})
    _, out = prepgraph(notes, "ingest", str(notes.root))
    assert "9 concepts added: Note 0, Note 1, Note 2, Note 3, Note 4 …\n" in out


def test_an_undo_with_nothing_before_is_wrong_use_in_one_sentence(notes):
    notes.write(FIRST).ingest()
    command = [sys.executable, "-c", "import cli; cli.main()", "undo", "--json", "--workspace", str(notes.workspace)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, env={**os.environ})
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("prepgraph: ")
    assert done.stderr.count("\n") == 1
