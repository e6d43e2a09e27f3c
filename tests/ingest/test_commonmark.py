# ruff: noqa: E501
"""Every leaf block in every container, every inline mark at every edge: no word is lost, and each keeps its line.

The examples are put together here from blocks, containers and marks, one list for each section of the CommonMark
specification. A word such as "w1" is text that a reader sees; it must stand in a passage, on its own line, or in the
heading path.
"""

import re
from itertools import product

import pytest

LEAVES = {
    "tabs": ["\tw1", "w1\n\tw2", "\t\tw1\n\tw2", "  \tw1\n\n \t w2", "w1\t\t\tw2"],
    "thematic breaks": ["w1\n\n---\n\nw2", "w1\n\n* * *\nw2", "___\nw1", "w1\n-----x\nw2", "w1\n    ***"],
    "atx headings": [
        "# w1\nw2", "## w1 ##\nw2\n### w3\nw4", "####### w1", "#w1", "   # w1 #\nw2", "# w1 \\#\nw2", "#\nw1", "# `w1` *w2*\n", "# w1 # w2",
    ],
    "setext headings": ["w1\n===\nw2", "w1\nw2\n---\nw3", "   w1\n =\nw2", "w1\n= =\nw2", "*w1\nw2*\n----\nw3", "w1\n\n===\nw2", "w1 \\\n==="],
    "indented code": ["    w1\n    w2", "    w1\n\n      w2\n   w3", "w1\n    w2", "\n    w1\n\n\n    w2", "      # w1\n    - w2\n    > w3"],
    "fenced code": [
        "```\nw1\n```\nw2", "~~~ lang extra\nw1\n\n# w2\n~~~", "```\nw1", "````\n```\nw1\n````\nw2", "``` a`b\nw1", "  ~~~\n w1\n   w2\n~~~~",
        "~~~\nw1\n``` \n~~~ no end\nw2", "w1\n```x\nw2\n```\nw3", "```",
    ],
    "html 1": ["<script>\nw1\n\nw2 </script> w3\nw4", "<pre>w1\n\n    w2</pre>\nw3", "<style>\nw1\n\nw2", "<textarea rows=2>\nw1\n\nw2</textarea>"],
    "html 2-5": ["<!-- w1\n\nw2 --> w3\nw4", "<?x w1\n\nw2 ?>\nw3", "<!ANY w1\nw2>\nw3", "<![CDATA[ w1\n\nw2 ]]> w3\n\nw4", "<!--\nw1"],
    "html 6": ["<section>\nw1\n</section>\nw2\n\nw3", "<li>w1", "</div>\n# w1\n\n# w2", "<p\nw1\n\nw2", "<dl>\n\nw1\n\n</dl>", "w1\n<div>\nw2\n</div>"],
    "html 7": ["<span>\nw1\n</span>\n\nw2", "<x-y a='b'>\n\nw1", "w1\n<b>\nw2", "<a\nw1>", "</x>\n*w1*\n\n*w2*"],
    "definitions": [
        "[w1]\n\n[w1]: /a 'w2'", "[w1]: </a b>\n  \"w2\nw3\"\n\nw4", "[w1]:\n/a\nw2", "w1\n[w2]: /a", "[w1]: /a 'w2' w3", "[w1]: /a\n[w2]: /b\n[w3]: /c",
        "[\nw1\n]: /a\n\n[w1]", "[w1]: /a\n# w2\nw3", "\\[w1]: /a", "[w1]: /a \"w2\n\nw3\"",
    ],
    "paragraphs": ["w1\nw2\n\nw3", "  w1\n          w2\n w3", "w1  \nw2\\\nw3", "\n\n\nw1\n\n\n\nw2\n", " w1 \n \n w2 "],
    "quotes": ["> w1\nw2\n>w3", ">> w1\n> w2\nw3", "> w1\n\n> w2", ">     w1\n>  w2", "> ~~~\n> w1\nw2", "> # w1\n>\n> w2\n\nw3", "   >w1\n    > w2"],
    "items": [
        "- w1\n\n  w2\n- w3", "10) w1\n\n    w2\n\n        w3", "1234567890. w1", "-w1", "-\n  w1\n\n  w2", "-\n\n  w1", "*   w1\n\n    > w2\n\n        w3",
        "+ w1\nw2\n  + w3\nw4", "- - 1. w1\n      - w2", "- [ ] w1\n- [x] w2\n\n      w3", "-     w1\n\n  w2", "3. # w1\n   w2", "- \tw1\n\n\tw2",
    ],
    "lists": [
        "- w1\n+ w2\n* w3", "1. w1\n1) w2", "w1\n- w2", "w1\n7. w2", "- w1\n - w2\n  - w3\n   - w4\n    - w5", "- w1\n\n\n\n- w2\n\n\n    w3", "- w1\n<!-- -->\n- w2",
        "- w1\n  - w2\n    - w3\n\n      w4\n\n   w5", "- w1\n-\n- w2", "- w1\n  ---\n  w2\n---\nw3", "1. w1\n   - w2\n\n   w3\n2. w4",
    ],
    "tables": ["| w1 | w2 |\n|---|:-:|\n| w3 | w4 |\n\nw5", "w1 | w2\n--|--\nw3\n", "| w1 |\n|-|\n| w2 | w3 | w4 |", "| `w1\\|w2` |\n|-|\n| [[w3\\|w4]] |", "| w1 |\n|--|--|\nw2"],
}  # fmt: skip
CONTAINERS = {
    "nothing": lambda text: text,
    "a paragraph before": lambda text: f"Before.\n\n{text}",
    "a paragraph right above": lambda text: f"Above\n{text}",
    "a heading": lambda text: f"# Top\n{text}\n# Next\nAfter.",
    "a quote": lambda text: prefixed(text, "> "),
    "a quote without space": lambda text: prefixed(text, ">"),
    "a callout": lambda text: "> [!tip]- Said\n" + prefixed(text, "> "),
    "a bullet": lambda text: hanging(text, "- "),
    "a wide bullet": lambda text: hanging(text, "*    "),
    "a number": lambda text: hanging(text, "12. "),
    "an item in an item": lambda text: hanging(hanging(text, "+ "), "1) "),
    "a quote in an item": lambda text: hanging(prefixed(text, "> "), "- "),
    "an item in a quote": lambda text: prefixed(hanging(text, "- "), "> "),
    "three quotes": lambda text: prefixed(text, ">> > "),
    "an indentation of three": lambda text: prefixed(text, "   "),
    "an indentation of four": lambda text: prefixed(text, "    "),
    "a tab": lambda text: prefixed(text, "\t"),
    "front matter": lambda text: f"---\ntitle: Said\n---\n{text}",
    "an admonition": lambda text: f"!!! note\n{prefixed(text, '    ')}",
    "colons": lambda text: f":::note\n{text}\n:::",
    "a footnote": lambda text: hanging(text, "[^1]: "),
}
INLINES = {
    "escapes": [r"\*w1\* \_w2\_", r"\`w1\` \[w2\]", r"\\w1\\ \w2", r"w1\!w2 \#w3", r"\<w1\> \&amp; w2", "\\"],
    "entities": ["&lt;w1&gt; &amp;", "&#119;1 w2 &#x57;", "&none; w1 &; &#; &#x;", "&nbsp;w1&nbsp;w2", "&#0; w1 &#99999999;", "&ouml w1"],
    "code spans": ["`w1`", "`` w1`w2 ``", "` w1", "`w1``w2`", "```w1`` w2", "`w1\\` w2`", "`<a w1>`", "``w1 ` ` w2``", "` `w1` `"],
    "emphasis": [
        "*w1* _w2_ **w3** __w4__", "***w1** w2*", "**w1 *w2***", "*w1 **w2* w3**", "_w1_w2_", "w1_w2_w3", "w1*w2*w3", "* w1 *", "**w1", "__w1 __w2____",
        "*w1 _w2* w3_", "*(w1)* *\"w2\"*", "****", "*w1`*`w2*", "~~w1~~ ~w2~ ~~w3", "==w1== ^w2^ ~w3~", "_*w1*_ *_w2_*", "\\*w1* **w2\\**",
    ],
    "links": [
        "[w1](/a)", "[w1](</a b> 't2')", "[w1](/a 't2\" t3')", "[w1](/a (t2))", "[w1 [w2] w3](/a)", "[w1 [w2](/a) w3](/b)", "[w1](a b)", "[w1] (/a)", "[w1](/a(b(c)))", "[w1](/a(b",
        "[*w1](/a)*", "[w1]\\(/a)", "[](/t1) w1", "[w1]()", "[w1][w2]", "[w1][]", "[w1\\]", "[![w1](/i)](/a)", "[`w1]`](/a)", "[[w1]] [[t2|w3]] [[w4#w5]]", "[[[w1]]]", "[w1](#t2)", "[^w1] w2",
    ],
    "images": ["![w1](/i)", "![w1 *w2*](/i 't3')", "![w1][w2]", "!\\[w1]", "![[w1]] ![[t2|w2]]", "![](/i) w1", "![w1](", "! [w1](/i)"],
    "autolinks": ["<https://example.org/w1> w2", "<w1@example.org>", "https://example.org/w1 w2", "<w1:w2>", "< https://w1 >", "<ftp://w1.w2> w3", "www.w1.org"],
    "raw html": ["w1 <b>w2</b> w3", "<i\ttitle='x>y'>w1</i>", "w1 <!-- w2 --> w3", "w1 <br/> w2<hr>", "w1 <2> w2 <_> w3", "w1 < b > w2", "<b w1", "w1 <?w2?> w3", "Vec<w1> and w2>w3"],
    "line breaks": ["w1  \nw2", "w1\\\nw2", "w1 \nw2", "w1  ", "`w1  \nw2`", "<b\nw1>w2", "**w1\nw2**", "[w1\nw2](/a\n't3')", "w1\n\tw2", "`w1\n\nw2`"],
    "formulas and fields": ["$w1_w2$", "$$\nw1\n$$", "$5 w1 $6", "w1:: w2", "(w1:: w2)", "%%c1%% w2", "#w1/w2 w3", "w1 ^w2", "{{w1}} {% w2 %}", "{w1} <W2 w3={w4}/>"],
}  # fmt: skip
EDGES = [
    "{}",
    "a{}b",
    "({})",
    "# {}\nText.",
    "- {}\n- {}",
    "| {} |\n| - |",
    "> {}",
    "{} {}",
    "*{}*",
    "[{}](/l)",
    "Text.\n{}\nText.",
    "{}\n===\nText.",
]


def prefixed(text, prefix):
    return "\n".join(f"{prefix}{line}" for line in text.split("\n"))


def hanging(text, mark):
    first, *rest = text.split("\n")
    return "\n".join([f"{mark}{first}", *(f"{' ' * len(mark)}{line}" if line else "" for line in rest)])


def examples(section):
    """All examples of a section, each written down here and nowhere else."""
    if section in LEAVES:
        return list(dict.fromkeys(build(text) for text, build in product(LEAVES[section], CONTAINERS.values())))
    return list(dict.fromkeys(edge.replace("{}", text) for text, edge in product(INLINES[section], EDGES)))


SECTIONS = [*LEAVES, *INLINES]


def words_by_line(text):
    return [(number, word) for number, line in enumerate(text.split("\n"), 1) for word in re.findall(r"w\d+", line)]


def placed_words(chunk):
    rows = chunk.text.split("\n")
    assert len(rows) == chunk.end_line - chunk.start_line + 1
    return {(chunk.start_line + at, word) for at, row in enumerate(rows) for word in re.findall(r"w\d+", row)}


def test_there_are_examples_enough():
    assert sum(len(examples(section)) for section in SECTIONS) >= 2000


@pytest.mark.parametrize("section", SECTIONS)
def test_no_word_is_lost_and_every_word_stays_on_its_line(section, vault_of):
    texts = {f"{number:04}.md": text for number, text in enumerate(examples(section))}
    texts["ends.md"] = "\r\n".join(texts["0000.md"].split("\n"))
    vault = vault_of(texts)
    placed, paths = {name: set() for name in texts}, {name: set() for name in texts}
    for chunk in vault.chunks:
        placed[chunk.document_id] |= placed_words(chunk)
        paths[chunk.document_id] |= set(re.findall(r"w\d+", " ".join(chunk.headings)))
    for name, text in texts.items():
        lost = {
            (n, word) for n, word in words_by_line(text) if (n, word) not in placed[name] and word not in paths[name]
        }
        assert lost == set(), text


@pytest.mark.parametrize("section", SECTIONS)
def test_every_span_is_an_exact_quote_of_its_lines(section, vault_of):
    texts = {f"{number:04}.md": text for number, text in enumerate(examples(section))}
    vault = vault_of({**texts, "links.md": "\n".join(f"- requires [[{name}]]" for name in texts)})
    lines = {document.path: document.text.split("\n") for document in vault.documents}
    spans = [span for concept in vault.concepts for span in concept.spans]
    spans += [span for relation in vault.relations for span in relation.evidence]
    spans += [resource.span for resource in vault.resources]
    assert len(spans) > len(texts)
    for span in spans:
        assert span.quote.strip()
        assert span.quote in "\n".join(lines[span.path][span.start_line - 1 : span.end_line]), texts.get(span.path)
