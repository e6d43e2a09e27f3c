"""Decides how HTML source becomes a tree in which every piece of text knows the line it stands on.

The standard library's parser tells the line of everything, which the faster ones do not. What it reads in quadratic
time or not at all (a comment, a declaration or a tag that nothing ends) is made harmless first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser

_VOID = frozenset(
    """
    area base br col embed hr img input link meta param source track wbr
    """.split()  # noqa: SIM905
)
_CLOSED_BY: dict[str, frozenset[str]] = {
    "li": frozenset({"li"}),
    "dt": frozenset({"dt", "dd"}),
    "dd": frozenset({"dt", "dd"}),
    "tr": frozenset({"tr", "td", "th"}),
    "td": frozenset({"td", "th"}),
    "th": frozenset({"td", "th"}),
    "option": frozenset({"option"}),
}
_SCOPES = frozenset({"ul", "ol", "dl", "table", "html", "body"})
BLOCKS = frozenset(
    """
    address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer
    form h1 h2 h3 h4 h5 h6 header hr html legend li main nav ol p pre section summary table tbody td tfoot th
    thead tr ul
    """.split()  # noqa: SIM905
)
_LINE_END_ENTITY = re.compile(r"&(?:#0*1[03]|#x0*[ad]|NewLine)(?:;|(?![0-9a-zA-Z]))", re.IGNORECASE)
_MARKED_SECTION = re.compile(r"<!(?=\[)|<\?")
_UNFINISHED_TAG = re.compile(r"<[a-zA-Z/!?]")
_MAX_DEPTH = 400


@dataclass(slots=True)
class Text:
    """Characters between two tags: the line that they begin on, entities resolved."""

    line: int
    content: str


@dataclass(slots=True)
class Element:
    """A tag with its attributes and what it holds."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Element | Text] = field(default_factory=list)
    line: int = 1

    def walk(self) -> Iterator[Element]:
        """This element and all below it, in reading order."""
        waiting = [self]
        while waiting:
            element = waiting.pop()
            yield element
            waiting.extend(child for child in reversed(element.children) if isinstance(child, Element))

    def texts(self) -> Iterator[Text]:
        """All text below, in reading order."""
        waiting: list[Element | Text] = [self]
        while waiting:
            node = waiting.pop()
            if isinstance(node, Text):
                yield node
            else:
                waiting.extend(reversed(node.children))

    def words(self) -> str:
        """All text below on one line."""
        return " ".join("".join(text.content for text in self.texts()).split())


def parse_html(source: str) -> Element:
    """The tree of an HTML source, however broken it is."""
    builder = _Builder()
    end = source.rfind(">") + 1
    builder.feed(_harmless(source[:end]))
    builder.close()
    tail = _UNFINISHED_TAG.split(source[end:], maxsplit=1)[0]
    builder.add_text(source.count("\n", 0, end) + 1, unescape(_LINE_END_ENTITY.sub(" ", tail)))
    return builder.root


def _harmless(source: str) -> str:
    """The source without what the parser chokes on; no line moves."""
    closed = source.rfind("-->") + 3 if "-->" in source else 0
    source = source[:closed] + source[closed:].replace("<!--", "<!x")
    return _MARKED_SECTION.sub("<!x", _LINE_END_ENTITY.sub(" ", source))


class _Builder(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("html")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._close_implied(tag)
        element = Element(tag, {name: value or "" for name, value in attrs}, line=self.getpos()[0])
        self._open[-1].children.append(element)
        if tag not in _VOID and len(self._open) < _MAX_DEPTH:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self._open[-1].tag == tag and tag in {"svg", "path", "math", "iframe"}:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag == tag:
                del self._open[depth:]
                return
            if self._open[depth].tag == "table" and tag not in BLOCKS:
                return

    def handle_data(self, data: str) -> None:
        self.add_text(self.getpos()[0], data)

    def add_text(self, line: int, content: str) -> None:
        """Text at the end of what is open."""
        self._open[-1].children.append(Text(line, content))

    def _close_implied(self, tag: str) -> None:
        """A block ends the paragraph before it, an item the item before it."""
        if tag in BLOCKS and any(element.tag == "p" for element in self._open[-6:]):
            self.handle_endtag("p")
        closes = _CLOSED_BY.get(tag, frozenset())
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth].tag in closes:
                del self._open[depth:]
                if tag != "tr":
                    return
            elif self._open[depth].tag in _SCOPES:
                return
