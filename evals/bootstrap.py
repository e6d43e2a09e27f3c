"""How far a figure can be trusted: percentile bootstrap over the questions (Efron, 1979), with a fixed seed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

RESAMPLES = 2000
SEED = 20_240_131
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over n questions and its 95 % interval."""

    value: float
    low: float
    high: float
    n: int

    def as_row(self) -> dict[str, Any]:
        """The figure as JSON, rounded to four places."""
        return {"value": round(self.value, 4), "low": round(self.low, 4), "high": round(self.high, 4), "n": self.n}


def estimate_mean(values: Sequence[float]) -> Estimate | None:
    """The mean with its interval; None for no values."""
    import numpy as np

    if not values:
        return None
    array = np.asarray(values, dtype=np.float64)
    means = array[_draws(len(array))].mean(axis=1)
    return _estimate(float(array.mean()), means, len(array))


def estimate_difference(new: Sequence[float], old: Sequence[float]) -> Estimate | None:
    """The mean of new minus old, question by question, with its interval. Both must be in the same order."""
    return estimate_mean([a - b for a, b in zip(new, old, strict=True)])


def estimate_statistic(rows: Sequence[Row], statistic: Callable[[Sequence[Row]], float | None]) -> Estimate | None:
    """Any figure of a set of questions, such as F1, with its interval; None where the set doesn't define it.

    Resamples that don't define it (no positive drawn) are left out.
    """
    import numpy as np

    value = statistic(rows)
    if value is None:
        return None
    drawn = (statistic([rows[i] for i in draw]) for draw in _draws(len(rows)))
    return _estimate(value, np.asarray([found for found in drawn if found is not None]), len(rows))


def _draws(n: int) -> NDArray[np.int64]:
    """Row numbers drawn with replacement, shape (RESAMPLES, n); the same for the same n."""
    import numpy as np

    return np.random.default_rng(SEED).integers(0, n, size=(RESAMPLES, n))


def _estimate(value: float, resampled: NDArray[np.float64], n: int) -> Estimate:
    import numpy as np

    low, high = np.percentile(resampled, [2.5, 97.5])
    return Estimate(value, float(low), float(high), n)
