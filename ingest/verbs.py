"""The words by which notes type a relation, and the relation that each stands for; data, no decision."""

from __future__ import annotations

from dataclasses import dataclass

from graph.schema import RelationKind


@dataclass(frozen=True, slots=True)
class Verb:
    """What a typed line says: the relation's kind, and whether the linked concept is its source."""

    kind: RelationKind
    target_first: bool = False


VERBS: dict[str, Verb] = {
    **dict.fromkeys(
        (
            "requires",
            "require",
            "required",
            "prerequisite",
            "prerequisites",
            "depends on",
            "needs",
            "builds on",
            "prereq",
            "prereqs",
        ),
        Verb("prerequisite_of", target_first=True),
    ),
    **dict.fromkeys(("unlocks", "leads to", "prerequisite of", "prepares for"), Verb("prerequisite_of")),
    **dict.fromkeys(("part of", "belongs to", "up", "parent", "parents"), Verb("part_of")),
    **dict.fromkeys(
        ("contrasts with", "contrasts", "contrast", "versus", "vs", "differs from"), Verb("contrasts_with")
    ),
    **dict.fromkeys(("applies to", "used in", "used by", "applied in"), Verb("applies_to")),
    **dict.fromkeys(("related to", "related", "see also", "relates to", "links"), Verb("related_to")),
}

PROPERTY_VERBS: dict[str, Verb] = {words: verb for words, verb in VERBS.items() if words != "links"}
"""Those that type as the name of a property, a field or a list too; there "links" says nothing."""
