# ruff: noqa: E501
"""Odd PDFs made with two real libraries: their words on the right pages, and one clear problem for each that gives none."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pikepdf
import pytest
import reportlab
from pikepdf import Array, Dictionary, Encryption, Name, Pdf, Permissions
from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from ingest.read import SourceFile, read_document

WIDTH, HEIGHT = A4
Draw = Callable[[Canvas], None]


@dataclass(frozen=True)
class Case:
    """A PDF; the words of each page that must be read, or the code of the one problem that says why there are none."""

    data: bytes
    pages: tuple[tuple[int, str], ...] = ()
    code: str | None = None


def canvas(*draws: Draw, size: tuple[float, float] = A4, compress: int = 0, **options: object) -> bytes:
    """A PDF with one page for each function that draws on it."""
    out = io.BytesIO()
    made = Canvas(out, pagesize=size, pageCompression=compress, invariant=1, **options)
    for draw in draws:
        draw(made)
        made.showPage()
    made.save()
    return out.getvalue()


def words(text: str, x: float = 72, y: float = 700, font: str = "Helvetica", size: float = 12) -> Draw:
    def draw(made: Canvas) -> None:
        made.setFont(font, size)
        for number, line in enumerate(text.split("\n")):
            made.drawString(x, y - 14 * number, line)

    return draw


def together(*draws: Draw) -> Draw:
    def draw(made: Canvas) -> None:
        for one in draws:
            one(made)

    return draw


def numbered(count: int) -> list[Draw]:
    return [words(f"Sheet {spell(number)} says little.") for number in range(1, count + 1)]


def spell(number: int) -> str:
    """A number in letters, so that no page looks like another with its digits left out."""
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def rewritten(data: bytes, change: Callable[[Pdf], None] | None = None, **options: object) -> bytes:
    """A PDF after a change, saved by qpdf with its options."""
    out = io.BytesIO()
    with Pdf.open(io.BytesIO(data)) as pdf:
        if change:
            change(pdf)
        pdf.save(out, **options)
    return out.getvalue()


PLAIN = canvas(words("A heap is a tree."), words("Its root is the least."))
PLAIN_PAGES = ((1, "A heap is a tree."), (2, "Its root is the least."))


def _fonts() -> str:
    pdfmetrics.registerFont(TTFont("Vera", str(Path(reportlab.__file__).parent / "fonts" / "Vera.ttf")))
    pdfmetrics.registerFont(UnicodeCIDFont("HeiseiMin-W3"))
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    return "Vera"


def _image(made: Canvas) -> None:
    from PIL import Image
    from reportlab.lib.utils import ImageReader

    made.drawImage(ImageReader(Image.new("L", (40, 60), 200)), 72, 300, 400, 400)


def _hidden(made: Canvas) -> None:
    _image(made)
    text = made.beginText(72, 700)
    text.setTextRenderMode(3)
    text.textLine("Words that were recognised below a scan.")
    made.drawText(text)


def _rotated(made: Canvas) -> None:
    made.rotate(90)
    made.drawString(100, -200, "A table lies on its side.")


def _form(made: Canvas) -> None:
    made.drawString(72, 740, "Name of the course:")
    made.acroForm.textfield(name="course", value="Graph theory", x=72, y=700, width=200, height=24)
    made.acroForm.checkbox(name="done", checked=True, x=72, y=650)


def _outlined(made: Canvas, title: str, text: str, level: int = 0) -> None:
    made.bookmarkPage(title)
    made.addOutlineEntry(title, title, level)
    made.drawString(72, 700, text)


def _drop_unicode(pdf: Pdf) -> None:
    for page in pdf.pages:
        for font in page.Resources.Font.values():
            if "/ToUnicode" in font:
                del font.ToUnicode


def _attach(pdf: Pdf) -> None:
    pdf.attachments["data.csv"] = b"secret,attached\n1,2\n"


def _script(pdf: Pdf) -> None:
    pdf.Root.OpenAction = Dictionary(S=Name.JavaScript, JS=pikepdf.String("app.alert('scripted')"))
    pdf.Root.Names = Dictionary(JavaScript=Dictionary(Names=Array([pikepdf.String("x"), pdf.Root.OpenAction])))


def _huge_box(pdf: Pdf) -> None:
    pdf.pages[0].MediaBox = Array([-1_000_000, -1_000_000, 10_000_000, 10_000_000])


def _no_box(pdf: Pdf) -> None:
    for page in pdf.pages:
        del page.MediaBox


def _turned(pdf: Pdf) -> None:
    for angle, page in zip((90, 270), pdf.pages, strict=True):
        page.Rotate = angle


def _tagged(pdf: Pdf) -> None:
    pdf.Root.MarkInfo = Dictionary(Marked=True)
    pdf.Root.Lang = pikepdf.String("en-GB")
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
    page = pdf.pages[0]
    page.Contents = pdf.make_stream(b"/P <</MCID 0>> BDC " + page.Contents.read_bytes() + b" EMC")


def _no_pages(pdf: Pdf) -> None:
    del pdf.pages[:]


def _looped_pages(pdf: Pdf) -> None:
    pdf.Root.Pages.Kids.append(pdf.Root.Pages)


def _broken_stream(pdf: Pdf) -> None:
    pdf.pages[1].Contents = pikepdf.Stream(pdf, b"\x00\xff not deflated")
    pdf.pages[1].Contents.Filter = Name.FlateDecode


def _shared_page(pdf: Pdf) -> None:
    pdf.pages.append(pdf.pages[0])


def _updated() -> bytes:
    """A revision appended to the file: page one shows other words, the first body and index stay below it."""
    with Pdf.open(io.BytesIO(PLAIN)) as pdf:
        number, size = pdf.pages[0].Contents.objgen[0], len(pdf.objects) + 1
        root = pdf.Root.objgen[0]
    content = b"BT /F1 12 Tf 72 700 Td (The words of the second revision.) Tj ET"
    start = PLAIN.rstrip().rsplit(b"\n", 2)[1]
    body = b"\n%d 0 obj\n<< /Length %d >>\nstream\n%s\nendstream\nendobj\n" % (number, len(content), content)
    xref = b"xref\n%d 1\n%010d 00000 n \ntrailer\n<< /Size %d /Root %d 0 R /Prev %s >>\nstartxref\n%d\n%%%%EOF\n"
    offset = len(PLAIN) + 1
    return PLAIN + body + xref % (number, offset, size, root, start, len(PLAIN) + len(body))


def odd_pdfs() -> Iterator[tuple[str, Case]]:
    """Every case by name."""
    _fonts()
    locked = Encryption(user="open sesame", owner="owner", R=6)
    readable = {"owner": "owner", "user": "", "allow": Permissions(extract=False)}
    yield "AES-256 with a password", Case(rewritten(PLAIN, encryption=locked), code="encrypted")
    yield (
        "RC4 with a password",
        Case(
            rewritten(PLAIN, encryption=Encryption(user="x", owner="y", R=3, aes=False, metadata=False)),
            code="encrypted",
        ),
    )
    yield (
        "AES-128 with a password",
        Case(rewritten(PLAIN, encryption=Encryption(user="x", owner="y", R=4)), code="encrypted"),
    )
    yield "AES-256 that anyone opens", Case(rewritten(PLAIN, encryption=Encryption(R=6, **readable)), PLAIN_PAGES)
    yield "AES-128 that anyone opens", Case(rewritten(PLAIN, encryption=Encryption(R=4, **readable)), PLAIN_PAGES)
    yield "object streams", Case(rewritten(PLAIN, object_stream_mode=pikepdf.ObjectStreamMode.generate), PLAIN_PAGES)
    yield "linearised", Case(rewritten(PLAIN, linearize=True), PLAIN_PAGES)
    yield "compressed", Case(canvas(words("A heap is a tree."), compress=1), ((1, "A heap is a tree."),))
    yield "a newer version", Case(rewritten(PLAIN, min_version="2.0"), PLAIN_PAGES)
    yield (
        "an incremental update",
        Case(_updated(), ((1, "The words of the second revision."), (2, "Its root is the least."))),
    )
    yield "attachments", Case(rewritten(PLAIN, _attach), PLAIN_PAGES)
    yield "scripts", Case(rewritten(PLAIN, _script), PLAIN_PAGES)
    yield "tagged", Case(rewritten(PLAIN, _tagged), PLAIN_PAGES)
    yield "a huge page", Case(rewritten(PLAIN, _huge_box), PLAIN_PAGES)
    yield "no page size", Case(rewritten(PLAIN, _no_box), PLAIN_PAGES)
    yield "pages turned", Case(rewritten(PLAIN, _turned), PLAIN_PAGES)
    yield "a page used twice", Case(rewritten(PLAIN, _shared_page), (*PLAIN_PAGES, (3, "A heap is a tree.")))
    yield "text turned", Case(canvas(_rotated), ((1, "A table lies on its side."),))
    yield "a form filled in", Case(canvas(_form), ((1, "Name of the course:"), (1, "Graph theory")))
    yield (
        "two columns",
        Case(
            canvas(together(words("Left one.\nLeft two."), words("Right one.\nRight two.", x=330))),
            ((1, "Left one. Left two."), (1, "Right one. Right two.")),
        ),
    )
    yield "hidden text on a scan", Case(canvas(_hidden), ((1, "Words that were recognised below a scan."),))
    yield "a scan", Case(canvas(_image), code="no_text")
    yield (
        "a scan among pages of text",
        Case(
            canvas(words("Before the scan."), _image, words("After the scan.")),
            ((1, "Before the scan."), (3, "After the scan.")),
        ),
    )
    yield "an empty page", Case(canvas(lambda made: None), code="no_text")
    yield "only a drawing", Case(canvas(lambda made: made.rect(10, 10, 300, 300)), code="no_text")
    yield "no pages", Case(rewritten(PLAIN, _no_pages), code="broken_pdf")
    yield (
        "500 pages",
        Case(
            canvas(*numbered(500)),
            ((1, f"Sheet {spell(1)}"), (250, f"Sheet {spell(250)}"), (500, f"Sheet {spell(500)}")),
        ),
    )
    yield (
        "an embedded font",
        Case(canvas(words("Größe über naïve Ångström.", font="Vera")), ((1, "Größe über naïve Ångström."),)),
    )
    yield "Japanese", Case(canvas(words("データ構造と木", font="HeiseiMin-W3")), ((1, "データ構造と木"),))
    yield "Chinese", Case(canvas(words("数据结构与树", font="STSong-Light")), ((1, "数据结构与树"),))
    yield (
        "ligatures",
        Case(canvas(words("An e\ufb01cient \ufb01le \ufb02ow.", font="Vera")), ((1, "eficient file flow"),)),
    )
    yield (
        "soft hyphens at line ends",
        Case(canvas(words("We normal\u00ad\nise the data.", font="Vera")), ((1, "normalise the data"),)),
    )
    yield (
        "heads and feet",
        Case(
            canvas(
                *(
                    together(
                        words("Course of heaps", y=780), words(f"Body {spell(n)} text."), words(f"Page {n} of 9", y=40)
                    )
                    for n in range(1, 10)
                )
            ),
            ((1, "Course of heaps"), (1, "Body b text."), (9, "Body j text.")),
        ),
    )
    yield (
        "an outline",
        Case(
            canvas(lambda c: _outlined(c, "Basics", "First part."), lambda c: _outlined(c, "Trees", "Second part.", 1)),
            ((1, "First part."), (2, "Second part.")),
        ),
    )
    yield "one long line", Case(canvas(words("word " * 3000, size=1)), ((1, "word word"),))
    yield (
        "tiny and white text",
        Case(
            canvas(
                lambda c: (
                    c.setFillColorRGB(1, 1, 1),
                    c.setFont("Helvetica", 0.5),
                    c.drawString(72, 72, "Small print."),
                )
            ),
            ((1, "Small print."),),
        ),
    )
    yield "a damaged page", Case(rewritten(PLAIN, _broken_stream), ((1, "A heap is a tree."),))
    yield "pages in a loop", Case(rewritten(PLAIN, _looped_pages), PLAIN_PAGES)
    yield "a font that maps to nothing", Case(rewritten(canvas(words("Nobody knows.", font="Vera")), _drop_unicode))
    yield "an index that lies", Case(PLAIN.replace(b"startxref\n", b"startxref\n9"), PLAIN_PAGES)
    yield "bytes before the head", Case(b"\r\n\r\njunk\n" + PLAIN, PLAIN_PAGES)
    yield "bytes after the end", Case(PLAIN + b"\0" * 2000, PLAIN_PAGES)
    yield "cut in half", Case(canvas(*numbered(9), compress=1)[:600], code="broken_pdf")
    yield "the end cut off", Case(PLAIN[: PLAIN.index(b"xref\n")], code="broken_pdf")
    yield "a head and garbage", Case(b"%PDF-1.7\n" + bytes(range(256)) * 40, code="broken_pdf")
    yield "only a head", Case(b"%PDF-2.0\n%%EOF\n", code="broken_pdf")
    yield "nothing", Case(b"", code="broken_pdf")
    yield "a font with half a map", Case(canvas(words("Ünïcode stays.", font="Vera")), ((1, "Ünïcode stays."),))
    yield "a web page", Case(b"<!DOCTYPE html><p>Not found", code="broken_pdf")
    yield "an archive", Case(b"PK\x03\x04" + b"\0" * 500, code="broken_pdf")


CASES = dict(odd_pdfs())


def words_of(file, page):
    """The words of a page, whatever its line breaks."""
    spans = [b for b in file.parsed.blocks if b.headings[-1] == f"p. {page}"]
    lines = [line for b in spans for line in file.lines[b.start_line - 1 : b.end_line]]
    return " ".join(" ".join(lines).split())


def test_there_are_enough_of_them():
    assert len(CASES) >= 30


@pytest.mark.parametrize("name", CASES)
def test_an_odd_pdf_gives_its_words_by_page_or_one_clear_problem(name):
    case = CASES[name]
    file, problems = read_document(SourceFile("odd.pdf", case.data))
    assert all(p.message.endswith(".") and ";" in p.message and p.path == "odd.pdf" for p in problems)
    if case.code:
        assert file is None
        assert [(p.severity, p.code) for p in problems] == [("error", case.code)]
        return
    assert file or problems
    for page, said in case.pages:
        assert said in words_of(file, page)


@pytest.mark.parametrize("name", [name for name, case in CASES.items() if case.pages])
def test_a_passage_of_an_odd_pdf_names_its_page(name, vault_of):
    case = CASES[name]
    vault = vault_of({"odd.pdf": case.data})
    text = vault.documents[0].text.split("\n")
    for chunk in vault.chunks:
        assert chunk.headings[-1].startswith("p. ")
        assert chunk.text in "\n".join(text[chunk.start_line - 1 : chunk.end_line])
    pages = {chunk.headings[-1] for chunk in vault.chunks}
    assert {f"p. {page}" for page, _ in case.pages} <= pages


def test_what_is_attached_or_scripted_is_no_text():
    for name in ("attachments", "scripts"):
        file, _ = read_document(SourceFile("odd.pdf", CASES[name].data))
        assert not {"secret", "attached", "scripted"} & set(file.document.text.replace("'", " ").split())


def test_a_scan_among_pages_of_text_is_named():
    _, problems = read_document(SourceFile("odd.pdf", CASES["a scan among pages of text"].data))
    assert [(p.severity, p.code) for p in problems] == [("warning", "no_text")]
    assert problems[0].message.startswith("Page 2 ")
