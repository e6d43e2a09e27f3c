"""Decides which dropped files become notes: every format that is read, beside the notes, never over one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ingest import saved_pages
from ingest.read import NOTE_SUFFIXES
from workspace import SHIPPED_CONTENT


@dataclass(frozen=True, slots=True)
class Dropped:
    """What became of dropped files: the names that were written, and a sentence for each that was refused."""

    written: tuple[str, ...]
    refused: tuple[str, ...]


def why_closed(root: Path) -> str | None:
    """Why nothing can be added to a folder, or None when files can be."""
    return saved_pages.why_closed(root, SHIPPED_CONTENT)


def add_notes(root: Path, files: Iterable[tuple[str, bytes]]) -> Dropped:
    """Writes each file (its name and its bytes) into a folder; what is there already stays as it is."""
    written: list[str] = []
    refused: list[str] = []
    for name, data in files:
        reason = _why_refused(name) or _write_new(root / name, data)
        if reason:
            refused.append(f"{name} was not added: {reason}")
        else:
            written.append(name)
    return Dropped(tuple(written), tuple(refused))


def _why_refused(name: str) -> str | None:
    if not name.lower().endswith(NOTE_SUFFIXES):
        return f"no reader knows its format; those known are {', '.join(NOTE_SUFFIXES)}."
    if name.startswith(".") or any(c in '/\\:*?"<>|' or not c.isprintable() for c in name):
        return "its name begins with a dot or holds a character that not every system allows; rename it."
    return None


def _write_new(path: Path, data: bytes) -> str | None:
    """Creates a file, or says why not. A file that could only be written in part is taken away again."""
    try:
        path.touch(exist_ok=False)
    except FileExistsError:
        return "a file of that name is there already; rename one of them."
    except OSError as fault:
        return _unwritable(fault)
    try:
        path.write_bytes(data)
    except OSError as fault:
        path.unlink(missing_ok=True)
        return _unwritable(fault)
    return None


def _unwritable(fault: OSError) -> str:
    return f"it could not be written ({fault.strerror or fault}); check the folder."
