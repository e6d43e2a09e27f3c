"""Decides which note, address or attachment a link in a note means."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable
from pathlib import PurePosixPath
from urllib.parse import unquote, urlsplit

from graph.names import ConceptNames
from ingest.concepts import Note
from ingest.markdown import Link
from ingest.read import NOTE_SUFFIXES

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]*:")
_FILE_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")


class LinkResolver:
    """Resolves link targets to concept ids: by path, then by file name, then by any name of a concept."""

    def __init__(self, notes: Iterable[Note], names: ConceptNames) -> None:
        self._names = names
        self._by_path: dict[str, str] = {}
        by_stem: defaultdict[str, list[str]] = defaultdict(list)
        for note in notes:
            path = PurePosixPath(note.path)
            self._by_path[path.with_suffix("").as_posix().casefold()] = note.concept_id
            by_stem[path.stem.casefold()].append(note.concept_id)
        self._by_stem = {stem: ids[0] for stem, ids in by_stem.items() if len(ids) == 1}

    def resolve(self, target: str, from_path: str) -> str | None:
        """The concept id that a wikilink's or a relative link's target names, or None."""
        page = _without_suffix(unquote(target).partition("#")[0].strip())
        folder = posixpath.dirname(from_path)
        for candidate in (posixpath.normpath(posixpath.join(folder, page)), page.lstrip("/")):
            if found := self._by_path.get(candidate.casefold()):
                return found
        stem = posixpath.basename(page)
        return self._by_stem.get(stem.casefold()) or self._names.resolve(page) or self._names.resolve(stem)


def _without_suffix(page: str) -> str:
    return page[: -len(PurePosixPath(page).suffix)] if page.lower().endswith(NOTE_SUFFIXES) else page


def is_address(target: str) -> bool:
    """Whether a link leads to the web."""
    return target.lower().startswith(("http://", "https://"))


def is_note_link(link: Link) -> bool:
    """Whether a link should lead to a note: no address, no anchor in the same page, no attachment."""
    target = link.target.partition("#")[0]
    if not target or (not link.is_wikilink and (_SCHEME.match(target) or target.startswith("//"))):
        return False
    if target.lower().endswith(NOTE_SUFFIXES):
        return True
    if link.is_wikilink:
        # "[[GPT-3.5]]" names a note, "[[figure.png]]" an attachment.
        return not (_FILE_SUFFIX.search(target) and not target.rsplit(".", 1)[-1].isdigit())
    return not _FILE_SUFFIX.search(target) and not target.endswith("/")


def address_problem(url: str) -> tuple[str, str] | None:
    """What is wrong with a web address, as a problem's code and message, without asking the network."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return "malformed_address", f"The address {url!r} is malformed; correct it."
    if "." not in host or re.search(r"\s", url) or parts.scheme not in {"http", "https"}:
        return "malformed_address", f"The address {url!r} is malformed; correct it."
    if parts.path in {"", "/"} and not parts.query and not parts.fragment:
        return "bare_address", f"The address {url!r} is a bare domain; link the page that is meant."
    return None
