"""Decides what the Markdown parser sees of syntax that CommonMark does not know, line for line.

A line that is only syntax (`import`, a JSX tag, the `:::` of an admonition) is blank to the parser, so that the text
around it is read as the Markdown that it is; what such a line says (a title, an attribute, an export) becomes a block
of its own, since no line of the file itself is lost. A footnote is a paragraph, not a link definition. Code is left
alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

_FENCE = re.compile(r"^[ >]*(?:[-*+]\s+|\d{1,9}[.)]\s+)?(`{3,}(?=[^`]*$)|~{3,})")
_FOOTNOTE = re.compile(r"^([ >]*)\[\^(?=[^\]\s]+\]:)")
_COMMENT = re.compile(r"(`+)(?!`)[^\n]*?(?<!`)\1(?!`)|%%[^%]*(?:%(?!%)[^%]*)*%%")
_NOT_LINE_END = re.compile(r"[^\n]")
_BAR_IN_LINK = re.compile(r"(\[\[[^\[\]|\\\n]*)\|(?=[^\[\]|\n]*\]\])")
_COLONS = re.compile(r"^\s*:{3,}")
_INDENTED_ADMONITION = re.compile(r"^(?:!!!|\?\?\?\+?)\s+\w")
_ESM = re.compile(r"^(?:import|export)\b(?=[\s{*\"'])")
_TAG_ONLY = re.compile(r"^\s*(?:</?>|</?[A-Za-z][\w.:-]*(?:[^<>\"'{}]|\"[^\"]*\"|'[^']*'|\{[^{}]*\})*/?>)\s*$")
_TAG_OPENING = re.compile(r"^\s*<[A-Z][\w.]*(?:\s[^<>]*)?$")
_TAG_CLOSING = re.compile(r"^[^<]*/?>\s*$")
_MDX_COMMENT = re.compile(r"^\s*\{/\*.*\*/\}\s*$")
_LONGEST_TAG = 40  # lines
SILENT = " "  # blank to the parser, and the sign that the line says nothing to a reader either
_SILENT = re.compile(
    r"^\s*(?::{3,}|[)\]}]*;?|/?>|import\b.*|\{/\*\s*\*/\}|</?>|</[A-Za-z][\w.:-]*\s*>|<[A-Za-z][^\"']*>)\s*$"
)


def prepare_markdown(lines: Sequence[str]) -> list[str]:
    """The lines as the parser is to see them: admonitions opened up, footnotes as paragraphs."""
    prepared, in_indented = [], False
    for line, is_code in zip(lines, _code_lines(lines), strict=True):
        if in_indented and line.strip():
            in_indented = line.startswith(("    ", "\t"))
        if is_code and not in_indented:
            prepared.append(line)
        elif _INDENTED_ADMONITION.match(line):
            in_indented = True
            prepared.append("")
        elif in_indented:
            prepared.append(line.removeprefix("\t") if line.startswith("\t") else line[4:])
        elif _COLONS.match(line):
            prepared.append("")
        else:
            prepared.append(_FOOTNOTE.sub(r"\1\\[^", line))
    return prepared


def hide_comments(lines: Sequence[str], prepared: Sequence[str]) -> list[str]:
    """The prepared lines with `%%` comments blank and with the bar of a link in a table's cell escaped."""
    is_code = _code_lines(lines)
    shown = [line if code else _escape_bars(line) for line, code in zip(prepared, is_code, strict=True)]
    if not any("%%" in line for line in shown):
        return shown
    text = "\n".join("\0" * len(line) if code else line for line, code in zip(shown, is_code, strict=True))
    hidden = _COMMENT.sub(_blank_comment, text).split("\n")
    return [line if code else new for line, new, code in zip(shown, hidden, is_code, strict=True)]


def _escape_bars(line: str) -> str:
    return _BAR_IN_LINK.sub(r"\1\\|", line) if "[[" in line and line.lstrip("> \t").startswith("|") else line


def _blank_comment(match: re.Match[str]) -> str:
    return match[0] if match[0][0] == "`" else _NOT_LINE_END.sub(" ", match[0])


def prepare_mdx(lines: Sequence[str]) -> list[str]:
    """As `prepare_markdown`, with imports, exports, comments and lines that hold only a JSX tag left blank."""
    is_code = _code_lines(lines)
    prepared = prepare_markdown(lines)
    number = 0
    while number < len(lines):
        end = number + 1
        if not is_code[number]:
            line, follows_blank = lines[number], number == 0 or not prepared[number - 1].strip()
            if _ESM.match(line) and follows_blank:
                end = _end_of_statement(lines, number)
                prepared[number:end] = [SILENT if line.startswith("import") else ""] * (end - number)
            elif _TAG_ONLY.match(line) or _MDX_COMMENT.match(line):
                prepared[number] = ""
            elif _TAG_OPENING.match(line) and (closing := _end_of_tag(lines, number)):
                end = closing
                prepared[number:end] = [""] * (end - number)
            elif prepared[number].startswith(("  ", "\t")):
                prepared[number] = _unindented(prepared, number)
        number = end
    return prepared


def _unindented(prepared: Sequence[str], number: int) -> str:
    """MDX has no indented code: text that is indented within a component is text, unless it belongs to a list."""
    previous = next((line for line in reversed(prepared[:number]) if line.strip()), "")
    in_list = re.match(r"^\s*(?:[-*+]|\d{1,9}[.)])\s", previous) or (previous.startswith(" ") and previous.strip())
    return prepared[number] if in_list else prepared[number].lstrip()


def _end_of_statement(lines: Sequence[str], start: int) -> int:
    """One past the last line of an import or export, which a blank line ends once its braces are closed."""
    depth = 0
    for number in range(start, len(lines)):
        depth += sum(lines[number].count(c) for c in "{[(") - sum(lines[number].count(c) for c in "}])")
        if not lines[number].strip() and depth <= 0:
            return number
    blank = (n for n in range(start, len(lines)) if not lines[n].strip())
    return next(blank, len(lines)) if depth > 0 else len(lines)


def _end_of_tag(lines: Sequence[str], start: int) -> int | None:
    """One past the last line of a JSX tag whose attributes stand on lines of their own."""
    for number in range(start + 1, min(len(lines), start + _LONGEST_TAG)):
        if not lines[number].strip():
            return None
        if _TAG_CLOSING.match(lines[number]):
            return number + 1
    return None


def _code_lines(lines: Sequence[str]) -> list[bool]:
    """For each line whether it is in a fenced code block, its fences included."""
    return list(_fenced(lines))


def _fenced(lines: Sequence[str]) -> Iterator[bool]:
    fence = ""
    for line in lines:
        match = _FENCE.match(line)
        if fence:
            yield True
            closes = match and match[1][0] == fence[0] and len(match[1]) >= len(fence)
            if closes and not line.strip(" >`~"):
                fence = ""
        else:
            fence = match[1] if match else ""
            yield bool(match)


def says_nothing(line: str) -> bool:
    """Whether a line that was kept from the parser holds no words for a reader, such as `:::` or `</Tabs>`."""
    return bool(_SILENT.match(line))


def open_fence(lines: Sequence[str]) -> bool:
    """Whether the last line leaves a fenced code block open."""
    return bool(lines) and _code_lines([*lines, ""])[-1]
