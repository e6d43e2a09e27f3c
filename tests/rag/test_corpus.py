"""A corpus read by places: the same as what was written, at any size of line, and after its files are deleted."""

import dataclasses
import json
import shutil
import threading
import tracemalloc

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph.errors import StorageError
from graph.schema import Chunk, Document
from rag.corpus import Corpus, write_corpus
from rag.lines import Lines, write_lines

TEXT = st.text(max_size=30)
NAMES = st.sampled_from(["a.md", "b/c.md", "Ü\u2028.md", "x" * 700 + ".md", '"quoted".md'])


def chunk_of(number, path="a.md", owner=None, text="text"):
    return Chunk(f"{path}#{number}", path, ("A", "B"), text, number + 1, number + 1, (owner,) if owner else (), owner)


def document_of(path, text="text"):
    return Document(path, path, "Title", text, {"week": 2}, "hash")


def corpus_of(folder, documents, chunks):
    write_corpus(folder, documents, chunks)
    return Corpus(folder)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(NAMES, st.sampled_from([None, "", "heap", "größe"]), TEXT), max_size=12))
def test_what_was_written_is_read(tmp_path_factory, rows):
    chunks = tuple(chunk_of(number, *row) for number, row in enumerate(rows))
    paths = sorted({chunk.document_id for chunk in chunks})
    corpus = corpus_of(tmp_path_factory.mktemp("corpus"), [document_of(path) for path in paths], chunks)
    corpus.check()
    assert tuple(corpus.chunks) == corpus.chunks[:] == chunks
    assert len(corpus.chunks) == len(corpus.by_id) == len(chunks)
    assert corpus.paths() == tuple(paths)
    assert dict(corpus.by_id) == {chunk.id: chunk for chunk in chunks}
    for number, chunk in enumerate(chunks):
        assert corpus.chunks[number] == chunk == corpus.chunks[number - len(chunks)]
        assert corpus.number(chunk.id) == number
        assert corpus.document(chunk.document_id) == document_of(chunk.document_id)
    for field, found in (("owner", corpus.by_owner), ("document_id", corpus.by_path)):
        values = {getattr(chunk, field) for chunk in chunks if getattr(chunk, field)}
        wanted = {value: tuple(c for c in chunks if getattr(c, field) == value) for value in values}
        assert dict(found) == wanted
        assert len(found) == len(wanted)
    assert {path: corpus.passages(path) for path in paths} == {path: len(corpus.by_path[path]) for path in paths}


def test_what_is_not_there(tmp_path):
    corpus = corpus_of(tmp_path, [document_of("a.md")], [chunk_of(0)])
    assert corpus.by_id.get("b.md#0") is None
    assert "heap" not in corpus.by_owner
    assert corpus.by_path.get("b.md", ()) == ()
    assert corpus.document("b.md") is None
    assert corpus.passages("b.md") == 0
    for number in (1, -2):
        with pytest.raises(IndexError):
            corpus.chunks[number]
    with pytest.raises(KeyError):
        corpus.number("b.md#0")


def test_the_same_input_gives_the_same_bytes(tmp_path):
    written = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        write_corpus(tmp_path / name, [document_of("a.md")], [chunk_of(n, owner="heap") for n in range(5)])
        written.append({path.name: path.read_bytes() for path in (tmp_path / name).iterdir()})
    assert written[0] == written[1]


def test_a_reader_loses_nothing_when_the_generation_is_pruned(tmp_path):

    folder = tmp_path / "generation"
    folder.mkdir()
    corpus = corpus_of(folder, [document_of("a.md")], [chunk_of(n, owner="heap") for n in range(50)])
    shutil.rmtree(folder)
    assert len(corpus.by_owner["heap"]) == 50
    assert corpus.document("a.md").text == "text"
    assert [chunk.start_line for chunk in corpus.chunks] == list(range(1, 51))


def test_keys_with_one_hash_are_told_apart(tmp_path, monkeypatch):
    monkeypatch.setattr("rag.lines._hash", lambda key: 7)
    corpus = corpus_of(tmp_path, [document_of("a.md"), document_of("b.md")], [chunk_of(0), chunk_of(1, "b.md", "heap")])
    assert corpus.by_id["b.md#1"].document_id == "b.md"
    assert corpus.by_owner["heap"] == (chunk_of(1, "b.md", "heap"),)
    assert corpus.document("b.md").path == "b.md"
    assert "c.md#0" not in corpus.by_id


def test_threads_share_a_reader(tmp_path):
    chunks = [chunk_of(number, text=f"text {number} " * (number % 7)) for number in range(3_000)]
    corpus = corpus_of(tmp_path, [document_of("a.md")], chunks)
    wrong = []

    def read(first):
        wrong.extend(n for n in range(first, len(chunks), 4) if corpus.by_id[chunks[n].id] != chunks[n])

    readers = [threading.Thread(target=read, args=(first,)) for first in range(4)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert wrong == []


def held(folder, count):
    """Bytes that a corpus takes from Python's allocator once a thousand of its chunks were asked for."""
    folder.mkdir()
    write_corpus(folder, [document_of("a.md")], (chunk_of(n, text="many words " * 20) for n in range(count)))
    tracemalloc.start()
    corpus = Corpus(folder)
    for number in range(0, count, count // 1_000):
        assert corpus.by_id[f"a.md#{number}"].start_line == number + 1
    assert sum(1 for _ in corpus.chunks) == count
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size


def test_memory_does_not_grow_with_the_number_of_passages(tmp_path):
    assert held(tmp_path / "large", 20_000) < 1.2 * held(tmp_path / "small", 2_000)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("chunks.jsonl", b"{"),
        ("chunks.offsets.npy", b"\x93NUMPY"),
        ("chunks.keys.npy", b""),
        ("documents.jsonl", b""),
        ("documents.keys.npy", None),
    ],
)
def test_damage_is_named(tmp_path, name, content):
    write_corpus(tmp_path, [document_of("a.md")], [chunk_of(0)])
    (tmp_path / name).unlink() if content is None else (tmp_path / name).write_bytes(content)
    with pytest.raises(StorageError, match=rf"{name.partition('.')[0]}\.jsonl cannot be read .*`prepgraph ingest`"):
        Corpus(tmp_path)


def test_damage_that_keeps_the_size_is_found_when_it_is_read(tmp_path):
    corpus = corpus_of(tmp_path, [document_of("a.md")], [chunk_of(0), chunk_of(1)])
    row = json.dumps(dataclasses.asdict(chunk_of(0)))
    (tmp_path / "chunks.jsonl").write_text((tmp_path / "chunks.jsonl").read_text().replace(row, row.replace('"', " ")))
    assert corpus.chunks[1] == chunk_of(1)
    for read in (lambda: corpus.chunks[0], lambda: list(corpus.chunks), corpus.check):
        with pytest.raises(StorageError, match="it is damaged"):
            read()


def test_a_passage_of_no_document_is_damage(tmp_path):
    with pytest.raises(StorageError, match=r"documents\.jsonl lacks b\.md"):
        corpus_of(tmp_path, [document_of("a.md")], [chunk_of(0, "b.md")]).check()


def test_lines_longer_than_a_block(tmp_path):
    lines = [b"x" * size for size in (3, 2_000_000, 0, 1_048_575, 5)]
    write_lines(tmp_path / "l.jsonl", ((line, [str(len(line)), "any"]) for line in lines))
    found = Lines(tmp_path / "l.jsonl")
    assert [line.rstrip(b"\n") for line in found] == lines
    assert found.read(1, 4) == b"xxxx"
    assert found.find("any") == [0, 1, 2, 3, 4]
    assert found.find("2000000") == [1]
