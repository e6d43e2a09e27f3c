"""Which files are read, and what becomes of those that cannot be."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from graph.errors import UsageError
from graph.schema import Problem
from ingest.read import SourceFile, decode, list_files, read_document, read_source
from ingest.vault import read_sources

NOBODY = 65534


def document(text, path="folder/some_note.md"):
    file, problems = read_document(SourceFile(path, text if isinstance(text, bytes) else text.encode()))
    return file.document, problems


@contextmanager
def unprivileged():
    """Without the rights of root, for whom every file is readable."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


def test_notes_and_resource_lists_are_read_in_the_order_of_their_paths(tmp_path):
    wanted = ["A.MD", "b/note.markdown", "b/resources/list.yaml", "c.md"]
    others = [".hidden.md", ".obsidian/x.md", "node_modules/x.md", "b/list.yaml", "picture.png", "resources.yaml"]
    for name in [*wanted, *others]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    paths, problems = list_files(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in paths] == wanted
    assert problems == []


def test_a_single_file_can_be_the_root(tmp_path):
    (tmp_path / "note.md").write_text("One note.")
    sources = read_sources(tmp_path / "note.md")
    assert sources.files == (SourceFile("note.md", b"One note."),)


def test_a_missing_folder_is_wrong_use(tmp_path):
    with pytest.raises(UsageError, match=r"no file or folder at .*nowhere; name the folder"):
        list_files(tmp_path / "nowhere")


def test_links_that_lead_out_of_the_folder_are_left_alone(tmp_path):
    root = tmp_path / "notes"
    (root / "real").mkdir(parents=True)
    (tmp_path / "secret.md").write_text("Not yours.")
    (root / "real" / "note.md").write_text("Mine.")
    (root / "out.md").symlink_to(tmp_path / "secret.md")
    (root / "in.md").symlink_to(root / "real" / "note.md")
    (root / "elsewhere").symlink_to(tmp_path)
    assert [source.path for source in read_sources(root).files] == ["in.md", "real/note.md"]


def test_what_cannot_be_opened_is_a_problem_and_the_rest_is_read():
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        root.chmod(0o755)
        (root / "good.md").write_text("Good.")
        (root / "locked.md").write_text("Locked.")
        (root / "closed").mkdir()
        (root / "locked.md").chmod(0)
        (root / "closed").chmod(0)
        os.mkfifo(root / "pipe.md")
        (root / "dangling.md").symlink_to(root / "gone.md")
        with unprivileged():
            sources = read_sources(root)
    assert [source.path for source in sources.files] == ["good.md"]
    assert {p.path for p in sources.problems} == {"closed", "dangling.md", "locked.md", "pipe.md"}
    assert {(p.severity, p.code) for p in sources.problems} == {("error", "unreadable")}


def test_a_name_that_is_no_text_can_still_be_printed(tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.md")
    path.write_text("A note.")
    source = read_source(path, tmp_path)
    assert source == SourceFile("caf?.md", b"A note.")


def test_a_huge_file_is_a_problem(tmp_path):
    with (tmp_path / "huge.md").open("wb") as file:
        file.truncate((32 << 20) + 1)
    problem = read_source(tmp_path / "huge.md", tmp_path)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.severity) == ("too_large", "error")


@pytest.mark.parametrize("data", [bytes(range(256)) * 40, b"text \0 text", "Grüße".encode("utf-16")])
def test_binary_rubbish_is_no_document(data):
    file, problems = read_document(SourceFile("x.md", data))
    assert file is None
    assert [(p.severity, p.code, p.line) for p in problems] == [("error", "unreadable", None)]


def test_another_encoding_is_read_and_named_at_its_line():
    text, problems = decode(SourceFile("x.md", "first\nGrüße\n".encode("cp1252")))
    assert text == "first\nGrüße\n"
    assert [(p.severity, p.code, p.line) for p in problems] == [("warning", "not_utf8", 2)]


def test_line_ends_and_byte_order_marks_do_not_matter():
    plain, _ = document("---\ntitle: T\n---\nText.\n")
    windows, _ = document(b"\xef\xbb\xbf---\r\ntitle: T\r\n---\r\nText.\r\n")
    assert windows.text == plain.text
    assert windows.title == "T"
    assert windows.content_hash != plain.content_hash


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("---\ntitle:  Two\n---\n# Three", "Two"),
        ("---\ntitle: 2024\n---\n", "2024"),
        ("---\ntitle: [a]\n---\n# Three", "Three"),
        ("# Heap\nText.", "Heap"),
        ("\n# Heap #\nText.", "Heap"),
        ("# C#\nText.", "C#"),
        ("# The **min** `heap` of [[x|y]]\nText.", "The min heap of y"),
        ("Text before.\n# Heap", "Some note"),
        ("", "Some note"),
    ],
)
def test_a_title_is_declared_or_the_first_heading_or_the_name(text, title):
    assert document(text)[0].title == title


def test_an_index_file_is_called_by_its_folder():
    assert document("Text.", "big-o/README.md")[0].title == "Big o"


def test_broken_front_matter_is_an_error_at_its_line_and_the_text_stays():
    found, problems = document("---\ntitle: [unclosed\n---\nThe body.\n")
    assert found.text.endswith("The body.\n")
    assert [(p.line, p.severity, p.code) for p in problems] == [(3, "error", "broken_front_matter")]
    assert "mend the YAML" in problems[0].message
