"""What `doctor` finds, and the next step that it names."""

import pytest

import generation
from doctor.diagnosis import diagnose
from workspace import Settings

NOTES = {"a.md": "A is a [[b]].", "b.md": "B is a part."}


def findings(notes):
    return {finding.name: finding for finding in diagnose(Settings(workspace=notes.workspace))}


def test_all_is_well(notes):
    notes.write(NOTES).ingest()
    found = findings(notes)
    assert {finding.status for finding in found.values()} == {"ok"}
    assert set(found) == {"versions", "embedding model", "language model", "workspace", "notes", "graph and index"}
    assert "2 concepts" in found["graph and index"].detail
    assert "2 passages" in found["graph and index"].detail


def test_nothing_ingested_yet(notes):
    found = findings(notes)
    assert found["workspace"].status == "warning"
    assert found["workspace"].next_step == "Run `prepgraph ingest`."
    assert "notes" not in found


def test_notes_that_changed_or_went(notes):
    notes.write(NOTES).ingest()
    notes.write({"c.md": "New."})
    found = findings(notes)["notes"]
    assert (found.status, "changed" in found.detail) == ("warning", True)
    assert "ingest" in found.next_step
    notes.root.rename(notes.root.parent / "elsewhere")
    found = findings(notes)["notes"]
    assert (found.status, "no longer there" in found.detail) == ("warning", True)


def test_a_pointer_to_nothing(notes):
    notes.write(NOTES).ingest()
    (notes.workspace / "CURRENT").write_text("gone")
    assert findings(notes)["workspace"].status == "broken"


@pytest.mark.parametrize(
    ("name", "finding"),
    [
        ("graph.json", "graph and index"),
        ("chunks.jsonl", "graph and index"),
        ("index/chunk_ids.json", "graph and index"),
        ("report.json", "notes"),
    ],
)
def test_damage_is_found_and_the_rest_is_still_looked_at(notes, name, finding):
    notes.write(NOTES).ingest()
    (generation.current_generation(notes.workspace).folder / name).write_bytes(b"\xff{")
    found = findings(notes)
    assert found[finding].status == "broken"
    assert name.rpartition("/")[2] in found[finding].detail or "index" in found[finding].detail
    assert found["embedding model"].status == "ok"
    notes.ingest()
    assert {f.status for f in findings(notes).values()} == {"ok"}
