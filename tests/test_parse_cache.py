"""The cache of parsed files: nothing but time depends on it, whatever becomes of its file."""

import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

import publication
from parse_cache import PARSED_FILES, ParsedFiles
from rag.embed import MiniLMEmbedder
from workspace import check_folder

ROOT = Path(__file__).parents[1]
ROWS = {bytes([number]) * 32: f"data {number}".encode() * 50 for number in range(40)}
NOTES = {f"{number}.md": f"# Note {number}\n\nNote {number} says *something*.\n" for number in range(30)}


class CountingEmbedder(MiniLMEmbedder):
    """The model, with the texts whose tokens it was asked to count: files are cut into passages by them."""

    def __init__(self):
        super().__init__()
        self.counted = []

    def count_tokens(self, text):
        self.counted.append(text)
        return super().count_tokens(text)


@pytest.fixture
def cache(tmp_path):
    return ParsedFiles(tmp_path / "cache" / "parsed.sqlite", "a model")


def rows_on_disk(path):
    with sqlite3.connect(path) as database:
        return database.execute("SELECT count(*) FROM files").fetchone()[0]


def counted(notes):
    embedder = CountingEmbedder()
    publication.ingest(notes.root, notes.workspace, embedder)
    return embedder.counted


def test_what_was_put_is_given_back(cache):
    cache.put_many(ROWS)
    assert cache.get_many([*ROWS, b"?" * 32]) == ROWS
    assert ParsedFiles(cache.path, "a model").get_many([*ROWS]) == ROWS


def test_another_model_cuts_other_passages(cache):
    cache.put_many(ROWS)
    assert ParsedFiles(cache.path, "another model").get_many([*ROWS]) == {}


def test_only_the_last_two_builds_keep_their_rows(cache):
    first, second, third = list(ROWS)[:3]
    for used in (first, second, third):
        cache.put_many({used: ROWS[used]})
        cache.end_build()
    assert set(cache.get_many([*ROWS])) == {second, third}
    cache.get_many([second])
    cache.end_build()
    assert set(cache.get_many([*ROWS])) == {second, third}
    assert rows_on_disk(cache.path) == 2


def test_a_reader_writes_nothing(cache):
    reader = ParsedFiles(cache.path, "a model", read_only=True)
    assert reader.get_many([*ROWS]) == {}
    reader.put_many(ROWS)
    reader.end_build()
    assert not cache.path.parent.exists()
    cache.put_many(ROWS)
    before = cache.path.read_bytes()
    assert reader.get_many([*ROWS]) == ROWS
    reader.put_many({b"n" * 32: b"new"})
    reader.end_build()
    assert cache.path.read_bytes() == before


@pytest.mark.parametrize("at", range(0, 40_000, 1_777))
def test_damage_anywhere_gives_nothing_wrong_and_is_mended(cache, at):
    cache.put_many(ROWS)
    cache.end_build()
    data = bytearray(cache.path.read_bytes())
    at %= len(data)
    data[at : at + 200] = bytes(255 - byte for byte in data[at : at + 200])
    cache.path.write_bytes(data)
    for reader in (ParsedFiles(cache.path, "a model", read_only=True), ParsedFiles(cache.path, "a model")):
        for key, found in reader.get_many([*ROWS]).items():
            assert found == ROWS[key]
    for _ in range(2):  # the first write may be the one that notices
        cache.put_many(ROWS)
        cache.end_build()
    assert cache.get_many([*ROWS]) == ROWS


@pytest.mark.parametrize("data", [b"", b"no database at all" * 100])
def test_a_file_that_is_no_database_is_begun_anew(cache, data):
    cache.path.parent.mkdir()
    cache.path.write_bytes(data)
    assert cache.get_many([*ROWS]) == {}
    cache.put_many(ROWS)
    assert cache.get_many([*ROWS]) == ROWS


def test_what_cannot_be_written_is_done_without(tmp_path):
    (tmp_path / "cache").write_text("a file where the folder should be")
    cache = ParsedFiles(tmp_path / "cache" / "parsed.sqlite", "a model")
    cache.put_many(ROWS)
    cache.end_build()
    assert cache.get_many([*ROWS]) == {}


def test_an_ingest_parses_only_the_note_that_changed(notes):
    assert len(counted(notes.write(NOTES))) >= len(NOTES)
    texts = counted(notes.write({"7.md": "# Note 7\n\nIt says something else.\n"}))
    assert any("something else" in text for text in texts)
    assert not any("says something" in text for text in texts if "else" not in text)
    rows = rows_on_disk(notes.workspace / PARSED_FILES)
    assert rows == len(NOTES) + 1  # the old note 7 is the last generation's


@pytest.mark.parametrize("damage", ["gone", "broken", "from other code"])
def test_whatever_becomes_of_the_cache_the_graph_is_the_same(notes, make_notes, damage):
    whole = make_notes().write(NOTES)
    whole.ingest()
    notes.write({**NOTES, "7.md": "Another."}).ingest()
    path = notes.workspace / PARSED_FILES
    data = bytearray(path.read_bytes())
    data[5_000:9_000] = b"?" * 4_000
    if damage == "gone":
        path.unlink()
    elif damage == "broken":
        path.write_bytes(data)
    else:
        with sqlite3.connect(path) as database:
            database.execute("UPDATE files SET key = randomblob(32)")
    notes.replace(NOTES).ingest()
    assert notes.graph_bytes() == whole.graph_bytes()
    # From then on it is as good as one that was never harmed.
    assert counted(notes.write({"7.md": "A third."})) == counted(whole.write({"7.md": "A third."}))
    assert notes.graph_bytes() == whole.graph_bytes()


def test_a_check_reads_the_cache_and_leaves_it_alone(notes):
    notes.write({**NOTES, "lost.md": "A [[nowhere]] link.\n"}).ingest()
    path = notes.workspace / PARSED_FILES
    before = path.read_bytes()
    problems = check_folder(notes.root, notes.workspace)
    assert problems == check_folder(notes.root)
    assert path.read_bytes() == before
    check_folder(notes.root, notes.root.parent / "nowhere")
    assert not (notes.root.parent / "nowhere").exists()


def test_checks_while_notes_are_ingested_find_the_same(notes):
    notes.write(NOTES).ingest()
    expected = check_folder(notes.root)
    code = (
        "import sys; from pathlib import Path; from workspace import check_folder\n"
        "for _ in range(10): print(len(check_folder(Path(sys.argv[1]), Path(sys.argv[2]))), flush=True)"
    )
    checks = subprocess.Popen(
        [sys.executable, "-c", code, str(notes.root), str(notes.workspace)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    database = ParsedFiles(notes.workspace / PARSED_FILES, "another model")
    while checks.poll() is None:
        database.put_many(ROWS)
        database.end_build()
    out, err = checks.communicate()
    assert (err, set(out.split())) == ("", {str(len(expected))})
