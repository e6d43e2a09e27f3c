"""The map as a list: the same groups and filters, and every concept with what it needs and unlocks, in plain HTML.

Links carry the whole state that they lead to, so that the list works from the keyboard and a screen reader alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from html import escape

from app_pages.map_source import Listed
from app_pages.map_view import EGO, MapView, explain, list_of, select
from app_pages.render import KIND_WORDS
from graph.groups import Group
from graph.schema import Concept, Relation

SHOWN_LINKS = 40
_ORDER = tuple(dict.fromkeys(KIND_WORDS.values()))
_Joined = Mapping[str, Mapping[str, Sequence[str]]]


def list_html(part: Listed, view: MapView) -> str:
    """Every group as a section that opens; in a large vault only the open one carries its concepts."""
    if not any(group.count for group in part.groups):
        return '<div class="pg-map-list"><p>No concept passes the filters.</p></div>'
    joined = _joined(part, view)
    sections = "".join(_section_html(part, group, view, joined) for group in part.groups)
    return f'<div class="pg-map-list">{sections}</div>'


def _section_html(part: Listed, group: Group, view: MapView, joined: _Joined) -> str:
    title = escape(" · ".join(filter(None, (group.title, group.subtitle))))
    count = f'<span class="pg-week">{group.count} concepts</span>'
    is_open = view.open_group == group.view or (view.concept in group.members)
    if part.is_large and not is_open:
        link = f'<a class="pg-goto" href="{escape(list_of(view, group.view).to_href())}">{title}</a>'
        return f'<h3 class="pg-closed">{link} {count}</h3>'
    members = sorted((part.placed[c] for c in group.members), key=lambda c: c.title.casefold())
    items = "".join(_item_html(concept, part.placed, view, joined) for concept in members)
    if more := group.count - len(members):
        items += f"<li>and {more} more, with fewer relations: find them by name</li>"
    opened = " open" if is_open or not part.is_large else ""
    return f"<details{opened}><summary><h3>{title} {count}</h3></summary><ul>{items}</ul></details>"


def _item_html(concept: Concept, concepts: Mapping[str, Concept], view: MapView, joined: _Joined) -> str:
    # Nothing here may depend on what is selected, or each selection would send the whole list again.
    title = f'<a class="pg-goto pg-concept" href="{_href(select(view, concept.id))}">{escape(concept.title)}</a>'
    focus = f'<a class="pg-goto" href="{_href(replace(view, concept=concept.id, reason=None, view=EGO))}">Focus</a>'
    sides = joined.get(concept.id, {})
    rows = "".join(_side_html(concept, side, sides[side], concepts, view) for side in _ORDER if side in sides)
    counts = f"needs {len(sides.get('Needs', ()))}, unlocks {len(sides.get('Unlocks', ()))}"
    inside = f'<p>{escape(concept.summary)}</p>{rows}<p class="pg-row">{focus} on its neighbourhood</p>'
    summary = f"<summary>{counts}</summary>"
    return f'<li data-concept="{escape(concept.id)}">{title} <details>{summary}{inside}</details></li>'


def _side_html(
    concept: Concept, side: str, others: Sequence[str], concepts: Mapping[str, Concept], view: MapView
) -> str:
    links = ", ".join(_other_html(concept, concepts[other], view) for other in others[:SHOWN_LINKS])
    rest = f" and {len(others) - SHOWN_LINKS} more" if len(others) > SHOWN_LINKS else ""
    return f'<p class="pg-row"><b>{side}</b> {links}{rest}</p>'


def _other_html(concept: Concept, other: Concept, view: MapView) -> str:
    shown = replace(view, concept=concept.id, reason=None)
    reason = _href(explain(shown, concept.id, other.id))
    words = f"Why {concept.title} and {other.title} are joined"
    why = f'<a class="pg-goto pg-why" href="{reason}" aria-label="{escape(words)}">why</a>'
    return f'<a class="pg-goto" href="{_href(select(view, other.id))}">{escape(other.title)}</a> {why}'


def _href(view: MapView) -> str:
    return escape(view.to_href())


def _joined(part: Listed, view: MapView) -> _Joined:
    """For each concept the others by how they are joined, those that the list may show."""
    found: defaultdict[str, dict[str, list[str]]] = defaultdict(dict)
    hidden = frozenset(view.hidden_kinds)
    for relation in part.relations:
        if relation.kind in hidden or relation.source not in part.placed or relation.target not in part.placed:
            continue
        for end, other, side in _ends(relation):
            rows = found[end].setdefault(KIND_WORDS[relation.kind, side], [])
            if other not in rows:
                rows.append(other)
    return found


def _ends(relation: Relation) -> Iterable[tuple[str, str, str]]:
    return (relation.source, relation.target, "out"), (relation.target, relation.source, "in")
