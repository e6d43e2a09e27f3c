"""The cache on real files, shared by real processes, damaged on purpose."""

import random
import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import StorageError
from rag.embed import Encoding, MiniLMEmbedder
from rag.embed_cached import TEXTS_A_WRITE, embed_cached
from rag.embedding_cache import EmbeddingCache
from rag.segment_writer import SegmentWriter
from rag.segments import text_key

ROOT = Path(__file__).parents[2]


class CountingEmbedder:
    """Gives a text three numbers drawn from the text itself, and remembers what it was asked for."""

    model_id = token_model_id = "counting"
    dimension = 3
    max_tokens = 256

    def __init__(self):
        self.asked = []

    def embed_query(self, text):
        return np.array([random.Random(f"{text!r}{i}").random() for i in range(3)], dtype=np.float32)

    def encode_query(self, text):
        tokens = np.eye(128, dtype=np.float32)[[len(word) % 128 for word in text.split()]]
        return Encoding(self.embed_query(text), np.arange(len(tokens), dtype=np.uint16), tokens)

    def encode_texts(self, texts):
        for text in texts:
            self.asked.append(text)
            yield self.encode_query(text)

    def embed_texts(self, texts, on_progress=None):
        return np.array([self.embed_query(text) for text in texts], dtype=np.float32).reshape(len(texts), 3)

    def count_tokens(self, text):
        return len(text.split()) + 2


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "cache" / "embeddings.sqlite")


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "segments"


def vectors_for(texts):
    return CountingEmbedder().embed_texts(texts)


def test_what_was_put_is_got(cache):
    texts = [f"text {i}" for i in range(1_200)]
    cache.put_many("model", texts, vectors_for(texts))
    found = cache.get_many("model", [*texts, "unknown"])
    assert set(found) == set(texts)
    np.testing.assert_array_equal(np.stack([found[text] for text in texts]), vectors_for(texts))


def test_another_model_has_its_own_vectors(cache):
    cache.put_many("one", ["text"], vectors_for(["text"]))
    assert cache.get_many("two", ["text"]) == {}


@settings(max_examples=25, deadline=None)
@given(texts=st.lists(st.text(st.characters(), max_size=20), max_size=30), known=st.integers(0, 30))
def test_the_cache_changes_no_vector(tmp_path_factory, texts, known):
    room = tmp_path_factory.mktemp("cache")
    cache, segments = EmbeddingCache(room / "embeddings.sqlite"), SegmentWriter(room / "segments")
    embedder, seen = CountingEmbedder(), []
    embed_cached(embedder, cache, segments, texts[:known])
    np.testing.assert_array_equal(embed_cached(embedder, cache, segments, texts, seen.append), vectors_for(texts))
    assert sorted(embedder.asked) == sorted(set(texts))
    assert seen == sorted(seen)
    assert seen[-1] == len(texts)


def test_the_real_model_is_asked_once(cache, folder):
    texts = ["a heap keeps its smallest item on top", "a heap keeps its smallest item on top", "a trie shares prefixes"]
    embedder = MiniLMEmbedder()
    first = embed_cached(embedder, cache, SegmentWriter(folder), texts)
    np.testing.assert_array_equal(first, embedder.embed_texts(texts))
    unloaded = MiniLMEmbedder(Path("no such folder"))
    np.testing.assert_array_equal(embed_cached(unloaded, cache, SegmentWriter(folder), texts), first)


def test_a_text_without_its_token_vectors_is_embedded_again_and_one_without_its_vector_too(cache, folder, tmp_path):
    texts, embedder = ["one", "two", "three"], CountingEmbedder()
    embed_cached(embedder, cache, SegmentWriter(folder), texts)
    shutil.rmtree(folder)
    vectors = embed_cached(embedder, cache, SegmentWriter(folder), texts)
    assert embedder.asked == texts * 2
    np.testing.assert_array_equal(vectors, vectors_for(texts))
    written = {path.name for path in folder.iterdir()}
    embed_cached(embedder, EmbeddingCache(tmp_path / "new.sqlite"), SegmentWriter(folder), texts)
    assert embedder.asked == texts * 3
    assert {path.name for path in folder.iterdir()} == written


def test_an_interrupted_run_keeps_what_it_finished(cache, folder):
    class Interrupted(CountingEmbedder):
        def encode_texts(self, texts):
            if len(self.asked) >= 2 * TEXTS_A_WRITE:
                raise KeyboardInterrupt
            return super().encode_texts(texts)

    texts = [f"text {i}" for i in range(3 * TEXTS_A_WRITE)]
    with pytest.raises(KeyboardInterrupt):
        embed_cached(Interrupted(), cache, SegmentWriter(folder), texts)
    done = texts[: 2 * TEXTS_A_WRITE]
    assert set(cache.get_many("counting", texts)) == set(done)
    kept = SegmentWriter(folder)
    assert [text for text in texts if text_key("counting", text) in kept] == done


def test_processes_that_begin_and_write_files_at_once(tmp_path):
    """Beginning a file is the moment at which processes stand in each other's way, so they begin many together."""
    code = (
        "import sys, time\n"
        "from pathlib import Path; import numpy as np; from rag.embedding_cache import EmbeddingCache\n"
        "folder, name, start = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])\n"
        "for i in range(60):\n"
        "    while time.time() < start + i * 0.02: pass\n"
        "    EmbeddingCache(folder / str(i)).put_many('m', [name, 'both'], np.ones((2, 3), dtype=np.float32))"
    )
    names = "abcd"
    command = [sys.executable, "-c", code, tmp_path]
    start = str(time.time() + 2)
    writers = [subprocess.Popen([*command, name, start], cwd=ROOT) for name in names]
    assert [writer.wait(120) for writer in writers] == [0] * len(names)
    assert all(len(EmbeddingCache(tmp_path / str(i)).get_many("m", ["both", *names])) == 5 for i in range(60))


@pytest.mark.parametrize("damage", ["rubbish", "holes", "cut"])
def test_a_damaged_file_is_set_aside_and_begun_anew(cache, folder, damage):
    texts = [f"text {i}" for i in range(200)]
    cache.put_many("counting", texts, vectors_for(texts))
    content = cache.path.read_bytes()
    damaged = {
        "rubbish": b"this is no database " * 500,
        "holes": content[:4096] + b"\xff" * (len(content) - 4096),
        "cut": content[: len(content) // 2],
    }[damage]
    cache.path.write_bytes(damaged)
    np.testing.assert_array_equal(
        embed_cached(CountingEmbedder(), cache, SegmentWriter(folder), texts), vectors_for(texts)
    )
    assert len(cache.get_many("counting", texts)) == len(texts)
    assert cache.path.with_name("embeddings.sqlite.damaged").exists()


def test_a_full_disk_is_a_storage_error_and_loses_nothing(cache):
    """A limit on file size stands in for a full disk."""
    texts = [f"text {i}" for i in range(50)]
    cache.put_many("counting", texts, vectors_for(texts))
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    more = [f"more {i}" for i in range(5_000)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 16, before[1]))
    try:
        with pytest.raises(StorageError, match=r"embedding cache .*embeddings\.sqlite"):
            cache.put_many("counting", more, vectors_for(more))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(cache.get_many("counting", texts)) == len(texts)


def test_a_folder_in_its_place_is_a_storage_error(tmp_path):
    (tmp_path / "embeddings.sqlite").mkdir()
    with pytest.raises(StorageError, match="cannot be used"):
        EmbeddingCache(tmp_path / "embeddings.sqlite").get_many("model", ["text"])
