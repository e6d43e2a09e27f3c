"""What a learner has said about how well they know each concept: known, shaky or new.

Marks go by concept id and outlive every generation: the mark of a concept that is gone waits for it to come back.
Each change is kept as an event with its source and time, so that it stays known what came from a drill, say.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, cast, get_args

from graph.errors import StorageError, UsageError
from graph.store import GraphStore
from study.database import STUDY_FILE, open_study

Level = Literal["known", "shaky", "new"]
LEVELS: tuple[Level, ...] = get_args(Level)
READER = "reader"

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Mark:
    """How well one concept is known. `title` is what it was called then, `source` who said so, `at` when, in UTC.

    A concept without a mark is new too; the mark `new` says that the learner has said so, or taken another mark back.
    """

    concept_id: str
    title: str
    level: Level
    source: str
    at: datetime


def _utc_now() -> datetime:
    return datetime.now(UTC)


class Marks:
    """The marks of one workspace. Every method raises StorageError, in one sentence, when the file cannot be used."""

    def __init__(self, folder: Path, clock: Clock = _utc_now) -> None:
        self.path, self._clock = folder / STUDY_FILE, clock

    def all(self) -> Mapping[str, Mark]:
        """The last mark of each concept that was ever marked, by concept id; nothing is written for looking."""
        if not self.path.exists():
            return {}
        with open_study(self.path) as database:
            found = self._read(database, "SELECT concept_id, title, level, source, at FROM marks ORDER BY concept_id")
        return {mark.concept_id: mark for mark in found}

    def set(self, concept_id: str, level: Level, *, title: str = "", source: str = READER) -> Mark:
        """Marks a concept and returns its mark. The same level from the same source again changes nothing.

        Raises UsageError for a level that is none.
        """
        if level not in LEVELS:
            raise UsageError(f"{level!r} is no mark; choose known, shaky or new.")
        mark = Mark(concept_id, title, level, source, self._clock().astimezone(UTC))
        with open_study(self.path, writing=True) as database:
            last = self._read(
                database, "SELECT concept_id, title, level, source, at FROM marks WHERE concept_id = ?", concept_id
            )
            if last and replace(last[0], at=mark.at) == mark:
                return last[0]
            database.execute(
                "INSERT INTO mark_events (concept_id, title, level, source, at) VALUES (?, ?, ?, ?, ?)",
                (concept_id, title, level, source, mark.at.isoformat()),
            )
        return mark

    def history(self, concept_id: str) -> tuple[Mark, ...]:
        """Every mark that a concept has had, oldest first."""
        if not self.path.exists():
            return ()
        query = "SELECT concept_id, title, level, source, at FROM mark_events WHERE concept_id = ? ORDER BY id"
        with open_study(self.path) as database:
            return tuple(self._read(database, query, concept_id))

    def _read(self, database: sqlite3.Connection, query: str, *values: str) -> list[Mark]:
        rows = database.execute(query, values)
        try:
            return [Mark(row[0], row[1], cast(Level, row[2]), row[3], datetime.fromisoformat(row[4])) for row in rows]
        except (ValueError, TypeError) as fault:
            raise StorageError(f"{self.path} holds a mark that cannot be read ({fault}); put a copy back.") from fault


def marks_in(graph: GraphStore, marks: Mapping[str, Mark]) -> Mapping[str, Mark]:
    """The marks of the concepts that a graph has, by the ids of now.

    A mark whose id is gone goes to the concept that has its old title as a name, unless that has a mark of its own;
    of several such marks the last one counts.
    """
    there = graph.concepts_by_id(marks)
    found: dict[str, Mark] = {}
    for mark in sorted(marks.values(), key=lambda mark: mark.at):
        if mark.concept_id in there:
            continue
        renamed = graph.resolve(mark.title) if mark.title else None
        if renamed:
            found[renamed.id] = mark
    return {**found, **{c: mark for c, mark in marks.items() if c in there}}


def with_level(marks: Mapping[str, Mark], levels: Iterable[Level]) -> frozenset[str]:
    """The ids of the concepts that are marked with one of some levels."""
    wanted = frozenset(levels)
    return frozenset(concept_id for concept_id, mark in marks.items() if mark.level in wanted)
