"""Decides what of an HTML page is read, and how it leads back to the file.

The document's text is the page's own words laid out on the lines where they stand in the file: line 40 of the
document holds the text of line 40 of the file, without tags, entities resolved, and lines of navigation, scripts and
the like are blank. So lines are those of the file. A quote is an exact substring of the document, and of the file too
where its sentence holds no tag or entity; with tags taken out and entities resolved, always (a table row's cells, which
are parted by a bar, aside). Where several blocks share a line, as in a page without line breaks, their columns part
them. No Markdown marks are added: they would stand in no file.

Boilerplate goes by plain rules (elements, roles, and the class names that page builders agree on). Libraries for this
return text without its place, and a citation that cannot be looked up is worth less than a menu too many.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from graph.schema import Problem
from ingest.html_tree import BLOCKS, Element, Text, parse_html
from ingest.markdown import Block, Link, ListItem, ParsedNote
from ingest.source import ReadFile, SourceFile, decode, humanise_stem, read_file

_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w-]{3,20})", re.IGNORECASE)
_KNOWN_CHARSET = re.compile(r"(?:iso-?8859|windows-|cp\d|shift_jis|euc-|gb|big5|koi8)", re.IGNORECASE)
_DROPPED = frozenset(
    """
    script style noscript template svg canvas iframe object embed button select textarea audio video datalist map
    annotation nav
    """.split()  # noqa: SIM905
)
_PAGE_FURNITURE = frozenset({"header", "footer", "aside"})
_FURNITURE_ROLES = frozenset({"navigation", "banner", "contentinfo", "search", "menu", "menubar", "complementary"})
_FURNITURE_NAMES = re.compile(
    r"(?:^|[\s_-])(?:nav|navbar|navigation|sidebar|menu|breadcrumbs?|toc|table-of-contents|footer|cookies?|cookie-banner"
    r"|banner|adverts?|ads|share|social|pagination|pager|newsletter|subscribe|skip-link|headerlink|anchor-link"
    r"|related-posts|comments|mw-editsection|navbox|noprint)(?:$|[\s_-])",
    re.IGNORECASE,
)
_MAIN_NAMES = re.compile(
    r"(?:^|\s)(?:content|main|main-content|mw-content-text|post-content|entry-content|article-body|markdown-body)(?:$|\s)",
    re.IGNORECASE,
)
_MAIN_SHARE = 0.4
_LARGE_SHARE = 0.5
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WHOLE = {"ul": "bullet_list", "ol": "ordered_list", "table": "table", "blockquote": "blockquote", "pre": "fence"}
_NOT_IN_A_TABLE = frozenset({"table", "p", "ul", "ol", "pre", "div"})


def read_html(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """An HTML page: its main text, headings, links and list items, each at the lines of the file."""
    decoded = _decode(source)
    if isinstance(decoded, Problem):
        return None, [decoded]
    text, problems = decoded
    root = parse_html(text)
    main = _main_element(root)
    page = _Layout(text.count("\n") + 1, _own_host(root))
    page.lay_out(main)
    parsed = ParsedNote(tuple(page.blocks), tuple(page.links), tuple(page.items))
    return read_file(source, _title(root, main, source.path), page.text_lines(), parsed), problems


def _decode(source: SourceFile) -> tuple[str, list[Problem]] | Problem:
    match = _CHARSET.search(source.data[:4096])
    name = match[1].decode() if match else ""
    if name and _KNOWN_CHARSET.match(name) and b"\0" not in source.data:
        try:
            return source.data.decode(name).replace("\r\n", "\n").replace("\r", "\n"), []
        except (LookupError, UnicodeDecodeError):
            pass
    return decode(source)


def _title(root: Element, main: Element, path: str) -> str:
    first = next((e.words() for e in main.walk() if e.tag == "h1" and e.words()), "")
    named = next((e.words() for e in root.walk() if e.tag == "title" and e.words()), "")
    shown = next((e.words() for e in root.walk() if e.tag == "h1" and e.words() and named.startswith(e.words())), "")
    return first.rstrip("¶# ") or shown or named or humanise_stem(path)


def _own_host(root: Element) -> str:
    """The host that the page says it is from: links to it are the site's own furniture."""
    for element in root.walk():
        is_canonical = element.tag == "link" and element.attributes.get("rel", "").lower() == "canonical"
        if is_canonical or element.tag == "base":
            return _host(element.attributes.get("href", ""))
    return ""


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _size(element: Element) -> int:
    return sum(len(text.content.split()) for text in element.texts())


def _main_element(root: Element) -> Element:
    """What a reader came for, with the furniture taken out: a marked main part, if it holds enough of the text."""
    _prune(root)
    total = _size(root) or 1
    for is_main in (_is_marked_main, _is_named_main):
        found = [element for element in root.walk() if is_main(element)]
        best = max(found, key=_size, default=None)
        if best is not None and _size(best) >= _MAIN_SHARE * total:
            return best
    return root


def _is_marked_main(element: Element) -> bool:
    return element.tag in {"main", "article"} or element.attributes.get("role") == "main"


def _is_named_main(element: Element) -> bool:
    names = f"{element.attributes.get('id', '')} {element.attributes.get('class', '')}"
    return element.tag in {"div", "section", "td"} and bool(_MAIN_NAMES.search(names))


def _prune(root: Element) -> None:
    """Takes furniture out of the tree, but for the title of the page, which `_title` still needs."""
    total = sum(_size(e) for e in root.walk() if e.tag == "body") or _size(root)
    waiting: list[tuple[Element, bool]] = [(root, False)]
    while waiting:
        element, in_main = waiting.pop()
        in_main = in_main or _is_marked_main(element)
        element.children = [c for c in element.children if isinstance(c, Text) or not _is_furniture(c, in_main, total)]
        waiting += [(child, in_main) for child in element.children if isinstance(child, Element)]


def _is_furniture(element: Element, in_main: bool, total: int) -> bool:
    if element.tag == "head":
        element.children = [
            c for c in element.children if isinstance(c, Element) and c.tag in {"title", "link", "base"}
        ]
        return False
    attributes = element.attributes
    if element.tag in _DROPPED or "hidden" in attributes or attributes.get("aria-hidden") == "true":
        return True
    if "display:none" in attributes.get("style", "").replace(" ", ""):
        return True
    if element.tag in {"html", "body", "main", "article"} or element.tag in _HEADINGS:
        return False
    is_named = _FURNITURE_NAMES.search(f"{attributes.get('id', '')} {attributes.get('class', '')}")
    is_placed = not in_main and (
        element.tag in _PAGE_FURNITURE or attributes.get("role", "").lower() in _FURNITURE_ROLES
    )
    if not is_named and not is_placed:
        return False
    return _size(element) < _LARGE_SHARE * total and not (is_placed and not is_named and _holds_title(element))


def _holds_title(element: Element) -> bool:
    return any(e.tag == "h1" for e in element.walk())


@dataclass(slots=True)
class _Place:
    line: int
    column: int


@dataclass(slots=True)
class _Layout:
    """Lays text on its lines, and notes where blocks, links and items begin and end."""

    line_count: int
    own_host: str
    blocks: list[Block] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    items: list[ListItem] = field(default_factory=list)
    _lines: dict[int, str] = field(default_factory=dict)
    _path: list[tuple[int, str]] = field(default_factory=list)
    _run: list[Element | Text] = field(default_factory=list)

    def text_lines(self) -> list[str]:
        """The document's lines: as many as the file has."""
        return [self._lines.get(number, "") for number in range(1, self.line_count + 1)]

    def lay_out(self, element: Element) -> None:
        """Goes through an element that holds blocks: what stands between them is a paragraph."""
        for child in element.children:
            if isinstance(child, Element) and child.tag == "head":
                continue
            if isinstance(child, Text) or not _holds_blocks(child):
                self._run.append(child)
                continue
            self._end_run()
            if child.tag in _HEADINGS:
                self._heading(child)
            elif child.tag in _WHOLE and _is_whole(child):
                self._write_block(_WHOLE[child.tag], [child])
            else:
                self.lay_out(child)
            self._end_run()
        if element.tag in BLOCKS:
            self._end_run()

    def _end_run(self) -> None:
        run, self._run = self._run, []
        if run:
            self._write_block("paragraph", run)

    def _headings(self) -> tuple[str, ...]:
        return tuple(text for _, text in self._path)

    def _heading(self, element: Element) -> None:
        words = element.words().rstrip("¶# ")
        if words:
            level = int(element.tag[1])
            self._path = [entry for entry in self._path if entry[0] < level]
            self._path.append((level, words))
            self._write_block("heading", [element])

    def _write_block(self, kind: str, nodes: list[Element | Text]) -> None:
        if not any(text.content.strip() for node in nodes for text in _texts(node)):
            return
        writer = _Writer(self._lines, keeps_space=kind == "fence")
        for node in nodes:
            self._write(node, writer)
        if writer.start is None or writer.end is None:
            return
        start, end = writer.start, writer.end
        self.blocks.append(Block(kind, start.line, end.line, self._headings(), start.column, end.column))

    def _write(self, node: Element | Text, writer: _Writer) -> None:
        if isinstance(node, Text):
            writer.write(node)
            return
        if node.tag == "br":
            writer.part(" ")
            return
        if node.tag in BLOCKS:
            writer.part(" | " if node.tag in {"td", "th"} else " ")
        before = writer.end
        for child in node.children:
            self._write(child, writer)
        if node.tag in BLOCKS:
            writer.part(" ")
        if writer.end is not before and writer.end is not None:
            self._note(node, before, writer)

    def _note(self, node: Element, before: _Place | None, writer: _Writer) -> None:
        """Keeps a link or a list item that was just written."""
        end = writer.end
        if end is None:
            return
        start = writer.start if before is None else _next_place(self._lines, before, end.line)
        if start is None:
            return
        if node.tag == "a" and (target := self._target(node)):
            self.links.append(Link(target, node.words(), start.line, self._headings(), is_wikilink=False))
        if node.tag == "li":
            text = _between(self._lines, start, end)
            self.items.append(ListItem(text, start.line, end.line, self._headings()))

    def _target(self, link: Element) -> str:
        """The target of a link that leads out of the page and, if it is known, out of its site, or to another file."""
        target = link.attributes.get("href", "").strip()
        if target.lower().startswith(("http://", "https://")):
            return "" if self.own_host and _host(target) == self.own_host else target
        is_file = re.search(r"\.(?:html?|md|mdx|txt|pdf|ipynb)(?:#|$)", target, re.IGNORECASE)
        return unquote(target) if is_file and not re.match(r"/|[a-zA-Z][\w+.-]*:", target) else ""


def _next_place(lines: dict[int, str], after: _Place, last_line: int) -> _Place | None:
    """The first character that was written after a place."""
    for line in range(after.line, last_line + 1):
        column = after.column if line == after.line else 0
        rest = lines.get(line, "")[column:]
        if rest.strip(" |"):
            return _Place(line, column + len(rest) - len(rest.lstrip(" |")))
    return None


def _between(lines: dict[int, str], start: _Place, end: _Place) -> str:
    if start.line == end.line:
        return lines[start.line][start.column : end.column]
    inner = [lines.get(number, "") for number in range(start.line + 1, end.line)]
    return "\n".join([lines[start.line][start.column :], *inner, lines[end.line][: end.column]])


class _Writer:
    """Writes the text of one block on the lines where it stands, white space as one space."""

    def __init__(self, lines: dict[int, str], keeps_space: bool) -> None:
        self._lines = lines
        self._keeps_space = keeps_space
        self._parting = " "
        self.start: _Place | None = None
        self.end: _Place | None = None

    def part(self, mark: str) -> None:
        """Sees to it that what comes next is parted from what stands before it on its line."""
        if self.end is not None and len(mark) > len(self._parting):
            self._parting = mark

    def write(self, text: Text) -> None:
        """Puts a text on its lines."""
        for offset, piece in enumerate(text.content.split("\n")):
            if offset:
                self.part(" ")
            self._write_line(text.line + offset, piece)

    def _write_line(self, number: int, piece: str) -> None:
        if not piece.strip():
            if piece:
                self.part(" ")
            return
        before = self._lines.get(number, "")
        if self._keeps_space and not before:
            words, column = piece.rstrip(), 0
        else:
            gap = self._parting or (" " if piece[0].isspace() else "")
            words = " ".join(piece.split())
            column = len(before) + len(gap) if before else 0
            before += gap if before else ""
        self._lines[number] = before + words
        self.start = self.start or _Place(number, column)
        self.end = _Place(number, len(self._lines[number]))
        self._parting = " " if piece[-1].isspace() else ""


def _texts(node: Element | Text) -> list[Text]:
    return [node] if isinstance(node, Text) else list(node.texts())


def _holds_blocks(element: Element) -> bool:
    return element.tag in BLOCKS or any(e.tag in BLOCKS for e in element.walk())


def _is_whole(element: Element) -> bool:
    """Whether a list, table or quotation is one block: not when it lays out a page with headings and paragraphs."""
    inner = {e.tag for e in element.walk() if e is not element}
    return not inner & _HEADINGS and not (element.tag == "table" and inner & _NOT_IN_A_TABLE)
