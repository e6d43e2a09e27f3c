"""Whole or not at all: what an ingest publishes, and what is left of one that was killed, locked out or full."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import generation
import publication
from graph.errors import BusyError, StorageError, UsageError

ROOT = Path(__file__).parents[1]
HNSW = "HNSW walks a proximity graph greedily.\n\n## Connections\n- requires [[graphs]]: it walks one\n"
NOTES = {
    "graphs.md": "---\ntitle: Graph\nweek: 2\n---\nA graph is a set of nodes joined by edges.\n",
    "hnsw.md": f"---\ntitle: HNSW\nweek: 5\n---\n{HNSW}",
    "star.md": "---\ntitle: STAR story\nweek: 7\n---\nA STAR story ends with a result that carries a number.\n",
}
MORE = {**NOTES, "ivf.md": "IVF scans only the clusters nearest to the query.\n"}
QUESTION = "Which index walks a proximity graph?"

INGEST = """
import os, signal, sys, time
from pathlib import Path
import generation_build
import publication
from rag.embed import MiniLMEmbedder

def die(*args, **options):
    os.kill(os.getpid(), signal.SIGKILL)

def ingest(on_progress=None):
    publication.ingest(Path(sys.argv[1]), Path(sys.argv[2]), MiniLMEmbedder(), on_progress)
"""


def start(notes, code, **options):
    command = [sys.executable, "-c", INGEST + code, str(notes.root), str(notes.workspace)]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, **options)


def run(notes, code, **options):
    process = start(notes, code, **options)
    out, err = process.communicate(timeout=300)
    return process.returncode, out, err


def kept(notes):
    return {path.name for path in (notes.workspace / "generations").iterdir()}


def found(opened):
    return [result.chunk.document_id for result in opened.search(QUESTION).results]


def stages(notes, embedder):
    seen = []
    publication.ingest(notes.root, notes.workspace, embedder, lambda stage, done, total: seen.append(stage))
    return set(seen)


def test_a_report_counts_what_is_now_in_service(notes):
    report = notes.write(NOTES).ingest()
    assert (report.documents, report.chunks, report.concepts) == (3, 4, 6)
    assert report.problems[0].code == "unlinked_concept"
    current = generation.current_generation(notes.workspace)
    assert (current.id, current.report().generation) == (report.generation, report.generation)
    assert current.report().root == str(notes.root)
    assert len(current.graph().concepts()) == 6
    assert current.corpus().paths() == tuple(sorted(NOTES))
    assert found(notes.open())[0] == "hnsw.md"


def test_the_same_notes_give_the_same_bytes_anywhere(make_notes):
    first, second = (make_notes().write(files) for files in (NOTES, dict(reversed(NOTES.items()))))
    first.ingest(), second.ingest()
    assert first.graph_bytes() == second.graph_bytes()


def test_nothing_was_ever_published(tmp_path):
    assert generation.current_generation(tmp_path / "nowhere") is None


def test_a_missing_folder_changes_nothing(notes, embedder):
    notes.write(NOTES).ingest()
    with pytest.raises(UsageError, match="no file or folder at"):
        publication.ingest(notes.root / "nowhere", notes.workspace, embedder)
    assert found(notes.open())[0] == "hnsw.md"


def test_an_unchanged_ingest_builds_nothing_and_loads_no_model(notes):
    notes.write(NOTES).ingest()
    graph = generation.current_generation(notes.workspace).folder / "graph.json"
    before = graph.stat()
    code, out, err = run(
        notes,
        "stages = set(); ingest(lambda stage, *_: stages.add(stage)); print(stages, 'onnxruntime' in sys.modules)",
    )
    assert (code, err) == (0, "")
    assert "False" in out
    assert "embed" not in out
    assert (graph.stat().st_mtime_ns, graph.stat().st_ino) == (before.st_mtime_ns, before.st_ino)


def test_an_earlier_input_that_is_still_kept_is_put_back_without_building(notes, embedder):
    first = notes.write(NOTES).ingest()
    second = notes.write(MORE).ingest()
    notes.replace(NOTES)
    assert stages(notes, embedder) == {"read", "publish"}
    assert generation.current_generation(notes.workspace).id == first.generation
    assert kept(notes) == {first.generation, second.generation}
    assert "ivf.md" not in found(notes.open())


def test_only_two_generations_are_kept(notes):
    ids = [notes.write({"n.md": f"A note that says {number}."}).ingest().generation for number in range(4)]
    assert kept(notes) == set(ids[2:])


def test_a_reader_of_a_generation_that_is_pruned_keeps_all_of_it(notes):
    notes.write(NOTES).ingest()
    opened = notes.open()
    for number in range(3):
        notes.replace({"other.md": f"Nothing like it, {number}."}).ingest()
    assert not opened.generation.folder.exists()
    assert found(opened)[0] == "hnsw.md"
    answer = opened.ask(QUESTION)
    assert answer.status == "answered"
    assert answer.citations[0].path == "hnsw.md"
    assert opened.graph.prerequisites("hnsw") == ("graphs",)


@pytest.mark.parametrize("changed", [True, False])
def test_what_a_killed_ingest_left_is_taken_away(notes, changed):
    notes.write(NOTES).ingest()
    stale = notes.workspace / "generations" / ".building-1"
    (stale / "index").mkdir(parents=True)
    (stale / "graph.json").write_text("{")
    notes.write(MORE if changed else NOTES).ingest()
    assert not stale.exists()


@pytest.mark.parametrize(
    "step",
    [
        "generation_build.write_token_vectors",
        "generation_build.build_edge_index",
        "generation_build.write_corpus",
        "generation_build.write_vocabulary",
        "generation_build.sync_tree",
        "publication._swap_pointer",
        "publication._prune",
        "publication.SegmentFolder",
    ],
)
def test_an_ingest_that_is_killed_leaves_one_whole_generation_in_service(notes, step):
    notes.write(NOTES).ingest()
    before = notes.graph_bytes()
    notes.write(MORE)
    assert run(notes, f"{step} = die; ingest()")[0] == -signal.SIGKILL
    published = step in {"publication._prune", "publication.SegmentFolder"}  # by then the pointer has been swapped
    assert (notes.graph_bytes() != before) == published
    assert ("ivf.md" in found(notes.open())) == published
    assert found(notes.open())[0] == "hnsw.md"
    assert notes.ingest().documents == len(MORE)
    assert "ivf.md" in found(notes.open())
    assert not [name for name in kept(notes) if name.startswith(".")]


def test_a_kill_while_embedding_loses_no_vector_that_was_kept(notes):
    notes.write({f"{number}.md": f"The note with the number {number}." for number in range(100)})
    code, _, _ = run(notes, "ingest(lambda stage, done, total: stage == 'embed' and done > 70 and die())")
    assert code == -signal.SIGKILL
    assert generation.current_generation(notes.workspace) is None
    assert notes.ingest().documents == 100


def test_a_killed_ingest_keeps_its_finished_batches(notes, embedder):
    notes.write({f"{number}.md": f"The note with the number {number}." for number in range(100)})
    code, _, _ = run(
        notes,
        "import rag.embed_cached; rag.embed_cached.TEXTS_A_WRITE = 20\n"
        "ingest(lambda stage, done, total: stage == 'embed' and done > 70 and die())",
    )
    assert code == -signal.SIGKILL
    done = []
    publication.ingest(
        notes.root, notes.workspace, embedder, lambda stage, n, total: stage == "embed" and done.append(n)
    )
    assert done[:3] == [0, 60, 61]
    assert segments(notes)[0] == segments(notes)[1]


def test_a_second_writer_is_told_who_holds_the_lock_and_readers_go_on(notes):
    notes.write(NOTES).ingest()
    notes.write(MORE)
    writer = start(
        notes, "ingest(lambda stage, *_: stage == 'embed' and (print('ready', flush=True), time.sleep(600)))"
    )
    try:
        assert writer.stdout.readline() == "ready\n"
        with pytest.raises(BusyError, match=rf"being written by process {writer.pid}, since .*; wait until it is done"):
            notes.ingest()
        assert found(notes.open())[0] == "hnsw.md"
    finally:
        writer.kill()
        writer.communicate()
    assert notes.ingest().documents == len(MORE)


@pytest.mark.parametrize("limit", [0, 1 << 16, 1 << 20])
def test_a_full_disk_leaves_the_old_generation_and_says_so_in_one_sentence(notes, limit):
    """A limit on file size stands in for a full disk: every write beyond it fails."""
    notes.write(NOTES).ingest()
    before, text = notes.graph_bytes(), "Another sentence about the same thing. " * 200
    notes.write({f"new/{number}.md": f"{text} {number}" for number in range(3)})
    code = f"import resource, cli; resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit})); cli.main()"
    command = [sys.executable, "-c", code, "ingest", str(notes.root), "--workspace", str(notes.workspace), "--json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("prepgraph: ")
    assert notes.graph_bytes() == before
    assert found(notes.open())[0] == "hnsw.md"
    assert not [name for name in kept(notes) if name.startswith(".")]
    assert notes.ingest().documents == len(NOTES) + 3


@pytest.mark.parametrize("pointer", ["", "gone", "../../etc", b"\xff\xfe\0"])
def test_a_pointer_to_nothing_is_named_and_mended_by_an_ingest(notes, pointer):
    notes.write(NOTES).ingest()
    current = notes.workspace / "CURRENT"
    current.write_bytes(pointer if isinstance(pointer, bytes) else pointer.encode())
    with pytest.raises(StorageError, match=r"CURRENT names no generation .*run `prepgraph ingest`"):
        notes.open()
    notes.ingest()
    assert found(notes.open())[0] == "hnsw.md"


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("graph.json", b""),
        ("report.json", b'{"root": 1}'),
        ("chunks.jsonl", b"\xff"),
        ("chunks.jsonl", b'{"path": 1}\n'),
        ("documents.jsonl", b"{"),
        ("index/chunk_ids.json", b"{"),
        ("words.txt", b"\xff"),
        ("tokens/manifest.json", b"{"),
        ("tokens/places.npy", b""),
        ("tokens/frequencies.npy", b"\x93NUMPY"),
    ],
)
def test_a_damaged_file_is_named_and_mended_by_an_ingest_of_the_same_notes(notes, name, damage):
    notes.write(NOTES).ingest()
    path = generation.current_generation(notes.workspace).folder / name
    path.write_bytes(damage)
    with pytest.raises(StorageError, match="ingest"):
        read_everything(notes)
    notes.ingest()
    read_everything(notes)


@pytest.mark.parametrize(("name", "damage"), [("chunks.jsonl", b""), ("index/chunk_ids.json", b"[]")])
def test_parts_that_do_not_belong_together_are_mended_by_an_ingest_of_the_same_notes(notes, name, damage):
    notes.write(NOTES).ingest()
    (generation.current_generation(notes.workspace).folder / name).write_bytes(damage)
    notes.ingest()
    read_everything(notes)


@pytest.mark.parametrize("damage", ["gone", "cut", "tokens gone"])
def test_damaged_token_vectors_are_named_and_mended_by_an_ingest_of_the_same_notes(notes, damage):
    notes.write(NOTES).ingest()
    (segment,) = (notes.workspace / "segments").iterdir()
    tokens = generation.current_generation(notes.workspace).folder / "tokens"
    if damage == "cut":
        (segment / "vectors.npy").write_bytes((segment / "vectors.npy").read_bytes()[:-1])
    else:
        shutil.rmtree(segment if damage == "gone" else tokens)
    with pytest.raises(StorageError, match=r"oken vectors .*run `prepgraph ingest`"):
        read_everything(notes)
    notes.ingest()
    read_everything(notes)


def test_a_changed_byte_of_a_token_vector_is_mended_by_an_ingest_of_the_same_notes(notes):
    notes.write(NOTES).ingest()
    (segment,) = (notes.workspace / "segments").iterdir()
    before = (segment / "vectors.npy").read_bytes()
    (segment / "vectors.npy").write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    notes.ingest()
    assert (segment / "vectors.npy").read_bytes() == before


def segments(notes):
    """The segments that are there, and those that the kept generations name."""
    there = {path.name for path in (notes.workspace / "segments").iterdir()}
    manifests = (notes.workspace / "generations").glob("*/tokens/manifest.json")
    return there, {name for path in manifests for name in json.loads(path.read_text())["segments"]}


def test_generations_share_segments_and_one_goes_when_no_kept_generation_names_it(notes):
    notes.write(NOTES).ingest()
    (first,) = segments(notes)[0]
    notes.write(MORE).ingest()
    there, named = segments(notes)
    assert there == named
    assert first in there
    assert len(there) == 2
    for number in range(2):
        notes.replace({"n.md": f"Nothing of it is left, {number}."}).ingest()
        assert segments(notes)[0] == segments(notes)[1]
    assert first not in segments(notes)[0]


def test_one_changed_note_writes_its_own_token_vectors_alone(notes):
    notes.write({f"{number}.md": f"The note with the number {number}." for number in range(30)}).ingest()
    before = {path: path.stat().st_mtime_ns for path in (notes.workspace / "segments").rglob("*")}
    notes.write({"7.md": "The note that was changed."}).ingest()
    after = {path: path.stat().st_mtime_ns for path in (notes.workspace / "segments").rglob("*")}
    assert before.items() <= after.items()
    new = {path for path in after if path not in before and path.name == "keys.npy"}
    assert [len(np.load(path)) for path in new] == [1]


def read_everything(notes):
    opened = notes.open()
    opened.corpus.check()
    assert opened.ask(QUESTION).citations


def test_a_workspace_that_is_a_file_is_a_storage_error(notes):
    notes.workspace.write_text("not a folder")
    with pytest.raises(StorageError, match="could not be written"):
        notes.ingest()
    with pytest.raises(StorageError, match="cannot be read"):
        notes.open()


def test_an_ingest_does_not_touch_the_notes(notes):
    notes.write(NOTES)
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in notes.root.rglob("*")}
    notes.ingest()
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in notes.root.rglob("*")} == before


def test_a_renamed_note_is_found_under_its_new_path_only(notes):
    notes.write(NOTES).ingest()
    (notes.root / "hnsw.md").rename(notes.root / "ann.md")
    notes.ingest()
    assert found(notes.open())[0] == "ann.md"
    assert "hnsw.md" not in found(notes.open())


@pytest.fixture(scope="module")
def pair(make_notes):
    """Two workspaces: in one, notes come and go; in the other, they never were."""
    return make_notes(), make_notes()


NAMES = ["a.md", "b.md", "sub/a.md", "c.md", "resources/list.yaml"]
TEXTS = [
    "A is a [[b]].",
    "---\naliases: [a]\nweek: 1\n---\nB is a part.\n## Connections\n- requires [[c]]: why\n- part of [[a]]: so\n",
    "---\nrequires: a\n---\nC stands alone.",
    "- title: T\n  url: https://a.org/b\n  takeaway: Read it.\n  concepts: [a]\n",
    "",
]
FILES = st.dictionaries(st.sampled_from(NAMES), st.sampled_from(TEXTS), max_size=4)


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=FILES, gone=FILES)
def test_what_was_ingested_and_deleted_leaves_no_trace(pair, files, gone):
    came_and_went, never = pair
    came_and_went.replace({**gone, **files}).ingest()
    came_and_went.replace(files).ingest()
    never.replace(files).ingest()
    assert came_and_went.graph_bytes() == never.graph_bytes()
    assert came_and_went.open().corpus.paths() == never.open().corpus.paths() == tuple(sorted(files))


def test_a_holder_that_died_leaves_no_lock(notes):
    notes.write(NOTES)
    code, _, _ = run(notes, "publication.build_generation = die; ingest()")
    assert code == -signal.SIGKILL
    assert (notes.workspace / "writer.txt").exists()
    assert notes.ingest().documents == len(NOTES)


def test_what_was_in_service_before_is_kept_whatever_its_age_and_name(notes):
    notes.write({"n.md": "The first."}).ingest()
    second = notes.write({"n.md": "The second."}).ingest().generation
    folder = notes.workspace / "generations"
    hour_ago = time.time() - 3600
    os.utime(folder / second, (hour_ago, hour_ago))
    third = notes.write({"n.md": "The third."}).ingest().generation
    assert kept(notes) == {second, third}
