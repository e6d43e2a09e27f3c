"""Decides which files of a folder are read, and turns each into a document or a problem."""

from __future__ import annotations

import os
import stat
from pathlib import Path, PurePosixPath

from graph.errors import UsageError
from graph.schema import Problem
from ingest.read_html import read_html
from ingest.read_notebook import read_notebook
from ingest.read_pdf import read_pdf
from ingest.read_text import read_markdown, read_mdx, read_plain_text
from ingest.source import NO_STRUCTURE, Reader, ReadFile, SourceFile, decode, humanise_stem, read_file

MARKDOWN_SUFFIXES = (".md", ".markdown", ".mdx")
TEXT_SUFFIXES = (".txt", ".text")
HTML_SUFFIXES = (".html", ".htm", ".xhtml")
NOTE_SUFFIXES = (*MARKDOWN_SUFFIXES, *TEXT_SUFFIXES, *HTML_SUFFIXES, ".ipynb", ".pdf")
RESOURCE_SUFFIXES = (".yaml", ".yml")
RESOURCE_FOLDER = "resources"
_SKIPPED_FOLDERS = {"node_modules", "__pycache__", "venv"}
_MAX_BYTES = 32 << 20
_MAX_PDF_BYTES = 128 << 20  # of which most is pictures
_NOT_NOTES = {"cmakelists.txt", "constraints.txt", "requirements.txt", "requirements-dev.txt", "robots.txt"}

__all__ = [
    "MARKDOWN_SUFFIXES",
    "NOTE_SUFFIXES",
    "RESOURCE_SUFFIXES",
    "ReadFile",
    "SourceFile",
    "decode",
    "list_files",
    "read_document",
    "read_source",
    "relative_path",
]


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
    return suffix in NOTE_SUFFIXES and path.name.lower() not in _NOT_NOTES


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
        limit = _MAX_PDF_BYTES if path.suffix.lower() == ".pdf" else _MAX_BYTES
        if status.st_size > limit:
            message = f"The file is larger than {limit >> 20} MB; split it."
            return Problem(name, None, "error", "too_large", message)
        return SourceFile(name, path.read_bytes())
    except OSError as fault:
        return _unreadable(path, root, fault, "file")


def _unreadable(path: Path, root: Path, fault: OSError, what: str) -> Problem:
    message = f"The {what} could not be read ({fault.strerror or fault}); check its permissions."
    return Problem(relative_path(path, root), None, "error", "unreadable", message)


def read_document(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A source file as a document with its lines, structure and front matter, and what was wrong with it."""
    return _reader(PurePosixPath(source.path).suffix.lower())(source)


def _reader(suffix: str) -> Reader:
    if suffix == ".mdx":
        return read_mdx
    if suffix in TEXT_SUFFIXES:
        return read_plain_text
    if suffix in MARKDOWN_SUFFIXES:
        return read_markdown
    if suffix in HTML_SUFFIXES:
        return read_html
    return {".ipynb": read_notebook, ".pdf": read_pdf}.get(suffix, _read_list)


def _read_list(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A YAML list of resources, whose structure is not that of a note."""
    decoded = decode(source)
    if isinstance(decoded, Problem):
        return None, [decoded]
    text, problems = decoded
    return read_file(source, humanise_stem(source.path), text.split("\n"), NO_STRUCTURE), problems
