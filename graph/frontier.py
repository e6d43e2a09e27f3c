"""Finds the cheapest path in a graph of which only the neighbourhoods of a few concepts are ever fetched.

Dijkstra's search from both ends at once (I. Pohl, "Bi-directional search", 1971): the two meet in the middle, so each
goes half as far, and in a graph where every step multiplies the concepts reached that is the root of their number.
What one side has settled the other need not go on from (J. Kwa, "BS*", 1989): the cheapest way through it is known.
Concepts are integers here. Neighbourhoods are fetched many at a time, as a request costs what a hundred of them do.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import NamedTuple


class Hops(NamedTuple):
    """Where the hops from a concept lead, what each costs, and what the hop back costs."""

    others: Sequence[int]
    there: Sequence[float]
    back: Sequence[float]


Fetch = Callable[[Collection[int]], Mapping[int, Hops]]
"""The hops of each of these concepts; one that has none may be left out."""

_NOWHERE = Hops((), (), ())
_FETCHED_AT_ONCE = 120  # of each side


@dataclass
class _Side:
    """The search from one end: what it reached, for how much, and from where."""

    start: int
    way: int  # which of a hop's two costs counts: 1 for the search from the source, 2 for the one from the target
    reached: dict[int, float] = field(default_factory=dict)
    came_from: dict[int, int] = field(default_factory=dict)
    settled: set[int] = field(default_factory=set)
    queue: list[tuple[float, int]] = field(default_factory=list)
    walked: int = 0  # hops

    def __post_init__(self) -> None:
        self.reached[self.start] = 0.0
        self.queue.append((0.0, self.start))

    def nearest(self) -> float:
        """The cost of the nearest concept that is not settled, or infinity."""
        while self.queue and self.queue[0][1] in self.settled:
            heapq.heappop(self.queue)
        return self.queue[0][0] if self.queue else inf

    def next_ones(self, most: float) -> list[int]:
        """The nearest concepts that are not settled and cost less than `most`."""
        front = heapq.nsmallest(_FETCHED_AT_ONCE, self.queue)
        return [concept for cost, concept in front if cost < most and concept not in self.settled]

    def settle(self, hops: Mapping[int, Hops]) -> None:
        """Goes on from the nearest concepts, as far as their hops are known."""
        while self.nearest() < inf and self.queue[0][1] in hops:
            paid, concept = heapq.heappop(self.queue)
            self.settled.add(concept)
            found = hops[concept]
            for other, hop in zip(found.others, found[self.way], strict=True):
                if paid + hop < self.reached.get(other, inf):
                    self.reached[other] = paid + hop
                    heapq.heappush(self.queue, (paid + hop, other))

    def trace(self, concept: int) -> list[int]:
        """The concepts from this one back to where the search began."""
        steps = [concept]
        while steps[-1] != self.start:
            steps.append(self.came_from[steps[-1]])
        return steps


def cheapest_path(source: int, target: int, fetch: Fetch) -> list[int] | None:
    """The concepts of one of the cheapest paths, both ends included, or None if there is none."""
    ahead, back = _Side(source, way=1), _Side(target, way=2)
    hops: dict[int, Hops] = {}
    best, meeting = (0.0, source) if source == target else (inf, -1)
    while ahead.nearest() + back.nearest() < best:
        # The side that has gone along fewer hops goes on: a hub on one side is then gone around, not through.
        side, other = (ahead, back) if ahead.walked <= back.walked else (back, ahead)
        paid, concept = heapq.heappop(side.queue)
        side.settled.add(concept)
        if concept in other.settled:
            continue
        # The rest of a path through a concept costs at least what the other side has still before it.
        most = best - other.nearest()
        if concept not in hops:
            ahead_of_need = [*side.next_ones(most), *other.next_ones(best - side.nearest())]
            wanted = [c for c in dict.fromkeys([concept, *ahead_of_need]) if c not in hops]
            found = fetch(wanted)
            hops.update((c, found.get(c, _NOWHERE)) for c in wanted)
        found_hops, reached, beyond = hops[concept], side.reached, other.reached
        side.walked += len(found_hops.others)
        for neighbour, hop in zip(found_hops.others, found_hops[side.way], strict=True):
            cost = paid + hop
            if cost < best and cost < reached.get(neighbour, inf):
                whole = cost + beyond.get(neighbour, inf)
                if cost < most or whole < best:
                    reached[neighbour], side.came_from[neighbour] = cost, concept
                    if neighbour not in other.settled:
                        heapq.heappush(side.queue, (cost, neighbour))
                    if whole < best:
                        best, meeting = whole, neighbour
    return None if best == inf else [*reversed(ahead.trace(meeting)), *back.trace(meeting)[1:]]


def fetch_around(source: int, target: int, radius: float, fetch: Fetch, most: int) -> dict[int, Hops]:
    """The hops of the concepts that are within `radius` of the source or the target, or of the `most` nearest.

    A path that costs at most twice the radius goes along these hops alone: the first half of it lies around its
    source, and the second around its target.
    """
    hops: dict[int, Hops] = {}
    sides = (_Side(source, way=1), _Side(target, way=2))
    while len(hops) < most:
        front = sorted((cost, concept) for side in sides for cost, concept in side.queue if cost <= radius)
        wanted = list(dict.fromkeys(concept for _, concept in front if concept not in hops))[: most - len(hops)]
        if not wanted:
            break
        found = fetch(wanted)
        hops.update((concept, found.get(concept, _NOWHERE)) for concept in wanted)
        for side in sides:
            side.settle(hops)
    return hops
