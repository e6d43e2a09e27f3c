"""Decides how the structure of a note is kept while the others are read: as compressed rows, unpacked when needed.

As objects, the blocks, links and items of ten thousand long notes take several times the memory of their texts.
"""

from __future__ import annotations

import json
import sys
import zlib
from dataclasses import dataclass

from ingest.markdown import Block, Link, ListItem, ParsedNote
from ingest.shelf import Shelf

LEVEL = 1  # of zlib: a third of the size at a tenth of the parser's time


@dataclass(frozen=True, slots=True)
class _Tree:
    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    items: tuple[ListItem, ...]

    def __len__(self) -> int:
        return len(self.blocks) + len(self.links) + len(self.items)


class PackedNote(ParsedNote):
    """A parsed note whose parts are made from rows when they are asked for."""

    __slots__ = ("_data", "_key", "_shelf")

    _data: bytes
    _key: tuple[str, str]
    _shelf: Shelf

    def __init__(self, path: str, data: bytes, shelf: Shelf) -> None:
        """Unpacks it once. Raises ValueError, TypeError, KeyError, IndexError or zlib.error for other bytes."""
        for name, value in (("_data", data), ("_key", ("tree", path)), ("_shelf", shelf)):
            object.__setattr__(self, name, value)
        self._tree()

    @property
    def blocks(self) -> tuple[Block, ...]:
        return self._tree().blocks

    @property
    def links(self) -> tuple[Link, ...]:
        return self._tree().links

    @property
    def items(self) -> tuple[ListItem, ...]:
        return self._tree().items

    def _tree(self) -> _Tree:
        return self._shelf.get(self._key, lambda: _unpack(self._data))


def pack_note(note: ParsedNote) -> bytes:
    """A note's structure as compressed rows. Raises UnicodeEncodeError for half a character."""
    headings: dict[tuple[str, ...], int] = {}

    def index(path: tuple[str, ...]) -> int:
        return headings.setdefault(path, len(headings))

    rows = {
        "blocks": [
            [b.kind, b.start_line, b.end_line, index(b.headings), b.start_column, b.end_column] for b in note.blocks
        ],
        "links": [[k.target, k.label, k.line, index(k.headings), k.is_wikilink] for k in note.links],
        "items": [[i.text, i.start_line, i.end_line, index(i.headings)] for i in note.items],
        "headings": [*headings],
    }
    return compress(rows)


def compress(rows: object) -> bytes:
    """Rows as compressed JSON. Raises UnicodeEncodeError for half a character, which JSON would join to its other."""
    return zlib.compress(json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode(), LEVEL)


def _unpack(data: bytes) -> _Tree:
    rows = json.loads(zlib.decompress(data))
    headings = [tuple(path) for path in rows["headings"]]
    return _Tree(
        tuple(Block(sys.intern(kind), a, b, headings[h], c, d) for kind, a, b, h, c, d in rows["blocks"]),
        tuple(Link(target, label, line, headings[h], wiki) for target, label, line, h, wiki in rows["links"]),
        tuple(ListItem(item, a, b, headings[h]) for item, a, b, h in rows["items"]),
    )
