"""Decides which headings number the parts of a course ("## Week 1 — Arrays"), and which lines belong to each part."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from graph.schema import WEEK_KIND, Concept, Span
from ingest.concepts import Note
from ingest.markdown import Block

# When a course numbers both its weeks and its days, the earlier word of these makes the columns of the map.
_WORDS = ("week", "module", "unit", "lecture", "lesson", "chapter", "session", "day")
_NUMBERED = re.compile(rf"^({'|'.join(_WORDS)})\s+(\d{{1,3}})\b(?!\s*[-–]\s*\d)", re.IGNORECASE)
FEWEST_UNITS = 2  # one numbered heading is a name, two are a course


@dataclass(frozen=True, slots=True)
class Unit:
    """A numbered part of a course: its heading with the lines that it governs, to the next heading of its level."""

    note: Note
    word: str
    number: int
    title: str
    span: Span
    end_line: int
    is_note: bool = False

    @property
    def name(self) -> str:
        """What texts call it, such as "Week 3"."""
        return f"{self.word.capitalize()} {self.number}"

    @property
    def text(self) -> str:
        """The heading and all that stands below it."""
        return "\n".join(self.note.file.lines[self.span.start_line - 1 : self.end_line])


def is_numbered(heading: str) -> bool:
    """Whether a heading numbers a part of a course."""
    return bool(_NUMBERED.match(heading))


def find_units(notes: Iterable[Note]) -> list[Unit]:
    """The parts of the course in reading order, of one word only; none where fewer than FEWEST_UNITS are numbered."""
    found = [unit for note in notes for unit in _note_units(note)]
    numbers = Counter(word for word, _ in {(unit.word, unit.number) for unit in found})
    word = next((word for word in _WORDS if numbers[word] >= FEWEST_UNITS), None)
    return [unit for unit in found if unit.word == word]


def _note_units(note: Note) -> Iterable[Unit]:
    headings = [block for block in note.parsed.blocks if block.kind == "heading"]
    title = note.file.document.title
    own = _NUMBERED.match(title) if "kind" not in note.file.front.values else None
    if own:
        line = next((n for n, text in enumerate(note.file.lines, start=1) if text.strip().endswith(title)), None)
        line = line or next((n for n, text in enumerate(note.file.lines, start=1) if text.strip()), None)
        if line:
            span = Span(note.path, line, line, note.file.lines[line - 1].strip().lstrip("#").strip() or "---")
            yield Unit(note, own[1].lower(), int(own[2]), title, span, len(note.file.lines), is_note=True)
    for index, block in enumerate(headings):
        if own and block.headings[-1].casefold() == title.casefold():
            continue
        if match := _NUMBERED.match(block.headings[-1]):
            span = heading_span(note, block)
            end = _end(headings[index + 1 :], len(block.headings), len(note.file.lines))
            yield Unit(note, match[1].lower(), int(match[2]), block.headings[-1], span, end)


def _end(following: Sequence[Block], depth: int, last_line: int) -> int:
    return next((block.start_line - 1 for block in following if len(block.headings) <= depth), last_line)


def heading_span(note: Note, block: Block) -> Span:
    """A heading's words as they stand in the file, without the marks."""
    line = note.file.lines[block.start_line - 1]
    quote = line.strip().lstrip("#").strip() or line.strip() or block.headings[-1]
    return Span(note.path, block.start_line, block.start_line, quote)


def unit_concepts(units: Iterable[Unit], concepts: dict[str, Concept]) -> list[Concept]:
    """A concept of kind week for each number that no note describes: the note of that name, or one on its headings."""
    described = {c.week for c in concepts.values() if c.kind == WEEK_KIND}
    by_number: dict[int, list[Unit]] = {}
    for unit in units:
        if unit.number not in described:
            by_number.setdefault(unit.number, []).append(unit)
    return [_unit_concept(found, concepts) for _, found in sorted(by_number.items())]


def _unit_concept(found: Sequence[Unit], concepts: dict[str, Concept]) -> Concept:
    first = next((unit for unit in found if unit.is_note and unit.note.concept_id in concepts), found[0])
    name = () if first.title.casefold() == first.name.casefold() else (first.name,)
    if first.is_note and first.note.concept_id in concepts:
        concept = concepts[first.note.concept_id]
        aliases = tuple(dict.fromkeys((*concept.aliases, *name)))
        return replace(concept, kind=WEEK_KIND, week=first.number, aliases=aliases)
    concept_id = f"{first.word}-{first.number}"
    concept_id = f"{concept_id}-overview" if concept_id in concepts else concept_id
    spans = tuple(unit.span for unit in found)
    return Concept(concept_id, first.title, name, first.title, first.number, None, WEEK_KIND, spans)


class UnitIndex:
    """The parts of the course by the note that they stand in."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._by_path: defaultdict[str, list[Unit]] = defaultdict(list)
        for unit in units:
            self._by_path[unit.note.path].append(unit)

    def stand_in(self, path: str) -> bool:
        """Whether a note has parts of the course."""
        return path in self._by_path

    def at(self, path: str, line: int) -> Unit | None:
        """The innermost part that a line belongs to."""
        holding = [u for u in self._by_path.get(path, ()) if u.span.start_line <= line <= u.end_line]
        return max(holding, key=lambda u: u.span.start_line, default=None)
