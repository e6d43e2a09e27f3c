"""Explained paths in Neo4j: only the neighbourhoods that a path may go through are fetched.

The alternatives to the cheapest path are sought among the concepts around both ends, as far out as a path may go that
costs twice as much. Where these are more than `_MOST_FETCHED`, as around a concept that everything is linked to, they
are sought among the nearest: what is found then are paths, but there may be cheaper alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, LiteralString

from graph import cypher
from graph.alternatives import STRETCH, different_paths
from graph.frontier import Fetch, Hop, cheapest_path, fetch_around
from graph.neo4j_rows import index_key, relation_from
from graph.paths import BACKWARD_FACTOR, PathStep, hop_graph, steps_along

if TYPE_CHECKING:
    from networkx import DiGraph

Rows = list[dict[str, Any]]
Run = Callable[[LiteralString, Mapping[str, object]], Rows]
"""Runs a statement within the generation that is read."""

_MOST_FETCHED = 1_000  # concepts


def explain_paths(run: Run, source: str, target: str, limit: int) -> tuple[tuple[PathStep, ...], ...]:
    """The cheapest explained path between two ids, and up to `limit` - 1 others that differ; none if nothing links."""
    ends = _positions(run, source, target)
    path = ends and source != target and cheapest_path(*ends, _fetch(run, ends))
    if not ends or not path:
        return ()
    paths = [path] if limit == 1 else different_paths(_hops_around(path, _fetch(run, ends)), path, limit)
    return _steps(run, source, target, paths)


def has_hops(run: Run, concept_id: str) -> bool:
    """Whether a path could lead anywhere from a concept."""
    ends = _positions(run, concept_id, concept_id)
    return bool(ends and _fetch(run, ends)(ends[:1]))


def _positions(run: Run, source: str, target: str) -> tuple[int, int] | None:
    rows = run(cypher.ENDS, {"keys": [index_key(source), index_key(target)]})
    found = {row["id"]: row["position"] for row in rows}
    return (found[source], found[target]) if source in found and target in found else None


def _fetch(run: Run, ends: Collection[int]) -> Fetch:
    def fetch(positions: Collection[int]) -> dict[int, list[Hop]]:
        rows = run(cypher.HOPS, {"positions": list(positions), "ends": list(ends)})
        return {row["position"]: _hops(row) for row in rows}

    return fetch


def _hops(row: Mapping[str, Any]) -> list[Hop]:
    return [
        (other, cost, cost * BACKWARD_FACTOR) if cost > 0 else (other, -cost * BACKWARD_FACTOR, -cost)
        for other, cost in zip(row["others"], row["costs"], strict=True)
    ]


def _hops_around(path: Sequence[int], fetch: Fetch) -> DiGraph[int]:
    """The hops of all paths that are not too long beside this one, its own among them."""
    import networkx as nx

    graph: DiGraph[int] = nx.DiGraph()
    own = fetch(path)
    _add_hops(graph, own)
    cost = sum(graph.edges[hop]["cost"] for hop in pairwise(path))
    _add_hops(graph, fetch_around(path[0], path[-1], cost * STRETCH / 2, fetch, _MOST_FETCHED))
    return graph


def _add_hops(graph: DiGraph[int], hops: Mapping[int, Iterable[Hop]]) -> None:
    for concept, found in hops.items():
        for other, there, back in found:
            for start, end, cost in ((concept, other, there), (other, concept, back)):
                if cost < graph.get_edge_data(start, end, default={"cost": cost + 1})["cost"]:
                    graph.add_edge(start, end, cost=cost)


def _steps(run: Run, source: str, target: str, paths: Sequence[Sequence[int]]) -> tuple[tuple[PathStep, ...], ...]:
    pairs = [list(hop) for hop in {hop: None for path in paths for hop in pairwise(path)}]
    rows = run(cypher.RELATIONS_BETWEEN, {"pairs": pairs})
    ids = {row["properties"][end]: row[end] for row in rows for end in ("source", "target")}
    hops = hop_graph(map(relation_from, rows), source, target, {})
    return tuple(steps_along(hops, [ids[position] for position in path]) for path in paths)
