"""PDFs made here, byte by byte: their text by page, and one clear problem for each that gives none."""

import hashlib
import struct
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import SourceFile, read_document

PADDING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")


def rc4(key, data):
    state, j = list(range(256)), 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) & 255
        state[i], state[j] = state[j], state[i]
    i = j = 0
    out = bytearray()
    for byte in data:
        i = (i + 1) & 255
        j = (j + state[i]) & 255
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) & 255])
    return bytes(out)


def pdf(pages, *, info="", catalog="", page="", extra=(), password=None, deflate=False):
    """A PDF of pages that are content streams. Objects: 1 catalog, 2 pages, 3 font, 4 info, then two for each page."""
    first_extra = 5 + 2 * len(pages)
    kids = " ".join(f"{5 + 2 * n} 0 R" for n in range(len(pages)))
    bodies = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< {info} >>".encode(),
    ]
    identity, key = b"0123456789abcdef", b""
    if password is not None:
        padded = (password + PADDING)[:32]
        owner = rc4(hashlib.md5(padded).digest()[:5], padded)
        key = hashlib.md5(padded + owner + struct.pack("<i", -4) + identity).digest()[:5]
        user = rc4(key, PADDING)
    for number, content in enumerate(pages):
        own = f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {6 + 2 * number} 0 R {page}"
        bodies.append(f"{own} /Resources << /Font << /F 3 0 R /G {first_extra} 0 R >> >> >>".encode())
        data = zlib.compress(content) if deflate else content
        if key:
            data = rc4(hashlib.md5(key + struct.pack("<I", 6 + 2 * number)[:3] + b"\0\0").digest()[:10], data)
        head = f"<< /Length {len(data)} {'/Filter /FlateDecode' if deflate else ''} >>\nstream\n".encode()
        bodies.append(head + data + b"\nendstream")
    bodies += extra
    trailer = f"/Size {len(bodies) + 1} /Root 1 0 R /Info 4 0 R"
    if key:
        trailer += (
            f" /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{owner.hex()}> /U <{user.hex()}> >>"
            f" /ID [<{identity.hex()}> <{identity.hex()}>]"
        )
    out, offsets = bytearray(b"%PDF-1.4\n"), []
    for number, body in enumerate(bodies, start=1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    start = len(out)
    out += f"xref\n0 {len(bodies) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{offset:010} 00000 n \n".encode() for offset in offsets)
    return bytes(out + f"trailer << {trailer} >>\nstartxref\n{start}\n%%EOF\n".encode())


def show(*lines, x=72, y=720):
    """A content stream that shows lines below each other."""
    shown = b" ".join(b"(" + line.encode("cp1252") + b") Tj T*" for line in lines)
    return f"BT /F 12 Tf 14 TL {x} {y} Td ".encode() + shown + b" ET"


def read(data, path="lectures/heap_notes.pdf"):
    return read_document(SourceFile(path, data))


def problems_of(data):
    file, problems = read(data)
    assert file is None
    return [(p.path, p.line, p.severity, p.code) for p in problems]


def test_text_is_read_by_page_and_the_page_ends_the_heading_path(vault_of):
    data = pdf([show("A heap is a tree.", "Its root is the least."), show("Push costs O(log n).")])
    file, problems = read(data)
    assert problems == []
    assert file.document.title == "Heap notes"
    assert file.lines == ["A heap is a tree.", "Its root is the least.", "", "Push costs O(log n).", ""]
    assert [(b.start_line, b.end_line, b.headings) for b in file.parsed.blocks] == [
        (1, 2, ("p. 1",)),
        (4, 4, ("p. 2",)),
    ]
    chunks = vault_of({"heap.pdf": data}).chunks
    assert [(c.headings[-1], c.start_line, c.end_line) for c in chunks] == [("p. 1", 1, 2), ("p. 2", 4, 4)]


def test_the_title_is_the_declared_one_unless_a_program_wrote_it():
    assert read(pdf([show("x")], info="/Title (Binary Heaps)"))[0].document.title == "Binary Heaps"
    assert read(pdf([show("x")], info="/Title (Microsoft Word - a.doc)"))[0].document.title == "Heap notes"


def test_the_outline_names_the_section_of_a_page():
    outline = [
        b"<< >>",
        b"<< /First 13 0 R /Last 13 0 R /Count 1 >>",
        b"<< /Title (Cost) /Parent 12 0 R /Dest [7 0 R /Fit] >>",
    ]
    file, _ = read(pdf([show("one"), show("two"), show("three")], catalog="/Outlines 12 0 R", extra=outline))
    assert [b.headings for b in file.parsed.blocks] == [("p. 1",), ("Cost", "p. 2"), ("Cost", "p. 3")]


def test_a_running_head_is_kept_once_and_page_numbers_go():
    pages = [show("CS 101 Heaps", f"Text {word} here.", f"Page {n}") for n, word in enumerate("abcde", start=1)]
    lines = [line for line in read(pdf(pages))[0].lines if line]
    assert lines == ["CS 101 Heaps", "Text a here.", "Page 1", *(f"Text {word} here." for word in "bcde")]


def test_two_columns_are_read_one_after_the_other():
    left, right = show("Left one.", "Left two."), show("Right one.", "Right two.", x=330)
    text = " ".join(read(pdf([left + b" " + right]))[0].document.text.split())
    assert text == "Left one. Left two. Right one. Right two."


def test_right_to_left_text_keeps_its_letters():
    mapping = b"/CIDInit /ProcSet findresource begin begincmap 1 begincodespacerange <0000> <ffff> endcodespacerange "
    mapping += b"4 beginbfchar <0001> <05E9> <0002> <05DC> <0003> <05D5> <0004> <05DD> endbfchar endcmap end"
    extra = [
        b"<< /Type /Font /Subtype /Type0 /BaseFont /Arial /Encoding /Identity-H /DescendantFonts [8 0 R] "
        b"/ToUnicode 9 0 R >>",
        b"<< /Type /Font /Subtype /CIDFontType2 /BaseFont /Arial /CIDSystemInfo << /Registry (Adobe) "
        b"/Ordering (Identity) /Supplement 0 >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(mapping), mapping),
    ]
    file, _ = read(pdf([b"BT /G 12 Tf 72 720 Td <0004000300020001> Tj ET"], extra=extra))
    assert set("שלום") <= set(file.document.text)


def test_what_was_filled_into_a_form_is_text():
    field = (
        b"<< /Type /Annot /Subtype /Widget /FT /Tx /T (name) /V (Filled in) /Rect [72 600 300 620] /P 5 0 R /F 4 "
        b"/DA (/F 12 Tf) /AP << /N 9 0 R >> >>"
    )
    look = b"BT /F 12 Tf 2 5 Td (Filled in) Tj ET"
    form = b"<< /Type /XObject /Subtype /Form /BBox [0 0 228 20] /Resources << /Font << /F 3 0 R >> >> /Length %d >>"
    extra = [b"<< >>", field, (form % len(look)) + b"\nstream\n" + look + b"\nendstream"]
    data = pdf([show("Name:")], catalog="/AcroForm << /Fields [8 0 R] >>", page="/Annots [8 0 R]", extra=extra)
    text = read(data)[0].document.text
    assert "Name:" in text
    assert "Filled in" in text


def test_a_pdf_that_opens_without_a_password_is_read():
    assert read(pdf([show("Not so secret.")], password=b""))[0].document.text.strip() == "Not so secret."


def test_a_pdf_that_needs_a_password_is_one_problem():
    data = pdf([show("Secret.")], password=b"sesame")
    assert problems_of(data) == [("lectures/heap_notes.pdf", None, "error", "encrypted")]


IMAGE = b"q 100 0 0 100 72 600 cm BI /W 1 /H 1 /CS /G /BPC 8 ID \x80 EI Q"
GOOD = pdf([show("Some text.")], deflate=True)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (pdf([IMAGE]), "no_text"),
        (pdf([b""]), "no_text"),
        (pdf([show("   ")]), "no_text"),
        (b"", "broken_pdf"),
        (b"%PDF-1.4\n", "broken_pdf"),
        (b"No PDF at all.", "broken_pdf"),
        (b"\0" * 5000, "broken_pdf"),
        (GOOD[: len(GOOD) // 5], "broken_pdf"),
        (b"<html><body>404</body></html>", "broken_pdf"),
        (GOOD.replace(b"/Root 1 0 R", b"/Root 9 0 R").replace(b"/Type /Catalog", b"/Type /Cbtalog"), "broken_pdf"),
    ],
)
def test_a_pdf_without_text_is_one_problem_that_says_what_to_do(data, code):
    assert problems_of(data) == [("lectures/heap_notes.pdf", None, "error", code)]
    (problem,) = read(data)[1]
    assert problem.message.endswith(".")
    assert ";" in problem.message


def test_a_pdf_whose_index_is_gone_is_mended():
    assert "Some text." in read(GOOD[: GOOD.index(b"xref")] + b"trailer << /Root 1 0 R >>")[0].document.text


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, len(GOOD) - 1), byte=st.integers(0, 255), cut=st.integers(0, len(GOOD)))
def test_damage_is_no_crash(at, byte, cut):
    for data in (GOOD[:at] + bytes([byte]) + GOOD[at + 1 :], GOOD[:cut], GOOD[cut:]):
        file, problems = read(data)
        assert file or problems
