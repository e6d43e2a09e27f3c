"""The JSON shapes of the learner's own data, which the command and others that hand it out share."""

from __future__ import annotations

from typing import Any

from command.contract import relation_row
from study.marks import Mark
from study.weak_spots import WeakSpot

Row = dict[str, Any]


def mark_row(mark: Mark, concept_id: str | None, title: str) -> Row:
    """A mark with the concept's id and title of now; the id is None for a concept that is gone."""
    return {
        "concept": concept_id,
        "title": title,
        "level": mark.level,
        "source": mark.source,
        "at": mark.at.isoformat(timespec="seconds"),
    }


def weak_spot_row(spot: WeakSpot | None, concept_id: str) -> Row:
    """Where to begin repairing a concept, why, and the prerequisites from there; nothing for one that is known."""
    if spot is None:
        return {"concept": concept_id, "begin_with": None, "level": "known", "reason": None, "chain": []}
    return {
        "concept": concept_id,
        "begin_with": spot.concept.id,
        "level": spot.level,
        "reason": spot.reason,
        "chain": [relation_row(relation) for relation in spot.chain],
    }
