"""Turns notes, answers and relations into HTML that is safe to show: everything from a file is escaped, nothing loads.

Notes are not given to Streamlit's Markdown, which would read `$…$` and `:red[…]` in them and fetch remote images.
Raw HTML in a note is shown as text, an image as its description, and links with other schemes than the web's as words.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from html import escape
from typing import Any
from urllib.parse import quote, unquote

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token

from graph.schema import Answer, Citation, Concept, Document, Relation, Resource, Span
from graph.store import GraphStore, Neighbour
from ingest.frontmatter import parse_front_matter
from ingest.markdown import split_wikilink
from rag.relate import reason_of

Resolve = Callable[[str], str | None]
"""Gives the id of the concept that a link's target names."""

_MARK_START, _MARK_END = "\ue000", "\ue001"  # private use: they mean nothing to Markdown, and no note needs them
_CITATION = re.compile(r"\[(\d+)\]")
_STRONG = re.compile(r"\*\*(.+?)\*\*")

KIND_WORDS: Mapping[tuple[str, str], str] = {
    ("prerequisite_of", "in"): "Needs",
    ("prerequisite_of", "out"): "Unlocks",
    ("applies_to", "out"): "Used in",
    ("applies_to", "in"): "Uses",
    ("contrasts_with", "out"): "Contrasts with",
    ("contrasts_with", "in"): "Contrasts with",
    ("part_of", "out"): "Part of",
    ("part_of", "in"): "Contains",
    ("related_to", "out"): "Related to",
    ("related_to", "in"): "Related to",
}
_ORIGIN_WORDS: Mapping[str, str] = {
    "link": "linked, not explained",
    "pattern": "read from this sentence",
    "statistics": "a guess from the wording of both notes",
}
_KIND_SECTIONS = {"comparison": "Compared in", "question": "In the sprint", "sprint": "In the sprint"}
_SECTION_ORDER = (
    *dict.fromkeys(KIND_WORDS.values()),
    *dict.fromkeys(_KIND_SECTIONS.values()),
)


def concept_resolver(graph: GraphStore) -> Resolve:
    """Resolves the links of notes by any name of a concept, or by the last part of a path."""

    def resolve(name: str) -> str | None:
        found = graph.resolve(name) or graph.resolve(name.rpartition("/")[2])
        return found.id if found else None

    return resolve


def note_html(document: Document, resolve: Resolve) -> str:
    """A note's body as HTML, with its wikilinks leading to concepts."""
    lines = document.text.split("\n")
    return markdown_html("\n".join(lines[parse_front_matter(lines).body_line - 1 :]), resolve)


def markdown_html(text: str, resolve: Resolve) -> str:
    """Markdown as HTML that runs nothing and loads nothing."""
    rendered = str(_renderer().render(_without_marks(text), {"resolve": resolve}))
    return f'<div class="pg-note prepgraph-note">{rendered}</div>'


def passage_html(text: str, quoted: str, resolve: Resolve) -> str:
    """A passage as HTML with one quote of it marked."""
    clean = _without_marks(text)
    marked = clean.replace(quoted, f"{_MARK_START}{quoted}{_MARK_END}", 1)
    rendered = str(_renderer().render(marked, {"resolve": resolve}))
    shown = rendered.replace(_MARK_START, "<mark>").replace(_MARK_END, "</mark>")
    return f'<div class="pg-note prepgraph-note">{shown}</div>'


def answer_html(answer: Answer, message: int | None) -> str:
    """An answer's text with each citation number as a link to the container `cite-<message>-<number>`.

    Without a message the numbers are plain: while an answer grows there is nothing yet that a link could open.
    """
    numbers = {citation.number for citation in answer.citations if message is not None}

    def link(match: re.Match[str]) -> str:
        if int(match[1]) not in numbers:
            return match[0]
        return f'<a class="pg-cite" href="#cite-{message}-{match[1]}" aria-label="Source {match[1]}">[{match[1]}]</a>'

    paragraphs = (
        _CITATION.sub(link, _STRONG.sub(r"<strong>\1</strong>", escape(p))) for p in answer.text.split("\n\n")
    )
    return f'<div class="pg-answer">{"".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)}</div>'


def citation_html(citation: Citation, passage: str, resolve: Resolve) -> str:
    """A cited passage under the place where it stands, with the quote marked."""
    title = f'<span class="pg-number">[{citation.number}]</span> {escape(" › ".join(citation.headings))}'
    head = f'<p class="pg-head">{title} {place_html(citation.path, citation.start_line, citation.end_line)}</p>'
    return f'<div class="pg-source">{head}{passage_html(passage, citation.quote, resolve)}</div>'


def connections_html(neighbours: Sequence[Neighbour]) -> str:
    """Every concept one relation away, by how it is related, each with the lines that say why."""
    sections: dict[str, dict[str, list[Relation]]] = {}
    concepts: dict[str, Concept] = {}
    for neighbour in neighbours:
        section = _KIND_SECTIONS.get(neighbour.concept.kind) or KIND_WORDS[neighbour.relation.kind, neighbour.side]
        sections.setdefault(section, {}).setdefault(neighbour.concept.id, []).append(neighbour.relation)
        concepts[neighbour.concept.id] = neighbour.concept
    parts = []
    for section in _SECTION_ORDER:
        if rows := sections.get(section):
            items = "".join(
                _connection_html(concepts[i], rows[i]) for i in sorted(rows, key=lambda i: _curriculum(concepts[i]))
            )
            name = section.lower().replace(" ", "-")
            parts.append(f'<h4 class="pg-kind pg-{name}">{section}</h4><ul class="pg-list">{items}</ul>')
    return f'<div class="pg-note prepgraph-note">{"".join(parts)}</div>'


def _connection_html(concept: Concept, relations: Iterable[Relation]) -> str:
    reasons = "".join(
        reason_html(span, _ORIGIN_WORDS.get(relation.origin, ""))
        for relation in relations
        for span in relation.evidence
    )
    return f"<li>{concept_link(concept)} {week_html(concept)}{reasons}</li>"


def reason_html(span: Span, origin: str = "") -> str:
    """Why two concepts are linked: the reason of the quoted line, where it stands, and how far it was only inferred."""
    words = f'<span class="pg-reason">{escape(reason_of(span.quote) or span.quote)}</span> '
    doubt = f' <span class="pg-week">{escape(origin)}</span>' if origin else ""
    return f"<div>{words}{place_html(span.path, span.start_line, span.end_line)}{doubt}</div>"


def resources_html(resources: Sequence[Resource]) -> str:
    """What there is to study elsewhere, and what to take from each."""
    if not resources:
        return '<p class="pg-note pg-week">No resource is listed for it.</p>'
    items = "".join(
        f"<li>{_address_html(resource)} <span class='pg-week'>{escape(resource.kind)}, {escape(resource.level)}</span>"
        f'<div><span class="pg-reason">{escape(resource.takeaway)}</span> '
        f"{place_html(resource.span.path, resource.span.start_line, resource.span.end_line)}</div></li>"
        for resource in resources
    )
    return f'<div class="pg-note"><ul class="pg-list">{items}</ul></div>'


def _address_html(resource: Resource) -> str:
    if not resource.url.lower().startswith(("http://", "https://")):
        return escape(resource.title)
    return (
        f'<a href="{escape(resource.url, quote=True)}" target="_blank" rel="noopener noreferrer nofollow">'
        f"{escape(resource.title)}</a>"
    )


def chips_html(concepts: Sequence[Concept]) -> str:
    """Concepts as a row of chips that lead to the map."""
    chips = "".join(concept_link(concept, "pg-chip") for concept in concepts)
    return f'<div class="pg-chips prepgraph-note">{chips}</div>'


def concept_link(concept: Concept, css_class: str = "pg-concept") -> str:
    """A link that opens a concept."""
    return f'<a class="{css_class}" href="?concept={quote(concept.id)}">{escape(concept.title)}</a>'


def week_html(concept: Concept) -> str:
    """The week of a concept, in small print."""
    return f'<span class="pg-week">week {concept.week}</span>' if concept.week is not None else ""


def place_html(path: str, start_line: int, end_line: int) -> str:
    """Where something stands: file and lines."""
    lines = str(start_line) if start_line == end_line else f"{start_line}–{end_line}"
    return f'<code class="pg-place">{escape(path)}:{lines}</code>'


def _curriculum(concept: Concept) -> tuple[int, str]:
    return (concept.week if concept.week is not None else 10**6, concept.title)


def _without_marks(text: str) -> str:
    return text.replace(_MARK_START, "").replace(_MARK_END, "")


@cache
def _renderer() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
    parser.inline.ruler.before("link", "wikilink", _wikilink)
    parser.add_render_rule("image", _render_image)
    parser.add_render_rule("link_open", _render_link_open)
    parser.add_render_rule("wikilink", _render_wikilink)
    return parser


def _wikilink(state: StateInline, silent: bool) -> bool:
    """An inline rule for `[[target|words]]`."""
    if not state.src.startswith("[[", state.pos):
        return False
    end = state.src.find("]]", state.pos + 2)
    if end < 0 or "\n" in state.src[state.pos : end] or "[" in state.src[state.pos + 2 : end]:
        return False
    if not silent:
        token = state.push("wikilink", "", 0)
        token.content = state.src[state.pos + 2 : end]
    state.pos = end + 2
    return True


def _render_wikilink(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    target, label = split_wikilink(_without_marks(tokens[at].content))
    found = env["resolve"](target)
    return f'<a class="pg-concept" href="?concept={quote(found)}">{escape(label)}</a>' if found else escape(label)


def _render_image(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    return f'<span class="pg-week">[image: {escape(tokens[at].content or "no description")}]</span>'


def _render_link_open(self: RendererHTML, tokens: Sequence[Token], at: int, options: Any, env: Any) -> str:
    href = str(tokens[at].attrGet("href") or "")
    if href.lower().startswith(("http://", "https://")):
        return f'<a href="{escape(href, quote=True)}" target="_blank" rel="noopener noreferrer nofollow">'
    stem = unquote(href).partition("#")[0].rsplit("/", 1)[-1].removesuffix(".md")
    found = env["resolve"](stem) if stem else None
    return f'<a class="pg-concept" href="?concept={quote(found)}">' if found else "<a>"
