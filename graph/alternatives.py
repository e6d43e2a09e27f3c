"""Finds other ways between two concepts than the cheapest: few, and really different ones.

Of the paths that cost at most twice as much as the cheapest, each next one is the cheapest that shares less than half
of its inner concepts with every one before it (k shortest paths with limited overlap: T. Chondrogiannis, P. Bouros,
J. Gamper and U. Leser, "Alternative routing: k-shortest paths with limited overlap", SIGSPATIAL 2015). Partial paths
are extended in the order of the least that they can end up costing, and left as soon as they overlap too much. The k
shortest simple paths alone (Yen, 1971) would be the same path over and over, with one concept exchanged.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from networkx import DiGraph

C = TypeVar("C", bound=Hashable)
"""A concept: its id, or its position."""

STRETCH = 2.0  # an explanation that is longer still explains nothing
_ROUNDING = 1e-9
_MOST_EXTENDED = 20_000  # partial paths; where there are more, the search is given up: it would take seconds


def different_paths(hops: DiGraph[C], cheapest: Sequence[C], limit: int) -> list[Sequence[C]]:
    """The cheapest path and up to `limit` - 1 others, by what they cost. The edges of `hops` have a `cost`."""
    import networkx as nx

    most = STRETCH * sum(hops.edges[hop]["cost"] for hop in pairwise(cheapest)) + _ROUNDING
    back = hops.reverse(copy=False)
    left = nx.single_source_dijkstra_path_length(back, cheapest[-1], cutoff=most, weight="cost")
    found: list[Sequence[C]] = [cheapest]
    while len(found) < limit:
        path = _next_path(hops, left, most, found)
        if path is None:
            break
        found.append(path)
    return found


def _next_path(
    hops: DiGraph[C], left: Mapping[C, float], most: float, found: Sequence[Sequence[C]]
) -> tuple[C, ...] | None:
    """The cheapest path that differs from those found; `left` is the least that each concept is away from the end."""
    source, target = found[0][0], found[0][-1]
    inner = [frozenset(other[1:-1]) for other in found]
    queue: list[tuple[float, tuple[C, ...], float]] = [(left[source], (source,), 0.0)]
    for _ in range(_MOST_EXTENDED):
        if not queue:
            return None
        _, path, cost = heapq.heappop(queue)
        if path[-1] == target:
            return path
        for concept, hop in hops.adj[path[-1]].items():
            longer, paid = (*path, concept), cost + hop["cost"]
            least = paid + left.get(concept, most)
            if least <= most and concept not in path and _differs(longer, target, inner):
                heapq.heappush(queue, (least, longer, paid))
    return None


def _differs(path: tuple[C, ...], target: C, inner: Collection[frozenset[C]]) -> bool:
    """Whether a path, or what a partial one may still become, shares less than half with each of the others.

    Half of the shorter of the two: to go around one concept of a path is no other path.
    """
    is_whole = path[-1] == target
    own = frozenset(path[1:-1] if is_whole else path[1:])
    for others in inner:
        shorter = min(len(own), len(others)) if is_whole else len(others)
        if own == others or (shorter and 2 * len(own & others) >= shorter):
            return False
    return True
