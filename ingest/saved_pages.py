"""Decides where a fetched page is kept: in `saved_pages/` of the folder of notes, under a name made from its address.

So a page joins the notes, is read like any file, can be opened at its lines and is taken out by deleting it. Which file
came from where stands in `saved_pages/addresses.toml`, and in the `source` of the document's metadata.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit

from graph.errors import StorageError
from graph.schema import Problem
from ingest.source import ReadFile, SourceFile

if TYPE_CHECKING:
    from ingest.web import WebPage

PAGES_FOLDER = "saved_pages"
ADDRESSES_FILE = f"{PAGES_FOLDER}/addresses.toml"
SOURCE_KEY = "source"
_HEAD = "# Where the pages in this folder were fetched; a line a page.\n"
_ODD = re.compile(r"[^\w.~+-]+")
_LONGEST_NAME = 80  # characters; systems take 255 bytes


def is_web_address(text: str) -> bool:
    """Whether a text looks like an address, be it one that is fetched or not, rather than the path of a file."""
    return bool(re.match(r"[a-z][a-z0-9+.-]*://", text.strip(), re.IGNORECASE))


def why_closed(root: Path, shipped: Path) -> str | None:
    """Why nothing can be added to a folder, or None when files can be. `shipped` is the course's folder."""
    if not root.is_dir():
        return "Files can be added when what is ingested is a folder of this machine."
    if root.resolve().is_relative_to(shipped.resolve()):
        return "This is the course that ships with Prepgraph; ingest a folder of your own to add files to it."
    if not os.access(root, os.W_OK | os.X_OK):
        return "Files cannot be added, for this folder is not writable."
    return None


def page_path(address: str, suffix: str, taken: Mapping[str, str]) -> str:
    """Where the page of an address is kept, relative to the root. `taken` gives the address of each path in use."""
    parts = urlsplit(address)
    host = _clean((parts.netloc if parts.port else parts.hostname) or "") or "site"
    path = unquote(parts.path).strip("/")
    name = _clean(path[: -len(suffix)] if path.lower().endswith(suffix) else path) or "index"
    mark = hashlib.sha256(address.encode()).hexdigest()[:8]
    if parts.query or len(name) > _LONGEST_NAME:
        name = f"{name[:_LONGEST_NAME].rstrip('.-')}-{mark}"
    kept = f"{PAGES_FOLDER}/{host}/{name}{suffix}"
    if taken.get(kept, address) != address:
        kept = f"{PAGES_FOLDER}/{host}/{name}-{mark}{suffix}"
    return kept


def _clean(text: str) -> str:
    """A text as part of a file's name that every system takes, never hidden and never a way up."""
    return _ODD.sub("-", text).strip(".-~")


def save_page(page: WebPage, root: Path) -> str:
    """Keeps a page in a folder of notes, in the place of an older copy of itself; its path relative to the root.

    Raises StorageError when it cannot be written.
    """
    index = root / ADDRESSES_FILE
    try:
        addresses = _addresses(index.read_text(encoding="utf-8")) if index.is_file() else {}
        path = page_path(page.address, page.suffix, addresses)
        file = root / path
        if file.is_symlink() or not file.parent.resolve().is_relative_to(root.resolve()):
            raise StorageError(f"{file} leads out of the folder; take the link away, then ingest the address again.")
        file.parent.mkdir(parents=True, exist_ok=True)
        _write_whole(file, page.data)
        rows = sorted({**addresses, path: page.address}.items())
        lines = (f"{_toml_string(name)} = {_toml_string(address)}\n" for name, address in rows)
        _write_whole(index, (_HEAD + "".join(lines)).encode())
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise StorageError(f"{index} could not be read ({fault}); mend the TOML or delete the file.") from fault
    except OSError as fault:
        reason = fault.strerror or str(fault)
        raise StorageError(f"The page could not be saved in {root} ({reason}); check the folder.") from fault
    return path


def _write_whole(path: Path, data: bytes) -> None:
    """Writes a file so that it is there whole or as it was."""
    new = path.with_name(f".{path.name[:100]}.{os.getpid()}.new")
    try:
        new.write_bytes(data)
        new.replace(path)
    finally:
        new.unlink(missing_ok=True)


def _toml_string(text: str) -> str:
    return json.dumps(text, ensure_ascii=True).replace("\x7f", "\\u007f")


def _addresses(text: str) -> dict[str, str]:
    return {path: address for path, address in tomllib.loads(text).items() if isinstance(address, str)}


def name_sources(files: Iterable[ReadFile], index: SourceFile | None) -> tuple[list[ReadFile], list[Problem]]:
    """Files, those that were fetched with their address as the `source` of their metadata."""
    rows = list(files)
    if index is None:
        return rows, []
    try:
        addresses = _addresses(index.data.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        message = f"Where the pages come from could not be read ({fault}); mend the TOML or delete the file."
        return rows, [Problem(index.path, 1, "warning", "broken_addresses", message)]
    return [_with_source(row, addresses.get(row.document.path)) for row in rows], []


def _with_source(file: ReadFile, address: str | None) -> ReadFile:
    if address is None:
        return file
    metadata = {**file.document.metadata, SOURCE_KEY: address}
    return replace(file, document=replace(file.document, metadata=metadata))
