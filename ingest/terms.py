"""Decides which terms of a note that nobody declared are concepts, each with the sentence that defines or names it.

A note that declares typed connections speaks for itself, and so does its vault: when a fifth of the notes declare
some, terms are taken only from notes that number the parts of a course. In any other vault every note gives its
definitions ("**Term**: …", glossary lists, "Long Name (LN)"); a note that is about many things (a syllabus, a
lecture, a page with many sections) also gives its headings, its enumerations and the technical terms it repeats.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from graph.names import normalise_name
from graph.schema import Span
from ingest.concepts import Note
from ingest.note_text import NoteText as NoteText  # what terms are found in; other modules take it from here
from ingest.note_text import Sentence as Sentence
from ingest.phrases import (
    ACRONYM,
    acronym_pairs,
    enumeration,
    is_listing,
    is_noun_phrase,
    is_study_aid,
    is_term,
    tidy,
)
from ingest.plain_text import plain_text
from ingest.units import Unit, UnitIndex, heading_span, is_numbered
from ingest.words import ADJECTIVE_ENDS, COMMON, COMMON_PREFIXES

DECLARING_SHARE = 0.2
_MANY_SECTIONS, _MANY_ITEMS, _MANY_WORDS = 4, 10, 350
_TEMPLATE_USES = 3  # a heading that stands in so many notes is part of a template
_BOLD_DEFINITION = re.compile(r"^\*\*([^*\n]{2,60}?)(:?)\*\*(\s*[:—–]\s+|\s+-\s+|\s+(?:is|are|means)\s+|\s+)(?=\S)")
_GLOSSARY = re.compile(r"^([^:\n]{2,48}?)(?:\s+[—–]\s+|:\s+|\s+-\s+)(?=[\w\"'“‘(])")
_IS_A = re.compile(
    r"^(?:An?\s+|The\s+)?([\w][\w\-+#/]*(?:\s[\w\-+#/]+){0,3}?)(?:\s\([A-Z][\w\-]{1,9}\))?\s+(?:is|are)\s+(?:an?|the|any|one)\s"
)
_ASKED = re.compile(r"\bWhat (?:is|are) (?:an?\s+|the\s+)?([\w\-]+(?:\s[\w\-]+){0,3}?)(?:\s+(?:and|or)\b|\?)")
_LABEL = re.compile(r"\b(?:Know|Topics|Covers|Covering|Terms|Key terms|Concepts):\s+([^.?!\n]+)")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A term that may be a concept: how it was found, where it is defined or first named, and in which week."""

    name: str
    how: str
    span: Span
    week: int | None = None
    aliases: tuple[str, ...] = ()


def is_declared_vault(declaring: int, notes: int) -> bool:
    """Whether so many of the notes say themselves how their concepts are related that the others need not be asked."""
    return declaring > 0 and declaring >= DECLARING_SHARE * notes


def is_survey(note: Note, units: UnitIndex, templates: Counter[str]) -> bool:
    """Whether a note is about many things: it has parts of a course, or is long with many sections or a list."""
    if units.stand_in(note.path):
        return True
    headings = [block.headings[-1] for block in note.parsed.blocks if block.kind == "heading"]
    own = [heading for heading in headings if _names_a_thing(heading) and templates[normalise_name(heading)] == 1]
    words = sum(len(line.split()) for line in note.file.lines)
    is_list = not headings and len(note.parsed.items) >= _MANY_ITEMS
    return words >= _MANY_WORDS and (len(own) > _MANY_SECTIONS or is_list)


def count_headings(notes: Iterable[Note]) -> Counter[str]:
    """In how many notes each heading stands: one that stands in several belongs to a template."""
    return Counter(
        name for note in notes for name in {normalise_name(b.headings[-1]) for b in note.parsed.blocks if b.headings}
    )


def _names_a_thing(heading: str) -> bool:
    return "?" not in heading and is_noun_phrase(heading) and is_term(_without_number(heading))


def _without_number(heading: str) -> str:
    return tidy(re.sub(r"^(?:\d+(?:\.\d+)*[.):]?|[IVX]+\.)\s+", "", heading))


def find_terms(
    texts: Iterable[NoteText], surveys: Container[str], templates: Counter[str], units: Sequence[Unit]
) -> list[Candidate]:
    """Every candidate of some notes by path and line; `surveys` are the paths of those that are about many things."""
    found: list[Candidate] = []
    technical = _Repeated()
    for text in texts:
        sentences = text.sentences
        found += _acronyms(sentences)
        found += _bold_definitions(sentences)
        if text.note.path in surveys:
            technical.add(sentences)
            found += [*_headings(text.note, templates), *_glossary(sentences), *_definitions(sentences)]
            found += [*_enumerations(sentences), *_asked(sentences)]
    found += [candidate for unit in units for candidate in _unit_heading(unit)]
    found += technical.candidates()
    index = UnitIndex(units)
    found = [replace(c, week=_week(index, c.span)) for c in found]
    return sorted(dict.fromkeys(found), key=lambda c: (c.span.path, c.span.start_line, STRENGTH.index(c.how), c.name))


STRENGTH = ("glossary", "bold", "acronym", "definition", "heading", "list", "repeated", "link", "tag")


def _week(units: UnitIndex, span: Span) -> int | None:
    unit = units.at(span.path, span.start_line)
    return unit.number if unit else None


def _in_study_aid(sentence: Sentence) -> bool:
    return any(is_study_aid(heading) for heading in sentence.headings[-1:])


def _acronyms(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        for name, acronym in acronym_pairs(sentence.text) if "(" in sentence.text else ():
            if is_term(name):
                yield Candidate(name, "acronym", sentence.span, aliases=(acronym,))


def _bold_definitions(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        match = _BOLD_DEFINITION.match(sentence.span.quote)
        if not match or not sentence.begins_block or _in_study_aid(sentence):
            continue
        is_definition = match[2] or match[1].endswith(":") or match[3].strip()
        if is_definition and is_term(name := tidy(plain_text(match[1]))):
            yield Candidate(name, "bold", sentence.span)


def _glossary(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        text = sentence.text
        if not sentence.is_item or _in_study_aid(sentence):
            continue
        match = _GLOSSARY.match(text)
        if match and len(text) > match.end() + 8 and "//" not in text[: match.end() + 10] and is_term(tidy(match[1])):
            yield Candidate(tidy(match[1]), "glossary", sentence.span)


def _definitions(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        match = _IS_A.match(sentence.text)
        if match and not _in_study_aid(sentence) and is_term(tidy(match[1])) and _looks_technical(match[0], match[1]):
            yield Candidate(tidy(match[1]), "definition", sentence.span)


def _looks_technical(opening: str, name: str) -> bool:
    return (
        opening.startswith(("A ", "An "))
        or " " in name
        or "-" in name
        or bool(ACRONYM.fullmatch(name))
        or any(letter.isupper() for letter in name[1:])
    )


def _unit_heading(unit: Unit) -> Iterator[Candidate]:
    """The things that "Week 3 — System Design & Big Data" names."""
    heading = re.sub(r"^\w+\s+\d+\s*[:.—–-]*\s*", "", unit.title)
    for name, acronym in acronym_pairs(heading):
        yield Candidate(name, "acronym", unit.span, aliases=(acronym,))
    for name in re.split(r"\s*(?:&|,|;|\band\b)\s*", tidy(heading)):
        if is_term(tidy(name)) and len(tidy(name).split()) > 1:
            yield Candidate(tidy(name), "heading", unit.span)


def _headings(note: Note, templates: Counter[str]) -> Iterator[Candidate]:
    for block in note.parsed.blocks:
        if block.kind != "heading" or any(is_study_aid(h) for h in block.headings[1:]):
            continue
        heading = block.headings[-1]
        name = normalise_name(heading)
        if is_numbered(heading) or name == normalise_name(note.file.document.title):
            continue
        if templates[name] < _TEMPLATE_USES and _names_a_thing(heading):
            yield Candidate(_without_number(heading), "heading", heading_span(note, block))


def _enumerations(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        names = [name for match in _LABEL.finditer(sentence.text) for name in enumeration(match[1], labelled=True)]
        if any(is_listing(heading) for heading in sentence.headings[-1:]):
            names = enumeration(sentence.text)
        for name in names:
            yield Candidate(name, "list", sentence.span)


def _asked(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    """ "What is X and …?" names a thing worth knowing."""
    for sentence in sentences:
        for match in _ASKED.finditer(sentence.text):
            if is_term(tidy(match[1])):
                yield Candidate(tidy(match[1]), "list", sentence.span)


_TECHNICAL = re.compile(
    r"(?<![\w/.@#-])(?:[A-Z][a-z]+[A-Z]\w*|[A-Z][A-Z0-9]{1,6}s?(?:@\w+)?|[A-Za-z]+(?:-[a-z]+)+|[A-Z][a-z]{2,}(?:\s[A-Z][a-z]{2,})?)(?![\w/@-])"
)


class _Repeated:
    """Technical-looking words in at least two sentences: acronyms, camel case, hyphens, capitals inside."""

    def __init__(self) -> None:
        self._uses: dict[str, list[tuple[str, str, Span]]] = {}
        self._lower: set[str] = set()

    def add(self, sentences: Iterable[Sentence]) -> None:
        """Reads the sentences of one note."""
        for sentence in sentences:
            self._lower |= set(_LOWER.findall(sentence.text))
            if not _in_study_aid(sentence):
                self._read(sentence)

    def _read(self, sentence: Sentence) -> None:
        text = sentence.text
        for match in _TECHNICAL.finditer(text):
            word = match[0]
            if looks := _how_technical(word, text[: match.start()]):
                key = normalise_name(word).removesuffix("s")
                self._uses.setdefault(key, []).append((word, looks, sentence.span))
        for name in enumeration(text) if text.count(",") > 1 else ():
            if " " in name and name.islower():  # a phrase that stands by itself in two lists
                self._uses.setdefault(normalise_name(name), []).append((name, _SURE, sentence.span))

    def candidates(self) -> Iterator[Candidate]:
        """Those in at least two sentences. A capitalised word counts only if no note writes it in lower case."""
        for uses in self._uses.values():
            sure = [(word, span) for word, looks, span in uses if looks == _SURE or word.casefold() not in self._lower]
            if len({span for _, span in sure}) > 1:
                yield Candidate(sure[0][0], "repeated", sure[0][1])


_LOWER = re.compile(r"\b[a-z]{3,}\b")
_SURE, _CAPITALISED = "sure", "capitalised"


def _how_technical(word: str, before: str) -> str | None:
    """How surely a word behind others is technical; None for one that is not."""
    if not is_term(word) or word.casefold() in COMMON:
        return None
    if ACRONYM.fullmatch(word) or re.search(r"[a-z][A-Z]", word):
        return _SURE
    if "-" in word:
        first, last = word.split("-")[0], word.split("-")[-1]
        describes = last in ADJECTIVE_ENDS or last.endswith("ed")
        return _SURE if word.islower() and first not in COMMON_PREFIXES and not describes else None
    inside = bool(re.search(r"[a-z,)]\s+$", before)) and not _is_title(before)
    return _CAPITALISED if inside else None


def _is_title(text: str) -> bool:
    words = [word for word in text.split() if len(word) > 3]
    return 2 * sum(word[0].isupper() for word in words) > len(words)
