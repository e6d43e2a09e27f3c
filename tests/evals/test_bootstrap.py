"""Intervals: the same for the same values, as wide as theory says, and paired where runs are compared."""

from math import sqrt

import pytest

from evals.bootstrap import estimate_difference, estimate_mean, estimate_statistic


def test_the_interval_of_a_share_is_the_known_one():
    found = estimate_mean([1.0] * 80 + [0.0] * 20)
    half = 1.96 * sqrt(0.8 * 0.2 / 100)  # 7.8 points
    assert found.value == 0.8
    assert found.low == pytest.approx(0.8 - half, abs=0.015)
    assert found.high == pytest.approx(0.8 + half, abs=0.015)
    assert found.n == 100


def test_it_is_the_same_every_time():
    values = [0.1, 0.5, 0.9, 1.0, 0.0]
    assert estimate_mean(values) == estimate_mean(values)
    assert estimate_mean(values) != estimate_mean([*values, 0.4])


def test_no_spread_gives_no_width():
    found = estimate_mean([0.25] * 7)
    assert (found.value, found.low, found.high) == (0.25, 0.25, 0.25)
    assert estimate_mean([]) is None


def test_pairing_narrows_a_difference():
    old = [float(i % 2) for i in range(100)]
    new = [min(1.0, value + (i < 10)) for i, value in enumerate(old)]  # five of the ten were right before
    found = estimate_difference(new, old)
    assert found.value == pytest.approx(0.05)
    assert found.low > 0
    unpaired = estimate_mean(new)
    assert found.high - found.low < unpaired.high - unpaired.low


def test_a_difference_needs_the_same_questions():
    with pytest.raises(ValueError, match="zip"):
        estimate_difference([1.0], [1.0, 0.0])


def test_a_statistic_may_be_undefined():
    def share_of_ones(rows):
        return sum(rows) / len(rows) if any(rows) else None

    assert estimate_statistic([0, 0], share_of_ones) is None
    found = estimate_statistic([1, 0, 0, 0], share_of_ones)
    assert found.value == 0.25
    assert found.low >= 0.25  # a resample without a one is left out
