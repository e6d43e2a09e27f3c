"""The questions that answers are measured with, and what counts as right for each.

A row of a JSONL file is `{"id", "question", "kind", "split", "gold"}`. `gold` is a list of groups: every group is
needed, and within a group any passage will do; a plain list of passages is one group. A passage is
`{"path", "start_line", "end_line"}`, or `{"path"}` alone for a whole file. A row with `"contexts"` is asked of these
texts alone and names the status that is right in `"expected"`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph.errors import UsageError

HERE = Path(__file__).resolve().parent
QUESTIONS, DISPUTED, CONTEXTS = HERE / "questions.jsonl", HERE / "disputed_questions.jsonl", HERE / "contexts.jsonl"
# Both were written before anything was run on them. Nothing in retrieval was chosen by either; the rules for refusing
# and disputing were mended where they failed on the answerable questions of UNSEEN.
FRESH, UNSEEN = HERE / "fresh.jsonl", HERE / "unseen.jsonl"
DISPUTED_NOTES, ARTICLES = HERE / "disputed", HERE / "articles"

ANSWERED, NOT_IN_SOURCES, DISPUTES = "answered", "not_in_sources", "disputed"
STATUSES = (ANSWERED, NOT_IN_SOURCES, DISPUTES)
_STATUS_OF_KIND = {
    "direct": ANSWERED,
    "two_notes": ANSWERED,
    "agree": ANSWERED,  # two sources that say the same
    "condition": ANSWERED,  # two sources that speak of different cases
    "unanswerable": NOT_IN_SOURCES,
    "unanswerable_near": NOT_IN_SOURCES,
    "disputed": DISPUTES,
}


@dataclass(frozen=True, slots=True)
class Place:
    """Lines of a file, from 1, both ends included."""

    path: str
    start_line: int
    end_line: int

    def overlaps(self, other: Place) -> bool:
        """Whether the two share a line."""
        same_file = self.path == other.path
        return same_file and self.start_line <= other.end_line and other.start_line <= self.end_line


Gold = tuple[tuple[Place, ...], ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with the status that is right for it (None: not judged) and the passages that answer it."""

    id: str
    question: str
    kind: str
    split: str
    expected: str | None
    gold: Gold
    contexts: tuple[str, ...] = ()


def load_questions(file: Path, split: str | None = None) -> tuple[Question, ...]:
    """The rows of a JSONL file, or those of one split. Raises UsageError for a row that is none, by its line."""
    try:
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"The questions in {file} cannot be read ({fault}); name a JSONL file.") from fault
    rows = [_question(file, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not rows:
        raise UsageError(f'{file} holds no question; write rows like {{"id": "1", "question": "…"}}.')
    _check_ids(file, rows)
    return tuple(row for row in rows if split is None or row.split == split)


def _question(file: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        kind, contexts = str(row.get("kind", "")), tuple(str(text) for text in row.get("contexts", ()))
        gold = _gold(row.get("gold", []))
        expected = row.get("expected", _STATUS_OF_KIND.get(kind, ANSWERED if gold else None))
        if expected is not None and expected not in STATUSES:
            raise ValueError(f"no status is called {expected!r}")
        if not str(row["question"]).strip():
            raise ValueError("the question is empty")
        return Question(str(row["id"]), str(row["question"]), kind, str(row.get("split", "")), expected, gold, contexts)
    except (ValueError, KeyError, TypeError, AttributeError) as fault:
        raise UsageError(
            f'{file}:{number} is not a row like {{"id": "1", "question": "…", "gold": […]}} ({fault}); correct it.'
        ) from fault


def _gold(rows: list[Any]) -> Gold:
    groups = [rows] if rows and isinstance(rows[0], dict) else rows
    return tuple(tuple(_place(row) for row in group) for group in groups)


def _place(row: dict[str, Any]) -> Place:
    start = int(row.get("start_line", 1))
    end = int(row.get("end_line", row.get("start_line", sys.maxsize)))
    if not 1 <= start <= end:
        raise ValueError(f"lines {start} to {end} are none")
    return Place(str(row["path"]), start, end)


def _check_ids(file: Path, rows: Iterable[Question]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.id in seen:
            raise UsageError(f"{file} uses the id {row.id!r} twice; give each question its own.")
        seen.add(row.id)
