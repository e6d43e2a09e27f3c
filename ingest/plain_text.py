"""Decides what a reader, a model and a keyword index see of Markdown source: its words, without its marks."""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest.markdown import plain_wikilinks

_FENCE_LINE = re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE)
_CODE_SPAN = re.compile(r"(?<!\\)(`+)(?!`)(.+?)(?<!`)\1(?!`)")
_KEPT = re.compile("\ue000(\\d{1,6})\ue001")
# No rule looks beyond the next mark of its kind: a long line of marks that nothing closes must not take minutes.
# Each stands behind a mark without which it changes nothing: most texts have few of them.
_RULES: tuple[tuple[str, re.Pattern[str], str], ...] = (
    ("#", re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE), ""),
    (":::", re.compile(r"^\s*:{3,}[ \t]*\w*(?:\{[^{}\n]*\})?[ \t]*(?:\[([^\[\]\n]*)\])?", re.MULTILINE), r"\1"),
    ("", re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?", re.MULTILINE), ""),
    (">", re.compile(r"^\s*>\s?(?:\[!\w+\][+-]?)?", re.MULTILINE), ""),
    ("|", re.compile(r"^\s*\|?(?:\s*:?-+:?\s*\|)+\s*:?-*:?\s*$", re.MULTILINE), ""),
    ("|", re.compile(r"^\s*\||\|\s*$", re.MULTILINE), ""),
    ("](", re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    ("<", re.compile(r"<((?:https?|mailto):[^<>\s]+)>"), r"\1"),
    ("**", re.compile(r"(?<!\\)\*\*(?=\S)((?:[^*\n]|\*(?!\*))+?)(?<=\S)\*\*"), r"\1"),
    ("__", re.compile(r"(?<![\w\\])__(?=\S)((?:[^_\n]|_(?!_))+?)(?<=\S)__(?!\w)"), r"\1"),
    ("~~", re.compile(r"(?<!\\)~~(?=\S)((?:[^~\n]|~(?!~))+?)(?<=\S)~~"), r"\1"),
    ("*", re.compile(r"(?<![\w\\*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    ("_", re.compile(r"(?<![\w\\_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    ("\\", re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])"), r"\1"),
)
_SPACE = re.compile(r"\s+")


def plain_text(markdown: str, title_of: Callable[[str], str | None] | None = None) -> str:
    """Markdown source as its words on one line; what is no markup stays as it is, HTML included.

    `title_of` gives the title to show for a wikilink that has no words of its own.
    """
    code: list[str] = []  # taken out while the rules run, since `2**n` and `__init__` hold no marks

    def keep(match: re.Match[str]) -> str:
        code.append(match[2])
        return f"\ue000{len(code) - 1}\ue001"

    text = _CODE_SPAN.sub(keep, _FENCE_LINE.sub("", markdown)) if "`" in markdown or "~~~" in markdown else markdown
    text = plain_wikilinks(text, title_of) if "[[" in text else text
    for mark, pattern, replacement in _RULES:
        if mark in text:
            text = pattern.sub(replacement, text)
    if code:
        text = _KEPT.sub(lambda match: code[int(match[1])] if int(match[1]) < len(code) else match[0], text)
    return _SPACE.sub(" ", text).strip()


def passage_text(headings: tuple[str, ...], markdown: str) -> str:
    """What is embedded and indexed of a chunk: its heading path on one line, then its words."""
    path = " > ".join(headings)
    return f"{path}\n{plain_text(markdown)}" if path else plain_text(markdown)
