"""Explained paths in Neo4j: only the neighbourhoods that a path may go through are fetched.

The alternatives to the cheapest path are sought among the concepts around both ends, as far out as a path may go that
costs twice as much. Where these are more than `_MOST_FETCHED`, as around a concept that everything is linked to, they
are sought among the nearest: what is found then are paths, but there may be cheaper alternatives.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, LiteralString

from graph import cypher
from graph.alternatives import STRETCH, different_paths
from graph.errors import StorageError
from graph.frontier import Fetch, Hops, cheapest_path, fetch_around
from graph.neo4j_hops import unpack_hops
from graph.neo4j_rows import index_key, relation_from
from graph.paths import PathStep, hop_graph, steps_along
from graph.schema import WEEK_KIND

if TYPE_CHECKING:
    from networkx import DiGraph

Rows = list[dict[str, Any]]
Run = Callable[[LiteralString, Mapping[str, object]], Rows]
"""Runs a statement within the generation that is read."""

_MOST_FETCHED = 300  # concepts; with a thousand the alternatives cost 0.1 % less, and three times the time
_MOST_BESIDE = 50  # concepts beside an end, of which it has hardly more unless it is a hub


class _HopsFetched:
    """The hops that paths between two ids may take, fetched as they are asked for, and once each."""

    def __init__(self, run: Run, source: str, target: str) -> None:
        self._run = run
        keys = [index_key(source), index_key(target)]
        rows = run(cypher.ENDS, {"keys": keys, "week_kind": WEEK_KIND, "most": _MOST_BESIDE})
        at = {row["id"]: row["position"] for row in rows}
        self.ends = (at[source], at[target]) if source in at and target in at else None
        # Weeks are only ever the ends of a path, so hops to them are needed only when one of them is.
        self._week_ends = {row["position"] for row in rows if row["kind"] == WEEK_KIND}
        self._known: dict[int, Hops] = {}
        for row in rows:
            for packed in ((row["position"], row["hops"], row["week_hops"]), *row["beside"]):
                self._keep(*packed)

    def __call__(self, positions: Collection[int]) -> Mapping[int, Hops]:
        """The hops of each of these concepts, and of all that were asked for before."""
        if wanted := [position for position in positions if position not in self._known]:
            [row] = self._run(cypher.HOPS, {"positions": wanted, "to_weeks": bool(self._week_ends)})
            to_weeks = row["week_hops"] or [b""] * len(row["hops"])
            for packed in zip(row["positions"], row["hops"], to_weeks, strict=True):
                self._keep(*packed)
        return self._known

    def _keep(self, position: int, packed: bytes, packed_to_weeks: bytes) -> None:
        hops = unpack_hops(packed)
        if self._week_ends:
            to_ends = [hop for hop in zip(*unpack_hops(packed_to_weeks), strict=True) if hop[0] in self._week_ends]
            if to_ends:
                hops = Hops(*zip(*zip(*hops, strict=True), *to_ends, strict=True))
        self._known[position] = hops


def explain_paths(run: Run, source: str, target: str, limit: int) -> tuple[tuple[PathStep, ...], ...]:
    """The cheapest explained path between two ids, and up to `limit` - 1 others that differ; none if nothing links."""
    fetch = _HopsFetched(run, source, target)
    path = fetch.ends and source != target and cheapest_path(*fetch.ends, fetch)
    if not path:
        return ()
    paths = [path] if limit == 1 else different_paths(_hops_around(path, fetch), path, limit)
    return _steps(run, source, target, paths)


def has_hops(run: Run, concept_id: str) -> bool:
    """Whether a path could lead anywhere from a concept."""
    fetch = _HopsFetched(run, concept_id, concept_id)
    return bool(fetch.ends and fetch(fetch.ends)[fetch.ends[0]].others)


def _hops_around(path: Sequence[int], fetch: Fetch) -> DiGraph[int]:
    """The hops of all paths that are not too long beside this one, its own among them."""
    import networkx as nx

    graph: DiGraph[int] = nx.DiGraph()
    own = fetch(path)
    _add_hops(graph, {concept: own[concept] for concept in path})
    cost = sum(graph.edges[hop]["cost"] for hop in pairwise(path))
    _add_hops(graph, fetch_around(path[0], path[-1], cost * STRETCH / 2, fetch, _MOST_FETCHED))
    return graph


def _add_hops(graph: DiGraph[int], hops: Mapping[int, Hops]) -> None:
    for concept, found in hops.items():
        for other, there, back in zip(*found, strict=True):
            graph.add_edge(concept, other, cost=there)
            graph.add_edge(other, concept, cost=back)


def _steps(run: Run, source: str, target: str, paths: Sequence[Sequence[int]]) -> tuple[tuple[PathStep, ...], ...]:
    pairs = [list(hop) for hop in {hop: None for path in paths for hop in pairwise(path)}]
    rows = run(cypher.RELATIONS_BETWEEN, {"pairs": pairs})
    ids = {row["properties"][end]: row[end] for row in rows for end in ("source", "target")}
    hops = hop_graph(map(relation_from, rows), source, target, {})
    if not all(a in ids and b in ids and hops.has_edge(ids[a], ids[b]) for a, b in pairs):
        raise StorageError("Neo4j has lost relations of the graph that a path goes along; run `prepgraph ingest`.")
    return tuple(steps_along(hops, [ids[position] for position in path]) for path in paths)
