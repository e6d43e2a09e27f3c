"""Decides how a PDF becomes a document: its text page by page, and the page as the last part of each heading path.

A PDF has no lines to cite, so lines count those of the extracted text, and the way back is the page: every heading path
ends with "p. 3" (physical pages from 1), below the entry of the outline that the page belongs to, if there is one. A
line that most pages repeat at their top or bottom is kept once. PDFium reads the file: it is what browsers use, it
knows every kind of encryption, and its licence (Apache-2.0 or BSD-3-Clause) fits. It is not safe for threads, hence the
lock.
"""

from __future__ import annotations

import re
import threading
from collections import Counter
from typing import TYPE_CHECKING

from graph.schema import Problem
from ingest.markdown import Block, ParsedNote
from ingest.source import ReadFile, SourceFile, humanise_stem, read_file

if TYPE_CHECKING:
    from pypdfium2 import PdfDocument

_LOCK = threading.Lock()
_HYPHEN = re.compile("(\\w)[\u00ad\ufffe\x02]\\n(\\S+)[ \\t]*\\n?")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f\ufffe\uffff]")
_DIGITS = re.compile(r"\d+")
_NO_TITLE = re.compile(r"^(?:untitled|microsoft|slide|presentation|document)|\.(?:docx?|pptx?|tex|dvi|indd|pdf)$", re.I)
_MOST_PAGES = 5000
_MOST_NAMED = 10
_FEWEST_FOR_REPEATS = 4
_PASSWORD_ERROR, _SECURITY_ERROR = 4, 5


def read_pdf(source: SourceFile) -> tuple[ReadFile | None, list[Problem]]:
    """A PDF's text; one that is encrypted, broken or holds only images is a problem."""
    import pypdfium2

    with _LOCK:
        try:
            document = pypdfium2.PdfDocument(source.data)
        except pypdfium2.PdfiumError as fault:
            return None, [_cannot_open(source, fault)]
        try:
            pages, lost, scanned = _page_texts(document)
            outline = _outline(document)
            title = " ".join(str(document.get_metadata_dict().get("Title", "")).split())
        finally:
            document.close()
    problems = [_problem(source, "broken_pdf", f"page {n} of the PDF is damaged", "export it again") for n in lost]
    if not any(page.strip() for page in pages):
        reason = "the PDF holds no text, only images or nothing"
        return None, [_problem(source, "no_text", reason, "run OCR over it and export it with its text")]
    if scanned:
        problems.append(_scanned(source, scanned))
    lines, blocks = _lay_out(_without_repeats([page.split("\n") for page in pages]), outline)
    is_named = bool(re.search(r"[^\W\d_]{2}", title)) and not _NO_TITLE.search(title)
    named = _CONTROL.sub("", title) if is_named else humanise_stem(source.path)
    return read_file(source, named, lines, ParsedNote(tuple(blocks), (), ())), problems


def _problem(source: SourceFile, code: str, reason: str, remedy: str) -> Problem:
    return Problem(source.path, None, "error", code, f"{reason[:1].upper()}{reason[1:]}; {remedy}.")


def _scanned(source: SourceFile, pages: list[int]) -> Problem:
    named = ", ".join(str(page) for page in pages[:_MOST_NAMED]) + (" and more" if len(pages) > _MOST_NAMED else "")
    where = f"Page {named} of the PDF holds" if len(pages) == 1 else f"Pages {named} of the PDF hold"
    message = f"{where} only images and gave no text; run OCR over it and export it with its text."
    return Problem(source.path, None, "warning", "no_text", message)


def _cannot_open(source: SourceFile, fault: Exception) -> Problem:
    # Of a file without pages the library says what was wrong with the file before it.
    is_locked = getattr(fault, "err_code", None) in {_PASSWORD_ERROR, _SECURITY_ERROR}
    if is_locked and b"/Encrypt" in source.data:
        return _problem(source, "encrypted", "the PDF needs a password", "save a copy of it without one")
    return _problem(source, "broken_pdf", "the file is damaged or is no PDF", "export it again")


def _page_texts(document: PdfDocument) -> tuple[list[str], list[int], list[int]]:
    """The text of each page, filled-in forms included, and the numbers of the pages that are damaged or scanned."""
    import pypdfium2

    if document.get_formtype():
        document.init_forms()
    texts, lost, scanned = [], [], []
    for number in range(min(len(document), _MOST_PAGES)):
        try:
            page = document[number]
            if document.formenv:
                page.flatten()
                page.close()
                page = document[number]
            text_page = page.get_textpage()
            texts.append(_tidy(text_page.get_text_range()))
            if not texts[-1].strip() and any(page.get_objects([pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=2)):
                scanned.append(number + 1)
            text_page.close()
            page.close()
        except pypdfium2.PdfiumError:
            texts.append("")
            lost.append(number + 1)
    return texts, lost, scanned


def _tidy(text: str) -> str:
    """Page text with newlines for line ends, words joined that a hyphen parted, and nothing that is no character."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _HYPHEN.sub(r"\1\2\n", text)
    return _CONTROL.sub("", text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")).rstrip()


def _outline(document: PdfDocument) -> dict[int, tuple[str, ...]]:
    """The path of outline entries that begin on or last before each page, by page from 1."""
    import pypdfium2

    path: list[tuple[int, str]] = []
    starts: dict[int, tuple[str, ...]] = {}
    try:
        for entry in document.get_toc(max_depth=3):
            destination = entry.get_dest()
            index = destination.get_index() if destination else None
            title = _CONTROL.sub("", " ".join(entry.get_title().split()))
            if index is not None and title:
                path = [*(part for part in path if part[0] < entry.level), (entry.level, title)]
                starts.setdefault(index + 1, tuple(words for _, words in path))
    except (pypdfium2.PdfiumError, UnicodeDecodeError):
        return {}
    return starts


def _without_repeats(pages: list[list[str]]) -> list[list[str]]:
    """Pages without the running heads and feet that more than half of them share, but for the first of each."""
    edges: Counter[str] = Counter()
    for page in pages:
        edges.update({_shape(line) for line in (page[:1] + page[-1:])})
    if len(pages) < _FEWEST_FOR_REPEATS:
        return pages
    repeated = {shape for shape, count in edges.items() if shape and count > len(pages) / 2}
    seen: set[str] = set()
    kept = []
    for page in pages:
        shapes = {_shape(line) for line in (page[:1] + page[-1:])} & repeated
        first = 1 if page and _shape(page[0]) in shapes & seen else 0
        last = len(page) - (1 if len(page) > first and _shape(page[-1]) in shapes & seen else 0)
        kept.append(page[first:last])
        seen |= shapes
    return kept


def _shape(line: str) -> str:
    return _DIGITS.sub("0", " ".join(line.split()))


def _lay_out(pages: list[list[str]], outline: dict[int, tuple[str, ...]]) -> tuple[list[str], list[Block]]:
    """All lines, a blank one between pages, and the paragraphs of each page under its heading path."""
    lines: list[str] = []
    blocks: list[Block] = []
    section: tuple[str, ...] = ()
    for number, page in enumerate(pages, start=1):
        section = outline.get(number, section)
        start = None
        for line in [*page, ""]:
            lines.append(line.rstrip())
            if line.strip():
                start = start or len(lines)
            elif start:
                blocks.append(Block("paragraph", start, len(lines) - 1, (*section, f"p. {number}")))
                start = None
    return lines, blocks
