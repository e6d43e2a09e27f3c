"""Text that no one should write, in every place where text can stand: no crash, no hang, and every span still holds.

The sizes are such that a careless pattern or a square of the length would take minutes; no time is asserted.
"""

import pytest

from ingest.plain_text import passage_text
from ingest.split import MAX_TOKENS
from ingest.vault import build_vault, read_sources

CONTROLS = "".join(chr(code) for code in range(1, 32) if chr(code) not in "\t\n\r")
STRINGS = {
    "control characters": f"be{CONTROLS}low",
    "a mark of byte order within": "one \ufeff two \ufffe three",
    "right to left": "\u202e\u05d0\u05d1\u05d2 abc \u2067\u0627\u0628\u2069 end",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\u00ad",
    "combining": "z" + "\u0301\u0323\u0336" * 300,
    "emoji": "👩🏽‍🚀👨‍👩‍👧‍👦🇪🇺🏴󠁧󠁢󠁳󠁣󠁴󠁿 7️⃣",
    "other planes": "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𓀀𓁐 \U000f0000 \U0010fffd",
    "line ends of other worlds": "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg",
    "turkish": "İSTANBUL ıI ŞİŞ ﬀ ǅ ß ẞ",
    "wide": "ＦＵＬＬ　ｗｉｄｔｈ",
    "sql": "x'); DELETE FROM notes WHERE 'a'='a'; --",
    "html": '"><svg/onload=confirm(7)><iframe src=data:,x>',
    "javascript": "[go](javascript:void(7)) `${7*7}` {{constructor}}",
    "templates": "{{ title }} {% raw %} <%= 7 %> ${HOME} #{x} %(s)s %n",
    "shell": "$(touch x); `id` && rm -- *",
    "paths": "../../up/../../../x C:\\CON\\aux.txt file:///etc/x \\\\host\\share",
    "yaml": "- &a [*a] !!set {? x} : | > % @ ` : #",
    "numbers": "0x7f 1e999 -0 NaN Infinity 1_000 ١٢٣ ²½",
    "words of languages": "None null undefined true nil () [] {}",
    "marks": "*_`~[]()<>#|\\!^=+-:\"'" * 20,
    "brackets": "[[" * 60 + "]]" * 59,
    "one bracket": "[[unclosed and ]] [[ ]] [[|]] [[#]] [[^]] [[a|]] [[#a|b]]",
    "percent": "%%% %%a%% % 100%25 %zz %00",
    "private marks": "\ue0000\ue001 \ue00099999\ue001",
}
PLACES = {
    "body": "{}",
    "heading": "# {}\nText.\n## {}\nMore.",
    "title": "---\ntitle: {quoted}\naliases: [{quoted}, plain]\ntags: [{quoted}]\n---\nText.",
    "raw front matter": "---\ntitle: {}\nrequires: {}\n---\nText.",
    "link": "See [[{}]] and [[a|{}]] and [{}](b.md) and [x](<{}>).",
    "connection": "Text.\n\n## Connections\n- requires [[{}]]: {}\n- {} [[b]]: why",
    "field": "requires:: [[{}]]\n\n**{}**: is a thing. {} (ABC) builds on {}. #{}",
    "list": "- {}\n  - {}\n1. {}",
    "table": "| {} | [[{}]] |\n| --- | --- |\n| {} | x |",
    "code": "```{}\n{}\n```\n\n`{}`",
    "quote": "> [!note] {}\n> {}",
}


def one_line(text):
    return " ".join(text.split("\n"))


def quoted(text):
    """A YAML string in double quotes, with what YAML does not take as it is escaped."""
    return '"' + "".join(c if c.isprintable() and c not in '"\\' else f"\\U{ord(c):08x}" for c in text) + '"'


def fill(place, text):
    return place.replace("{quoted}", quoted(text)).replace("{}", one_line(text))


def assert_whole(vault, count):
    """Every document, passage and span stands where it says; every problem is one sentence."""
    assert len(vault.documents) == count
    lines = {document.path: document.text.split("\n") for document in vault.documents}
    for chunk in vault.chunks:
        assert chunk.text in "\n".join(lines[chunk.document_id][chunk.start_line - 1 : chunk.end_line])
    spans = [span for concept in vault.concepts for span in concept.spans]
    spans += [span for relation in vault.relations for span in relation.evidence]
    for span in spans:
        assert span.quote in "\n".join(lines[span.path][span.start_line - 1 : span.end_line])
    assert all(p.message.endswith(".") and "\n" not in p.message for p in vault.problems)


@pytest.mark.parametrize("place", PLACES)
def test_naughty_text_in_any_place(place, vault_of):
    files = {f"{number:02}.md": fill(PLACES[place], text) for number, text in enumerate(STRINGS.values())}
    vault = vault_of({**files, "b.md": "The second note."})
    assert_whole(vault, len(files) + 1)
    assert {d.path for d in vault.documents if d.path[0] in "012"} == set(files)


@pytest.mark.parametrize("place", ["body", "heading", "list", "table", "quote", "code"])
def test_no_visible_character_of_it_is_lost(place, vault_of):
    for text in STRINGS.values():
        shown = fill(PLACES[place], text)
        vault = vault_of({"a.md": shown})
        kept = "".join(chunk.text + "".join(chunk.headings) for chunk in vault.chunks)
        assert {c for c in shown if c.isalnum()} <= set(kept), text


def test_naughty_names_of_files(tmp_path):
    made = 0
    for text in STRINGS.values():
        name = one_line(text).replace("/", "⁄").replace("\0", "")[:60].strip(". ")
        try:
            (tmp_path / f"{name}.md").write_text(f"The note says [[{name}]].", encoding="utf-8")
        except (OSError, ValueError):
            continue  # a file system need not take every name
        made += not name.startswith(".")
    (tmp_path / "to.md").write_text("Text.")
    (tmp_path.joinpath("x.md").parent / b"\xff\xfe.md".decode("utf-8", "surrogateescape")).write_text(
        "Bytes for a name."
    )
    assert made > len(STRINGS) // 2
    assert_whole(build_vault(read_sources(tmp_path), lambda text: len(text.split()) + 2), made + 2)


LARGE = {
    "quotes a thousand deep": "> " * 1000 + "deep",
    "a list a thousand deep": "\n".join("  " * depth + f"- item {depth}" for depth in range(1000)),
    "bullets a thousand on a line": "- " * 1000 + "deep",
    "a title of fifty thousand letters": "---\ntitle: " + "x" * 50_000 + "\naliases: [" + "y " * 5000 + "]\n---\ntext",
    "a heading of fifty thousand words": "# " + "word " * 50_000 + "\ntext",
    "a heading without a space": "# " + "ab" * 25_000 + "\ntext",
    "a megabyte without a space": "x" * 1_000_000,
    "a megabyte of digits": "7" * 1_000_000,
    "much Chinese without a space": "語" * 100_000,
    "marks without a space": "!?" * 60_000,
    "a large table": "| a | b |\n| - | - |\n" + "| cell one | [[x]] |\n" * 3000,
    "a wide table": "|" + " a |" * 8000 + "\n|" + " - |" * 8000 + "\n|" + " b |" * 8000,
    "links on one line": "[[x]] [a](b.md) " * 20_000,
    "links under the limit": "[[x]] [a](b.md) " * 600,
    "open brackets": "[[" * 100_000,
    "open comments": "<!-- " * 50_000 + "%% a " * 50_001,
    "open formulas": "$a $$ " * 50_000,
    "ever longer ticks": "".join("`" * n + "a" for n in range(1, 600)),
    "emphasis": "*a __b " * 30_000,
    "tags": "---\ntags: [" + ", ".join(f"tag-{n}" for n in range(2000)) + "]\n---\n" + "#tag " * 20_000,
    "initials": "A. " * 60_000,
    "empty lines": "\n" * 200_000 + "end",
    "fields": "requires:: [[x]] " * 10_000 + "(up:: " * 10_000 + "Related: " + "x, " * 10_000,
    "properties": "---\n" + "\n".join(f"k{n}: [[x{n}]]" for n in range(1500)) + "\n---\nx",
    "headings": "\n".join("#" * (n % 6 + 1) + f" h{n}" for n in range(3000)),
    "definitions": "[a]: /b\n" * 10_000 + "[^1]: x\n" * 5000,
    "accents": "a" + "\u0301" * 100_000 + "\u200b" * 100_000,
    "html": "<div>" * 20_000 + "<a " * 20_000 + "&amp;" * 20_000,
}


@pytest.mark.parametrize("name", LARGE)
def test_large_and_deep_text_is_read_in_pieces_that_the_model_can_read(name, vault_of, embedder):
    vault = vault_of({"a.md": LARGE[name], "b.md": "# Other\nSome [[a]] text."})
    assert_whole(vault, 2)
    assert max(len(c.text) for c in vault.chunks) <= 20_000
    assert all(len(c.title) <= 240 for c in vault.concepts)
    longest = sorted(vault.chunks, key=lambda chunk: len(chunk.text))[-3:]
    assert all(embedder.count_tokens(passage_text(c.headings, c.text)) <= MAX_TOKENS + 6 for c in longest)


def test_a_title_that_is_cut_is_said_so_and_a_heading_is_kept_whole(vault_of):
    vault = vault_of(
        {"a.md": LARGE["a title of fifty thousand letters"], "h.md": LARGE["a heading of fifty thousand words"]}
    )
    assert [(p.path, p.line) for p in vault.problems if p.code == "long_title"] == [("a.md", 2)]
    assert sum(c.text.count("word") for c in vault.chunks if c.document_id == "h.md") == 50_000


def test_an_unbroken_run_is_kept_to_the_last_character(vault_of):
    chunks = vault_of({"a.md": LARGE["a megabyte without a space"]}).chunks
    assert len(chunks) > 200
    assert "".join(chunk.text for chunk in chunks) == LARGE["a megabyte without a space"]


@pytest.mark.parametrize(
    ("data", "severity", "code"),
    [
        ("Grüße".encode("utf-16"), "error", "unreadable"),
        ("Grüße".encode("utf-16-le"), "error", "unreadable"),
        ("Grüße".encode("utf-32"), "error", "unreadable"),
        (b"text\0text", "error", "unreadable"),
        ("Grüße und mehr".encode("latin-1"), "warning", "not_utf8"),
        ("Grüße ".encode() + "und Grüße".encode("latin-1"), "warning", "not_utf8"),
        ("привет".encode("koi8-r"), "warning", "not_utf8"),
        (b"\xed\xa0\x80 half a pair", "warning", "not_utf8"),
        (b"\xf8\x88\x80\x80\x80 too long", "warning", "not_utf8"),
        (b"---\na: &a [x]\nb: [*a, *a]\n---\ntext", "error", "broken_front_matter"),
        (b"---\na: " + b"[" * 9000 + b"\n---\ntext", "error", "broken_front_matter"),
        (b"---\na: 1\na: 2\n b: 3\n---\ntext", "error", "broken_front_matter"),
        (b"---\ntitle: " + b"x " * 40_000 + b"\n---\ntext", "error", "broken_front_matter"),
    ],
)
def test_what_cannot_be_read_whole_is_one_clear_problem(data, severity, code, vault_of):
    vault = vault_of({"a.md": data, "b.md": "The second note."})
    assert [
        (p.path, p.severity, p.code) for p in vault.problems if p.path == "a.md" and p.code != "unlinked_concept"
    ] == [("a.md", severity, code)]
    assert "b" in {concept.id for concept in vault.concepts}


@pytest.mark.parametrize(
    "data", [b"\xef\xbb\xbf# Title\nText.", b"# Title\rText.", b"# Title\r\nText.", b"# Title\n\rText.\r"]
)
def test_marks_of_byte_order_and_line_ends_of_other_systems_change_nothing(data, vault_of):
    vault = vault_of({"a.md": data})
    assert vault.concepts[0].title == "Title"
    assert [chunk.text for chunk in vault.chunks] == ["Text."]
