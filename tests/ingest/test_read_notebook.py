"""Notebooks: Markdown cells as Markdown, code cells as code, outputs left out, lines those of the file."""

import json

import pytest

from ingest.read import SourceFile, read_document


def markdown(text):
    return {"cell_type": "markdown", "metadata": {}, "source": text.splitlines(keepends=True)}


def code(text, output="an output"):
    outputs = [{"output_type": "stream", "name": "stdout", "text": [output]}]
    return {
        "cell_type": "code", "execution_count": 1, "metadata": {}, "outputs": outputs,
        "source": text.splitlines(keepends=True),
    }  # fmt: skip


def notebook(*cells, **metadata):
    metadata = {"language_info": {"name": "python"}, **metadata}
    return {"cells": list(cells), "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def saved(content, **options):
    return json.dumps(content, **{"indent": 1, "ensure_ascii": False, **options}).encode()


def read(data):
    return read_document(SourceFile("labs/02_heaps.ipynb", data))


LAB = notebook(
    code("import heapq", "no output here"),
    markdown("# Heaps\n\nA heap is a tree.\nIt is nearly complete."),
    code("heap = []\nheapq.heappush(heap, 1)"),
    markdown("## Cost\n\nPush is cheap, see [graphs](graphs.md).\n\n- one\n- two"),
)


def test_cells_stand_on_the_lines_of_the_file():
    data = saved(LAB)
    file, problems = read(data)
    assert problems == []
    assert file.document.title == "Heaps"
    raw = data.decode().split("\n")
    assert len(file.lines) == len(raw)
    said = [(n, line) for n, line in enumerate(file.lines) if line and not line.startswith("```")]
    assert [line for _, line in said] == [
        "import heapq", "# Heaps", "A heap is a tree.", "It is nearly complete.", "heap = []",
        "heapq.heappush(heap, 1)", "## Cost", "Push is cheap, see [graphs](graphs.md).", "- one", "- two",
    ]  # fmt: skip
    assert all(line in raw[n] for n, line in said)


def test_structure_is_that_of_the_cells():
    file, _ = read(saved(LAB))
    assert [(b.kind, b.headings) for b in file.parsed.blocks] == [
        ("fence", ()), ("heading", ("Heaps",)), ("paragraph", ("Heaps",)), ("fence", ("Heaps",)),
        ("heading", ("Heaps", "Cost")), ("paragraph", ("Heaps", "Cost")), ("bullet_list", ("Heaps", "Cost")),
    ]  # fmt: skip
    assert [link.target for link in file.parsed.links] == ["graphs.md"]
    assert "output" not in file.document.text


@pytest.mark.parametrize("options", [{"indent": None}, {"indent": 4}, {"indent": None, "separators": (",", ":")}])
def test_however_it_was_saved_the_text_is_the_same(options):
    assert read(saved(LAB, **options))[0].document.text == read(saved(LAB))[0].document.text


def test_a_source_that_is_one_string_is_the_same():
    joined = json.loads(saved(LAB))
    for cell in joined["cells"]:
        cell["source"] = "".join(cell["source"])
    assert read(saved(joined))[0].document.text == read(saved(LAB))[0].document.text


def test_a_fence_that_a_cell_forgot_to_close_does_not_swallow_the_next():
    file, _ = read(saved(notebook(markdown("Text.\n```python\nx = 1"), markdown("# After"))))
    assert [b.kind for b in file.parsed.blocks] == ["paragraph", "fence", "heading"]


def test_code_that_holds_fences_stays_code():
    file, _ = read(saved(notebook(code('text = """\n```\n# no heading\n```\n"""'))))
    assert [b.kind for b in file.parsed.blocks] == ["fence"]


def test_the_older_format_is_read():
    cells = [
        {"cell_type": "heading", "level": 2, "source": ["Old"]},
        {"cell_type": "code", "input": ["print 1"], "language": "python", "outputs": []},
    ]
    file, _ = read(saved({"worksheets": [{"cells": cells}], "nbformat": 3, "metadata": {}}))
    assert [line for line in file.lines if line] == ["## Old", "```", "print 1", "```"]


@pytest.mark.parametrize(
    ("data", "line"),
    [(b"", 1), (b"{\n'a': 1}", 2), (b"[]", None), (b"{}", None), (b'{"cells": 3}', None), (b"[" * 100_000, None),
     (b"null", None), (b'{"cells": []}', None)],
)  # fmt: skip
def test_what_is_no_notebook_is_one_problem(data, line):
    file, problems = read(data)
    assert file is None
    assert [(p.line, p.severity, p.code) for p in problems] == [(line, "error", "broken_notebook")]


@pytest.mark.parametrize(
    "cell", [{}, {"source": 3}, {"source": [3, None]}, {"cell_type": 4, "source": "x"}, {"metadata": []}]
)
def test_odd_cells_are_no_crash(cell, vault_of):
    vault_of({"a.ipynb": saved({"cells": [cell, markdown("# T\nText.")], "metadata": []})})
