"""Decides what a `prepgraph.toml` beside the notes says: which names must not be merged.

[merges]
keep_apart = [["RAG", "Retrieval"], ["heap", "heaps"]]

Each pair undoes one merge that ingestion lists, whichever of the names comes first.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass

from graph.schema import Merge, Problem
from ingest.read import SourceFile

SETTINGS_FILE = "prepgraph.toml"


@dataclass(frozen=True, slots=True)
class VaultSettings:
    """What the owner of the notes decided; all of it has a default."""

    keep_apart: tuple[tuple[str, str], ...] = ()


def keep_apart_pair(merge: Merge) -> str:
    """The pair of names that undoes a merge, as it stands in the list `keep_apart`."""
    return f"[{_toml_string(merge.name)}, {_toml_string(merge.into)}]"


def keep_apart_setting(merges: Iterable[Merge]) -> str:
    """The line below `[merges]` that undoes merges."""
    return f"keep_apart = [{', '.join(map(keep_apart_pair, merges))}]"


def _toml_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def read_settings(file: SourceFile | None) -> tuple[VaultSettings, list[Problem]]:
    """The settings of a folder; one problem if the file cannot be read or holds what nobody knows."""
    if file is None:
        return VaultSettings(), []
    try:
        values = tomllib.loads(file.data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        message = f"The settings could not be read ({fault}), so they are ignored; mend the TOML."
        return VaultSettings(), [Problem(file.path, 1, "error", "broken_settings", message)]
    merges = values.get("merges", {})
    pairs = merges.get("keep_apart", []) if isinstance(merges, dict) else None
    unknown = [key for key in values if key != "merges"]
    unknown += [f"merges.{key}" for key in merges if key != "keep_apart"] if isinstance(merges, dict) else ["merges"]
    if not _are_pairs(pairs):
        unknown.append("merges.keep_apart")
        pairs = []
    problems = []
    if unknown:
        message = (
            f"These settings are unknown or malformed and are ignored: {', '.join(unknown)}; "
            'write [merges] keep_apart = [["a", "b"]].'
        )
        problems = [Problem(file.path, 1, "warning", "unknown_setting", message)]
    return VaultSettings(tuple((str(a), str(b)) for a, b in pairs or [])), problems


def _are_pairs(value: object) -> bool:
    return isinstance(value, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(isinstance(name, str) and name.strip() for name in pair)
        for pair in value
    )
