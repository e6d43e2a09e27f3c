"""Fetched pages in a folder of notes: where each is kept, under which name, and that it knows where it came from."""

import tomllib
from pathlib import Path

import pytest

from graph.errors import StorageError
from ingest.read import list_files
from ingest.saved_pages import ADDRESSES_FILE, page_path, save_page, why_closed
from ingest.vault import build_vault, read_sources
from ingest.web import WebPage, fetch_page

HEAP = b"<html><head><title>Heap</title></head>\n<body>\n<p>A heap is a tree, see the array.</p></body></html>"


def page(address="https://a.org/notes/heap", suffix=".html", data=HEAP):
    return WebPage(address, suffix, data)


@pytest.mark.parametrize(
    ("address", "suffix", "name"),
    [
        ("https://docs.python.org/3/library/venv.html", ".html", "docs.python.org/3-library-venv.html"),
        ("https://docs.python.org/3/library/venv.html#api", ".html", "docs.python.org/3-library-venv.html"),
        ("https://a.org", ".html", "a.org/index.html"),
        ("https://a.org/", ".pdf", "a.org/index.pdf"),
        ("https://a.org/x.PDF", ".pdf", "a.org/x.pdf"),
        ("http://a.org:8080/x", ".md", "a.org-8080/x.md"),
        ("https://a.org/caf%C3%A9 au lait", ".txt", "a.org/café-au-lait.txt"),
        ("https://a.org/.hidden/../../etc", ".txt", "a.org/hidden-..-..-etc.txt"),
        ("https://a.org/%2e%2e/%2e%2e/x", ".txt", "a.org/x.txt"),
        ("https://a.org/node_modules/x", ".txt", "a.org/node_modules-x.txt"),
        ("http://[::1]:80/x", ".txt", "1-80/x.txt"),
    ],
)
def test_a_name_is_made_from_the_address(address, suffix, name):
    found = page_path(address, suffix, {})
    assert found == f"saved_pages/{name}"
    assert len(Path(found).parts) == 3, "no address leads to another folder"


def test_pages_that_differ_in_their_question_or_spelling_have_a_file_each():
    names = {page_path(f"https://a.org/x{query}", ".html", {}) for query in ("", "?id=1", "?id=2")}
    assert len(names) == 3
    first = page_path("https://a.org/a/b", ".html", {})
    assert page_path("https://a.org/a-b", ".html", {first: "https://a.org/a/b"}) != first
    assert page_path("https://a.org/a/b", ".html", {first: "https://a.org/a/b"}) == first


def test_a_long_address_has_a_name_that_systems_take():
    names = {page_path(f"https://a.org/{'ü' * 300}{end}", ".html", {}) for end in "ab"}
    assert len(names) == 2
    assert all(len(Path(name).name.encode()) < 255 for name in names)


def test_a_page_is_saved_byte_for_byte_and_read_with_its_address(tmp_path, embedder):
    (tmp_path / "array.md").write_text("# Array\nAn array is a row of cells.\n")
    saved = save_page(page(), tmp_path)
    assert saved == "saved_pages/a.org/notes-heap.html"
    assert (tmp_path / saved).read_bytes() == HEAP
    vault = build_vault(read_sources(tmp_path), embedder.count_tokens)
    documents = {document.path: document for document in vault.documents}
    assert set(documents) == {"array.md", saved}, "it joins the notes, and the list of addresses is no note"
    assert documents[saved].metadata["source"] == "https://a.org/notes/heap"
    assert "source" not in documents["array.md"].metadata
    heap = next(concept for concept in vault.concepts if concept.title == "Heap")
    assert (heap.spans[0].path, heap.spans[0].start_line) == (saved, 3)
    assert HEAP.decode().split("\n")[2].find(heap.spans[0].quote) >= 0
    assert vault.problems == build_vault(read_sources(tmp_path), embedder.count_tokens).problems


def test_an_address_that_is_fetched_again_takes_the_place_of_its_older_copy(tmp_path):
    first = save_page(page(), tmp_path)
    other = save_page(page("https://a.org/other?q=1", ".md", b"# Other"), tmp_path)
    assert save_page(page(data=b"new"), tmp_path) == first
    assert (tmp_path / first).read_bytes() == b"new"
    files = {path.relative_to(tmp_path).as_posix() for path in list_files(tmp_path)[0]}
    assert files == {first, other}
    rows = tomllib.loads((tmp_path / ADDRESSES_FILE).read_text())
    assert rows == {first: "https://a.org/notes/heap", other: "https://a.org/other?q=1"}
    assert not list(tmp_path.rglob("*.new")), "nothing unfinished is left"


def test_an_address_with_marks_of_toml_is_written_and_read(tmp_path, embedder):
    address = 'https://a.org/x?q="a\\b"&ü=\u2028'
    saved = save_page(page(address), tmp_path)
    (document,) = build_vault(read_sources(tmp_path), embedder.count_tokens).documents
    assert (document.path, document.metadata["source"]) == (saved, address)


def test_a_list_of_addresses_that_is_broken_is_a_warning_and_is_not_overwritten(tmp_path, embedder):
    saved = save_page(page(), tmp_path)
    (tmp_path / ADDRESSES_FILE).write_text("no toml")
    vault = build_vault(read_sources(tmp_path), embedder.count_tokens)
    assert [d.path for d in vault.documents] == [saved]
    assert (ADDRESSES_FILE, 1, "warning", "broken_addresses") in [
        (p.path, p.line, p.severity, p.code) for p in vault.problems
    ]
    with pytest.raises(StorageError, match="mend the TOML"):
        save_page(page(), tmp_path)
    assert (tmp_path / ADDRESSES_FILE).read_text() == "no toml"


@pytest.mark.parametrize("link", ["saved_pages", "saved_pages/a.org", "saved_pages/a.org/notes-heap.html"])
def test_a_page_is_not_written_through_a_link_that_leads_out(tmp_path, link):
    root, elsewhere = tmp_path / "notes", tmp_path / "elsewhere"
    elsewhere.mkdir()
    (root / link).parent.mkdir(parents=True)
    (root / link).symlink_to(elsewhere)
    with pytest.raises(StorageError, match="leads out of the folder"):
        save_page(page(), root)
    assert list(elsewhere.iterdir()) == []


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "saved_pages").write_text("a file")
    with pytest.raises(StorageError, match=r"could not be saved in .*; check the folder\.$"):
        save_page(page(), tmp_path)


@pytest.mark.parametrize(
    ("kind", "data", "quote"),
    [
        ("text/html", HEAP, "A heap is a tree"),
        ("text/markdown", b"# Heap\n\nA heap is a tree.\n", "A heap is a tree."),
        ("text/plain", b"A heap is a tree.\n", "A heap is a tree."),
    ],
)
def test_what_a_site_serves_ends_up_as_text_with_lines(site, tmp_path, embedder, kind, data, quote):
    site.pages["/heap"] = (200, {"Content-Type": kind}, data)
    saved = save_page(fetch_page(f"{site.address}/heap", allow_private=True), tmp_path)
    (chunk,) = build_vault(read_sources(tmp_path), embedder.count_tokens).chunks
    assert quote in chunk.text
    lines = (tmp_path / saved).read_text().split("\n")
    assert quote in lines[chunk.end_line - 1]


PDF = b"""%PDF-1.4
1 0 obj << /Type /Catalog /Pages 2 0 R >> endobj
2 0 obj << /Type /Pages /Kids [3 0 R] /Count 1 >> endobj
3 0 obj << /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R
 /Resources << /Font << /F 5 0 R >> >> >> endobj
4 0 obj << /Length 47 >> stream
BT /F 12 Tf 50 700 Td (A heap is a tree.) Tj ET
endstream endobj
5 0 obj << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> endobj
trailer << /Root 1 0 R /Size 6 >>
%%EOF
"""


def test_a_pdf_is_saved_as_it_is_and_read_by_page(site, tmp_path, embedder):
    site.pages["/heap"] = (200, {"Content-Type": "application/pdf"}, PDF)
    saved = save_page(fetch_page(f"{site.address}/heap", allow_private=True), tmp_path)
    assert (tmp_path / saved).read_bytes() == PDF
    vault = build_vault(read_sources(tmp_path), embedder.count_tokens)
    assert [(c.text, c.headings[-1]) for c in vault.chunks] == [("A heap is a tree.", "p. 1")]
    assert vault.documents[0].metadata["source"] == f"{site.address}/heap"


def test_the_course_and_what_is_no_folder_are_closed(tmp_path):
    shipped = tmp_path / "content"
    (shipped / "concepts").mkdir(parents=True)
    (tmp_path / "one.md").write_text("x")
    assert why_closed(tmp_path, shipped) is None
    assert "ships with Prepgraph" in str(why_closed(shipped / "concepts", shipped))
    assert "a folder of this machine" in str(why_closed(tmp_path / "one.md", shipped))
