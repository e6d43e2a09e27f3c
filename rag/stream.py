"""Cuts a model's text into sentences while it is still being written, each with the passage numbers that it cites."""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from ingest.plain_text import plain_text

_MARK = r"[\[【]\s*\d{1,3}(?:\s*[,;]\s*\d{1,3})*\s*[\]】]"
_CITATION = re.compile(rf"\s*{_MARK}")
# A sentence ends behind its citations, and is known to have ended once something else follows.
_END = re.compile(rf"[.!?][\"')\]*_”’]*(?:\s*{_MARK})*\.?(?=\s+[^\s\[【])|(?:{_MARK})+(?=\s+[A-Z\"“(*])")
_LINE_MARK = re.compile(r"^\s*(?:[-*+•]|\d{1,2}[.)])\s+|^\s*>\s?")
_NO_SENTENCE = re.compile(r"^\s*(?:#{1,6}\s|\||```|~~~|-{3,}\s*$|\*{3,}\s*$)|:\s*\**\s*$")
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_HALF_TAG = re.compile(r"<[/a-z]{0,9}$")
_ABBREVIATION = re.compile(r"(?:\b(?:e\.g|i\.e|etc|vs|cf|approx|Dr|Mr|Ms|No|Fig|Eq|resp|al)|(?:^|[\s(])[A-Z])\.$")
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class WrittenSentence:
    """A sentence that a model wrote: its words, the numbers that it cites, and whether it begins a new paragraph."""

    text: str
    cited: tuple[int, ...]
    opens: bool


class SentenceReader:
    """Takes a text piece by piece and gives back each sentence once it is complete."""

    def __init__(self) -> None:
        self._raw, self._done, self._opens, self._fenced = "", 0, True, False

    def feed(self, piece: str) -> Iterator[WrittenSentence]:
        """The sentences that a piece completes."""
        self._raw += piece
        yield from self._read(final=False)

    def close(self) -> Iterator[WrittenSentence]:
        """The sentence that is left at the end of the text, if it is one."""
        yield from self._read(final=True)

    @property
    def text(self) -> str:
        """All that was written so far, without a model's thoughts."""
        return _THOUGHT.sub("", self._raw)

    def _read(self, *, final: bool) -> Iterator[WrittenSentence]:
        visible = self.text if final else _HALF_TAG.sub("", self.text)
        while self._done < len(visible):
            newline = visible.find("\n", self._done)
            line = visible[self._done : newline if newline >= 0 else len(visible)]
            whole = newline >= 0 or final
            taken = yield from self._read_line(line, whole=whole)
            self._done += taken
            if not whole:
                return
            self._done += newline >= 0
            self._opens = True

    def _read_line(self, line: str, *, whole: bool) -> Generator[WrittenSentence, None, int]:
        """Gives the complete sentences of a line; returns how much of it is done with."""
        if whole and line.lstrip().startswith(("```", "~~~")):
            self._fenced = not self._fenced
            return len(line)
        if self._fenced or (whole and _NO_SENTENCE.search(line)):
            return len(line) if whole else 0
        if _NO_SENTENCE.match(line) or (not whole and line.lstrip()[:1] in "`~#|"):
            return 0  # what the line is shows at its end
        start = 0
        for match in _END.finditer(line):
            if not _ABBREVIATION.search(line[start : match.start() + 1]):
                yield from self._sentence(line[start : match.end()])
                start = match.end()
        if whole:
            yield from self._sentence(line[start:])
            return len(line)
        return start

    def _sentence(self, raw: str) -> Iterator[WrittenSentence]:
        cited = tuple(dict.fromkeys(int(n) for mark in _CITATION.findall(raw) for n in re.findall(r"\d+", mark)))
        text = plain_text(_CITATION.sub("", _LINE_MARK.sub("", raw))).strip()
        if len(text.split()) >= _FEWEST_WORDS:
            opens, self._opens = self._opens, False
            yield WrittenSentence(text, cited, opens)
