"""How scores of different kinds become one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.fuse import by_score, fuse, normalise
from rag.index import ScoredChunk

SCORES = st.dictionaries(st.sampled_from("abcdefgh"), st.floats(-100, 100), max_size=8)


def scored(scores):
    return [ScoredChunk(chunk_id, score) for chunk_id, score in scores.items()]


@given(SCORES)
def test_normalised_scores_keep_their_order_and_span_the_unit(scores):
    found = normalise(scores)
    assert all(0 <= score <= 1 for score in found.values())
    assert all(found[a] <= found[b] for a in scores for b in scores if scores[a] <= scores[b])
    assert not scores or max(found.values()) == 1


@given(SCORES, SCORES)
def test_fused_scores_stay_in_the_unit_and_what_both_find_best_is_best(dense, keyword):
    found = fuse((scored(dense), scored(keyword)))
    assert found.keys() == dense.keys() | keyword.keys()
    assert all(0 <= score <= 1 for score in found.values())


def test_the_mean_of_both():
    found = fuse((scored({"a": 0.9, "b": 0.5, "c": 0.1}), scored({"b": 30.0, "d": 10.0})))
    assert found == pytest.approx({"a": 0.5, "b": 0.75, "c": 0.0, "d": 0.0})


def test_ties_are_ordered_by_id():
    assert [s.chunk_id for s in by_score({"b": 1.0, "c": 2.0, "a": 1.0})] == ["c", "a", "b"]
