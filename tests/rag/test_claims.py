"""Claims in a real cache file: who may embed what, while the others live, and when one is gone."""

import signal
import sqlite3
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import StorageError
from rag.claims import Claimant
from rag.embedding_cache import EmbeddingCache
from rag.segments import text_key, to_rows
from tests.rag.logging_embedder import LoggingEmbedder

ROOT = Path(__file__).parents[2]
TEXTS = [f"text {number}" for number in range(10)]
EMBEDDER = LoggingEmbedder(Path("no log"))


@pytest.fixture
def cache(tmp_path):
    return EmbeddingCache(tmp_path / "cache" / "embeddings.sqlite")


def rows(cache, table):
    with sqlite3.connect(cache.path) as database:
        return database.execute(f"SELECT count(*) FROM {table}").fetchone()[0]


def hand_over(claimant, texts):
    encodings = [EMBEDDER.encode(text) for text in texts]
    tokens = [to_rows(text_key("logging", text), encoding) for text, encoding in zip(texts, encodings, strict=True)]
    claimant.hand_over(texts, [encoding.vector for encoding in encodings], tokens)


def test_what_one_has_claimed_the_other_waits_for_until_it_is_done(cache):
    with Claimant(cache, "logging") as first, Claimant(cache, "logging") as second:
        assert first.claim(TEXTS, 4).mine == TEXTS[:4]
        claim = second.claim(TEXTS, 4)
        assert (claim.mine, claim.held, claim.left) == (TEXTS[4:8], TEXTS[:4], TEXTS[8:])
        hand_over(first, TEXTS[:4])
        claim = second.claim(TEXTS, 4)
        assert (claim.done, claim.mine) == (TEXTS[:4], TEXTS[4:8])
    assert list(cache.path.with_suffix(".owners").iterdir()) == []


def test_what_was_handed_over_is_read_back(cache):
    with Claimant(cache, "logging") as claimant:
        hand_over(claimant, claimant.claim(TEXTS, 10).mine)
    vectors = cache.get_many("logging", TEXTS)
    tokens = cache.get_tokens([text_key("logging", text) for text in TEXTS])
    for text in TEXTS:
        expected = to_rows(text_key("logging", text), EMBEDDER.encode(text))
        np.testing.assert_array_equal(vectors[text], EMBEDDER.encode(text).vector)
        np.testing.assert_array_equal(tokens[expected.key].vectors, expected.vectors)
        np.testing.assert_array_equal(tokens[expected.key].token_ids, expected.token_ids)
    assert rows(cache, "claims") == 0


def test_what_was_settled_or_dropped_leaves_no_token_vectors(cache):
    with Claimant(cache, "logging") as claimant:
        hand_over(claimant, claimant.claim(TEXTS, 10).mine)
        claimant.settle([], [], [text_key("logging", text) for text in TEXTS[:4]])
    assert rows(cache, "tokens") == 6
    cache.drop_tokens()
    assert (rows(cache, "tokens"), rows(cache, "embeddings")) == (0, 10)


def test_a_vector_without_token_vectors_is_forgotten_and_one_with_them_is_kept(cache):
    with Claimant(cache, "logging") as claimant:
        hand_over(claimant, TEXTS)
        claimant.settle([], [], [text_key("logging", text) for text in TEXTS[:4]])
        cache.forget_without_tokens("logging", "logging", TEXTS[2:6])
        assert claimant.claim(TEXTS, 10).mine == TEXTS[2:4]


def test_by_force_a_living_ones_texts_are_claimed_too_but_not_what_is_done(cache):
    with Claimant(cache, "logging") as first, Claimant(cache, "logging") as second:
        hand_over(first, first.claim(TEXTS[:3], 10).mine)
        first.claim(TEXTS, 10)
        claim = second.claim(TEXTS, 10, by_force=True)
        assert (claim.done, claim.mine, claim.held) == (TEXTS[:3], TEXTS[3:], [])


def test_models_do_not_claim_from_each_other(cache):
    with Claimant(cache, "one") as first, Claimant(cache, "two") as second:
        assert first.claim(TEXTS, 10).mine == second.claim(TEXTS, 10).mine == TEXTS


def test_an_interrupted_claimant_holds_nothing_back(cache):
    with pytest.raises(ZeroDivisionError), Claimant(cache, "logging") as first:
        len(first.claim(TEXTS, 4).mine) / 0
    with Claimant(cache, "logging") as second:
        assert rows(cache, "claims") == 0
        assert second.claim(TEXTS, 10).mine == TEXTS


PROCESS = """
import os, signal, sys, time
from pathlib import Path
import rag.claims
from rag.claims import Claimant
from rag.embedding_cache import EmbeddingCache
from tests.rag.test_claims import TEXTS, hand_over

cache = EmbeddingCache(Path(sys.argv[1]))
with Claimant(cache, "logging") as claimant:
    claimant.claim(TEXTS, 6)
    hand_over(claimant, TEXTS[:2])
    print("ready", flush=True)
"""


@contextmanager
def claimant_process(cache, code):
    command = [sys.executable, "-c", PROCESS + code, cache.path]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def test_the_claims_of_a_killed_process_fall_free_at_once_and_what_it_wrote_is_kept(cache):
    with claimant_process(cache, "    time.sleep(3600)") as process, Claimant(cache, "logging") as claimant:
        assert claimant.claim(TEXTS, 10).held == TEXTS[2:6]
        process.kill()
        process.wait()
        claim = claimant.claim(TEXTS, 10)
        assert (claim.done, claim.mine, claim.held) == (TEXTS[:2], TEXTS[2:], [])
        assert len(list(cache.path.with_suffix(".owners").iterdir())) == 1


def test_a_kill_while_vectors_are_written_leaves_neither_vectors_nor_claims(cache):
    die = "    rag.claims.insert_vectors = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
    with claimant_process(cache, f"{die}    hand_over(claimant, TEXTS[2:4])") as process:
        assert process.wait() == -signal.SIGKILL
    with Claimant(cache, "logging") as claimant:
        assert (rows(cache, "embeddings"), rows(cache, "tokens"), rows(cache, "claims")) == (2, 2, 0)
        assert claimant.claim(TEXTS, 10).mine == TEXTS[2:]


def test_a_folder_that_cannot_be_written_is_a_storage_error(cache):
    cache.path.parent.mkdir()
    cache.path.with_suffix(".owners").write_text("no folder")
    with pytest.raises(StorageError, match="cannot be used"), Claimant(cache, "logging"):
        pass


def test_claims_survive_a_cache_that_is_deleted_or_damaged_meanwhile(cache):
    with Claimant(cache, "logging") as claimant:
        claimant.claim(TEXTS, 4)
        cache.path.write_bytes(b"this is no database " * 500)
        hand_over(claimant, TEXTS[:4])
        assert claimant.claim(TEXTS, 10).done == TEXTS[:4]
        cache.path.unlink()
        assert claimant.claim(TEXTS, 10).mine == TEXTS


STEP = st.tuples(st.integers(0, 2), st.integers(1, 5), st.sampled_from(["claim", "hand over", "die"]))


@settings(max_examples=25, deadline=None)
@given(st.lists(STEP, max_size=25))
def test_no_text_is_ever_two_livings_or_claimed_once_it_is_done(tmp_path_factory, steps):
    cache = EmbeddingCache(tmp_path_factory.mktemp("claims") / "embeddings.sqlite")
    with ExitStack() as stack:
        claimants = [stack.enter_context(Claimant(cache, "logging")) for _ in range(3)]
        mine, done = [set() for _ in claimants], set()
        for who, count, step in steps:
            if step == "claim":
                held = set().union(*(texts for other, texts in enumerate(mine) if other != who))
                claim = claimants[who].claim(TEXTS, count)
                assert not set(claim.mine) & (held | done)
                assert set(claim.held) <= held
                assert set(claim.done) <= done
                mine[who] |= set(claim.mine)
            elif step == "hand over":
                hand_over(claimants[who], sorted(mine[who]))
                done |= mine[who]
                mine[who] = set()
            else:
                claimants[who].__exit__(KeyboardInterrupt)
                claimants[who], mine[who] = stack.enter_context(Claimant(cache, "logging")), set()
        assert rows(cache, "claims") == sum(map(len, mine))
        assert set(cache.get_many("logging", TEXTS)) == done
    assert list(cache.path.with_suffix(".owners").iterdir()) == []
