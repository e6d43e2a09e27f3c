"""Decides how wide a text is when printed, and where its lines break.

No font is at hand when the page is made, and another computer prints it in another one. The widths are those of DejaVu
Sans, the widest of the usual sans-serif fonts: what fits in it fits in Arial, Helvetica or Liberation Sans too.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import pairwise
from unicodedata import combining, east_asian_width

_FIRST = 32
# Advance widths of the characters from space to tilde, in thousandths of the font size.
_REGULAR = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
)  # fmt: skip
_BOLD = (
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365, 696, 696, 696, 696, 696, 696, 696,
    696, 696, 696, 400, 400, 838, 838, 838, 580, 1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995,
    837, 850, 733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500, 500, 675, 716, 593, 716,
    678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687, 716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712,
    365, 712, 838,
)  # fmt: skip
_NARROW = {"–": 500, "’": 380, "‘": 380, "·": 380, "“": 660, "”": 660}
_OTHER, _WIDE = 1060, 1060  # most are narrower; a few capitals of other alphabets are wider in bold
_PIECE = re.compile(r"[^\s/–—-]*[/–—-]+|[^\s/–—-]+|\s+")
_ELLIPSIS = "…"


@lru_cache(maxsize=8192)
def text_width(text: str, *, bold: bool = False) -> float:
    """The width of a text on one line, in font sizes."""
    table = _BOLD if bold else _REGULAR
    return sum(_character_width(character, table) for character in text) / 1000


def _character_width(character: str, table: tuple[int, ...]) -> int:
    index = ord(character) - _FIRST
    if 0 <= index < len(table):
        return table[index]
    if combining(character):
        return 0
    if character in _NARROW:
        return _NARROW[character]
    if 0xC0 <= ord(character) <= 0x24F:  # accented Latin letters are as wide as capitals at most
        return 800 if character.islower() else 880
    return _WIDE if east_asian_width(character) in "WF" else _OTHER


def wrap(text: str, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """As few lines as `break_lines` makes, of about equal length."""
    lines = break_lines(text, width, bold=bold)
    if len(lines) < 2:
        return lines
    low, high = width / 2, width
    for _ in range(6):  # the narrowest width that takes no line more
        middle = (low + high) / 2
        tried = break_lines(text, middle, bold=bold)
        if len(tried) == len(lines) and not breaks_words(text, tried):
            high, lines = middle, tried
        else:
            low = middle
    return lines


def wrap_within(text: str, width: float, most: int, *, bold: bool = False) -> tuple[str, ...]:
    """At most so many lines; a text that needs more ends in an ellipsis."""
    lines = wrap(text, width, bold=bold)
    if len(lines) <= most:
        return lines
    lines = break_lines(text, width, bold=bold)
    return (*lines[: most - 1], shorten(lines[most - 1] + _ELLIPSIS, width, bold=bold))


def shorten(text: str, width: float, *, bold: bool = False) -> str:
    """A text cut to a width, with an ellipsis in place of what is missing."""
    if text_width(text, bold=bold) <= width:
        return text
    kept = text.removesuffix(_ELLIPSIS)
    while kept and text_width(kept.rstrip() + _ELLIPSIS, bold=bold) > width:
        kept = kept[:-1]
    return kept.rstrip() + _ELLIPSIS


def breaks_words(text: str, lines: tuple[str, ...]) -> bool:
    """Whether a line ends within a word that has neither a space nor a hyphen there."""
    whole = " ".join(text.split())
    at = 0
    for line, _ in pairwise(lines):
        at = whole.index(line, at) + len(line)
        before, after = whole[at - 1], whole[at : at + 1]
        if after.isalnum() and before.isalnum() and not _is_wide(after):
            return True
    return False


def break_lines(text: str, width: float, *, bold: bool = False) -> tuple[str, ...]:
    """The lines of a text, each as full as it can be, none wider than `width` font sizes unless one character is."""
    lines: list[str] = []
    line = ""
    for piece in _pieces(" ".join(text.split()), width, bold):
        if line and text_width((line + piece).rstrip(), bold=bold) > width:
            lines.append(line.rstrip())
            line = piece.lstrip()
        else:
            line += piece
    return (*lines, line.rstrip()) if line.strip() else tuple(lines)


def _pieces(text: str, width: float, bold: bool) -> Iterator[str]:
    """What may not be broken; a word wider than a line, and scripts without spaces, letter by letter."""
    for match in _PIECE.finditer(text):
        piece = match[0]
        if text_width(piece, bold=bold) > width or any(_is_wide(c) for c in piece):
            yield from piece
        else:
            yield piece


def _is_wide(character: str) -> bool:
    return east_asian_width(character) in "WF"
