# ruff: noqa: E501
"""What holds for any folder of other people's notes: order and deleted notes leave no trace, and every quote is there."""

import shutil

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.store import graph_to_json
from ingest.vault import build_vault, read_sources

NAMES = ["Heap", "heap sort", "C#", "Node.js", "é", "sub/Heap", "sub/index", "a b", "x.excalidraw", "Templates/t"]
LINES = [
    *(line.replace("{}", name) for name in ("Heap", "heap sort", "C#", "sub/Heap", "Node.js", "é", "Gone one", "a b") for line in (
        "See [[{}]] here.", "![[{}#Part|shown so]]", "requires:: [[{}]]", "- [[{}]] and **bold**: text", "| x | [[{}\\|y]] |",
        "%% [[{}]] %%", "up: {}", "[shown words](<{}.md>)", "`[[{}]]` (part of:: [[{}]])",
    )),
    "#beam-search and #todo", "Tag #ml/attention here", "## Prerequisites", "## Connections", "- requires [[Heap]]: why", "- Heap",
    "# Week 1: Heaps", "# Week 2: Trees", "**Binary heap**: a tree.", "Random walks (RW) build on heaps.", "[Locality](https://a.org/b)",
    "```", "---", "%%", "<!--", "> [!note] Said", "| - | - |", "    code", "$$", "", "", "Text.\r", "\tTab", "Heaps use trees, unlike C#.",
]  # fmt: skip
FRONT = [
    "", "---\ntags: [beam-search, status/draft]\n---\n", "---\naliases: [Heapish, é]\nup: '[[Heap]]'\n---\n", "---\nrelated: [[a b]], [[C#]]\n---\n",
    "---\ntitle: Heap\nweek: 2\n---\n", "---\nrequires:\n  - heap sort\n  - Nowhere\n---\n", "---\nid: same\n---\n", "---\nwords\n---\n",
]  # fmt: skip
NOTE = st.builds(
    lambda front, lines: front + "\n".join(lines), st.sampled_from(FRONT), st.lists(st.sampled_from(LINES), max_size=9)
)
VAULT = st.dictionaries(st.sampled_from([f"{name}.md" for name in NAMES]), NOTE, min_size=1, max_size=6)


def count(text):
    return len(text.split()) + 2


def graph_bytes(vault):
    return graph_to_json(vault.concepts, vault.relations, vault.resources)


def write(root, files, order=None):
    for name in order or files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(files[name], encoding="utf-8", newline="")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An empty folder for each example."""
    root = tmp_path_factory.mktemp("any") / "notes"

    def empty():
        shutil.rmtree(root, ignore_errors=True)
        root.mkdir()
        return root

    return empty


@settings(max_examples=120, deadline=None)
@given(files=VAULT)
def test_every_quote_is_in_its_file_at_its_lines(folder, files):
    root = folder()
    write(root, files)
    vault = build_vault(read_sources(root), count)
    spans = [span for concept in vault.concepts for span in concept.spans]
    spans += [span for relation in vault.relations for span in relation.evidence]
    spans += [resource.span for resource in vault.resources]
    for span in spans:
        lines = (root / span.path).read_bytes().decode().replace("\r\n", "\n").replace("\r", "\n").split("\n")
        assert span.quote.strip()
        assert span.quote in "\n".join(lines[span.start_line - 1 : span.end_line])
    for problem in vault.problems:
        assert problem.path in files
        assert (
            problem.line is None
            or problem.line <= files[problem.path].count("\n") + files[problem.path].count("\r") + 1
        )


@settings(max_examples=60, deadline=None)
@given(files=VAULT, data=st.data())
def test_the_order_in_which_files_are_written_does_not_matter(folder, files, data):
    made = []
    for order in (sorted(files), data.draw(st.permutations(sorted(files)))):
        root = folder()
        write(root, files, order)
        vault = build_vault(read_sources(root), count)
        made.append((graph_bytes(vault), vault.chunks, vault.problems, vault.merges))
    assert made[0] == made[1]


@pytest.fixture(scope="module")
def pair(make_notes):
    """Two folders that share nothing but the notes, each with its own workspace."""
    return make_notes(), make_notes()


@settings(max_examples=3, deadline=None)
@given(files=VAULT, more=VAULT)
def test_what_was_ingested_and_deleted_leaves_no_trace(pair, files, more):
    never, once = pair
    never.replace(files).ingest()
    once.replace({**more, **files}).ingest()
    report = once.replace(files).ingest()
    assert once.graph_bytes() == never.graph_bytes()
    assert report.documents == len(files)
    assert report.problems == never.ingest().problems
