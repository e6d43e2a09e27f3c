"""Decides what a reader, a model and a keyword index see of Markdown source: its words, without its marks."""

from __future__ import annotations

import re
from collections.abc import Callable

from ingest.markdown import plain_wikilinks

_RULES: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"^\s*(?:```|~~~).*$", re.MULTILINE), ""),
    (re.compile(r"^\s{0,3}#{1,6}\s+", re.MULTILINE), ""),
    (re.compile(r"^\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?", re.MULTILINE), ""),
    (re.compile(r"^\s*>\s?(?:\[!\w+\][+-]?)?", re.MULTILINE), ""),
    (re.compile(r"^\s*\|?(?:\s*:?-{3,}:?\s*\|)+\s*:?-*:?\s*$", re.MULTILINE), ""),
    (re.compile(r"^\s*\||\|\s*$", re.MULTILINE), ""),
    (re.compile(r"!?\[([^\[\]]*)\]\((?:[^()\s]|\([^()\s]*\))*(?:\s+\"[^\"]*\")?\)"), r"\1"),
    (re.compile(r"<((?:https?|mailto):[^<>\s]+)>"), r"\1"),
    (re.compile(r"(?<!\\)(\*\*|__|~~)(?=\S)(.+?)(?<=\S)\1"), r"\2"),
    (re.compile(r"(?<![\w\\*])\*(?=[^\s*])([^*\n]+?)(?<=[^\s*])\*(?![\w*])"), r"\1"),
    (re.compile(r"(?<![\w\\_])_(?=[^\s_])([^_\n]+?)(?<=[^\s_])_(?![\w_])"), r"\1"),
    (re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)"), r"\2"),
    (re.compile(r"\\([\\`*_{}\[\]()#+\-.!|>~])"), r"\1"),
)
_SPACE = re.compile(r"\s+")


def plain_text(markdown: str, title_of: Callable[[str], str | None] | None = None) -> str:
    """Markdown source as its words on one line; what is no markup stays as it is, HTML included.

    `title_of` gives the title to show for a wikilink that has no words of its own.
    """
    text = plain_wikilinks(markdown, title_of)
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return _SPACE.sub(" ", text).strip()


def passage_text(headings: tuple[str, ...], markdown: str) -> str:
    """What is embedded and indexed of a chunk: its heading path on one line, then its words."""
    path = " > ".join(headings)
    return f"{path}\n{plain_text(markdown)}" if path else plain_text(markdown)
