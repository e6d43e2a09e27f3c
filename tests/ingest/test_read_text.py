# ruff: noqa: E501
"""Markdown, MDX and plain text: whatever the syntax, no word of a file is lost on the way to its passages."""

import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ingest.plain_text import plain_text
from ingest.read import SourceFile, list_files, read_document

MDX = """---
title: Vector databases
meta:
  nested: {deep: [one, two]}
---
import Tabs from '@theme/Tabs';
import {
  A,
  B,
} from 'x';

export const level = 'Beginner level';

# Vector databases

<Tabs groupId="os">
  <TabItem value="a" label="On a laptop">

  An index is kept in memory, see [HNSW](hnsw.mdx).

  </TabItem>
</Tabs>

<Card
  title="Why it matters"
  icon="x"
>
  Recall is traded for speed.
</Card>

:::tip[Watch the cost]
Memory is the bill that you pay.

- a list in a tip
:::

:::note Older title
Older text.
:::

{/* a comment */}

The cost is {cost} per <Price>month</Price>, said once[^1].

```jsx
import Kept from 'code';
<Tabs>
:::tip
[^2]: kept
```

[^1]: Footnote
[^long]: A footnote of many words.

| a | b |
| - | - |
| cell | [[ivf]] |
"""


def read(text, path="folder/some_note.md"):
    return read_document(SourceFile(path, text if isinstance(text, bytes) else text.encode()))


def passages(vault):
    return "\n".join(f"{' > '.join(chunk.headings)}\n{chunk.text}" for chunk in vault.chunks)


def test_mdx_keeps_every_line_of_the_file():
    file, problems = read(MDX, "a.mdx")
    assert problems == []
    assert file.document.text == MDX
    assert file.document.title == "Vector databases"
    assert file.front.values["meta"] == {"nested": {"deep": ["one", "two"]}}


def test_text_in_components_is_markdown():
    parsed = read(MDX, "a.mdx")[0].parsed
    assert {(link.target, link.line) for link in parsed.links} == {("hnsw.mdx", 19), ("ivf", 57)}
    kinds = {b.start_line: b.kind for b in parsed.blocks}
    assert (kinds[19], kinds[28], kinds[32], kinds[34]) == ("paragraph", "paragraph", "paragraph", "bullet_list")
    assert kinds[45] == "fence"
    assert not set(kinds) & {6, 7, 8, 9, 10, 21, 22, 27, 29, 35, 39}


def test_mdx_loses_no_text(vault_of):
    vault = vault_of({"a.mdx": MDX})
    text = passages(vault)
    for said in [
        "Beginner level", "On a laptop", "An index is kept in memory", "Why it matters", "Recall is traded",
        "Watch the cost", "Memory is the bill", "a list in a tip", "Older title", "Older text", "The cost is {cost}",
        "month", "import Kept from 'code'", "[^1]: Footnote", "A footnote of many words", "cell",
    ]:  # fmt: skip
        assert said in text
    assert "@theme/Tabs" not in text
    dangling = [p.message for p in vault.problems if p.code == "dangling_link"]
    assert {message.split("'")[1] for message in dangling} == {"hnsw.mdx", "ivf"}


def test_a_notes_definition_is_not_its_admonition_mark(vault_of):
    vault = vault_of({"a.md": ":::tip[Title]\nA heap is a tree.\n:::\n"})
    assert vault.concepts[0].summary == "A heap is a tree."
    assert plain_text(vault.chunks[0].text) == "Title A heap is a tree."


def test_indented_admonitions_are_text():
    lines = '!!! note "A title"\n    Text with [[heap]].\n\n    - item\n\nAfter.'
    parsed = read(lines)[0].parsed
    assert [(b.kind, b.start_line) for b in parsed.blocks] == [
        ("stray", 1), ("paragraph", 2), ("bullet_list", 4), ("paragraph", 6),
    ]  # fmt: skip
    assert [link.target for link in parsed.links] == ["heap"]


def test_a_footnote_is_no_link():
    parsed = read("Said[^1].\n\n[^1]: word\n")[0].parsed
    assert parsed.links == ()
    assert [(b.kind, b.start_line) for b in parsed.blocks] == [("paragraph", 1), ("paragraph", 3)]


def test_plain_text_has_no_front_matter():
    file, problems = read("---\ntitle: [x\n---\nText of a heap.\n", "heap_notes.txt")
    assert (file.document.title, file.front.values, problems) == ("Heap notes", {}, [])


def test_which_text_files_are_notes(tmp_path):
    for name in ["a.txt", "b.mdx", "c.HTML", "d.htm", "e.ipynb", "f.pdf", "requirements.txt", "robots.txt", "g.py"]:
        (tmp_path / name).write_text("x")
    paths, _ = list_files(tmp_path)
    assert [path.name for path in paths] == ["a.txt", "b.mdx", "c.HTML", "d.htm", "e.ipynb", "f.pdf"]


# Own cases for each section of the CommonMark specification; a word that starts with "w" is text and must stay.
COMMONMARK = [
    "\tw1\tw2", "  - w1\n\n\tw2", "> \tw1", "\\*w1\\* \\# w2", "&nbsp; &amp; w1 &#35; &bogus;", "***\nw1\n___", "+++\nw1",
    "# w1\n## w2 ##\n####### w3\n#w4\n#\t\tw5", "#                  w1 \\##", "w1\n===\nw2\n---\nw3", "w1\n=  =\nw2",
    "    w1\n\n    w2\n  w3", "```\nw1\n~~~\nw2", "~~~ w0 info\nw1\n~~~~", "`````\n\n```\nw1", "``` aa ```\nw1",
    "<table><tr><td>\n<pre>\n**w1**\n\n_w2_.\n</pre>\n</td></tr></table>", "<div id=\"w1\"\n  class=\"w2\">\nw3\n</div>",
    "<!-- w1\n\nw2 -->\nw3", "<?php\n  echo 'w1';\n?>\nw2", "<![CDATA[\nw1\n]]>\nw2", "<!DOCTYPE w1>", "  <del>\n*w1*\n</del>",
    "[w1]: /w2 'w3'\n\n[w1]", "[w1]:\n/w2\n'w3\nw4'\n\n[w1]", "[w1]: <>\n[w1]", "[w1]\n\n[W1]: /w2", "w1\n\n\nw2", "w1  \nw2\\\nw3",
    "> # w1\n> w2\n>w3", "> w1\nw2\n> - w3\n- w4", "> ```\nw1\n```", ">\n> w1\n>", "> > > w1\nw2", ">     w1\n\n>    w2",
    "- w1\n\n  w2\n- w3\n + w4", "1.  w1\n\n        w2\n\n    > w3", "-w1\n\n2.w2", "123456789. w1\n1234567890. w2", "-1. w1",
    "- \n  w1\n-   \n  w2", "*\nw1", "- w1\n - w2\n  - w3\n   - w4\n    - w5", "1. w1\n2) w2", "- [ ] w1\n- [x] w2",
    "w1\n- w2\n14. w3", "- w1\n<!-- -->\n- w2", "- a\n  > w1\n  ```\n  w2\n  ```", "`` w1 ` w2 `` `w3\nw4`", "`w1``", "<a href=\"`\">`w1",
    "*w1*w2 **w3**w4 _w5_ __w6__w7", "**w1 *w2** w3*", "* w1 *", "*w1\n\nw2*", "[w1](/u \"w2\") [w3](<a b>) [w4](a(b)c)",
    "[w1 [w2](/u)](/v)", "![w1](/u) ![*w2*][r]\n\n[r]: /w3", "[w1][w2]\n\n[w2]: /u", "<http://w1.org?q> <w2@b.org> <w3>",
    "<a><bab><c2c/> w1", "<a  /><b2\ndata=\"w1\" >w2", "w1 <!-- w2 --> w3", "w1 \\\nw2", "hello $.;'w1", "w1\u00a0w2 w3\u2003w4", "\ufeffw1",
    "| w1 | w2 |\n| - | - |\n| w3 | w4 |\n| w5 |\n\nw6", "| w1 |\n| - |\nw2\n", "~~w1~~ ~w2", "w1\n    w2", "[[w1]] [[w2|w3]] ![[w4]]",
    "Term\n: w1", "$$\nw1\n$$", "w1[^w2]\n\n[^w2]: w3\n    w4", "%% w1 %%", "==w1==", "w1 ^block-id", "<details>\n<summary>w1</summary>\nw2\n</details>",
]  # fmt: skip


@pytest.mark.parametrize("path", ["a.md", "a.mdx", "a.txt"])
@pytest.mark.parametrize("text", COMMONMARK)
def test_no_word_of_an_odd_corner_is_lost(text, path, vault_of):
    text = text.removeprefix("\ufeff")
    vault = vault_of({path: text})
    kept = passages(vault)
    if path == "a.mdx":  # where "<w3>" and "{w}" are syntax, and a line of tags only says nothing
        text = re.sub(r"<[^>]*>|\{[^}]*\}", "", text)
    assert set(re.findall(r"\bw\d", text)) <= set(re.findall(r"w\d", kept))


NAUGHTY = [
    "undefined", "null", "NaN", "\\", "\\\\", "0/0", "1;DROP TABLE users", "' OR 1=1 -- 1", "<script>alert(0)</script>",
    "{{7*7}}", "${jndi:ldap://x}", "%s%s%n", "../../../../etc/passwd%00", "\u200b", "\u202e\u202atest", "\ufeff", "\ufffe\uffff", "\u2028\u2029",
    "Ω≈ç√∫˜µ≤≥÷", "田中さんにあげて下さい", "パーティーへ行かないか", "﷽", "الكل في المجمو عة", "בְּרֵאשִׁית", "Ṱ̺̺̕o͞ ̷i̲̬͇̪͙n̝̗͕v̟̜̘̦͟o̶̙̰̠kè͚̮", "👩‍👩‍👧‍👦 🇩🇪 🏳️‍🌈", "˙ɐnbᴉlɐ ɐuƃɐɯ",
    "\x1b[31mred\x1b[0m", "\x07\x08\x0b\x0c\x1c\x1d\x85", "\ue000" + "3" + "\ue001", "a\u0301" * 200, "[" * 300, "]" * 300, "(" * 300, "*" * 300,
    "_" * 299, "`" * 299, "> " * 60 + "x", "- " * 60 + "x", "#" * 300, "|" * 300, "[a](" * 100, "![" * 200, "<" * 300, "&" * 300, "\\" * 299,
    "[[" * 150 + "x" + "]]" * 150, "[[]]", "[[|]]", "[[#]]", "[](", "[]()", "[x](%ZZ)", "[x](http://[)", "[x]: <", "[^]: x", "[^^]: x", "---", "---\n---",
    "---\n- a\n---", "---\n? a\n---", "---\n&a [*a]\n---", "---\ntitle: \"\\ud800\"\n---\nx", "---\n!!python/object:x {}\n---", ":::", ":::tip[", ":::" * 50,
    "!!!", "!!! note", "???+ x\n    y", "import", "export default", "import {", "{/*", "<A", "<A\nb={", "<></>", "```", "~~~\n```", "    ", "\t", "\n" * 50, "\r\r\n",
    "x" * 20_000, "-" * 5000, "=" * 5000, "https://" + "a" * 5000, "1." * 500, "\U000e0001", "\U0010ffff", "CON", "2e308", "0x" + "f" * 400,
]  # fmt: skip


@pytest.mark.parametrize("suffix", ["md", "mdx", "txt", "html"])
def test_naughty_strings_are_no_crash(suffix, vault_of):
    files = {f"{number:03}.{suffix}": text for number, text in enumerate(NAUGHTY)}
    vault = vault_of(files)
    assert len(vault.documents) == len(NAUGHTY)
    lines = {document.path: document.text.split("\n") for document in vault.documents}
    for chunk in vault.chunks:
        assert chunk.text in "\n".join(lines[chunk.document_id][chunk.start_line - 1 : chunk.end_line])


@settings(max_examples=150, deadline=None)
@given(data=st.binary(max_size=200), suffix=st.sampled_from(["md", "mdx", "txt", "html", "ipynb", "pdf"]))
@example(data="Grüße".encode("utf-16"), suffix="html")
def test_any_bytes_give_a_document_or_a_problem(data, suffix):
    file, problems = read_document(SourceFile(f"x.{suffix}", data))
    assert file or problems
    assert all(p.message.endswith(".") and "\n" not in p.message for p in problems)
