"""What the reader does on the map, or by a link of the page, as steps from one state of Explore to the next."""

from __future__ import annotations

from dataclasses import replace

from app_pages.components.concept_map import MapEvent, read_map_event
from app_pages.map_view import (
    BY_KNOWN,
    EGO,
    OVERVIEW,
    PATH_TO,
    MapView,
    close_path,
    explain,
    find_path,
    hide_kinds,
    open_view,
    read_href,
    select,
)
from app_pages.marks_view import set_mark


def take_events(view: MapView, control: str) -> MapView:
    """The state after what the reader has done on the map since the last run."""
    event = read_map_event(control)
    return _after(event, view) if event.is_new else view


def _after(event: MapEvent, view: MapView) -> MapView:
    name = event.selected
    if target := _asked_for(event, view):
        return find_path(view, target)
    if event.action == "kinds":
        return hide_kinds(view, event.hidden)
    if event.action == "mark":
        set_mark(name, event.level)
        return view
    if event.action == "colour":
        return replace(view, colour=BY_KNOWN if name == BY_KNOWN else None)
    if event.action == "go" and name:
        return read_href(name)
    if event.action == "view" and name:
        left = select(view, None) if name == OVERVIEW and view.group else view  # else it would lead back
        return open_view(left, name)
    if event.action == "edge" and name and event.other:
        return explain(view, event.other, name)
    if event.action == "open" and name:
        return open_view(select(view, name), EGO)
    if name is None and view.to:
        return close_path(view)
    return select(view, name)


def _asked_for(event: MapEvent, view: MapView) -> str | None:
    """The end of a path, where the reader was asked for one and has chosen a concept on the map or in the list."""
    if not view.concept or view.to or view.tab != PATH_TO:
        return None
    if event.action == "go" and view.is_list:
        linked = read_href(event.selected or "")
        return linked.concept if linked == select(view, linked.concept) and linked.concept != view.concept else None
    return event.selected if event.action == "select" and event.selected != view.concept else None
