"""Decides what is fetched from Neo4j for one view of the map, so that memory follows what is drawn, not the graph."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, LiteralString

from graph import cypher_parts as cypher
from graph.groups import Group, find_group
from graph.neo4j_rows import (
    concept_from,
    drawn_concept_from,
    drawn_relation_from,
    grouping_from_json,
    index_key,
)
from graph.parts import Grouping, Portion, Where
from graph.placement import PlacedEdge
from graph.schema import WEEK_KIND
from graph.supernodes import group_node_id, strongest_crossings

Rows = list[dict[str, Any]]
Read = Callable[..., list[Rows]]
"""The rows of each of some statements with their parameters, read in one transaction."""

_RELATIONS_A_CONCEPT = 50  # of a list: what is shown of each side is fewer


class Neo4jParts:
    """Answers `GraphParts` for one generation. Raises StorageError as its store does."""

    def __init__(self, read: Read) -> None:
        self._read = read

    def groups(self, where: Where) -> Grouping:
        """Without filters as counted when publishing; with them, the server counts."""
        everything = self._everything
        if where == Where():
            return everything
        filters = _filters(where)
        sizes, crossings = self._read((cypher.SIZES, filters), (cypher.CROSSINGS, filters))
        size_of = {row["band"]: row["size"] for row in sizes}
        views = [group.view for group in everything.groups]
        left = tuple(
            Group(g.key, g.title, g.subtitle, g.concept_id, (), g.view, size_of[band])
            for band, g in enumerate(everything.groups)
            if band in size_of
        )
        return Grouping(
            left, strongest_crossings((views[row["source"]], views[row["target"]], row["count"]) for row in crossings)
        )

    def views_of(self, concept_ids: Sequence[str], where: Where) -> Mapping[str, str]:
        if not concept_ids:
            return {}
        rows = self._rows(cypher.BANDS_OF, {**_filters(where), "keys": list(map(index_key, concept_ids))})
        return {row["id"]: self._views[row["band"]] for row in rows}

    def placed(self, where: Where) -> Portion:
        rows = self._rows(cypher.PLACED, {**_filters(where), "week_kind": WEEK_KIND})
        concepts = [row["concept"] for row in rows]
        return self._portion(
            concepts, self._rows(cypher.AMONG, _among(where, concepts)), [concept_from(c) for c in concepts]
        )

    def members(self, view: str, where: Where, limit: int) -> Portion:
        band = self._band(view)
        concepts = self._concepts(cypher.MEMBERS, {**_filters(where), "band": band, "limit": limit})
        asked = _among(where, concepts)
        relations, outward = self._read(
            (cypher.AMONG, asked), (cypher.OUTWARD, {**_filters(where), **asked, "band": band})
        )
        views = self._views
        edges = []
        for row in outward:
            box = group_node_id(views[row["band"]])
            source, target = (row["id"], box) if row["leaves"] else (box, row["id"])
            edges.append(PlacedEdge(source, target, "prerequisite_of", row["count"]))
        return self._portion(concepts, relations, outward=sorted(edges, key=lambda e: (e.source, e.target)))

    def around(self, concept_id: str, where: Where, limit: int) -> Portion:
        filters = {**_filters(where), "limit": limit}
        own = self._concepts(cypher.SHOWN, {"key": index_key(concept_id)})
        joined = self._rows(cypher.JOINED, {**filters, "key": index_key(concept_id)})
        needs = [row["concept"]["position"] for row in joined if row["side"] == "needs"]
        unlocks = [row["concept"]["position"] for row in joined if row["side"] == "unlocks"]
        further = self._read(
            (cypher.NEEDED_BY_ANY, {**filters, "positions": needs}),
            (cypher.UNLOCKED_BY_ANY, {**filters, "positions": unlocks}),
        )
        rows = [*own, *(row["concept"] for row in joined), *(row["concept"] for step in further for row in step)]
        concepts = list({row["id"]: row for row in rows}.values())
        return self._portion(concepts, self._rows(cypher.AMONG, _among(where, concepts)))

    def listed(self, view: str, where: Where, limit: int) -> Portion:
        filters = _filters(where)
        members = self._concepts(cypher.MEMBERS, {**filters, "band": self._band(view), "limit": limit})
        positions = [row["position"] for row in members]
        most = _RELATIONS_A_CONCEPT * max(len(members), 1)
        joined = self._rows(cypher.JOINED_TO_ANY, {**filters, "positions": positions, "limit": most})
        others = {row[end] for row in joined for end in ("source", "target")}.difference(positions)
        concepts = [*members, *self._concepts(cypher.AT, {"positions": sorted(others)})]
        ids = {concept["position"]: concept["id"] for concept in concepts}
        relations = [{**row, "source": ids[row["source"]], "target": ids[row["target"]]} for row in joined]
        return self._portion(concepts, relations)

    @cached_property
    def _everything(self) -> Grouping:
        """The groups of the whole graph, which a generation never changes."""
        return grouping_from_json(self._rows(cypher.GROUPING, {})[0]["grouping"])

    @cached_property
    def _views(self) -> list[str]:
        return [group.view for group in self._everything.groups]

    def _band(self, view: str) -> int:
        groups = self._everything.groups
        found = find_group(groups, view)
        return groups.index(found) if found else -1

    def _portion(
        self,
        concepts: Sequence[Mapping[str, Any]],
        relations: Rows,
        read: Sequence[Any] | None = None,
        outward: Sequence[PlacedEdge] = (),
    ) -> Portion:
        views = self._views
        return Portion(
            tuple(map(drawn_concept_from, concepts)) if read is None else tuple(read),
            tuple(map(drawn_relation_from, relations)),
            {row["id"]: views[row["band"]] for row in concepts if row.get("band") is not None},
            tuple(outward),
        )

    def _rows(self, statement: LiteralString, parameters: Mapping[str, object]) -> Rows:
        return self._read((statement, parameters))[0]

    def _concepts(self, statement: LiteralString, parameters: Mapping[str, object]) -> list[dict[str, Any]]:
        return [row["concept"] for row in self._rows(statement, parameters)]


def _filters(where: Where) -> dict[str, object]:
    weeks = where.weeks
    return {
        "weeks": None if weeks is None else [week for week in weeks if week is not None],
        "no_week": weeks is not None and None in weeks,
        "tracks": where.tracks,
        "origins": where.origins,
        "only": None if where.only is None else list(where.only),
        "without": list(where.without),
    }


def _among(where: Where, concepts: Sequence[Mapping[str, Any]]) -> dict[str, object]:
    return {"positions": [row["position"] for row in concepts], "origins": where.origins}
