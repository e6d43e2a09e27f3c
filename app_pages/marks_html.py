"""The learner's marks as HTML and CSS: the weak spot behind a concept, and the signs in the list."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from app_pages.map_view import MapView, select
from app_pages.render import reason_html
from graph.schema import Relation
from graph.store import GraphStore
from study.marks import Level, Mark
from study.weak_spots import WeakSpot

LEVEL_SIGNS: Mapping[Level, str] = {"known": "✓", "shaky": "~", "new": ""}


def weak_spot_html(graph: GraphStore, spot: WeakSpot, view: MapView) -> str:
    """Where to begin, why there, and the chain from there with the line behind each step."""
    if spot.is_itself:
        return f'<div class="pg-note pg-weak"><p class="pg-reason">{escape(spot.reason)}</p></div>'
    begin = f'<p>Begin with <a class="pg-goto pg-concept" href="{_href(view, spot.concept.id)}">'
    head = f"{begin}{escape(spot.concept.title)}</a> {level_html(spot.level)}</p>"
    why = f'<p class="pg-reason">{escape(spot.reason)}</p>'
    steps = "".join(_step_html(graph, relation, view) for relation in spot.chain)
    count = f"{len(spot.chain)} step{'s' if len(spot.chain) > 1 else ''}"
    way = f"<summary>How it leads to {escape(spot.asked.title)} ({count})</summary>"
    return f'<div class="pg-note pg-weak">{head}{why}<details>{way}<ol class="pg-list">{steps}</ol></details></div>'


def level_html(level: Level) -> str:
    """How well something is known, in small print, with its sign."""
    return f'<span class="pg-level">{LEVEL_SIGNS[level]} {level}</span>'


def _step_html(graph: GraphStore, relation: Relation, view: MapView) -> str:
    ends = [graph.concept(end) for end in (relation.source, relation.target)]
    first, then = (f'<a class="pg-goto" href="{_href(view, end.id)}">{escape(end.title)}</a>' for end in ends if end)
    reasons = "".join(reason_html(span) for span in relation.evidence)
    return f"<li>{first} comes before {then}{reasons}</li>"


def _href(view: MapView, concept_id: str) -> str:
    return escape(select(view, concept_id).to_href())


def list_signs_html(marks: Mapping[str, Mark], shown: Iterable[str]) -> str:
    """A style sheet that puts its sign behind each marked concept of the list, which need not be sent again for it."""
    rules = []
    listed = [concept_id for concept_id in shown if concept_id in marks]
    for level, sign in LEVEL_SIGNS.items():
        names = [css_string(concept_id) for concept_id in listed if marks[concept_id].level == level]
        if names and sign:
            selectors = ",".join(f"li[data-concept={name}]>.pg-concept::after" for name in names)
            rules.append(f'{selectors}{{content:" {sign} {level}"}}')
    return f"<style>{''.join(rules)}</style>" if rules else ""


def css_string(text: str) -> str:
    """Every character that is neither a letter nor a digit of ASCII by its number: nothing ends the string early."""
    return '"' + "".join(c if (c.isascii() and c.isalnum()) or c == "-" else f"\\{ord(c):x} " for c in text) + '"'
