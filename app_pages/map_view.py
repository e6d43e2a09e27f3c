"""What Explore shows, as one value that is its address: every step makes a new one, and a link reopens it exactly.

/?concept=hnsw&view=ego          the neighbourhood of a concept
/?view=week-5                    one week, or step-2, folder-notes: a group of the overview
/?view=list&weeks=1&weeks=2      the list, filtered
/?concept=hnsw&reason=graphs     a concept, and why another is joined to it
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from urllib.parse import parse_qs, urlencode

from graph.schema import Concept, Relation, RelationKind, RelationOrigin

KINDS: tuple[str, ...] = get_args(RelationKind)
ORIGINS: tuple[str, ...] = get_args(RelationOrigin)
NO_WEEK = "none"
OVERVIEW, EGO, EGO_FULL, LIST = "overview", "ego", "ego-full", "list"
_OPEN_LIST = f"{LIST}:"


@dataclass(frozen=True, slots=True)
class MapView:
    """One state of the page. `view` is None for what suits the screen; an empty filter lets everything through."""

    concept: str | None = None
    reason: str | None = None
    view: str | None = None
    kinds: tuple[str, ...] = ()
    weeks: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()

    @property
    def is_list(self) -> bool:
        return self.view == LIST or self.open_group is not None

    @property
    def is_ego(self) -> bool:
        return self.view in {EGO, EGO_FULL} and self.concept is not None

    @property
    def group(self) -> str | None:
        """The group that the map shows alone."""
        return None if self.view in {None, OVERVIEW, EGO, EGO_FULL} or self.is_list else self.view

    @property
    def open_group(self) -> str | None:
        """The group that is open in the list of a large vault."""
        found = self.view or ""
        return found.removeprefix(_OPEN_LIST) if found.startswith(_OPEN_LIST) else None

    @property
    def hidden_kinds(self) -> tuple[str, ...]:
        return tuple(kind for kind in KINDS if kind not in self.kinds) if self.kinds else ()

    @property
    def filters(self) -> int:
        """How many filters are set."""
        return sum(map(bool, (self.kinds, self.weeks, self.tracks, self.origins)))

    def keeps(self, concept: Concept) -> bool:
        """Whether the filters of week and track let a concept through."""
        week = NO_WEEK if concept.week is None else str(concept.week)
        return (not self.weeks or week in self.weeks) and (not self.tracks or concept.track in self.tracks)

    def keeps_relation(self, relation: Relation) -> bool:
        """Whether the filter of origin lets a relation through; kinds are only hidden, so that nothing moves."""
        return not self.origins or relation.origin in self.origins

    def to_params(self) -> dict[str, str | list[str]]:
        """The address's parameters, without what is left at its default."""
        single = {"concept": self.concept, "reason": self.reason, "view": self.view}
        several = {"kinds": self.kinds, "weeks": self.weeks, "tracks": self.tracks, "origins": self.origins}
        params: dict[str, str | list[str]] = {name: value for name, value in single.items() if value}
        return params | {name: list(values) for name, values in several.items() if values}

    def to_href(self) -> str:
        """A link to this state."""
        return "?" + urlencode(self.to_params(), doseq=True)


def read_params(params: Mapping[str, Sequence[str]]) -> MapView:
    """The state that an address means; what it does not know is left out."""

    def last(name: str) -> str | None:
        return (params.get(name) or [""])[-1].strip() or None

    def several(name: str, known: Iterable[str] | None = None) -> tuple[str, ...]:
        values = dict.fromkeys(v for v in params.get(name, ()) if v and (known is None or v in known))
        return tuple(values)

    return MapView(
        last("concept"),
        last("reason"),
        last("view"),
        several("kinds", KINDS),
        several("weeks"),
        several("tracks"),
        several("origins", ORIGINS),
    )


def read_href(href: str) -> MapView:
    """The state that a link made by `to_href` leads to."""
    return read_params(parse_qs(href.partition("?")[2]))


def select(view: MapView, concept_id: str | None) -> MapView:
    """Another concept, or none; a neighbourhood moves along with it."""
    is_ego = view.view in {EGO, EGO_FULL}
    shown = (EGO if concept_id else None) if is_ego else view.view
    return replace(view, concept=concept_id, reason=None, view=shown)


def without_filters(view: MapView) -> MapView:
    """The same with everything let through."""
    return replace(view, kinds=(), weeks=(), tracks=(), origins=())


def explain(view: MapView, source: str, target: str) -> MapView:
    """Why two concepts are joined, told from the one that is shown already, if it is one of them."""
    if view.concept == source:
        return replace(view, reason=target)
    return replace(view, concept=target, reason=source)


def hide_kinds(view: MapView, hidden: Iterable[str]) -> MapView:
    """Without the lines of some kinds."""
    off = frozenset(hidden)
    return replace(view, kinds=tuple(k for k in KINDS if k not in off) if off & frozenset(KINDS) else ())


def open_view(view: MapView, name: str) -> MapView:
    """Another view; a list opened from a group of a large map opens there."""
    if name == LIST and view.group:
        return replace(view, view=f"{_OPEN_LIST}{view.group}", reason=None)
    return replace(view, view=name, reason=None)


def list_of(view: MapView, group: str) -> MapView:
    """The list with one group open."""
    return replace(view, view=f"{_OPEN_LIST}{group}")
