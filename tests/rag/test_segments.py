"""Token vectors on real files: what is written once, shared, merged and checked."""

import resource
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import StorageError
from rag.embed import Encoding
from rag.segment_writer import MANY_SMALL, TEXTS_A_SEGMENT, SegmentWriter
from rag.segments import Segment, SegmentFolder, TokenRows, text_key, to_int8, to_rows

KEYS = [text_key("model", str(number)) for number in range(6_000)]


def rows(number, tokens=None):
    """A text's token vectors, drawn from its number."""
    dice = np.random.default_rng(number)
    tokens = number % 4 if tokens is None else tokens
    vectors = dice.normal(size=(tokens, 128)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    encoding = Encoding(np.zeros(384, np.float32), dice.integers(0, 30_000, tokens).astype(np.uint16), vectors)
    return to_rows(KEYS[number], encoding)


def names(folder):
    return {path.name for path in folder.iterdir()}


def assert_holds(writer, numbers):
    for number in numbers:
        place = writer.place(KEYS[number])
        found, expected = writer.segment(place.segment).read(KEYS[number]), rows(number)
        np.testing.assert_array_equal(found.vectors, expected.vectors)
        np.testing.assert_array_equal(found.token_ids, expected.token_ids)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "segments"


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sets(st.integers(0, 40), min_size=1, max_size=8), max_size=8))
def test_what_was_added_is_read_back_by_the_next_writer(tmp_path_factory, batches):
    folder = tmp_path_factory.mktemp("segments")
    writer = SegmentWriter(folder)
    for batch in batches:
        writer.add(map(rows, batch))
    everything = set().union(*batches)
    for opened in (writer, SegmentWriter(folder)):
        assert_holds(opened, everything)
        assert not [number for number in range(41) if number not in everything and KEYS[number] in opened]


def test_numbers_from_minus_one_to_one_keep_two_digits():
    vectors = np.linspace(-1, 1, 257, dtype=np.float32).reshape(1, -1)
    whole = to_int8(vectors)
    assert (whole.min(), whole.max()) == (-127, 127)
    np.testing.assert_allclose(whole / 127, vectors, atol=0.5 / 127 + 1e-6)


def test_the_same_content_has_the_same_name_and_a_known_text_is_not_written_again(tmp_path):
    for name in ("a", "b"):
        SegmentWriter(tmp_path / name).add(map(rows, range(5)))
    assert names(tmp_path / "a") == names(tmp_path / "b")
    SegmentWriter(tmp_path / "a").add(map(rows, range(5)))
    assert names(tmp_path / "a") == names(tmp_path / "b")


def test_few_segments_are_left_alone(folder):
    writer = SegmentWriter(folder)
    for number in range(MANY_SMALL):
        writer.add([rows(number)])
    before = names(folder)
    writer.compact(KEYS[:MANY_SMALL])
    assert names(folder) == before


def test_many_small_segments_are_merged_and_a_large_one_is_not(folder):
    writer = SegmentWriter(folder)
    writer.add(map(rows, range(1000, 1500)))
    large = names(folder)
    for number in range(MANY_SMALL + 5):
        writer.add([rows(number)])
    everything = [*range(MANY_SMALL + 5), *range(1000, 1500)]
    writer.compact(KEYS[number] for number in everything)
    used = {writer.place(KEYS[number]).segment for number in everything}
    assert len(used) == 2
    assert large < used
    assert_holds(writer, everything)
    SegmentFolder(folder).remove_all_but(used)
    assert names(folder) == used
    assert_holds(SegmentWriter(folder), everything)


def test_one_new_text_a_time_never_leaves_many_segments_and_seldom_rewrites_a_large_one(folder):
    writer = SegmentWriter(folder)
    writer.add(map(rows, range(1000, 1600)))
    rewritten = 0
    for number in range(120):
        before = names(folder)
        writer.add([rows(number)])
        keys = [KEYS[n] for n in (*range(number + 1), *range(1000, 1600))]
        writer.compact(keys)
        used = {writer.place(key).segment for key in keys}
        rewritten += sum(writer.segment(name).texts for name in used - before)
        assert len(used) <= MANY_SMALL + 1
        SegmentFolder(folder).remove_all_but(used)
    assert rewritten < 120 + 600  # each text once or twice more, the large segment not at all


def test_what_is_mostly_unused_is_rewritten(folder):
    writer = SegmentWriter(folder)
    writer.add(map(rows, range(1000)))
    before = names(folder)
    writer.compact(KEYS[:600])
    assert names(folder) == before
    writer.compact(KEYS[:400])
    (new,) = names(folder) - before
    assert writer.segment(new).texts == 400
    assert_holds(writer, range(400))


def test_a_segment_has_no_more_texts_than_it_should(folder):
    writer = SegmentWriter(folder)
    count = TEXTS_A_SEGMENT + 800
    for start in range(0, count, 200):
        writer.add(rows(number, 1) for number in range(start, start + 200))
    writer.compact(KEYS[:count])
    used = {writer.place(key).segment for key in KEYS[:count]}
    assert sorted(writer.segment(name).texts for name in used) == [800, TEXTS_A_SEGMENT]


@pytest.mark.parametrize("name", ["vectors.npy", "tokens.npy", "keys.npy", "ends.npy"])
@pytest.mark.parametrize("damage", ["gone", "empty", "cut", "changed"])
def test_a_damaged_segment_counts_as_absent_and_is_written_again(folder, name, damage):
    SegmentWriter(folder).add(map(rows, range(8)))
    (segment,) = folder.iterdir()
    path = segment / name
    content = path.read_bytes()
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes({"empty": b"", "cut": content[:-1], "changed": content[:-1] + b"\x55"}[damage])
    with pytest.raises(StorageError, match=r"token vectors in .* cannot be read .*run `prepgraph ingest`"):
        Segment(segment).verify()
    writer = SegmentWriter(folder)
    assert KEYS[1] not in writer
    writer.add(map(rows, range(8)))
    Segment(segment).verify()
    assert_holds(SegmentWriter(folder), range(8))


def test_what_a_killed_writer_left_is_not_read_and_goes(folder):
    writer = SegmentWriter(folder)
    writer.add(map(rows, range(3)))
    (kept,) = names(folder)
    shutil.copytree(folder / kept, folder / ".writing-1")
    assert_holds(SegmentWriter(folder), range(3))
    SegmentFolder(folder).remove_all_but([kept])
    assert names(folder) == {kept}


def test_an_open_segment_outlives_its_files(folder):
    writer = SegmentWriter(folder)
    writer.add(map(rows, range(8)))
    SegmentFolder(folder).remove_all_but([])
    assert names(folder) == set()
    assert_holds(writer, range(8))


def test_a_full_disk_leaves_nothing_behind(folder):
    """A limit on file size stands in for a full disk."""
    writer = SegmentWriter(folder)
    writer.add([rows(0)])
    before, limits = names(folder), resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 12, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"):
            writer.add([rows(1, tokens=500)])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert names(folder) == before
    assert KEYS[1] not in writer


def test_texts_without_tokens_have_a_place_too(folder):
    writer = SegmentWriter(folder)
    empty = TokenRows(KEYS[0], np.zeros((0, 128), np.int8), np.zeros(0, np.uint16))
    writer.add([empty])
    assert len(SegmentWriter(folder).segment(writer.place(KEYS[0]).segment).read(KEYS[0]).token_ids) == 0
