"""Reads a generation's `graph.json` row by row, in the order of its keys: two large graphs are compared in no memory.

The file is JSON that `iter_graph_json` wrote, each row between lines that begin with two spaces and a brace; a line of
JSON never holds a raw line break, so these lines are nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graph.errors import StorageError
from graph.schema import Concept, Relation
from graph.store import concept_from_row, relation_from_row


class GraphFile:
    """The rows of one file. What reads it raises StorageError when the file is gone or damaged."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def concepts(self) -> Iterator[Concept]:
        """Every concept, by id."""
        return (concept_from_row(row) for row in self._rows("concepts"))

    def relations(self) -> Iterator[Relation]:
        """Every relation, by source, target and kind."""
        return (relation_from_row(row) for row in self._rows("relations"))

    def _rows(self, section: str) -> Iterator[Mapping[str, Any]]:
        try:
            with self._path.open(encoding="utf-8") as file:
                yield from _parse_section(iter(file), section)
        except (OSError, ValueError, TypeError, KeyError) as fault:
            raise StorageError(f"{self._path} cannot be read ({fault}); run `prepgraph ingest` again.") from fault


def _parse_section(lines: Iterator[str], section: str) -> Iterator[Mapping[str, Any]]:
    start = f' "{section}": ['
    if (found := next((line for line in lines if line.startswith(start)), None)) is None:
        raise ValueError(f"it has no {section}")
    if found.startswith(f"{start}]"):
        return
    row: list[str] = []
    for line in lines:
        if line.startswith(" ]"):
            return
        row.append(line)
        if line.startswith("  }"):
            yield json.loads("".join(row).rstrip().removesuffix(","))
            row = []
    raise ValueError(f"it ends within its {section}")
