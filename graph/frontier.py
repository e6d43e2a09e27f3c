"""Finds the cheapest path in a graph of which only the neighbourhoods of a few concepts are ever fetched.

Dijkstra's search from both ends at once (I. Pohl, "Bi-directional search", 1971): the two meet in the middle, so each
goes half as far, and in a graph where every step multiplies the concepts reached that is the root of their number.
Concepts are integers here. Neighbourhoods are fetched many at a time, since a request costs more than what it carries.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import count
from math import inf

Hop = tuple[int, float, float]
"""The concept at the other end, what the hop to it costs, and what the hop from it costs."""
Fetch = Callable[[Collection[int]], Mapping[int, Iterable[Hop]]]
"""The hops of each of these concepts; one that has none may be left out."""

_FETCHED_AT_ONCE = 48  # of each side


@dataclass
class _Side:
    """The search from one end: what it reached, for how much, and from where."""

    start: int
    way: int  # which of a hop's two costs counts: 1 for the search from the source, 2 for the one from the target
    reached: dict[int, float] = field(default_factory=dict)
    came_from: dict[int, int] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    queue: list[tuple[float, int, int]] = field(default_factory=list)
    order: count[int] = field(default_factory=count)

    def __post_init__(self) -> None:
        self.reach(self.start, 0.0)

    def reach(self, concept: int, cost: float) -> bool:
        """Notes a way to a concept if it is cheaper than the one known."""
        if cost >= self.reached.get(concept, inf):
            return False
        self.reached[concept] = cost
        heapq.heappush(self.queue, (cost, next(self.order), concept))
        return True

    def nearest(self) -> float:
        """The cost of the nearest concept that is not settled, or infinity."""
        while self.queue and self.queue[0][2] in self.settled:
            heapq.heappop(self.queue)
        return self.queue[0][0] if self.queue else inf

    def next_ones(self, most: float) -> list[int]:
        """The nearest concepts that are not settled and cost less than `most`."""
        front = heapq.nsmallest(_FETCHED_AT_ONCE, self.queue)
        return [concept for cost, _, concept in front if cost < most and concept not in self.settled]

    def settle(self, hops: Mapping[int, Iterable[Hop]]) -> None:
        """Goes on from the nearest concepts, as far as their hops are known."""
        while self.nearest() < inf and self.queue[0][2] in hops:
            cost, _, concept = heapq.heappop(self.queue)
            self.settled.add(concept)
            for hop in hops[concept]:
                self.reach(hop[0], cost + hop[self.way])

    def trace(self, concept: int) -> list[int]:
        """The concepts from this one back to where the search began."""
        steps = [concept]
        while steps[-1] != self.start:
            steps.append(self.came_from[steps[-1]])
        return steps


def cheapest_path(source: int, target: int, fetch: Fetch) -> list[int] | None:
    """The concepts of one of the cheapest paths, both ends included, or None if there is none."""
    ahead, back = _Side(source, way=1), _Side(target, way=2)
    hops: dict[int, list[Hop]] = {}
    best, meeting = (0.0, source) if source == target else (inf, -1)
    while ahead.nearest() + back.nearest() < best:
        # The smaller front grows: a hub on one side is then gone around, not through.
        side, other = (ahead, back) if len(ahead.queue) <= len(back.queue) else (back, ahead)
        concept = heapq.heappop(side.queue)[2]
        if concept not in hops:
            # The rest of a path through a concept costs at least what the other side has still before it.
            ahead_of_need = [*side.next_ones(best - other.nearest()), *other.next_ones(best - side.nearest())]
            wanted = [c for c in dict.fromkeys([concept, *ahead_of_need]) if c not in hops]
            found = fetch(wanted)
            hops.update({c: list(found.get(c, ())) for c in wanted})
        side.settled.add(concept)
        for hop in hops[concept]:
            cost = side.reached[concept] + hop[side.way]
            if cost < best and side.reach(hop[0], cost):
                side.came_from[hop[0]] = concept
                if cost + other.reached.get(hop[0], inf) < best:
                    best, meeting = cost + other.reached[hop[0]], hop[0]
    return None if best == inf else [*reversed(ahead.trace(meeting)), *back.trace(meeting)[1:]]


def fetch_around(source: int, target: int, radius: float, fetch: Fetch, most: int) -> dict[int, Iterable[Hop]]:
    """The hops of the concepts that are within `radius` of the source or the target, or of the `most` nearest.

    A path that costs at most twice the radius goes along these hops alone: the first half of it lies around its
    source, and the second around its target.
    """
    hops: dict[int, Iterable[Hop]] = {}
    sides = (_Side(source, way=1), _Side(target, way=2))
    while len(hops) < most:
        front = sorted((cost, concept) for side in sides for cost, _, concept in side.queue if cost <= radius)
        wanted = list(dict.fromkeys(concept for _, concept in front if concept not in hops))[: most - len(hops)]
        if not wanted:
            break
        found = fetch(wanted)
        hops.update((concept, found.get(concept, ())) for concept in wanted)
        for side in sides:
            side.settle(hops)
    return hops
