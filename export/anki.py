"""Writes the graph as an Anki deck: what each concept is, what it builds on and why, and what tells two apart.

A card's identity is that of what it asks, so a deck that is imported again updates the cards and keeps their schedule.
"""

from __future__ import annotations

import itertools
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from typing import TYPE_CHECKING

from export.rows import GraphRows
from export.zipped import zip_files
from graph.names import slugify
from graph.schema import WEEK_KIND, Concept, Relation, Span
from rag.relate import reason_of

if TYPE_CHECKING:
    from genanki import Deck, Model

_ROOT = "Concepts"
_KINDS_OF_NOTES = {"concept", "comparison", "question"}  # a week or a page of the sprint is nothing to be asked
_AT = 0.0  # when the cards were made, as far as Anki is told: the same bytes for the same graph
_CSS = """
.card { font: 20px/1.5 system-ui, sans-serif; max-width: 38em; margin: 0 auto; text-align: left; }
.source { color: #767676; font-size: 14px; }
"""


@dataclass(frozen=True, slots=True)
class Card:
    """One card: `key` says what is asked, whatever the words; front and back are HTML."""

    key: str
    front: str
    back: str
    source: str
    concept: Concept


def to_anki(graph: GraphRows) -> bytes:
    """An .apkg package: a deck a week with the cards of its concepts. Weeks and pages about notes get no cards."""
    import genanki

    model = _model()
    decks: dict[str, Deck] = {}
    for card in make_cards(graph):
        name = _deck_name(card.concept)
        deck = decks.setdefault(name, genanki.Deck(_number(f"deck {name}"), name))
        fields = [card.front, card.back, card.source]
        deck.add_note(genanki.Note(model, fields, guid=_guid(card.key), tags=_tags(card.concept)))
    return _pack(list(decks.values()))


def make_cards(graph: GraphRows) -> Iterator[Card]:
    """The cards, in the order of the concepts."""
    asked = {c.id: c for c in graph.concepts if c.kind in _KINDS_OF_NOTES and c.summary}
    needs: defaultdict[str, list[Relation]] = defaultdict(list)
    contrasts: defaultdict[str, list[Relation]] = defaultdict(list)
    for relation in graph.relations:
        ends = asked.get(relation.source), asked.get(relation.target)
        if not all(end and end.kind == "concept" for end in ends) or not _reason(relation):
            continue
        if relation.kind == "prerequisite_of":
            needs[relation.target].append(relation)
        elif relation.kind == "contrasts_with":
            contrasts[relation.source].append(relation)
    for concept in asked.values():
        yield _definition(concept)
        if built_on := needs[concept.id]:
            yield _foundations(concept, built_on, asked)
        for relation in contrasts[concept.id]:
            yield _contrast(concept, asked[relation.target], relation)


def _definition(concept: Concept) -> Card:
    title = escape(concept.title)
    aliases = f" <i>({escape(', '.join(concept.aliases))})</i>" if concept.aliases else ""
    front = f"What is <b>{title}</b>?" if concept.kind == "concept" else f"<b>{title}</b>"
    return Card(f"is {concept.id}", front, f"{escape(concept.summary)}{aliases}", _place(concept.spans[0]), concept)


def _foundations(concept: Concept, relations: Sequence[Relation], asked: dict[str, Concept]) -> Card:
    rows = "".join(f"<li><b>{escape(asked[r.source].title)}</b>: {escape(_reason(r))}</li>" for r in relations)
    front = f"What does <b>{escape(concept.title)}</b> build on, and why?"
    return Card(f"needs {concept.id}", front, f"<ul>{rows}</ul>", _place(relations[0].evidence[0]), concept)


def _contrast(concept: Concept, other: Concept, relation: Relation) -> Card:
    front = f"What tells <b>{escape(concept.title)}</b> from <b>{escape(other.title)}</b>?"
    return Card(
        f"contrasts {concept.id} {other.id}", front, escape(_reason(relation)), _place(relation.evidence[0]), concept
    )


def _reason(relation: Relation) -> str:
    """Why two concepts are related, in the words of the first line that says so; empty where a link is all there is."""
    return next(filter(None, (reason_of(span.quote) for span in relation.evidence)), "")


def _place(span: Span) -> str:
    return escape(f"{span.path}:{span.start_line}")


def _deck_name(concept: Concept) -> str:
    return _ROOT if concept.week is None else f"{_ROOT}::Week {concept.week:02}"


def _tags(concept: Concept) -> list[str]:
    """Anki's tags hold no spaces."""
    week = [] if concept.week is None or concept.kind == WEEK_KIND else [f"week-{concept.week}"]
    return [*week, *([slugify(concept.track)] if concept.track else [])]


def _model() -> Model:
    import genanki

    return genanki.Model(
        _number("model"),
        "Concept with its source",
        fields=[{"name": "Question"}, {"name": "Answer"}, {"name": "Source"}],
        templates=[
            {
                "name": "Card",
                "qfmt": "{{Question}}",
                "afmt": '{{FrontSide}}<hr id="answer">{{Answer}}<p class="source">{{Source}}</p>',
            }
        ],
        css=_CSS,
    )


def _number(name: str) -> int:
    """An id that Anki tells decks and note types by: below 2**31, as its format has it."""
    return int.from_bytes(sha256(f"prepgraph {name}".encode()).digest()[:4]) >> 1 | 1


def _guid(key: str) -> str:
    return sha256(f"prepgraph {key}".encode()).hexdigest()[:16]


def _pack(decks: Iterable[Deck]) -> bytes:
    """As genanki's package, but never on disk and without the time at which it was made."""
    import genanki

    with closing(sqlite3.connect(":memory:")) as collection:
        genanki.Package([*decks]).write_to_db(collection.cursor(), _AT, itertools.count(1))
        collection.commit()
        return zip_files({"collection.anki2": collection.serialize(), "media": b"{}"})
