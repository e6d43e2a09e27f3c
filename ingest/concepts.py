"""Decides which concept a note is about: its id, names, definition, week and kind, and the lines that say so."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from graph.names import slugify
from graph.schema import WEEK_KIND, Concept, Problem, Span
from ingest.markdown import ParsedNote
from ingest.plain_text import plain_text
from ingest.read import ReadFile
from ingest.sentences import sentence_spans

_INDEX_STEMS = {"readme", "index"}
_WEEK = re.compile(r"^\s*(?:week\s*)?(\d{1,3})\s*$", re.IGNORECASE)
_SUMMARY_LIMIT = 600
_LONGEST_DEFINITION = 4000  # characters of a sentence that are looked at


@dataclass(frozen=True, slots=True)
class Note:
    """A Markdown file that was read and parsed, with the id of the concept that it is about."""

    file: ReadFile
    parsed: ParsedNote
    concept_id: str

    @property
    def path(self) -> str:
        return self.file.document.path


def assign_ids(files: Sequence[tuple[ReadFile, ParsedNote]]) -> tuple[list[Note], list[Problem]]:
    """Gives every note an id: declared, else its file's name. A second claim to one is a problem and gets its path."""
    taken: dict[str, str] = {}
    notes, problems = [], []
    for file, parsed in files:
        path = file.document.path
        wanted = _wanted_id(file)
        concept_id = wanted
        if wanted in taken:
            concept_id = _free_id(slugify(PurePosixPath(path).with_suffix("").as_posix()), taken)
            line = file.front.lines.get("id", (1, 1))[0]
            message = (
                f"The id {wanted!r} belongs to {taken[wanted]} already, "
                f"so this note is called {concept_id!r}; rename one."
            )
            problems.append(Problem(path, line, "error", "duplicate_id", message))
        taken[concept_id] = path
        notes.append(Note(file, parsed, concept_id))
    return notes, problems


def _wanted_id(file: ReadFile) -> str:
    declared = file.front.values.get("id")
    if isinstance(declared, str) and declared.strip():
        return slugify(declared)
    path = PurePosixPath(file.document.path)
    if path.stem.casefold() in _INDEX_STEMS and path.parent.name:
        return slugify(path.parent.name)
    return slugify(path.stem)


def _free_id(wanted: str, taken: dict[str, str]) -> str:
    number, candidate = 2, wanted
    while candidate in taken:
        candidate, number = f"{wanted}-{number}", number + 1
    return candidate


def note_concept(note: Note) -> tuple[Concept | None, list[Problem]]:
    """The concept of a note, or None when the note says nothing that could define it."""
    file, problems = note.file, []
    definition = _definition(note)
    if definition is None:
        message = "The file has no text, so it gives no concept; write a sentence that defines it, or remove it."
        return None, [Problem(note.path, 1, "warning", "empty", message)]
    values = file.front.values
    week, problem = _week(note)
    if problem:
        problems.append(problem)
    concept = Concept(
        id=note.concept_id,
        title=file.document.title,
        aliases=_aliases(values.get("aliases", values.get("alias")), file.document.title),
        summary=plain_text(definition.quote)[:_SUMMARY_LIMIT],
        week=week,
        track=_word(values.get("track")),
        kind=_word(values.get("kind")) or "concept",
        spans=(definition,),
    )
    return concept, problems


def _definition(note: Note) -> Span | None:
    """The first sentence of the first paragraph, else the first text there is."""
    for kinds in ({"paragraph"}, {"bullet_list", "ordered_list", "blockquote", "table", "stray", "fence"}, {"heading"}):
        for block in note.parsed.blocks:
            if block.kind in kinds and (span := _first_sentence(note, block.start_line, block.end_line)):
                return span
    for key in ("title", "aliases"):
        if key in note.file.front.lines:
            line = note.file.front.lines[key][0]
            return Span(note.path, line, line, note.file.lines[line - 1].strip())
    return None


def _first_sentence(note: Note, start_line: int, end_line: int) -> Span | None:
    text = "\n".join(note.file.lines[start_line - 1 : end_line])
    for start, end in sentence_spans(text):
        if plain_text(text[start:end][:_LONGEST_DEFINITION]):
            first = start_line + text.count("\n", 0, start)
            quote = text[start:end][: 2 * _SUMMARY_LIMIT].rstrip()
            return Span(note.path, first, first + quote.count("\n"), quote)
    return None


def _aliases(declared: object, title: str) -> tuple[str, ...]:
    values = declared if isinstance(declared, list) else [declared]
    names = (" ".join(value.split()) for value in values if isinstance(value, str))
    return tuple(dict.fromkeys(name for name in names if name and name != title))


def _week(note: Note) -> tuple[int | None, Problem | None]:
    declared = note.file.front.values.get("week")
    if declared is None:
        return None, None
    match = _WEEK.match(str(declared))
    if match:
        return int(match[1]), None
    line = note.file.front.lines["week"][0]
    message = f"The week {str(declared)[:40]!r} is not a number, so the note has no week; write `week: 3`."
    return None, Problem(note.path, line, "warning", "bad_week", message)


def _word(value: object) -> str | None:
    return slugify(value) if isinstance(value, str) and value.strip() else None


def implied_weeks(notes: Iterable[Note], concepts: Iterable[Concept]) -> list[Concept]:
    """Week concepts for the weeks that notes name but no note describes, each on the first line that names it."""
    rows = list(concepts)
    described = {concept.week for concept in rows if concept.kind == WEEK_KIND}
    by_id = {concept.id: concept for concept in rows}
    spans: defaultdict[int, list[Span]] = defaultdict(list)
    for note in notes:
        concept = by_id.get(note.concept_id)
        if concept and concept.week is not None and concept.week not in described:
            spans[concept.week].append(week_span(note))
    return [
        Concept(_week_id(week, by_id), f"Week {week}", (), f"Week {week}", week, None, WEEK_KIND, (found[0],))
        for week, found in sorted(spans.items())
    ]


def _week_id(week: int, taken: dict[str, Concept]) -> str:
    return f"week-{week}" if f"week-{week}" not in taken else f"week-{week}-overview"


def week_span(note: Note) -> Span:
    """The front matter line that puts a note into its week."""
    first, _ = note.file.front.lines["week"]
    return Span(note.path, first, first, note.file.lines[first - 1].strip())
