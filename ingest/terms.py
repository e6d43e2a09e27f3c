"""Decides which terms of a note that nobody declared are concepts, each with the sentence that defines or names it.

A note that declares typed connections speaks for itself, and so does its vault: when a fifth of the notes declare
some, terms are taken only from notes that number the parts of a course. In any other vault every note gives its
definitions ("**Term**: …", glossary lists, "Long Name (LN)"); a note that is about many things (a syllabus, a
lecture, a page with many sections) also gives its headings, its enumerations and the technical terms it repeats.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from graph.names import normalise_name
from graph.schema import Span
from ingest.concepts import Note
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
from ingest.relations import declares_connections
from ingest.sentences import sentence_spans
from ingest.units import Unit, heading_span, is_numbered, unit_at
from ingest.words import ADJECTIVE_ENDS, COMMON, COMMON_PREFIXES

DECLARING_SHARE = 0.2
_MANY_SECTIONS, _MANY_ITEMS, _MANY_WORDS = 4, 10, 350
_LONGEST_SENTENCE = 2000  # characters; what is longer is data
_TEMPLATE_USES = 3  # a heading that stands in so many notes is part of a template
_MARKS = re.compile(r"[\\`*_\[\]<>~#|!\n]|^\W*\d|^[-+]")
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


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a note, its words, its place and the headings above it; `is_item` if it begins a list item."""

    span: Span
    text: str
    headings: tuple[str, ...]
    is_item: bool
    begins_block: bool


class NoteText:
    """A note's sentences in reading order, code and front matter left out."""

    def __init__(self, note: Note) -> None:
        self.note = note

    @cached_property
    def sentences(self) -> list[Sentence]:
        return list(self._sentences())

    def _sentences(self) -> Iterator[Sentence]:
        lines = self.note.file.lines
        for block in self.note.parsed.blocks:
            if block.kind in {"heading", "fence", "code_block", "html_block", "stray", "hr"}:
                continue
            text = "\n".join(lines[block.start_line - 1 : block.end_line])
            breaks = [match.start() for match in re.finditer("\n", text)]
            for start, end in sentence_spans(text):
                line = block.start_line + bisect_right(breaks, start - 1)
                if end - start > _LONGEST_SENTENCE:
                    continue
                quote = text[start:end]
                before = text[text.rfind("\n", 0, start) + 1 : start]
                span = Span(self.note.path, line, line + quote.count("\n"), quote)
                is_item = bool(re.fullmatch(r"\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?", before))
                yield Sentence(span, _words_of(quote), block.headings, is_item, is_item or not before.strip())


def _words_of(quote: str) -> str:
    """The words of a sentence; most have no marks that would have to be read."""
    return plain_text(quote) if _MARKS.search(quote) else " ".join(quote.split())


def is_declared_vault(notes: Sequence[Note]) -> bool:
    """Whether the notes say themselves how their concepts are related."""
    declaring = sum(declares_connections(note) for note in notes)
    return declaring > 0 and declaring >= DECLARING_SHARE * len(notes)


def is_survey(note: Note, units: Iterable[Unit], templates: Counter[str]) -> bool:
    """Whether a note is about many things: it has parts of a course, or is long with many sections or a list."""
    if any(unit.note is note for unit in units):
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


def find_terms(notes: Sequence[Note], texts: dict[str, NoteText], units: Sequence[Unit]) -> list[Candidate]:
    """Every candidate of a vault by path and line; `texts` holds the sentences of each note by its path."""
    declared, templates = is_declared_vault(notes), count_headings(notes)
    surveys = []
    found: list[Candidate] = []
    for note in notes:
        if declares_connections(note) or (declared and not any(unit.note is note for unit in units)):
            continue
        sentences = texts[note.path].sentences
        found += _acronyms(sentences)
        found += _bold_definitions(sentences)
        if is_survey(note, units, templates):
            surveys.append(note)
            found += [*_headings(note, templates), *_glossary(sentences), *_definitions(sentences)]
            found += [*_enumerations(sentences), *_asked(sentences)]
    found += [candidate for unit in units for candidate in _unit_heading(unit)]
    found += _repeated([s for note in surveys for s in texts[note.path].sentences])
    found = [replace(c, week=_week(units, c.span)) for c in found]
    return sorted(set(found), key=lambda c: (c.span.path, c.span.start_line, STRENGTH.index(c.how), c.name))


STRENGTH = ("glossary", "bold", "acronym", "definition", "heading", "list", "repeated")


def _week(units: Sequence[Unit], span: Span) -> int | None:
    unit = unit_at(units, span.path, span.start_line)
    return unit.number if unit else None


def _in_study_aid(sentence: Sentence) -> bool:
    return any(is_study_aid(heading) for heading in sentence.headings[-1:])


def _acronyms(sentences: Iterable[Sentence]) -> Iterator[Candidate]:
    for sentence in sentences:
        for name, acronym in acronym_pairs(sentence.text):
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


def _repeated(sentences: Sequence[Sentence]) -> Iterator[Candidate]:
    """Technical-looking words in at least two sentences: acronyms, camel case, hyphens, capitals inside."""
    uses: dict[str, list[tuple[str, Sentence]]] = {}
    lower = {word for s in sentences for word in re.findall(r"\b[a-z]{3,}\b", s.text)}
    for sentence in sentences:
        if _in_study_aid(sentence):
            continue
        text = sentence.text
        for match in _TECHNICAL.finditer(text):
            word = match[0]
            if _is_technical(word, text[: match.start()], lower):
                uses.setdefault(normalise_name(word).removesuffix("s"), []).append((word, sentence))
        for name in enumeration(text) if text.count(",") > 1 else ():
            if " " in name and name.islower():  # a phrase that stands by itself in two lists
                uses.setdefault(normalise_name(name), []).append((name, sentence))
    for found in uses.values():
        if len({sentence.span for _, sentence in found}) > 1:
            word, sentence = found[0]
            yield Candidate(word, "repeated", sentence.span)


def _is_technical(word: str, before: str, lower: set[str]) -> bool:
    if not is_term(word) or word.casefold() in COMMON:
        return False
    if ACRONYM.fullmatch(word) or re.search(r"[a-z][A-Z]", word):
        return True
    if "-" in word:
        first, last = word.split("-")[0], word.split("-")[-1]
        describes = last in ADJECTIVE_ENDS or last.endswith("ed")
        return word.islower() and first not in COMMON_PREFIXES and not describes
    inside = bool(re.search(r"[a-z,)]\s+$", before)) and not _is_title(before)
    return inside and word.casefold() not in lower


def _is_title(text: str) -> bool:
    words = [word for word in text.split() if len(word) > 3]
    return 2 * sum(word[0].isupper() for word in words) > len(words)
