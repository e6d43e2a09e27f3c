"""Decides which tags of notes name something to learn, and which only keep order ("todo", "status/draft", a date).

A tag is a concept when what it names is a term and either several notes carry it or it looks technical; one that a
third of the notes carry says what the vault is about. Of a nested tag ("ml/attention") the last part is the name and
the part before it what that belongs to.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from graph.names import ConceptNames
from graph.schema import Relation, Span
from ingest.concepts import Note
from ingest.markdown import without_hidden
from ingest.phrases import ACRONYM, is_term
from ingest.terms import Candidate

_INLINE = re.compile(r"(?<![^\s(,;])(?<!\]\()#([^\W\d_][\w/-]*|\d[\w/-]*[^\W\d][\w/-]*)")
_LISTED = re.compile(r"[^\s,\[\]\"'#]+")
_TAG_KEYS = {"tags", "tag", "keywords"}
_CODE = {"fence", "code_block", "html_block", "heading"}
_MONTHS = "january|february|march|april|may|june|july|august|september|october|november|december"
_DATE = re.compile(
    rf"\d[\d/-]*|(?:19|20)\d\d.*|q[1-4]|w(?:eek)?-?\d+|{_MONTHS}|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec", re.I
)
_FEWEST_USES, _ALWAYS_FEW, _LARGEST_SHARE = 2, 8, 1 / 3
_LONGEST_QUOTE = 400  # characters
_LINK_WEIGHT, _PARENT_WEIGHT = 0.5, 0.8
_GROUPS = frozenset("topic topics subject subjects area areas field domain concept concepts course class tech".split())  # noqa: SIM905
"""First parts that say that the rest names a topic."""
_ORDER = frozenset(
    """
    todo to-do inbox status moc mocs map maps draft drafts seedling evergreen budding fleeting literature permanent
    daily weekly monthly journal diary meeting meetings project projects archive archived template templates index hub
    home dashboard log logs private public publish published wip done active review reviewed important priority urgent
    idea ideas question questions note notes misc people person book books article articles paper papers video videos
    podcast podcasts lecture lectures exam exams homework reading to-read toread read type types tag tags source sources
    zettel zettelkasten atomic flashcard flashcards card cards anki work personal life favorite favourite favorites
    star later someday next waiting quote quotes summary definition definitions term terms example examples exercise
    exercises stub updated created new old progress in-progress started finished complete incomplete open closed
    reference references resource resources clipping clippings bookmark bookmarks web blog post posts week day month
    year today attachment attachments excalidraw kanban cssclasses mobile test temp tmp untagged interview study
    learning school university college semester module unit chapter part level beginner intermediate advanced easy
    medium hard priority-high priority-low
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of a note: its parts from the outermost to the name, and the line that carries it."""

    parts: tuple[str, ...]
    span: Span
    note_id: str

    @property
    def name(self) -> str:
        return self.parts[-1]


def note_tags(note: Note) -> Iterator[Tag]:
    """The tags of a note that name a topic, those of the front matter first."""
    for raw, line in [*_listed_tags(note), *_inline_tags(note)]:
        if parts := _topic(raw):
            yield Tag(parts, Span(note.path, line, line, _quote(note.file.lines[line - 1], raw)), note.concept_id)


def _quote(line: str, raw: str) -> str:
    """The line that carries a tag, or the tag alone where a line carries more than anybody reads."""
    return line.strip() if len(line) <= _LONGEST_QUOTE else raw


def _listed_tags(note: Note) -> Iterator[tuple[str, int]]:
    front = note.file.front
    for key in front.values:
        if key.casefold() not in _TAG_KEYS:
            continue
        first, last = front.lines[key]
        for number in range(first, min(last, len(note.file.lines)) + 1):
            line = note.file.lines[number - 1]
            text = line.partition(":")[2] if number == first else re.sub(r"^\s*-\s+", "", line)
            yield from ((match[0], number) for match in _LISTED.finditer(text.partition(" #")[0]))


def _inline_tags(note: Note) -> Iterator[tuple[str, int]]:
    for block in note.parsed.blocks:
        lines = note.file.lines[block.start_line - 1 : block.end_line]
        if block.kind not in _CODE and any("#" in line for line in lines):
            for offset, line in enumerate(without_hidden("\n".join(lines)).split("\n")):
                yield from ((match[1], block.start_line + offset) for match in _INLINE.finditer(line))


def _topic(raw: str) -> tuple[str, ...]:
    """The parts of a tag as names, or nothing when it only keeps order."""
    parts = [part for part in raw.strip("/-_").split("/") if part]
    if len(parts) > 1 and parts[0].casefold() in _GROUPS:
        parts = parts[1:]
    if not parts or any(part.casefold().replace("_", "-") in _ORDER or _DATE.fullmatch(part) for part in parts):
        return ()
    names = tuple(" ".join(re.split(r"[-_]+", part)).strip() for part in parts)
    return names if names[-1] and is_term(names[-1]) else ()


def tag_terms(notes: Sequence[Note]) -> list[Candidate]:
    """The tags of notes as candidates, each on the first line that carries it."""
    uses: defaultdict[str, list[Tag]] = defaultdict(list)
    for note in notes:
        for tag in note_tags(note):
            uses[tag.name.casefold().replace(" ", "")].append(tag)
    most = max(_ALWAYS_FEW, len(notes) * _LARGEST_SHARE)
    found = []
    for tags in uses.values():
        carriers = len({tag.note_id for tag in tags})
        if carriers <= most and (carriers >= _FEWEST_USES or _looks_technical(tags[0])):
            found.append(Candidate(tags[0].name, "tag", tags[0].span))
    return found


def _looks_technical(tag: Tag) -> bool:
    name = tag.name
    inner = any(letter.isupper() or letter.isdigit() for letter in name[1:])
    return len(tag.parts) > 1 or " " in name or inner or bool(ACRONYM.fullmatch(name))


def tag_relations(notes: Iterable[Note], names: ConceptNames, extracted: Collection[str]) -> Iterator[Relation]:
    """A tag's concept that has no note of its own is related to the notes that carry it, and is part of its parent."""
    for note in notes:
        for tag in note_tags(note):
            concept_id = names.resolve(tag.name)
            if concept_id not in extracted or concept_id is None:
                continue
            yield Relation(note.concept_id, concept_id, "related_to", "link", _LINK_WEIGHT, (tag.span,))
            parent = names.resolve(tag.parts[-2]) if len(tag.parts) > 1 else None
            if parent and parent != concept_id:
                yield Relation(concept_id, parent, "part_of", "pattern", _PARENT_WEIGHT, (tag.span,))
