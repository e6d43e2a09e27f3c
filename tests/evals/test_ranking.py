"""Ranking scores against examples computed by hand."""

from math import log2

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evals.questions import Place
from evals.ranking import complete, hit, line_ranks, ndcg, page_ranks, recall, reciprocal_rank

A, B = (Place("a.md", 10, 12),), (Place("b.md", 5, 5), Place("c.md", 1, 9))
FOUND = [Place("a.md", 1, 9), Place("c.md", 9, 20), Place("a.md", 12, 15), Place("b.md", 1, 30)]


def test_lines_count_when_one_is_shared():
    assert line_ranks(FOUND, (A, B)) == (3, 2)
    assert line_ranks(FOUND, ((Place("d.md", 1, 9),),)) == (None,)
    assert line_ranks([Place("a.md", 13, 14)], (A,)) == (None,)


def test_pages_count_once():
    assert page_ranks(FOUND, (A, B)) == (1, 2)
    assert page_ranks(FOUND, ((Place("b.md", 99, 99),),)) == (3,)


def test_each_group_is_needed():
    assert (hit((3, 2), 2), hit((3, 2), 1)) == (1.0, 0.0)
    assert (recall((3, 2), 2), recall((3, 2), 3), recall((None, 2), 9)) == (0.5, 1.0, 0.5)
    assert (complete((3, 2), 2), complete((3, 2), 3), complete((None, 2), 9), complete((), 9)) == (0, 1, 0, 0)


def test_reciprocal_rank_is_that_of_the_first():
    assert reciprocal_rank((3, 2), 10) == 0.5
    assert reciprocal_rank((11,), 10) == 0.0
    assert reciprocal_rank((None,), 10) == 0.0


def test_ndcg_by_hand():
    # Two items at ranks 1 and 4: 1 + 1/log2(5) = 1.431 of 1 + 1/log2(3) = 1.631.
    assert ndcg((1, 4), 10) == pytest.approx(0.877, abs=5e-4)
    assert ndcg((2,), 10) == pytest.approx(1 / log2(3))
    assert ndcg((1, 2), 10) == ndcg((1,), 10) == 1.0
    assert ndcg((None, 1), 10) == pytest.approx(1 / (1 + 1 / log2(3)))
    assert ndcg((11,), 10) == 0.0
    assert ndcg((1, 1), 10) == 1.0  # one passage that answers both groups


@given(st.lists(st.none() | st.integers(1, 30), min_size=1, max_size=4).map(tuple), st.integers(1, 20))
def test_scores_stay_between_nothing_and_all(ranks, k):
    assert 0 <= recall(ranks, k) <= hit(ranks, k) <= 1
    assert complete(ranks, k) <= recall(ranks, k)
    assert 0 <= reciprocal_rank(ranks, k) <= hit(ranks, k)
    assert 0 <= ndcg(ranks, k) <= hit(ranks, k)
    assert ndcg(ranks, k) <= ndcg(tuple(1 for _ in ranks), k)
