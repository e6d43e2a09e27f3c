"""The panel's head and its tabs as HTML, whose links lead from one state of Explore to the next without a page load."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from app_pages.map_view import EGO, OVERVIEW, MapView, open_view, select, turn_to
from app_pages.render import place_html
from graph.schema import WEEK_KIND, Concept


def head_html(concept: Concept, view: MapView) -> str:
    """A concept's title with the ways to its neighbourhood and out, where it belongs, and what it is."""
    if view.is_ego:
        focus = _button("Overview", open_view(view, OVERVIEW), 'title="Back to the whole map"')
    else:
        focus = _button("Focus", open_view(view, EGO), 'title="Show what it needs and unlocks, two steps each way"')
    close = _button("✕", select(view, None), 'title="Close" aria-label="Close"')
    facts = [] if concept.kind == WEEK_KIND or concept.week is None else [f"Week {concept.week}"]
    facts += [f"also {', '.join(concept.aliases)}"] if concept.aliases else []
    small = f'<p class="pg-week pg-wrap">{escape(" · ".join(facts))}</p>' if facts else ""
    place = place_html(concept.spans[0].path, concept.spans[0].start_line, concept.spans[0].end_line)
    return (
        f'<div class="pg-heading"><h3>{escape(concept.title)}</h3>{focus}{close}</div>{small}'
        f'<p class="pg-definition">{escape(concept.summary)} {place}</p>'
    )


def tabs_html(labels: Mapping[str, str], view: MapView) -> str:
    """What there is to see of a concept, as links, of which the open one is marked as current."""
    links = "".join(_tab_html(tab, label, view) for tab, label in labels.items())
    return f'<nav class="pg-tabs" aria-label="About this concept">{links}</nav>'


def _tab_html(tab: str, label: str, view: MapView) -> str:
    current = ' aria-current="true"' if tab == view.open_tab else ""
    href = escape(turn_to(view, tab).to_href())
    return f'<a class="pg-goto" data-place="tab-{tab}" href="{href}"{current}>{escape(label)}</a>'


def _button(words: str, to: MapView, attributes: str) -> str:
    return f'<a class="pg-goto pg-button" href="{escape(to.to_href())}" {attributes}>{words}</a>'
