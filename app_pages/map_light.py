"""Decides what the map lights up: what a concept needs and unlocks, or only what to learn first, or a path.

Only what is drawn can be lit. Where a large vault's map draws the group of a concept and not its box, the group's box
stands for it in a path or an order of learning, so that they can be followed through the groups.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from app_pages.components.concept_map import MapGraph, MapHop, MapPath
from app_pages.map_source import MapPart
from graph.paths import PathStep
from graph.store import GraphStore, Reached
from graph.supernodes import group_node_id

Places = Mapping[str, int]
"""The places of concepts among the drawn boxes: their ids can be many kilobytes."""


@dataclass(frozen=True, slots=True)
class Light:
    """The places of the boxes that are lit, by what they are to the concept that is shown, or a path through them."""

    prerequisites: Collection[int] = ()
    unlocks: Collection[int] = ()
    related: Collection[int] = ()
    path: MapPath | None = None


def light_concept(graph: GraphStore, reached: Reached, concept_id: str, drawn: Places) -> Light:
    """What a concept needs and unlocks, and what it is joined to otherwise; for a week all that is part of it."""
    others = dict.fromkeys(n.concept.id for n in graph.neighbours(concept_id) if n.relation.kind != "prerequisite_of")
    before, after, joined = ([drawn[c] for c in ids if c in drawn] for ids in (reached.before, reached.after, others))
    return Light(before, after, joined)


def light_order(part: MapPart, reached: Reached, known: Collection[str], drawn: Places) -> Light:
    """All that must still be learnt before a concept."""
    left = [c for c in reached.before if c not in known]
    return Light(frozenset(standing_for(part, drawn, left).values()))


def drawn_places(scene: MapGraph) -> Places:
    """Where each box is among those that are drawn."""
    return {node["id"]: place for place, node in enumerate(scene["nodes"])}


def standing_for(part: MapPart, drawn: Places, concept_ids: Iterable[str]) -> Places:
    """The box that stands for each concept, its own or its group's; one that has none is left out."""
    wanted = dict.fromkeys(concept_ids)
    groups = {concept_id: group_node_id(view) for concept_id, view in part.groups_of(wanted).items()}
    boxes = {concept_id: concept_id if concept_id in drawn else groups.get(concept_id, "") for concept_id in wanted}
    return {concept_id: drawn[box] for concept_id, box in boxes.items() if box in drawn}


def light_path(part: MapPart, path: Sequence[PathStep], drawn: Places) -> Light:
    """A path. Over concepts that nothing stands for a plain line leads to the next that is drawn."""
    places = standing_for(part, drawn, [path[0].source, *(step.target for step in path)])
    stops: list[int] = []
    hops: list[MapHop] = []
    last, skipped = places.get(path[0].source), 1
    if last is not None:
        stops.append(last)
    for number, step in enumerate(path, start=1):
        place = places.get(step.target)
        if place is None:
            continue
        if last is not None and place != last:
            hops.append(_hop(step, last, place, skipped, number))
        if place not in stops:
            stops.append(place)
        last, skipped = place, number + 1
    return Light(path={"stops": stops, "end": places.get(path[-1].target), "hops": hops})


def _hop(step: PathStep, last: int, place: int, first: int, number: int) -> MapHop:
    if first < number:
        return {"source": last, "target": place, "kind": "", "label": f"{first}–{number}"}
    ends = (last, place) if step.direction == "forward" else (place, last)
    return {"source": ends[0], "target": ends[1], "kind": step.kind, "label": str(number)}
