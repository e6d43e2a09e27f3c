# ruff: noqa: E501
"""An Obsidian vault with the truth about its links: nearly all of them in the graph, nearly all broken ones reported."""

import itertools
from dataclasses import dataclass, field
from unicodedata import normalize
from urllib.parse import quote

import pytest

from ingest.vault import build_vault, read_sources

PLAIN = [
    f"{first} {second}"
    for first, second in itertools.product(
        ("Sparse", "Dense", "Greedy", "Lazy", "Cached", "Remote", "Stable", "Random", "Linear", "Nested", "Shared"),
        ("index", "matrix", "search", "tree", "queue", "kernel", "graph", "filter", "tensor", "cursor"),
    )
]
ODD = [
    "C#", "F#", "C++", "Node.js", "v1.2", "R&D", "Bayes' rule", "Ünïcode nämes", "🚀 Launch day", "日本語ノート",
    "Array [index]", "50% rule", "Heap (structure)", "Note, with comma", "x = y", "Semi;colon", "A–B test", "naïve Bayes",
    "Русский", "It's done!", "GPT-3.5", "snake_case_name", "UPPER", "a.b.c", "ASP.NET", "What now", "~tilde", "Rate + flow",
]  # fmt: skip
FOLDERS = ["", "concepts", "concepts/deep", "projects/ml", "área"]
FRONT_PROPERTIES = ["source", "topic", "author note"]


@dataclass
class Truth:
    """Files by path, links (source, line, target path), broken links (source, line, target) and what is no link."""

    files: dict = field(default_factory=dict)
    links: list = field(default_factory=list)
    broken: list = field(default_factory=list)
    silent: list = field(default_factory=list)


def stem(path):
    return path.rsplit("/", 1)[-1].removesuffix(".md")


def relative(path, source):
    up = "../" * source.count("/")
    return up + path


def link_forms(path, source):
    """Every way to write a link from one note to another that Obsidian resolves."""
    name, bare = stem(path), path.removesuffix(".md")
    to = relative(path, source)
    forms = [
        f"[[{name}]]", f"[[{bare}]]", f"[[{name}.md]]", f"[[{name}|shown so]]", f"[[{name}#Part one]]",
        f"[[{name}#Part one|alias]]", f"[[{name}#^b1]]", f"[[{name}^b1]]", f"![[{name}]]", f"![[{name}#Part one]]",
        f"[[{name.upper()}]]", f"[[{name.lower()}]]", f"[shown]({quote(to)})", f"[shown](<{to}>)",
        f'[shown]({quote(to)} "a title")', f"[shown]({quote(to)}#part-one)", f"[shown]({quote(to.removesuffix('.md'))})",
        f"[*shown* `so`]({quote(to)})", f"[[{name}#Part one#Part two]]", f"[[ {name} ]]",
    ]  # fmt: skip
    if "/" not in source:
        forms += [f"[shown](./{quote(path)})", f"[[/{bare}]]"]
    return forms


CONTEXTS = [
    "Text before {} and after.", "- item with {}", "1. numbered {}", "- [ ] task {} #todo", "> quoted {}",
    "> [!note] Callout\n> with {} inside", "> [!tip]- {}\n> folded", "### Heading {}", "| cell | {cell} |\n| --- | --- |\n| a | b |",
    "| h | i |\n| --- | --- |\n| x | {cell} |", "Said[^1].\n\n[^1]: in a footnote {}", "**bold {} text**", "==marked {}== ^block-id",
    "\t- deep\n- after {}", "Term:: {}", "line one\nline two {} here\nline three", "<b>html</b> {} <i>x</i>",
    "a %%hidden%% b {}", "costs $5 and {} then $6", "code `x` then {}", "~~{}~~", "- outer\n  - inner {}\n    more",
]  # fmt: skip
NO_LINKS = [
    "`[[Not here]]` inline", "```\n[[Not here]]\n```", "~~~md\n[x](not-here.md)\n~~~", "%% [[Not here]] %%",
    "%%\n[[Not here]]\n\nmore [[Not here]]\n%%", "<!-- [[Not here]] -->", "text <!-- [[Not here]] --> text", "A line.\n\n<!-- -->\n\n    [[Not here]]",
    "$[[Not here]]$ formula", "$$\n[[Not here]]\n$$", "\\[[Not here]]", "[x](#heading)", "[[#Heading]]", "[[#^block]]",
    "![[picture.png]]", "![[picture.png|300]]", "![[talk.mp3]]", "![[paper.pdf#page=3]]", "[[paper.pdf]]", "[[board.canvas]]",
    "[[sketch.excalidraw]]", "![alt](images/picture.png)", "[zip](files/data.zip)", "[web](https://example.org/not-here)",
    "[mail](mailto:a@example.org)", "[app](obsidian://open?vault=x)", "[[stub.csv]]", "#tag/not-here",
]  # fmt: skip
BROKEN = [
    "[[Missing {n}]]", "[[missing/Gone {n}]]", "[[Missing {n}#Part]]", "[[Missing {n}|shown]]", "[x](missing-{n}.md)",
    "[x](gone/missing-{n}.md#a)", "[x](<missing {n}.md>)", "![[Missing {n}]]", "[[Missing {n}.md]]", "[x](missing-{n})",
    "[[Lost {n}#^b1]]",
]  # fmt: skip


def build_truth():
    truth = Truth()
    names = [*ODD, *PLAIN]
    targets = [f"{folder}/{name}.md".lstrip("/") for folder, name in zip(itertools.cycle(FOLDERS), names)]
    forms = itertools.cycle(range(24))
    contexts = itertools.cycle(CONTEXTS)
    for number, source in enumerate(targets):
        bodies = []
        for step in (1, 7, 23):  # each note links three others, each in another way and place
            target = targets[(number + step) % len(targets)]
            ways = link_forms(target, source)
            link = ways[next(forms) % len(ways)]
            if "[" in stem(target) and link.startswith(("[shown]", "[*")):
                link = f"[shown](<{relative(target, source)}>)"
            bodies.append((link, target, next(contexts)))
        parts = [c.format(link, cell=link.replace("|", "\\|")) for link, _, c in bodies]
        parts.append(NO_LINKS[number % len(NO_LINKS)])
        broken = BROKEN[number % len(BROKEN)].format(n=number)
        parts.append(f"Then {broken} stands here.")
        text = (
            f"The note of {number} says what it is.\n\n"
            + "\n\n".join(parts)
            + "\n\n## Part one\n\n### Part two\nEnd. ^b1\n"
        )
        truth.files[source] = text
        for (link, target, _), part in zip(bodies, parts, strict=False):
            shown = link if link in part else link.replace("|", "\\|")
            line = text[: text.index(part) + part.index(shown)].count("\n") + 1
            truth.links.append((source, line, target))
        silent = text.index(parts[3])
        first = text[:silent].count("\n") + 1
        truth.silent.append((source, first, first + parts[3].count("\n")))
        target = broken.split("](")[-1].strip("![]<>()").partition("|")[0].partition("#")[0]
        truth.broken.append((source, text[: text.index(broken)].count("\n") + 1, target))
    _add_special(truth, targets)
    return truth


def _add_special(truth, targets):
    """Front matter links, aliases, same-named notes, fields, decomposed names, empty notes, and what is no note."""

    def note(source, text, *links):
        truth.files[source] = text
        for line, target in links:
            truth.links.append((source, line, target))

    by_name = {stem(path): path for path in targets}
    one, two, three = (by_name[name] for name in ("Dense tree", "Sparse index", "Lazy queue"))
    for number, key in enumerate(FRONT_PROPERTIES):
        front = (
            f'---\n{key}: "[[{stem(one)}]]"\nlist:\n  - "[[{stem(two)}|x]]"\n  - plain\nup: [[{stem(three)}]]\n---\n'
        )
        note(f"front {number}.md", f"{front}Text.\n", (2, one), (4, two), (6, three))
    note("front broken.md", f"---\nrelated: [[{stem(one)}]], [[{stem(two)}]]\n---\nText.\n", (2, one), (2, two))
    note("front gone.md", "---\nsource: '[[No such source]]'\nup: Nowhere at all\n---\nText.\n")
    truth.broken += [("front gone.md", 2, "No such source"), ("front gone.md", 3, "Nowhere at all")]
    note("alias list.md", "---\naliases: [Other name, 'Third, name']\n---\nText.\n")
    note("alias string.md", "---\naliases: Only name\n---\nText.\n")
    note(
        "to alias.md",
        "[[Other name]]\n\n[[Third, name]]\n\n[[only name]]\n",
        (1, "alias list.md"),
        (3, "alias list.md"),
        (5, "alias string.md"),
    )
    for folder in ("", "zz", "area/long/path", "b"):
        note(f"{folder}/Twin.md".lstrip("/"), f"A twin in {folder or 'the root'}.\n")
    note("zz/Second.md", "Second of zz.\n")
    note("area/long/path/Second.md", "Second of area.\n")
    note(
        "b/from.md",
        "[[Twin]]\n\n[[b/Twin]]\n\n[x](Twin.md)\n\n[[Second]]\n\n[[path/Twin]]\n\n[x](../zz/Twin.md)\n",
        (1, "Twin.md"),
        (3, "b/Twin.md"),
        (5, "b/Twin.md"),
        (7, "zz/Second.md"),
        (9, "area/long/path/Twin.md"),
        (11, "zz/Twin.md"),
    )
    note("area/long/path/from here.md", "[[Second]]\n", (1, "area/long/path/Second.md"))
    note(normalize("NFD", "Crème brûlée.md"), "A dessert.\n")
    note("to dessert.md", f"[[{normalize('NFC', 'Crème brûlée')}]]\n", (1, normalize("NFD", "Crème brûlée.md")))
    note(
        "fields.md",
        f"requires:: [[{stem(one)}]]\n\nText (part of:: [[{stem(two)}]]) and more.\n\n**Related:** [[{stem(three)}]]\n",
        (1, one),
        (3, two),
        (5, three),
    )
    note("Empty stub.md", "")
    note("Only front.md", "---\ntags: [todo]\n---\n")
    note("to stubs.md", "First [[Empty stub]].\n\nThen [[Only front]].\n", (1, "Empty stub.md"), (3, "Only front.md"))
    note("readme links.md", "[x](guide/) and [[guide/README]]\n", (1, "guide/README.md"))
    note("guide/README.md", "The guide.\n")
    note("Templates/daily.md", "# {{title}}\n[[{{date}}]] <% tp.file.title %>\n")
    note("sketch.excalidraw.md", "---\nexcalidraw-plugin: parsed\n---\n# Text Elements\nSketched words ^x1\n")
    for hidden in (".obsidian/notes.md", ".trash/Deleted note.md"):
        note(hidden, "Never read [[Hidden]].\n")
    truth.files |= {
        "picture.png": b"\x89PNG\r\n\x1a\n", "talk.mp3": b"ID3", "paper.pdf": b"%PDF-1.4 garbage", "board.canvas": "{}",
        "images/picture.png": b"\x89PNG", "stub.csv": "a,b\n", ".obsidian/app.json": "{}", "sketch.svg": "<svg/>",
    }  # fmt: skip


@pytest.fixture(scope="module")
def truth():
    return build_truth()


@pytest.fixture(scope="module")
def vault(truth, tmp_path_factory):
    root = tmp_path_factory.mktemp("obsidian")
    for name, data in truth.files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return build_vault(read_sources(root), lambda text: len(text.split()) + 2)


@pytest.fixture(scope="module")
def concept_of(vault):
    """The concept of each note, on the word of its passages or, for a note without any, of its title."""
    owners = {chunk.document_id: chunk.owner for chunk in vault.chunks if chunk.owner}
    titles = {concept.title: concept.id for concept in vault.concepts}
    return {d.path: owners.get(d.path) or titles.get(d.title) for d in vault.documents}


def test_the_set_is_large_enough_to_tell(truth):
    assert len([name for name in truth.files if name.endswith(".md")]) >= 150
    assert len(truth.links) >= 400
    assert len(truth.broken) >= 130


def test_resolvable_links_are_in_the_graph_with_the_line_that_holds_them(truth, vault, concept_of):
    stated = {}
    for relation in vault.relations:
        for span in relation.evidence:
            stated.setdefault((frozenset((relation.source, relation.target)), span.path), set()).add(span.start_line)
    missed = []
    for source, line, target in truth.links:
        pair = frozenset((concept_of.get(source), concept_of.get(target)))
        if line not in stated.get((pair, source), ()):
            missed.append((source, line, target, truth.files[source].split("\n")[line - 1]))
    share = 1 - len(missed) / len(truth.links)
    print(f"\n{len(truth.links)} links, {share:.2%} in the graph")
    assert share >= 0.99, missed[:20]


def test_broken_links_are_reported_with_file_line_and_target(truth, vault):
    reported = {(p.path, p.line): "" for p in vault.problems}
    for problem in vault.problems:
        if problem.code == "dangling_link":
            reported[problem.path, problem.line] += problem.message
    missed = [b for b in truth.broken if b[2] not in reported.get((b[0], b[1]), "")]
    share = 1 - len(missed) / len(truth.broken)
    print(f"\n{len(truth.broken)} broken links, {share:.2%} reported")
    assert share >= 0.95, missed[:20]


def test_nothing_else_is_reported_as_broken(truth, vault):
    broken = {(path, line) for path, line, _ in truth.broken}
    wrong = [p for p in vault.problems if p.code == "dangling_link" and (p.path, p.line) not in broken]
    assert wrong == []


def test_code_comments_formulas_and_attachments_are_no_links(truth, vault):
    lines = {(path, line) for path, first, last in truth.silent for line in range(first, last + 1)}
    links = [r for r in vault.relations if r.origin in {"link", "authored"}]
    assert not [r for r in links if any((s.path, s.start_line) in lines for s in r.evidence)]
    assert not [c for c in vault.concepts if "not here" in c.title.casefold()]


def test_no_attachment_drawing_template_or_hidden_file_is_a_concept(truth, vault):
    names = {name.casefold() for concept in vault.concepts for name in (concept.title, concept.id, *concept.aliases)}
    for said in (
        "picture",
        "talk",
        "paper",
        "board",
        "stub.csv",
        "sketch",
        "daily",
        "deleted",
        "hidden",
        "{{",
        "png",
        "notes",
    ):
        assert not [name for name in names if said in name]
    assert not [d.path for d in vault.documents if d.path.startswith(".")]


def test_fields_and_labels_type_their_links(vault, concept_of):
    kinds = {(r.source, r.kind, r.target) for r in vault.relations if r.origin == "authored"}
    mine = concept_of["fields.md"]
    assert {(s, k, t) for s, k, t in kinds if mine in (s, t)} == {
        ("dense-tree", "prerequisite_of", mine),
        (mine, "part_of", "sparse-index"),
        (mine, "related_to", "lazy-queue"),
    }
