"""What Explore shows, as one value that is its address: every step makes a new one, and a link reopens it exactly.

/?concept=hnsw&view=ego          the neighbourhood of a concept
/?view=week-5                    one week, or step-2, folder-notes: a group of the overview
/?view=list&weeks=1&weeks=2      the list, filtered
/?levels=shaky&colour=known      what is shaky, coloured by how well known
/?concept=hnsw&reason=graphs     a concept, and why another is joined to it
/?concept=hnsw&to=rlhf&route=2   how it leads to another: the second of the ways; with view=path nothing else is drawn
/?concept=hnsw&tab=learn         what to learn before it; tab=note: its note, and so on
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import get_args
from urllib.parse import parse_qs, urlencode

from graph.schema import WEEK_KIND, Concept, Relation, RelationKind, RelationOrigin
from study.marks import LEVELS

KINDS: tuple[str, ...] = get_args(RelationKind)
ORIGINS: tuple[str, ...] = get_args(RelationOrigin)
NO_WEEK = "none"
OVERVIEW, EGO, EGO_FULL, LIST, PATH = "overview", "ego", "ego-full", "list", "path"
MOST_ROUTES = 3
CONNECTIONS, NOTE, LEARN, PATH_TO, RESOURCES = "connections", "note", "learn", "path-to", "resources"
TABS = (CONNECTIONS, NOTE, LEARN, PATH_TO, RESOURCES)
_OPEN_LIST = f"{LIST}:"
_FILTERS = ("kinds", "weeks", "tracks", "origins", "levels")
BY_KNOWN = "known"


@dataclass(frozen=True, slots=True)
class LevelFilter:
    """What a filter by how well known comes to for one learner: only the concepts of `ids`, or all the others."""

    ids: frozenset[str]
    only: bool

    def keeps(self, concept: Concept) -> bool:
        """Whether a concept passes; weeks always do, since nobody marks them."""
        return concept.kind == WEEK_KIND or (concept.id in self.ids) == self.only


@dataclass(frozen=True, slots=True)
class MapView:
    """One state of the page. `view` is None for what suits the screen; an empty filter lets everything through.

    `colour` is "known" for boxes coloured by how well known. `allowed` is no part of the address: what `levels` comes
    to, in the states by which pictures are kept.
    """

    concept: str | None = None
    reason: str | None = None
    view: str | None = None
    kinds: tuple[str, ...] = ()
    weeks: tuple[str, ...] = ()
    tracks: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    levels: tuple[str, ...] = ()
    colour: str | None = None
    allowed: LevelFilter | None = None
    to: str | None = None
    route: int = 1
    tab: str | None = None

    @property
    def is_list(self) -> bool:
        return self.view == LIST or self.open_group is not None

    @property
    def is_ego(self) -> bool:
        return self.view in {EGO, EGO_FULL} and self.concept is not None

    @property
    def is_path(self) -> bool:
        """Whether only the path and the other ways are drawn."""
        return self.view == PATH and self.concept is not None and self.to is not None

    @property
    def open_tab(self) -> str:
        """The tab of the panel that is open: unless another is chosen, the path where there is one."""
        if self.to:
            return self.tab if self.tab and self.tab != LEARN else PATH_TO
        return self.tab or CONNECTIONS

    @property
    def is_learning(self) -> bool:
        """Whether what to learn before the concept is lit."""
        return self.concept is not None and self.open_tab == LEARN

    @property
    def group(self) -> str | None:
        """The group that the map shows alone."""
        return None if self.view in {None, OVERVIEW, EGO, EGO_FULL, PATH} or self.is_list else self.view

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
        return sum(map(bool, (self.kinds, self.weeks, self.tracks, self.origins, self.levels)))

    def keeps(self, concept: Concept) -> bool:
        """Whether the filters of week, track and how well known let a concept through."""
        if self.allowed and not self.allowed.keeps(concept):
            return False
        week = NO_WEEK if concept.week is None else str(concept.week)
        return (not self.weeks or week in self.weeks) and (not self.tracks or concept.track in self.tracks)

    def keeps_relation(self, relation: Relation) -> bool:
        """Whether the filter of origin lets a relation through; kinds are only hidden, so that nothing moves."""
        return not self.origins or relation.origin in self.origins

    def to_params(self) -> dict[str, str | list[str]]:
        """The address's parameters, without what is left at its default."""
        single = {
            "concept": self.concept,
            "reason": self.reason,
            "view": self.view,
            "colour": self.colour,
            "to": self.to,
        }
        single |= {"route": str(self.route) if self.route > 1 else None, "tab": self.tab}
        several = {name: getattr(self, name) for name in _FILTERS}
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
        several("levels", LEVELS),
        BY_KNOWN if last("colour") == BY_KNOWN else None,
        to=last("to"),
        route=int(last("route") or 1) if last("route") in {str(n) for n in range(2, MOST_ROUTES + 1)} else 1,
        tab=last("tab") if last("tab") in TABS else None,
    )


def read_href(href: str) -> MapView:
    """The state that a link made by `to_href` leads to."""
    return read_params(parse_qs(href.partition("?")[2]))


def select(view: MapView, concept_id: str | None) -> MapView:
    """Another concept, or none; a neighbourhood and the tab that is open move along with it, a path ends."""
    is_ego = view.view in {EGO, EGO_FULL}
    shown = (EGO if concept_id else None) if is_ego else view.view
    tab = view.tab if concept_id and view.tab != PATH_TO else None
    return close_path(replace(view, view=shown, concept=concept_id, reason=None, tab=tab))


def find_path(view: MapView, target: str) -> MapView:
    """How the concept that is shown leads to another; where the view draws only some concepts, it is drawn alone."""
    shown = PATH if view.is_ego or view.group else view.view
    return replace(view, to=target, route=1, reason=None, tab=None, view=shown)


def close_path(view: MapView) -> MapView:
    """The same without a path."""
    tab = None if view.tab == CONNECTIONS else view.tab  # which without a path is open by itself
    return replace(view, to=None, route=1, view=None if view.view == PATH else view.view, tab=tab)


def turn_to(view: MapView, tab: str) -> MapView:
    """Another tab of the panel; what to learn first takes the place of a path on the map."""
    left = close_path(view) if tab == LEARN else view
    return replace(left, tab=None if tab == replace(left, tab=None).open_tab else tab)


def without_filters(view: MapView) -> MapView:
    """The same with everything let through."""
    return replace(view, kinds=(), weeks=(), tracks=(), origins=(), levels=())


def explain(view: MapView, source: str, target: str) -> MapView:
    """Why two concepts are joined, told from the one that is shown already, if it is one of them."""
    left = close_path(replace(view, tab=None if view.tab in {LEARN, PATH_TO} else view.tab))
    if view.concept == source:
        return replace(left, reason=target)
    return replace(left, concept=target, reason=source)


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
