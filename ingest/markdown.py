"""Decides how a note's Markdown falls into blocks, headings and links, each with its lines.

One real parser (markdown-it) reads the structure; wikilinks, which it does not know, are found in its inline text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from urllib.parse import unquote

from markdown_it import MarkdownIt
from markdown_it.token import Token

_CODE_SPAN = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)", re.DOTALL)
_WIKILINK = re.compile(r"(?<!\\)(!?)\[\[((?:[^\[\]\n]|\[[^\[\]\n]*\])+?)\]\]")
_ANCHOR = re.compile(r"#(?=[^#\s])|\^[\w-]+$")
_LONGEST_LINE, _DATA_SHOWN = 50_000, 1000  # characters
_HIDING = re.compile(r"`+|<!--|\$\$|\$(?=[^\s$])[^$\n]*(?<=[^\s$])\$(?!\d)")
_NOT_LINE_END = re.compile(r"[^\n]")
_LIST_ITEM_MARK = re.compile(r"^\s*(?:[-*+]|\d+[.)])\s+(?:\[[ xX]\]\s+)?")


@dataclass(frozen=True, slots=True)
class Block:
    """A top-level piece of a note: 1-based first and last line, its heading path and what it is.

    The columns, from 0, matter where several blocks share a line, as in HTML; None is the end of the last line.
    """

    kind: str
    start_line: int
    end_line: int
    headings: tuple[str, ...]
    start_column: int = 0
    end_column: int | None = None


@dataclass(frozen=True, slots=True)
class Link:
    """A link to a note or an address: its raw target, the words it shows, its line and its heading path."""

    target: str
    label: str
    line: int
    headings: tuple[str, ...]
    is_wikilink: bool


@dataclass(frozen=True, slots=True)
class ListItem:
    """An item of a list: its text without the bullet, as it stands in the file, and its lines."""

    text: str
    start_line: int
    end_line: int
    headings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ParsedNote:
    """What the rest of ingestion needs to know of a note's Markdown."""

    blocks: tuple[Block, ...]
    links: tuple[Link, ...]
    items: tuple[ListItem, ...]


@cache
def _parser() -> MarkdownIt:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"])


def parse_note(lines: Sequence[str], body_line: int, prepared: Sequence[str] | None = None) -> ParsedNote:
    """Blocks, links and list items of a note whose body begins on 1-based `body_line`.

    `prepared` is what the parser reads in place of the lines, one for one; a block's text stays that of the file.
    """
    shown = (lines if prepared is None else prepared)[body_line - 1 :]
    # The text of a line that is data is kept like any other; the parser, slow on long runs of marks, sees its start.
    tokens = _parser().parse("\n".join(x if len(x) <= _LONGEST_LINE else x[:_DATA_SHOWN] for x in shown))
    blocks = _with_stray_lines(list(_blocks(tokens, body_line)), lines, body_line)
    headings = _HeadingIndex(blocks)
    links = tuple(link for token in tokens if token.type == "inline" for link in _links(token, body_line, headings))
    return ParsedNote(tuple(blocks), links, tuple(_items(tokens, lines, body_line, headings)))


class _HeadingIndex:
    """Which heading path each line stands under."""

    def __init__(self, blocks: Sequence[Block]) -> None:
        self._by_line = {line: b.headings for b in blocks for line in range(b.start_line, b.end_line + 1)}

    def at(self, line: int) -> tuple[str, ...]:
        return self._by_line.get(line, ())


def _blocks(tokens: Sequence[Token], offset: int) -> Iterator[Block]:
    path: list[tuple[int, str]] = []
    for index, token in enumerate(tokens):
        if token.level != 0 or token.map is None or token.nesting < 0:
            continue
        start, end = token.map[0] + offset, token.map[1] + offset - 1
        if token.type == "heading_open":
            level = int(token.tag[1])
            path = [entry for entry in path if entry[0] < level]
            path.append((level, inline_text(tokens[index + 1])))
            yield Block("heading", start, end, tuple(text for _, text in path))
        else:
            kind = token.type.removesuffix("_open")
            yield Block(kind, start, max(start, end), tuple(text for _, text in path))


def _with_stray_lines(blocks: list[Block], lines: Sequence[str], body_line: int) -> list[Block]:
    """Adds the lines that the parser keeps no token for, such as link definitions, so that no text is lost."""
    covered = {line for block in blocks for line in range(block.start_line, block.end_line + 1)}
    headings: tuple[str, ...] = ()
    by_start = {block.start_line: block for block in blocks}
    complete = []
    for number in range(body_line, len(lines) + 1):
        if number in by_start:
            headings = by_start[number].headings
            complete.append(by_start[number])
        elif number not in covered and lines[number - 1].strip():
            complete.append(Block("stray", number, number, headings))
    return complete


def inline_text(token: Token) -> str:
    """The words of an inline token as a reader sees them, on one line."""
    parts = []
    for child in token.children or ():
        if child.type in {"text", "code_inline", "html_inline"}:  # in "Vec<T>" the last part looks like a tag
            parts.append(child.content)
        elif child.type in {"softbreak", "hardbreak"}:
            parts.append(" ")
        elif child.type == "image":
            parts.append(child.content)
    return plain_wikilinks("".join(parts)).strip()


def plain_wikilinks(text: str, title_of: Callable[[str], str | None] | None = None) -> str:
    """A text in which each wikilink stands as the words that it shows; `title_of` names bare targets."""

    def words(match: re.Match[str]) -> str:
        target, label = split_wikilink(match[2])
        bare = "|" not in match[2]
        return (title_of(target) if bare and title_of else None) or label

    return _WIKILINK.sub(words, text)


def split_wikilink(inner: str) -> tuple[str, str]:
    """The target (without heading or block) and the words shown of what stands between double brackets."""
    target, _, alias = inner.replace("\\|", "|").partition("|")
    page = cut_anchor(target)
    place = target[len(page) :].strip() if target.startswith(page) else ""
    return page, alias.strip() or f"{page}{place.replace('#', ' > ')}".strip(" >")


def cut_anchor(target: str) -> str:
    """A target without the heading or block at its end: "C#" and "C# basics" are names, "C##Types" is in "C#"."""
    match = _ANCHOR.search(target)
    return (target[: match.start()] if match else target).strip()


def wikilinks(text: str) -> Iterator[tuple[int, str, str]]:
    """Where each wikilink of a text begins, its page and the words that it shows; code, comments and math hold none."""
    masked = without_hidden(text)
    for match in _WIKILINK.finditer(masked):
        page, label = split_wikilink(match[2])
        if page:
            yield match.start(), page, label


def without_hidden(text: str) -> str:
    """A text of the same length in which code spans, comments and formulas are blank."""
    parts, at = [], 0
    unclosed: set[str] = set()  # what is not closed from here on is not looked for again
    while match := _HIDING.search(text, at):
        end = match.end()
        if match[0] in {"<!--", "$$"} and match[0] not in unclosed:
            found = text.find("-->" if match[0] == "<!--" else "$$", end)
            unclosed |= {match[0]} if found < 0 else set()
            end = found + len("-->") if found >= 0 else end
        elif match[0][0] == "`" and (span := _CODE_SPAN.match(text, match.start())):
            end = span.end()
        is_hidden = end > match.end() or (match[0][0] == "$" and len(match[0]) > len("$$"))
        parts.append(text[at : match.start()])
        parts.append(_NOT_LINE_END.sub(" ", text[match.start() : end]) if is_hidden else match[0])
        at = end
    return "".join([*parts, text[at:]])


def _links(token: Token, offset: int, headings: _HeadingIndex) -> Iterator[Link]:
    first_line = (token.map[0] if token.map else 0) + offset
    line, counted = first_line, 0
    for start, page, label in wikilinks(token.content) if "[[" in token.content else ():
        line, counted = line + token.content.count("\n", counted, start), start
        yield Link(page, label, line, headings.at(line), is_wikilink=True)
    line = first_line
    children = token.children or []
    code_spans = _CODE_SPAN.finditer(token.content)  # the parser shows their line ends as spaces
    for index, child in enumerate(children):
        if child.type in {"softbreak", "hardbreak"}:
            line += 1
        elif child.type == "code_inline":
            line += next((match[0].count("\n") for match in code_spans), 0)
        elif child.type == "html_inline":
            line += child.content.count("\n")
        elif child.type == "link_open":
            target, label = unquote(str(child.attrGet("href") or "")), _label(children, index + 1)
            yield Link(target, label, line, headings.at(line), is_wikilink=False)


def _label(children: Sequence[Token], start: int) -> str:
    end = next((index for index in range(start, len(children)) if children[index].type == "link_close"), len(children))
    return "".join(child.content for child in children[start:end])


def _items(tokens: Sequence[Token], lines: Sequence[str], offset: int, headings: _HeadingIndex) -> Iterator[ListItem]:
    for index, token in enumerate(tokens):
        if token.type != "list_item_open" or token.map is None:
            continue
        paragraph = next((t for t in tokens[index + 1 : index + 3] if t.type == "inline"), None)
        if paragraph is None or paragraph.map is None:
            continue
        start, end = paragraph.map[0] + offset, paragraph.map[1] + offset - 1
        text = "\n".join(lines[start - 1 : end])
        yield ListItem(_LIST_ITEM_MARK.sub("", text).rstrip(), start, end, headings.at(start))
