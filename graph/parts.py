"""What a map asks of a graph that is too large to be fetched whole: as much as one view of it draws."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from graph.groups import Group, view_groups
from graph.placement import PlacedEdge, placed_concepts
from graph.schema import Concept, Relation
from graph.supernodes import Crossing, count_crossings


@dataclass(frozen=True, slots=True)
class Where:
    """What the filters of a map let through; None lets everything through.

    `weeks` may hold None for the concepts without one. `only` and `without` are ids of concepts.
    """

    weeks: tuple[int | None, ...] | None = None
    tracks: tuple[str, ...] | None = None
    origins: tuple[str, ...] | None = None
    only: frozenset[str] | None = None
    without: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Grouping:
    """The groups of a map from left to right, with their sizes but not their members, and what leads between them."""

    groups: tuple[Group, ...]
    crossings: tuple[Crossing, ...]

    @property
    def size(self) -> int:
        """How many concepts have a place in some group."""
        return sum(group.count for group in self.groups)


@dataclass(frozen=True, slots=True)
class Portion:
    """Some concepts, the relations among them without evidence, and the view of the group that each is placed in.

    `outward` joins concepts to the boxes of other groups.
    """

    concepts: tuple[Concept, ...]
    relations: tuple[Relation, ...]
    views: Mapping[str, str]
    outward: tuple[PlacedEdge, ...] = field(default=())


class GraphParts(Protocol):
    """What answers for parts of a graph. Groups are those of the whole graph, whatever the filters leave of them."""

    def groups(self, where: Where) -> Grouping:
        """The groups that have concepts left, counted."""

    def views_of(self, concept_ids: Sequence[str], where: Where) -> Mapping[str, str]:
        """The view of the group that each concept is placed in; what has no place or is filtered out is left out."""

    def placed(self, where: Where) -> Portion:
        """All that has a place, and the weeks' own concepts: for when `groups` counts few."""

    def members(self, view: str, where: Where, limit: int) -> Portion:
        """The members of one group with the most relations."""

    def around(self, concept_id: str, where: Where, limit: int) -> Portion:
        """A concept, what it is joined to, and what its prerequisites need and what it unlocks unlocks.

        Each step has up to `limit` concepts: those that are joined best.
        """

    def listed(self, view: str, where: Where, limit: int) -> Portion:
        """The members of one group with the most relations, and all that is joined to them."""


def group_graph(concepts: Sequence[Concept], relations: Sequence[Relation]) -> tuple[Grouping, dict[str, int]]:
    """The groups of a whole graph, and the place among them of each concept that has one."""
    placed = placed_concepts(concepts)
    inner = [r for r in relations if r.source in placed and r.target in placed]
    groups = view_groups(concepts, placed, inner)
    places = {member: place for place, group in enumerate(groups) for member in group.members}
    sized = (Group(g.key, g.title, g.subtitle, g.concept_id, (), g.view, len(g.members)) for g in groups)
    return Grouping(tuple(sized), count_crossings(groups, inner)), places
