"""Decides which files of a folder are read, and turns each into a document or a problem."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from graph.errors import UsageError
from graph.schema import Document, Problem
from ingest.frontmatter import FrontMatter, parse_front_matter
from ingest.plain_text import plain_text

MARKDOWN_SUFFIXES = (".md", ".markdown")
RESOURCE_SUFFIXES = (".yaml", ".yml")
RESOURCE_FOLDER = "resources"
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv"}
_MAX_BYTES = 32 << 20
_CLOSING_HASHES = re.compile(r"\s+#+\s*$")


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


def list_files(root: Path) -> tuple[list[Path], list[Problem]]:
    """The files to read below a folder, or the file itself, by path, and the folders that could not be looked into.

    Hidden files and folders are left alone, and so are links that lead out of the root.
    """
    if not root.exists():
        raise UsageError(f"There is no file or folder at {root}; name the folder that holds your notes.")
    if root.is_file():
        return [root], []
    paths: list[Path] = []
    faults: list[OSError] = []
    for folder, subfolders, names in os.walk(root, onerror=faults.append):
        subfolders[:] = [s for s in subfolders if not s.startswith(".") and s not in _SKIPPED_FOLDERS]
        paths += [Path(folder, name) for name in names if _is_source(Path(folder, name), root)]
    problems = [_unreadable(Path(fault.filename), root, fault, "folder") for fault in faults]
    return sorted(paths, key=lambda path: path.relative_to(root).as_posix()), problems


def _is_source(path: Path, root: Path) -> bool:
    if path.name.startswith(".") or (path.is_symlink() and not _stays_below(path, root)):
        return False
    suffix = path.suffix.lower()
    if suffix in RESOURCE_SUFFIXES:
        return RESOURCE_FOLDER in path.relative_to(root).parts[:-1]
    return suffix in MARKDOWN_SUFFIXES


def _stays_below(link: Path, root: Path) -> bool:
    return Path(os.path.realpath(link)).is_relative_to(os.path.realpath(root))


def relative_path(path: Path, root: Path) -> str:
    """A file's path as output shows it: relative to the root, with forward slashes; bytes that are no text as "?"."""
    name = path.name if root.is_file() else path.relative_to(root).as_posix()
    return name.encode("utf-8", "replace").decode()


def read_source(path: Path, root: Path) -> SourceFile | Problem:
    """The bytes of a file, or the problem that says why there are none."""
    name = relative_path(path, root)
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            return Problem(name, None, "error", "unreadable", "This is no file that could be read; take it out.")
        if status.st_size > _MAX_BYTES:
            message = f"The file is larger than {_MAX_BYTES >> 20} MB; split it."
            return Problem(name, None, "error", "too_large", message)
        return SourceFile(name, path.read_bytes())
    except OSError as fault:
        return _unreadable(path, root, fault, "file")


def _unreadable(path: Path, root: Path, fault: OSError, what: str) -> Problem:
    message = f"The {what} could not be read ({fault.strerror or fault}); check its permissions."
    return Problem(relative_path(path, root), None, "error", "unreadable", message)


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
    if isinstance(declared, str) and declared.strip():
        return " ".join(declared.split())
    for line in lines[front.body_line - 1 :]:
        if line.startswith("# ") and line[2:].strip():
            return plain_text(_CLOSING_HASHES.sub("", line)) or humanise_stem(path)
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
