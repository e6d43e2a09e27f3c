"""What the modules of the command share: the options that every command takes, and how a concept is found by name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from graph.errors import UsageError
from graph.schema import Concept
from graph.store import GraphStore

WorkspaceOption = Annotated[Path | None, typer.Option("--workspace", help="Where generations are kept.", metavar="DIR")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]


def find_concept(graph: GraphStore, name: str) -> Concept:
    """The concept that an id, a title or an alias stands for. Raises UsageError, with what is spelt like it."""
    concept = graph.resolve(name)
    if concept is None:
        near = ", ".join(repr(c.title) for c in graph.suggest(name))
        hint = f"did you mean {near}?" if near else "`prepgraph concepts` lists those there are."
        raise UsageError(f"There is no concept called {name!r}; {hint}")
    return concept


def print_row(as_json: bool, row: Any, show: Callable[[], None]) -> None:
    """Prints a row as one line of JSON, or shows it to people."""
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        show()
