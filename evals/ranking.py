"""Scores of a ranked list against gold passages that come in groups, each group needed and any of its passages enough.

Two readings: by lines (a passage counts when it shares a line with a gold passage) and by page (when it is from the
same file, and a file counts once, at its best rank). A further passage for a group that was found already is worth
nothing, so that a list can't score by saying one thing twice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from evals.questions import Gold, Place

Ranks = tuple[int | None, ...]
"""For each gold group the rank, from 1, at which it is first found; None when it isn't."""


def line_ranks(places: Sequence[Place], gold: Gold) -> Ranks:
    """Where each group is first found by lines."""
    return tuple(
        next((rank for rank, place in enumerate(places, 1) if any(place.overlaps(g) for g in group)), None)
        for group in gold
    )


def page_ranks(places: Sequence[Place], gold: Gold) -> Ranks:
    """Where each group is first found among the distinct files of the list."""
    pages = list(dict.fromkeys(place.path for place in places))
    wanted = [{place.path for place in group} for group in gold]
    return tuple(next((rank for rank, page in enumerate(pages, 1) if page in paths), None) for paths in wanted)


def hit(ranks: Ranks, k: int) -> float:
    """1 when any group is found in the first k."""
    return float(any(rank is not None and rank <= k for rank in ranks))


def recall(ranks: Ranks, k: int) -> float:
    """The share of the groups found in the first k."""
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks) if ranks else 0.0


def complete(ranks: Ranks, k: int) -> float:
    """1 when every group is found in the first k."""
    return float(bool(ranks) and recall(ranks, k) == 1.0)


def reciprocal_rank(ranks: Ranks, k: int) -> float:
    """One over the rank of the first group found in the first k, else 0; its mean is MRR@k."""
    found = [rank for rank in ranks if rank is not None and rank <= k]
    return 1 / min(found) if found else 0.0


def ndcg(ranks: Ranks, k: int) -> float:
    """Normalised discounted cumulative gain (Järvelin and Kekäläinen, 2002) with a gain of 1 for each group's first.

    Two groups that one passage answers share its rank; the ideal list then has them at rank 1 and 2, so the score is
    capped at 1.
    """
    gained = sum(1 / math.log2(rank + 1) for rank in ranks if rank is not None and rank <= k)
    ideal = sum(1 / math.log2(rank + 1) for rank in range(1, min(len(ranks), k) + 1))
    return min(1.0, gained / ideal) if ideal else 0.0
