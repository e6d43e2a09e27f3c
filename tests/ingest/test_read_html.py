"""HTML pages: the main text, each word on the line where it stands in the file."""

import re
from html import unescape

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.read import SourceFile, read_document
from rag.citations import Quote, quote_holds

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Heap | Site</title>
<style>p { color: red }</style><script>var x = "<p>Not text.</p>";</script></head>
<body class="has-sidebar">
<nav><ul><li><a href="/home">Home</a></li></ul></nav>
<header><h1>Heap</h1></header>
<div class="sidebar">Other pages</div>
<main>
<p>A <b>heap</b> is a tree &amp; an array,
as <a href="https://a.org/book">the book</a> says. It is nearly complete.</p>
<!-- <p>Hidden.</p>
-->
<h2 id="cost">Cost<a class="headerlink" href="#cost">¶</a></h2><p>Push costs O(log n).</p><p>Pop too.</p>
<ul>
  <li>one
  <li>two <code>x</code>,
    three, see <a href="graphs.html">graphs</a>
</ul>
<table><tr><th>a</th><th>b</th></tr>
<tr><td>c</td><td>d</td></tr></table>
<pre>
def f():
    return 1
</pre>
<aside>An aside that belongs to the text.</aside>
<p hidden>Not shown.</p>
</main>
<footer>Copyright</footer>
</body></html>
"""


def read(html, path="notes/heap_page.html"):
    data = html if isinstance(html, bytes) else html.encode()
    return read_document(SourceFile(path, data))


def spoken(html_lines):
    """Lines of a file as a reader sees them."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html_lines)).split())


def test_each_word_stands_on_its_line_of_the_file():
    file, problems = read(PAGE)
    assert problems == []
    assert len(file.lines) == len(PAGE.split("\n"))
    assert [(n, line) for n, line in enumerate(file.lines, start=1) if line] == [
        (9, "A heap is a tree & an array,"),
        (10, "as the book says. It is nearly complete."),
        (13, "Cost Push costs O(log n). Pop too."),
        (15, "one"),
        (16, "two x,"),
        (17, "three, see graphs"),
        (19, "a | b"),
        (20, "c | d"),
        (22, "def f():"),
        (23, "    return 1"),
        (25, "An aside that belongs to the text."),
    ]


def test_blocks_that_share_a_line_are_parted():
    file, _ = read(PAGE)
    blocks = [(b.kind, b.headings, file.lines[b.start_line - 1][b.start_column :]) for b in file.parsed.blocks[:4]]
    assert blocks == [
        ("paragraph", (), "A heap is a tree & an array,"),
        ("heading", ("Cost",), "Cost Push costs O(log n). Pop too."),
        ("paragraph", ("Cost",), "Push costs O(log n). Pop too."),
        ("paragraph", ("Cost",), "Pop too."),
    ]


def test_links_and_items_keep_their_place():
    file, _ = read(PAGE)
    links = [(link.target, link.label, link.line) for link in file.parsed.links]
    assert links == [("https://a.org/book", "the book", 10), ("graphs.html", "graphs", 17)]
    items = [(item.text, item.start_line, item.end_line) for item in file.parsed.items]
    assert items == [("one", 15, 15), ("two x,\nthree, see graphs", 16, 17)]


def test_every_quote_holds_in_the_document_and_in_the_file(vault_of):
    vault = vault_of({"heap.html": PAGE, "graphs.html": "<p>A graph joins nodes.</p>"})
    texts = {document.path: document.text for document in vault.documents}
    heap = next(c for c in vault.concepts if c.id == "heap")
    assert heap.summary == "A heap is a tree & an array, as the book says."
    spans = [span for c in vault.concepts for span in c.spans] + [e for r in vault.relations for e in r.evidence]
    lines = {"heap.html": PAGE.split("\n"), "graphs.html": ["<p>A graph joins nodes.</p>"]}
    for span in spans:
        assert quote_holds(Quote(span.path, (), span.start_line, span.end_line, span.quote), texts.get)
        window = "\n".join(lines[span.path][span.start_line - 1 : span.end_line])
        assert " ".join(span.quote.split()).replace(" ", "") in spoken(window).replace(" ", "")
    assert {(r.source, r.target, r.kind) for r in vault.relations} >= {("graphs", "heap", "related_to")}


def test_a_plain_sentence_stands_in_the_file_as_it_is():
    file, _ = read(PAGE)
    for sentence, line in (("It is nearly complete.", 10), ("Push costs O(log n).", 13)):
        assert sentence in file.lines[line - 1]
        assert sentence in PAGE.split("\n")[line - 1]


def test_a_page_without_line_breaks_is_read_in_the_same_blocks(vault_of):
    one_line = " ".join(PAGE.split("\n"))
    assert [b.kind for b in read(one_line)[0].parsed.blocks] == [b.kind for b in read(PAGE)[0].parsed.blocks]
    chunks = vault_of({"heap.html": one_line}).chunks
    assert [c.headings for c in chunks] == [("Heap",), ("Heap", "Cost")]
    assert chunks[1].text.startswith("Push costs")
    assert {(c.start_line, c.end_line) for c in chunks} == {(1, 1)}


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<title>T</title><h1>H</h1><p>x</p>", "H"),
        ("<title> A\n B </title><p>x</p>", "A B"),
        ("<p>x</p>", "Heap page"),
        ("<title>Heap - S</title><header><h1>Heap</h1></header><main><p>text text text</p></main>", "Heap"),
    ],
)
def test_a_title_is_the_first_heading_or_the_pages_title_or_the_name(html, title):
    assert read(html)[0].document.title == title


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>a<b>b</b>c <i> d</i>e", "abc de"),
        ("<p>x&nbsp;y&lt;z&eacute;&#39;", "x y<zé'"),
        ("a<br>b", "a b"),
        ("<p>one<p>two", "one two"),
        ("<dl><dt>Heap<dd>A tree.</dl>", "Heap A tree."),
        ("<table><tr><td><h2>Old</h2><p>layout</table>", "Old layout"),
        ("<div>loose <p>text</p> around</div>", "loose text around"),
        ("text </nowhere> goes on", "text goes on"),
        ("<p>1 < 2 and 3 > 2", "1 < 2 and 3 > 2"),
        ("<article><p>kept</p><footer>kept too</footer></article>", "kept kept too"),
        ("<blockquote>said</blockquote><figure><figcaption>shown</figcaption></figure>", "said shown"),
        ("<script>no</script><style>no</style><template>no</template><noscript>no</noscript>yes", "yes"),
        ("<div role=navigation>menu</div><div class='cookie-banner'>ok?</div><p>the text of it", "the text of it"),
        ("<body class='sidebar menu'><p>all of it</body>", "all of it"),
        ("<details><summary>More</summary>is here</details>", "More is here"),
        ("<p>&#10;a&#13;b&NewLine;c</p>", "a b c"),
    ],
)  # fmt: skip
def test_text_is_what_a_reader_sees(html, text):
    assert " ".join(read(html)[0].document.text.split()) == text


def test_links_within_the_own_site_are_furniture():
    head = '<link rel="canonical" href="https://own.org/page">'
    html = f'{head}<p><a href="https://own.org/x">in</a> <a href="https://b.org/y">out</a> <a href="/z">in</a></p>'
    assert [link.target for link in read(html)[0].parsed.links] == ["https://b.org/y"]


def test_a_declared_encoding_is_used():
    html = '<meta charset="windows-1251"><p>Привет</p>'.encode("windows-1251")
    assert read(html)[0].document.text == "Привет"
    assert read(html)[1] == []


@pytest.mark.parametrize("html", ["", "   \n ", "<p></p>", "<!-- only -->", "<script>x</script>"])
def test_a_page_without_text_is_one_problem(html, vault_of):
    assert [(p.code, p.severity) for p in vault_of({"empty.html": html}).problems] == [("empty", "warning")]


@pytest.mark.parametrize(
    "html",
    [
        "<" * 5000, "<b " * 5000, "<!--" * 5000, "<![CDATA[" * 3000, "<![foo", "<!DOCTYPE [ <!ELEMENT", "<?" * 5000,
        "&" * 5000, "<a " + "x='" * 5000, "</" * 5000, "<script>" * 3000, "<div>" * 5000 + "x", "<b>" * 5000 + "x",
        "<table>" * 900 + "x", "<p>a" * 3000, "<ul><li>" * 900 + "x",
        "<a href='http://[x'>bad</a>", "<base href='//['>x",
    ],
)  # fmt: skip
@pytest.mark.parametrize("tail", ["", ">", "--></b>"])
def test_hostile_pages_are_no_crash(html, tail, vault_of):
    vault_of({"x.html": html + tail})


PIECE = st.sampled_from(
    ["<p>", "</p>", "<b>", "</b>", "<ul>", "<li>", "</ul>", "<table>", "<td>", "</table>", "<pre>", "</pre>", "<h2>",
     "</h2>", "\n", " ", "word", "two words", "&amp;", "<br>", "<!-- c -->", "<div>", "</div>",
     "<a href='x.html'>", "</a>",
     "<", ">", "<main>", "</main>", "<nav>", "</nav>"]
)  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(html=st.lists(PIECE, max_size=30).map("".join))
def test_whatever_the_tags_blocks_are_in_order_and_hold_all_text(html):
    file, _ = read(html)
    assert len(file.lines) == html.count("\n") + 1
    places = [((b.start_line, b.start_column), (b.end_line, b.end_column)) for b in file.parsed.blocks]
    assert all(start < end for start, end in places)
    covered = set()
    for (line, column), (last, end) in places:
        for number in range(line, last + 1):
            first = column if number == line else 0
            covered |= {(number, c) for c in range(first, end if number == last else len(file.lines[number - 1]))}
    for number, text in enumerate(file.lines, start=1):
        assert all((number, c) in covered for c, character in enumerate(text) if character.strip())
