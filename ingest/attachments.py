"""Decides which files are read and cited but name no concept: drawings, templates, and what notes attach.

A PDF is a lecture in one vault and an attachment in another: it is attached when a note embeds it or links it with
double brackets, and when it lies in a folder for attachments.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence
from pathlib import PurePosixPath
from unicodedata import normalize

from ingest.concepts import Note
from ingest.read import MARKDOWN_SUFFIXES

_ATTACHMENT_FOLDERS = {"attachments", "_attachments", "attachment", "assets", "_assets", "media", "images", "img"}
_TEMPLATE_FOLDERS = {"templates", "_templates", "template"}
_PLACEHOLDER = re.compile(r"\{\{[\w :.\-]{1,60}\}\}|<%.{1,200}?%>")


def set_aside(notes: Sequence[Note]) -> frozenset[str]:
    """The paths of the files that stay documents only."""
    files = [n for n in notes if not n.path.lower().endswith(MARKDOWN_SUFFIXES)]
    linked = {_key(link.target) for n in notes for link in n.parsed.links if link.is_wikilink} if files else set()
    attached = {n.path for n in files if _is_attached(n.path, linked)}
    return frozenset(attached | {n.path for n in notes if _is_drawing(n) or _is_template(n)})


def _is_attached(path: str, linked: set[str]) -> bool:
    folders = {part.casefold() for part in PurePosixPath(path).parts[:-1]}
    return bool(folders & _ATTACHMENT_FOLDERS) or _key(path) in linked


def _key(path: str) -> str:
    return normalize("NFC", posixpath.basename(path)).casefold()


def _is_drawing(note: Note) -> bool:
    return note.path.lower().endswith(".excalidraw.md") or "excalidraw-plugin" in note.file.front.values


def _is_template(note: Note) -> bool:
    folders = {part.casefold() for part in PurePosixPath(note.path).parts[:-1]}
    return bool(folders & _TEMPLATE_FOLDERS) and bool(_PLACEHOLDER.search(note.file.document.text))
