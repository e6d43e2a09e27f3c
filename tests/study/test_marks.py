"""The learner's marks: kept through everything that happens to the notes, to the process and to the file."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import tempfile
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest

from graph.errors import BusyError, StorageError, UsageError
from graph.schema import Concept, Span
from graph.store import NetworkxStore
from study.marks import Mark, Marks, marks_in, with_level
from workspace import Settings, open_marks, undo

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ROOT = Path(__file__).parents[2]


class Clock:
    """One minute later at each look."""

    def __init__(self):
        self.now = NOON

    def __call__(self):
        self.now += timedelta(minutes=1)
        return self.now


@pytest.fixture
def marks(tmp_path):
    return Marks(tmp_path, Clock())


def concept(concept_id, title="", aliases=()):
    return Concept(concept_id, title or concept_id, aliases, "", 1, None, "concept", (Span("a.md", 1, 1, "a"),))


def test_a_mark_is_there_for_the_next_process(marks, tmp_path):
    marks.set("hnsw", "shaky", title="HNSW")
    marks.set("bm25", "known", title="BM25", source="drill")
    found = Marks(tmp_path).all()
    assert found == {
        "bm25": Mark("bm25", "BM25", "known", "drill", NOON + timedelta(minutes=2)),
        "hnsw": Mark("hnsw", "HNSW", "shaky", "reader", NOON + timedelta(minutes=1)),
    }
    assert with_level(found, ["known"]) == {"bm25"}


def test_the_last_mark_counts_and_those_before_are_kept(marks):
    for level in ("shaky", "known", "new"):
        marks.set("hnsw", level)
    assert marks.all()["hnsw"].level == "new"
    assert [mark.level for mark in marks.history("hnsw")] == ["shaky", "known", "new"]
    assert marks.history("bm25") == ()


def test_the_same_again_is_no_event(marks):
    first = marks.set("hnsw", "known")
    assert marks.set("hnsw", "known") == first
    assert marks.set("hnsw", "known", source="drill").source == "drill"
    assert len(marks.history("hnsw")) == 2


def test_times_are_kept_in_utc(tmp_path):
    marks = Marks(tmp_path, lambda: NOON.astimezone(timezone(timedelta(hours=5))))
    marks.set("hnsw", "known")
    assert marks.all()["hnsw"].at.utcoffset() == timedelta(0)
    assert marks.all()["hnsw"].at == NOON


def test_looking_writes_nothing(marks, tmp_path):
    assert marks.all() == {}
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_level_is_refused(marks):
    with pytest.raises(UsageError, match="'great' is no mark"):
        marks.set("hnsw", "great")
    assert not marks.path.exists()


def test_marks_survive_ingests_pruning_and_undo(notes):
    marks = open_marks(Settings(workspace=notes.workspace))
    for number in range(4):  # two generations are kept
        notes.replace({"heap.md": f"# Heap\nA heap is a tree. {number}", "trie.md": "# Trie\nA trie is a tree."})
        notes.ingest()
        marks.set(f"concept-{number}", "known")
    marks.set("heap", "shaky", title="Heap")
    undo(Settings(workspace=notes.workspace))
    assert len(marks.all()) == 5
    assert marks.all()["heap"].level == "shaky"


def test_the_mark_of_a_concept_that_is_gone_waits_for_it(marks):
    marks.set("heap", "known", title="Heap")
    without, again = NetworkxStore([concept("trie")], ()), NetworkxStore([concept("heap"), concept("trie")], ())
    assert marks_in(without, marks.all()) == {}
    assert marks_in(again, marks.all())["heap"].level == "known"


def test_a_mark_follows_its_concept_to_a_new_id(marks):
    marks.set("hnsw", "shaky", title="HNSW")
    renamed = NetworkxStore([concept("hnsw-index", "HNSW index", ("HNSW",))], ())
    assert marks_in(renamed, marks.all())["hnsw-index"].level == "shaky"
    marks.set("hnsw-index", "known", title="HNSW index")
    assert marks_in(renamed, marks.all())["hnsw-index"].level == "known"
    assert set(marks_in(renamed, marks.all())) == {"hnsw-index"}


def test_of_two_old_marks_the_last_counts(marks):
    marks.set("b", "known", title="B")
    marks.set("a", "shaky", title="A")
    merged = NetworkxStore([concept("ab", "A and B", ("A", "B"))], ())
    assert marks_in(merged, marks.all())["ab"].level == "shaky"


def test_processes_that_write_at_once_lose_nothing(tmp_path):
    code = (
        "import sys; from pathlib import Path; from study.marks import Marks\n"
        "marks = Marks(Path(sys.argv[1]))\n"
        "for n in range(25): marks.set(f'{sys.argv[2]}-{n}', 'known'); marks.all()"
    )
    command = [sys.executable, "-c", code, str(tmp_path)]
    running = [subprocess.Popen([*command, str(n)], cwd=ROOT, stderr=subprocess.PIPE) for n in range(4)]
    faults = [process.communicate()[1].decode() for process in running]
    assert [process.returncode for process in running] == [0] * 4, faults
    assert len(Marks(tmp_path).all()) == 100


def test_a_reader_is_not_held_up_by_a_writer(marks):
    marks.set("hnsw", "known")
    writer = sqlite3.connect(marks.path, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    assert marks.all()["hnsw"].level == "known"
    writer.execute("ROLLBACK")
    writer.close()


def test_a_writer_that_waits_too_long_says_so(marks, monkeypatch):
    monkeypatch.setattr("study.database._BUSY_SECONDS", 0.05)
    marks.set("hnsw", "known")
    other = sqlite3.connect(marks.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(BusyError, match="try again"):
        marks.set("hnsw", "shaky")
    other.execute("ROLLBACK")
    other.close()
    assert marks.set("hnsw", "shaky").level == "shaky"


def spoil_with_noise(path):
    path.write_bytes(b"\x00\xffnoise" * 500)


def spoil_by_cutting(path):
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2 + 100])


def spoil_with_a_folder(path):
    path.unlink()
    path.mkdir()


def spoil_the_table(path):
    with sqlite3.connect(path) as database:
        database.execute("DROP TABLE mark_events")
    database.close()


def spoil_a_time(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE mark_events SET at = 'yesterday'")
    database.close()


def spoil_the_text(path):
    with sqlite3.connect(path) as database:
        database.execute("UPDATE mark_events SET title = CAST(x'ff00' AS TEXT)")
    database.close()


def spoil_by_being_newer(path):
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA user_version = 99")
    database.close()


SPOILS = [
    spoil_with_noise,
    spoil_by_cutting,
    spoil_with_a_folder,
    spoil_the_table,
    spoil_a_time,
    spoil_the_text,
    spoil_by_being_newer,
]


@pytest.mark.parametrize("spoil", SPOILS, ids=lambda spoil: spoil.__name__)
def test_a_file_that_cannot_be_used_is_one_sentence_and_stays_as_it_is(marks, spoil):
    for number in range(20):
        marks.set(f"concept-{number}", "known", title="A title that takes some room in the file. " * 30)
    spoil(marks.path)
    before = marks.path.read_bytes() if marks.path.is_file() else None
    with pytest.raises(StorageError, match=r"study\.sqlite") as caught:
        marks.all()
    assert "\n" not in str(caught.value)
    assert not isinstance(caught.value, BusyError)
    if before is not None:
        assert marks.path.read_bytes() == before


def test_a_folder_that_may_not_be_written_is_one_sentence(as_nobody):
    with as_nobody() as folder, pytest.raises(StorageError, match="make the file and its folder writable"):
        Marks(folder).set("hnsw", "known")


def test_an_empty_file_is_begun(marks):
    marks.path.touch()
    assert marks.all() == {}
    assert marks.set("hnsw", "known").level == "known"


@pytest.fixture
def as_nobody():
    """A folder that this process may not write while in it, also when it runs as root."""
    from contextlib import contextmanager

    @contextmanager
    def powerless():
        with tempfile.TemporaryDirectory(dir="/tmp") as name:
            folder = Path(name)
            Marks(folder).set("bm25", "known")
            folder.chmod(0o555)
            Marks(folder).path.chmod(0o444)
            mine = os.geteuid()
            if mine == 0:
                os.seteuid(65534)
            try:
                yield folder
            finally:
                os.seteuid(mine)
                folder.chmod(0o755)

    return powerless
