"""Decides which files of a folder are read, and turns each into a document or a problem."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.errors import UsageError
from graph.schema import Document, Problem
from ingest.frontmatter import FrontMatter, parse_front_matter

MARKDOWN_SUFFIXES = (".md", ".markdown")
RESOURCE_SUFFIXES = (".yaml", ".yml")
RESOURCE_FOLDER = "resources"
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv"}
_MAX_BYTES = 32 << 20


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A file that ingestion reads: its path relative to the root, with forward slashes, and its bytes."""

    path: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file that could be read: the document, its lines, and its front matter."""

    document: Document
    lines: list[str]
    front: FrontMatter


def list_files(root: Path) -> Iterator[Path]:
    """The files to read below a folder, or the file itself, by path; hidden folders and links out are left alone."""
    if not root.exists():
        raise UsageError(f"There is no file or folder at {root}; name the folder that holds your notes.")
    if root.is_file():
        yield root
        return
    paths = []
    for folder, subfolders, names in os.walk(root):
        subfolders[:] = [s for s in subfolders if not s.startswith(".") and s not in _SKIPPED_FOLDERS]
        paths += [Path(folder, name) for name in names if _is_source(Path(folder, name), root)]
    yield from sorted(paths, key=lambda path: path.relative_to(root).as_posix())


def _is_source(path: Path, root: Path) -> bool:
    if path.name.startswith("."):
        return False
    suffix = path.suffix.lower()
    if suffix in RESOURCE_SUFFIXES:
        return RESOURCE_FOLDER in path.relative_to(root).parts[:-1]
    return suffix in MARKDOWN_SUFFIXES


def relative_path(path: Path, root: Path) -> str:
    """A file's path as output shows it: relative to the root, with forward slashes."""
    return path.name if root.is_file() else path.relative_to(root).as_posix()


def read_source(path: Path, root: Path) -> SourceFile | Problem:
    """The bytes of a file, or the problem that says why there are none."""
    name = relative_path(path, root)
    try:
        if path.stat().st_size > _MAX_BYTES:
            return Problem(
                name, None, "error", "too_large", f"The file is larger than {_MAX_BYTES >> 20} MB; split it."
            )
        return SourceFile(name, path.read_bytes())
    except OSError as fault:
        reason = fault.strerror or str(fault)
        return Problem(
            name, None, "error", "unreadable", f"The file could not be read ({reason}); check its permissions."
        )


def decode(source: SourceFile) -> tuple[str, list[Problem]] | Problem:
    """The text of a file with newlines for line ends. Bytes that are no text are one problem, not a guess."""
    if b"\0" in source.data:
        return Problem(source.path, None, "error", "unreadable", "The file is binary, not text; remove or convert it.")
    try:
        text, problems = source.data.decode("utf-8-sig"), []
    except UnicodeDecodeError as fault:
        line = source.data.count(b"\n", 0, fault.start) + 1
        text = source.data.decode("cp1252", errors="replace")
        message = "The file is not UTF-8 and was read as Windows-1252; save it as UTF-8 so that no character is lost."
        problems = [Problem(source.path, line, "warning", "not_utf8", message)]
    return text.replace("\r\n", "\n").replace("\r", "\n"), problems


def read_document(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A source file as a document with its lines and front matter, and what was wrong with it."""
    decoded = decode(source)
    if isinstance(decoded, Problem):
        return None, [decoded]
    text, problems = decoded
    lines = text.split("\n")
    front = parse_front_matter(lines) if source.path.lower().endswith(MARKDOWN_SUFFIXES) else FrontMatter()
    if front.error:
        line, reason = front.error
        message = f"The front matter could not be read ({reason}), so its settings are ignored; mend the YAML."
        problems = [*problems, Problem(source.path, line, "error", "broken_front_matter", message)]
    document = Document(
        id=source.path,
        path=source.path,
        title=_title(front, lines, source.path),
        text=text,
        metadata=front.values,
        content_hash=hashlib.sha256(source.data).hexdigest(),
    )
    return ReadFile(document, lines, front), problems


def _title(front: FrontMatter, lines: list[str], path: str) -> str:
    declared = front.values.get("title")
    if isinstance(declared, str | int | float) and str(declared).strip():
        return " ".join(str(declared).split())
    for line in lines[front.body_line - 1 :]:
        if line.startswith("# ") and line[2:].strip():
            return line[2:].strip().rstrip("#").strip()
        if line.strip() and not line.startswith(("#", "<", "!", ">", "[")):
            break
    return humanise_stem(path)


def humanise_stem(path: str) -> str:
    """A file's name as a title; an index file is called by its folder."""
    stem = Path(path).stem
    if stem.casefold() in {"readme", "index"} and "/" in path:
        stem = Path(path).parent.name
    words = stem.replace("_", " ").replace("-", " ").strip() or stem
    return words[:1].upper() + words[1:]
