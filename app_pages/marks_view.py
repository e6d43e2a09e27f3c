"""What the learner knows, on Explore: read and set, on the map, in the list, in the panel and as a filter.

The app goes on without marks when their file cannot be used: the sentence that says so stands where they would be set.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from functools import lru_cache

import streamlit as st

from app_pages.components.concept_map import MapMarks, MapNode
from app_pages.library_html import as_plain
from app_pages.map_view import LevelFilter, MapView
from app_pages.marks_html import LEVEL_SIGNS, weak_spot_html
from app_pages.session import current_workspace, settings
from graph.errors import StorageError
from graph.schema import WEEK_KIND, Concept
from study.marks import LEVELS, Level, Mark, marks_in, with_level
from study.weak_spots import Before, find_weak_spot, presumed_known
from workspace import Workspace, open_marks

_FAULT = "marks-fault"
_FILTERED = "marks-filtered"
_PRESUMED = "marks-presumed"
_CHOICE = "mark-choice"


def current_marks(opened: Workspace) -> Mapping[str, Mark]:
    """The learner's marks by the ids of a generation; none when they cannot be read."""
    try:
        found = open_marks(settings()).all()
    except StorageError as fault:
        st.session_state[_FAULT] = str(fault)
        return {}
    st.session_state.pop(_FAULT, None)
    return _by_ids_of(opened.generation.id, tuple(found.values()))


@lru_cache(maxsize=4)
def _by_ids_of(generation_id: str, marks: tuple[Mark, ...]) -> Mapping[str, Mark]:
    """Follows renamed concepts once for each change: on a server, each that is looked up is a query."""
    return marks_in(current_workspace().graph, {mark.concept_id: mark for mark in marks})


def _presumed(marks: Mapping[str, Mark], before: Before) -> frozenset[str]:
    """Found once for each change of the marks, which are the same object until then."""
    kept = st.session_state.get(_PRESUMED)
    if kept is None or kept[0] is not marks:
        kept = marks, presumed_known(marks, before)
        st.session_state[_PRESUMED] = kept
    found: frozenset[str] = kept[1]
    return found


def set_mark(concept_id: str | None, level: str | None) -> None:
    """Marks a concept of the generation in service as what the reader chose; what cannot be marked is left alone."""
    concept = current_workspace().graph.concept(concept_id) if concept_id else None
    if concept is None or concept.kind == WEEK_KIND or level not in LEVELS:
        return
    try:
        open_marks(settings()).set(concept.id, level, title=concept.title)
    except StorageError as fault:
        st.toast(as_plain(str(fault)))


def show_fault(opened: Workspace) -> None:
    """Says why there are no marks, where their file cannot be used."""
    current_marks(opened)
    if fault := st.session_state.get(_FAULT):
        st.warning(f"{as_plain(fault)} Until then nothing is shown as known.")


def level_filter(view: MapView) -> LevelFilter | None:
    """What the filter by how well known lets through, as it was when the reader set it.

    A concept that is marked meanwhile stays where it is, as a mail that was read stays in the list of unread ones.
    """
    if not view.levels:
        return None
    opened = current_workspace()
    key = (opened.generation.id, view.levels)
    kept = st.session_state.get(_FILTERED)
    if kept is None or kept[0] != key:
        kept = key, _filter_of(current_marks(opened), view.levels)
        st.session_state[_FILTERED] = kept
    found: LevelFilter = kept[1]
    return found


def _filter_of(marks: Mapping[str, Mark], levels: Sequence[str]) -> LevelFilter:
    if "new" in levels:  # which nobody has listed: all but those that are marked otherwise
        return LevelFilter(with_level(marks, (level for level in LEVELS if level not in levels)), only=False)
    return LevelFilter(with_level(marks, (level for level in LEVELS if level in levels)), only=True)


def map_marks(marks: Mapping[str, Mark], nodes: Sequence[MapNode], boxes: Mapping[str, int], view: MapView) -> MapMarks:
    """The marks of what is drawn, and whether they decide the colours.

    `boxes` says which of the nodes stands for each marked concept: its own, or its group's.
    """
    places: dict[str, list[int]] = {"known": [], "shaky": []}
    groups: dict[str, Counter[int]] = {"known": Counter(), "shaky": Counter()}
    for concept_id, place in boxes.items():
        level = marks[concept_id].level
        if level == "new":
            continue
        if "count" in nodes[place]:
            groups[level][place] += 1
        else:
            places[level].append(place)
    known, shaky = groups["known"], groups["shaky"]
    return {
        "colour_by": "known" if view.colour == "known" else "week",
        "known": sorted(places["known"]),
        "shaky": sorted(places["shaky"]),
        "groups": [(place, known[place], shaky[place]) for place in sorted(known | shaky)],
    }


def show_standing(
    opened: Workspace, concept: Concept, marks: Mapping[str, Mark], before: Before, view: MapView
) -> None:
    """The choice of how well a concept is known and, for one that is not, where to begin; weeks have none."""
    if concept.kind == WEEK_KIND:
        return
    mark = marks.get(concept.id)
    key = _choice_key(mark.level if mark else "new")

    def chosen() -> None:
        set_mark(concept.id, st.session_state[key])

    st.segmented_control(
        "How well you know it",
        LEVELS,
        format_func=lambda level: f"{LEVEL_SIGNS[level]} {level.capitalize()}".strip(),
        key=key,
        required=True,
        on_change=chosen,
        label_visibility="collapsed",
    )
    # Before anything is marked, the advice would be the same for everybody: the order to learn in, a tab below.
    if not marks:
        return
    if spot := find_weak_spot(opened.graph, concept.id, marks, lambda: _presumed(marks, before)):
        st.html(weak_spot_html(opened.graph, spot, view))


def _choice_key(level: Level) -> str:
    """The key of the choice while it holds a level; another one when the level was changed elsewhere, as by a key.

    The browser may send what it showed before once more, which Streamlit would take for a choice of the reader's and
    which would undo the change. Of a choice that is gone it means nothing.
    """
    number: int = st.session_state.get(_CHOICE, 0)
    if st.session_state.get(f"mark-level-{number}", level) != level:
        number += 1
    key = f"mark-level-{number}"
    st.session_state[_CHOICE] = number
    if key not in st.session_state:
        st.session_state[key] = level
    return key
