"""The ways from one concept to another as HTML: links to choose one, and its hops with the lines that say so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape

from app_pages.evidence_html import SENTENCES, evidence_html
from app_pages.map_view import OVERVIEW, PATH, PATH_TO, MapView, close_path, find_path, select, turn_to
from app_pages.marks_html import css_string
from graph.paths import PathStep
from graph.schema import Concept
from rag.corpus import Corpus


@dataclass(frozen=True)
class Ways:
    """The paths between two concepts, best first, and every concept on them."""

    paths: tuple[tuple[PathStep, ...], ...]
    concepts: Mapping[str, Concept]

    def chosen(self, route: int) -> tuple[PathStep, ...]:
        """The path that the address names; the best where it names none. Empty without a path."""
        return self.paths[min(route, len(self.paths)) - 1] if self.paths else ()


def ways_html(corpus: Corpus, ways: Ways, view: MapView) -> str:
    """Every way as a link that lights it, and below them the hops of the chosen one."""
    ends = " <b>→</b> ".join(escape(ways.concepts[end].title) for end in (view.concept, view.to) if end)
    head = f'<p class="pg-ends">{ends}</p>'
    if not ways.paths:
        nothing = f'<p>Nothing in the notes links the two.</p><p class="pg-row">{_another_html(view)}</p>'
        return f'<div class="pg-note pg-ways">{head}{nothing}</div>'
    chosen = ways.chosen(view.route)
    choices = "".join(_choice_html(ways, number, path, view) for number, path in enumerate(ways.paths, start=1))
    hops = "".join(_hop_html(corpus, ways, step, view) for step in chosen)
    routes = f'<ul class="pg-routes" aria-label="Ways, best first">{choices}</ul>'
    return f'<div class="pg-note pg-ways">{head}{routes}{_links_html(view)}<ol class="pg-hops">{hops}</ol></div>'


def list_path_html(concept_ids: Iterable[str]) -> str:
    """A style sheet that lights the concepts of a path, or of what to learn first, in the list."""
    selectors = ",".join(f"li[data-concept={css_string(i)}]>.pg-concept" for i in concept_ids)
    rule = "{padding:0 .25em;border-radius:.25em;background:color-mix(in srgb,#5b7cff 22%,transparent)}"
    return f"<style>{selectors}{rule}</style>" if selectors else ""


def _choice_html(ways: Ways, number: int, path: Sequence[PathStep], view: MapView) -> str:
    through = ", ".join(ways.concepts[step.target].title for step in path[:-1])
    words = f"through {through}" if through else "directly"
    hops = f"{len(path)} hop{'s' if len(path) > 1 else ''}"
    current = ' aria-current="true"' if path == ways.chosen(view.route) else ""
    link = f'<a class="pg-goto" href="{_href(replace(view, route=number))}"{current}>'
    return f"<li>{link}<b>{hops}</b> {escape(words)}</a></li>"


def _links_html(view: MapView) -> str:
    """The way back, for the map whether it draws anything else, and the choice of another end."""
    turned = find_path(replace(view, concept=view.to), view.concept or "")
    links = [("Turn around", turned)]
    if view.is_path:
        links.append(("Show on the whole map", replace(view, view=OVERVIEW)))
    elif not view.is_list:
        links.append(("Draw only these", replace(view, view=PATH)))
    shown = [_link(words, to) for words, to in links]
    return f'<p class="pg-row">{" · ".join([*shown, _another_html(view)])}</p>'


def _another_html(view: MapView) -> str:
    return _link("Another end", turn_to(close_path(view), PATH_TO))


def _hop_html(corpus: Corpus, ways: Ways, step: PathStep, view: MapView) -> str:
    ends = (step.source, step.target) if step.direction == "forward" else (step.target, step.source)
    names = {
        name: _link(ways.concepts[end].title, select(view, end), "pg-concept")
        for name, end in zip(("source", "target"), ends, strict=True)
    }
    reasons = "".join(evidence_html(corpus, span) for span in step.evidence)
    return f"<li>{SENTENCES[step.kind].format(**names)}{reasons}</li>"


def _link(words: str, view: MapView, css_class: str = "") -> str:
    return f'<a class="pg-goto {css_class}" href="{_href(view)}">{escape(words)}</a>'


def _href(view: MapView) -> str:
    return escape(view.to_href())
