"""Decides which note, address or attachment a link in a note means.

A wikilink is resolved as Obsidian does it: the exact path in the vault wins, then a note in the linking note's own
folder, then the shortest path that ends with the target. A Markdown link is relative to its note first.
"""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from unicodedata import normalize
from urllib.parse import unquote, urlsplit

from graph.names import ConceptNames
from ingest.concepts import Note
from ingest.markdown import Link, cut_anchor
from ingest.read import MARKDOWN_SUFFIXES, NOTE_SUFFIXES

_SCHEME = re.compile(r"^[a-zA-Z][a-zA-Z0-9+.\-]*:")
_FILE_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}$")
_INDEX_STEMS = {"readme", "index"}
_ATTACHMENT = re.compile(
    r"\.(?:png|jpe?g|gif|svg|webp|bmp|tiff?|avif|heic|ico|mp[34]|m4[av]|wav|ogg|oga|ogv|opus|flac|3gp|webm|mov|mkv|avi"
    r"|docx?|xlsx?|pptx?|od[tsp]|epub|djvu|csv|tsv|json|ya?ml|toml|xml|zip|gz|tar|7z|rar|canvas|base|excalidraw"
    r"|drawio|bib|tex|ttf|woff2?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a link leads: a concept, if what is there has one, and whether a file stands where the link says."""

    concept_id: str | None
    is_there: bool


class LinkResolver:
    """Resolves link targets to concept ids: by path, then by file name, then by any name of a concept.

    `concepts` holds the ids that exist (all notes' if it is left out); `files` names what is there besides the notes.
    """

    def __init__(
        self,
        notes: Iterable[Note],
        names: ConceptNames,
        concepts: Container[str] | None = None,
        files: Iterable[str] = (),
    ) -> None:
        self._names = names
        self._found: dict[tuple[str, str, bool], Destination | None] = {}
        ids = {note.path: note.concept_id for note in notes}
        self._ids = {path: i for path, i in ids.items() if concepts is None or i in concepts}
        self._with_note = frozenset(self._ids.values())
        self._exact: dict[str, str] = {}
        self._endings: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
        for path in sorted({*ids, *files}, key=_preference):
            for form in _forms(path):
                self._exact.setdefault(form, path)
                self._endings[posixpath.basename(form)].append((form, path))

    def resolve(self, target: str, from_path: str) -> str | None:
        """The concept id that a wikilink's or a relative link's target names, or None."""
        found = self.find(target, from_path, is_wikilink=False)
        return found.concept_id if found else None

    def find(self, target: str, from_path: str, *, is_wikilink: bool) -> Destination | None:
        """Where a target leads, or None when nothing has that path or name."""
        key = (target, posixpath.dirname(from_path), is_wikilink)
        if key not in self._found:
            self._found[key] = self._find(target, from_path, is_wikilink)
        return self._found[key]

    def _find(self, target: str, from_path: str, is_wikilink: bool) -> Destination | None:
        pages = list(_pages(target))
        for page in pages:
            if path := self._path(_folded(page), _folded(posixpath.dirname(from_path)), is_wikilink):
                return Destination(self._ids.get(path), is_there=True)
        for page in pages:
            if concept_id := self._named(page):
                return Destination(concept_id, concept_id in self._with_note)
        for page in pages:  # the note may have moved: what it is called is still known
            name = posixpath.basename(page.rstrip("/"))
            path = next((path for _, path in self._endings.get(_folded(name), ())), None)
            if concept_id := (self._ids.get(path) if path else None) or self._named(_without_suffix(name)):
                return Destination(concept_id, is_there=False)
        return None

    def _path(self, page: str, folder: str, is_wikilink: bool) -> str | None:
        near = posixpath.normpath(posixpath.join(folder, page)) if page else ""
        if page.startswith(("./", "../")):
            return self._exact.get(near)
        if page.startswith("/"):
            return self._exact.get(posixpath.normpath(page.lstrip("/")))
        page = page.rstrip("/")
        for candidate in (page, near) if is_wikilink else (near, page):
            if path := self._exact.get(candidate):
                return path
        if not is_wikilink and "/" in page:
            return None
        endings = self._endings.get(posixpath.basename(page), ())
        return next((path for form, path in endings if form == page or form.endswith(f"/{page}")), None)

    def _named(self, page: str) -> str | None:
        bare = _without_suffix(page)
        forms = dict.fromkeys((bare, normalize("NFC", bare), normalize("NFD", bare)))
        return next((found for form in forms if (found := self._names.resolve(form))), None)


def _pages(target: str) -> Iterator[str]:
    """What a target may name: itself ("C#"), itself without escapes, and these without the heading at their end."""
    whole = dict.fromkeys((target.strip(), unquote(target).strip()))
    cut = [text for page in whole for text in (cut_anchor(page), page.partition("#")[0].strip())]
    return iter(dict.fromkeys(page for page in (*whole, *cut) if page))


def _preference(path: str) -> tuple[bool, int, str]:
    """A Markdown note before a file of its name, then the shortest path."""
    return not path.lower().endswith(MARKDOWN_SUFFIXES), len(path), path


def _forms(path: str) -> Iterator[str]:
    """What a link may write for a file: its path with and without the suffix, an index file's folder."""
    folded = _folded(path)
    yield folded
    if folded.endswith(NOTE_SUFFIXES):
        yield folded.removesuffix(PurePosixPath(folded).suffix)
    if PurePosixPath(folded).stem in _INDEX_STEMS and "/" in folded:
        yield posixpath.dirname(folded)


def _folded(path: str) -> str:
    """A path without the differences between file systems: case, and composed or decomposed letters."""
    return normalize("NFC", path).casefold()


def _without_suffix(page: str) -> str:
    return page[: -len(PurePosixPath(page).suffix)] if page.lower().endswith(NOTE_SUFFIXES) else page


def is_address(target: str) -> bool:
    """Whether a link leads to the web."""
    return target.lower().startswith(("http://", "https://"))


def leads_out(link: Link) -> bool:
    """Whether a link leads to the web, to another program, or to a place in its own note."""
    target = link.target.partition("#")[0]
    return not target or (not link.is_wikilink and bool(_SCHEME.match(target) or target.startswith("//")))


def is_note_link(link: Link) -> bool:
    """Whether a link should lead to a note: no address, no anchor in the same page, no attachment."""
    target = link.target.partition("#")[0].strip()
    if leads_out(link):
        return False
    if target.lower().endswith(NOTE_SUFFIXES):
        return True
    if link.is_wikilink:
        return not _ATTACHMENT.search(target)
    # "[x](v1.2)" names a note, "[x](figure.png)" an attachment.
    is_file = _FILE_SUFFIX.search(target) and not target.rsplit(".", 1)[-1].isdigit()
    return not is_file and not target.endswith("/")


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
