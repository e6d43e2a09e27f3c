"""Decides how the hops that a path may take from a concept lie in Neo4j: packed into two properties of its node.

A search asks for the hops of some hundred concepts. As relationships each would be walked by the server, and as lists
of numbers each number be decoded by the driver; a run of bytes is handed through.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from struct import calcsize, pack, unpack

from graph.frontier import Hops
from graph.paths import BACKWARD_FACTOR, FORWARD_COST
from graph.schema import WEEK_KIND, Concept, Relation

_Costs = tuple[float, float]  # there and back
_HOP_SIZE = calcsize("<i2d")


def packed_hops(concepts: Sequence[Concept], relations: Sequence[Relation]) -> Iterator[tuple[bytes, bytes]]:
    """For each concept in order its packed hops: those to concepts, and those to weeks, which may only end a path.

    Of several relations between the same two, each way has the cost of the cheapest.
    """
    positions = {concept.id: position for position, concept in enumerate(concepts)}
    weeks = {position for position, concept in enumerate(concepts) if concept.kind == WEEK_KIND}
    hops: list[dict[int, _Costs]] = [{} for _ in concepts]
    for relation in relations:
        source, target = positions[relation.source], positions[relation.target]
        cost = FORWARD_COST[relation.kind] / max(relation.weight, 0.1)
        _add_hop(hops[source], target, (cost, cost * BACKWARD_FACTOR))
        _add_hop(hops[target], source, (cost * BACKWARD_FACTOR, cost))
    for found in hops:
        to_weeks = {other: found.pop(other) for other in weeks & found.keys()}
        yield _pack(found), _pack(to_weeks)


def unpack_hops(data: bytes) -> Hops:
    """The hops that `packed_hops` packed."""
    size = len(data) // _HOP_SIZE
    values = unpack(f"<{size}i{2 * size}d", data)
    return Hops(values[:size], values[size : 2 * size], values[2 * size :])


def _add_hop(hops: dict[int, _Costs], other: int, costs: _Costs) -> None:
    known = hops.get(other)
    hops[other] = costs if known is None else (min(known[0], costs[0]), min(known[1], costs[1]))


def _pack(hops: Mapping[int, _Costs]) -> bytes:
    size = len(hops)
    there, back = zip(*hops.values(), strict=True) if hops else ((), ())
    return pack(f"<{size}i{2 * size}d", *hops, *there, *back)
