"""What the Library says of files, problems and changes: derived from what is stored, and escaped."""

from __future__ import annotations

import os
import re
from dataclasses import replace
from pathlib import Path

import pytest

from app_pages.dropped_files import add_notes, why_closed
from app_pages.library_html import (
    SHOWN_CHANGES,
    SHOWN_FILES,
    SHOWN_MERGES,
    as_plain,
    diff_html,
    diff_summary,
    file_statuses,
    files_html,
    filter_files,
    merges_html,
    problems_by_severity,
    problems_html,
    refusals_html,
    report_html,
    undo_label,
)
from generation import Report
from graph.diff import GraphDiff, diff_graphs
from graph.schema import Concept, Merge, Problem, Relation, Span
from graph.store import NetworkxStore
from workspace import SHIPPED_CONTENT

EVIL = "<img src=x onerror=alert(1)>"
HNSW = Concept("hnsw", "HNSW", (), "An index.", 5, "rag", "concept", (Span("hnsw.md", 1, 1, "An index."),))
NEEDS = Relation("graph", "hnsw", "prerequisite_of", "authored", 1.0, (Span("hnsw.md", 4, 4, "requires [[graph]]"),))
GRAPH = replace(HNSW, id="graph", title="Graph", week=2)
REPORT = Report("abc", "/home/me/own_notes", 3, 4, 5, 6, 0, (), 1.5, "2026-01-02T03:04:05Z", "def")


def problem(path: str, severity: str = "error", line: int | None = None, message: str = "m") -> Problem:
    return Problem(path, line, severity, "code", message)  # type: ignore[arg-type]


def statuses(passages, concepts=(), problems=()):
    return {file.path: file for file in file_statuses(passages, concepts, problems)}


def test_the_state_of_a_file_is_derived_from_what_is_stored() -> None:
    found = statuses(
        {"hnsw.md": 2, "cycle.md": 1, "empty.md": 0, "odd.md": 1},
        [HNSW],
        [problem("cycle.md"), problem("binary.md"), problem("odd.md", "warning"), problem("odd.md", "warning")],
    )
    assert {path: file.state for path, file in found.items()} == {
        "binary.md": "unreadable",
        "cycle.md": "with errors",
        "empty.md": "no passages",
        "hnsw.md": "read",
        "odd.md": "read",
    }
    assert (found["hnsw.md"].passages, found["hnsw.md"].concepts, found["hnsw.md"].problems) == (2, (HNSW,), 0)
    assert found["odd.md"].problems == 2


@pytest.mark.parametrize(
    ("wanted", "paths"),
    [
        ("", ["a/x.md", "b.md", "hnsw.md"]),
        ("UNREAD", ["b.md"]),
        ("x.md a/", ["a/x.md"]),
        ("hnsw", ["hnsw.md"]),
        ("none", []),
    ],
)
def test_files_are_filtered_by_path_state_and_concept(wanted: str, paths: list[str]) -> None:
    files = file_statuses({"a/x.md": 1, "hnsw.md": 1}, [HNSW], [problem("b.md")])
    assert [file.path for file in filter_files(files, wanted)] == paths


def test_problems_are_grouped_errors_first_with_their_lines() -> None:
    rows = [problem("a.md", "warning", 3), problem("b.md", "error", 7), problem("c.md", "warning")]
    groups = problems_by_severity(rows)
    assert list(groups) == ["error", "warning"]
    assert [p.path for p in groups["warning"]] == ["a.md", "c.md"]
    assert "b.md:7" in problems_html(groups["error"])
    assert ">c.md<" in problems_html(groups["warning"])
    assert problems_by_severity([]) == {}


def test_the_diff_links_what_is_there_and_names_what_is_gone() -> None:
    old = NetworkxStore([GRAPH, HNSW], [NEEDS])
    new = NetworkxStore([replace(HNSW, week=6), replace(GRAPH, id="tree", title="Tree")], [])
    diff = diff_graphs(old, new)
    html = diff_html(diff, {concept.id: concept for concept in new.concepts()})
    assert 'href="?concept=tree">Tree</a>' in html
    assert "concept=graph" not in html
    assert '<span class="pg-chip pg-gone">Graph</span>' in html
    assert "week: 5 → 6" in html
    assert 'Graph <span class="pg-reason">prerequisite of</span> <a class="pg-concept" href="?concept=hnsw">' in html
    assert "prepgraph-note" in html, "the class by which the page follows links"
    assert diff_summary(diff) == "concepts 1 added, 1 gone, 1 changed · relations 1 gone"
    assert diff_summary(GraphDiff()) == "nothing in the graph"


def test_everything_from_a_file_is_escaped() -> None:
    evil = replace(HNSW, id=EVIL, title=EVIL, summary=EVIL, spans=(Span(EVIL, 1, 1, EVIL),), kind=EVIL)
    relation = replace(NEEDS, source=EVIL, target="gone", evidence=(Span(EVIL, 1, 1, EVIL),))
    empty, full = NetworkxStore([], []), NetworkxStore([evil], [relation])
    retitled = NetworkxStore([replace(evil, title=EVIL * 2, track=EVIL)], [replace(relation, weight=0.1)])
    there = {EVIL: evil}
    html = "".join(
        [
            diff_html(diff_graphs(empty, full), there),
            diff_html(diff_graphs(full, empty), {}),
            diff_html(diff_graphs(full, retitled), there),
            files_html(file_statuses({EVIL: 0}, [evil], [problem(EVIL)])),
            problems_html([problem(EVIL, line=2, message=EVIL), problem(EVIL, message=EVIL)]),
            refusals_html([EVIL]),
            merges_html([Merge(EVIL, EVIL, EVIL)]),
            report_html(replace(REPORT, root=EVIL, generation=EVIL, built_at=EVIL)),
        ]
    )
    assert "<img" not in html
    assert not re.search(r"""href="[^"]*[<>]""", html)


def test_long_lists_are_cut_and_say_so() -> None:
    added = tuple(replace(HNSW, id=f"c{number}") for number in range(SHOWN_CHANGES + 7))
    html = diff_html(GraphDiff(concepts_added=added), {})
    assert html.count("<a ") == SHOWN_CHANGES
    assert f"Concepts added ({len(added)})" in html
    assert "and 7 more" in html
    files = file_statuses({f"{number}.md": 0 for number in range(SHOWN_FILES + 2)}, [], [])
    assert "and 2 more" in files_html(files)


def test_a_merge_is_shown_with_the_pair_that_undoes_it() -> None:
    html = merges_html([Merge("heap", 'The "Heaps"', "plural")])
    assert "<td>heap</td><td>The &quot;Heaps&quot;</td><td>plural</td>" in html
    assert "[&quot;heap&quot;, &quot;The \\&quot;Heaps\\&quot;&quot;]" in html
    assert "and 3 more" in merges_html([Merge(f"n{n}", "N", "case") for n in range(SHOWN_MERGES + 3)])


@pytest.mark.parametrize("text", ["[x](https://evil)", ":red[x]", "$x$", "**x**", "`x`", "<b>x</b>", "![](x)"])
def test_an_alert_holds_no_markdown(text: str) -> None:
    plain = as_plain(f"a\n{text}")
    assert plain.replace("\\", "") == f"a {text}"
    assert all(plain[at - 1] == "\\" for at, c in enumerate(plain) if c in "[]()*`$:<>!")


def test_undo_says_what_it_goes_back_to() -> None:
    assert undo_label(REPORT) == r"Undo: back to own\_notes, built 2026-01-02 03:04:05 UTC"


@pytest.mark.parametrize("name", ["![x](https:evil)", ":red[x]", "$x$", "**x**", "`x`", "<b>x</b>", "[x](y)"])
def test_a_folder_name_in_the_label_is_no_markdown(name: str) -> None:
    label = undo_label(replace(REPORT, root=f"/home/{name}"))
    assert not set(label.partition("built")[0].removeprefix("Undo:")) & set("![]()*`$:<>")


@pytest.mark.parametrize("name", ["a.mdx", "a.txt", "a.html", "a.htm", "a.PDF", "a.ipynb"])
def test_every_format_that_is_read_can_be_dropped(tmp_path: Path, name: str) -> None:
    assert add_notes(tmp_path, [(name, b"x")]).written == (name,)


def test_dropped_markdown_is_written_and_nothing_is_overwritten(tmp_path: Path) -> None:
    (tmp_path / "old.md").write_text("as it was")
    done = add_notes(
        tmp_path, [("new.md", b"new"), ("old.md", b"other"), ("NEW.MARKDOWN", b"too"), ("new.md", b"again")]
    )
    assert done.written == ("new.md", "NEW.MARKDOWN")
    assert [sentence.partition(" was not")[0] for sentence in done.refused] == ["old.md", "new.md"]
    assert all("is there already" in sentence for sentence in done.refused)
    assert (tmp_path / "old.md").read_text() == "as it was"
    assert (tmp_path / "new.md").read_bytes() == b"new"


@pytest.mark.parametrize(
    "name",
    [
        "../up.md",
        "a/b.md",
        "a\\b.md",
        ".hidden.md",
        "c:x.md",
        "line\nbreak.md",
        "nul\0.md",
        "script.py",
        "md",
        "x.md.exe",
    ],
)
def test_other_names_are_refused_in_a_sentence(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    done = add_notes(folder, [(name, b"x")])
    assert done.written == ()
    assert done.refused[0].endswith(".")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_link_to_elsewhere_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "link.md").symlink_to(tmp_path / "target.md")
    assert add_notes(tmp_path / "notes", [("link.md", b"x")]).refused
    assert not (tmp_path / "target.md").exists()


def test_a_name_that_the_system_refuses_is_a_sentence(tmp_path: Path) -> None:
    (refusal,) = add_notes(tmp_path, [(f"{'x' * 300}.md", b"x")]).refused
    assert "could not be written" in refusal


def test_the_course_and_what_is_no_folder_are_closed(tmp_path: Path) -> None:
    assert why_closed(tmp_path) is None
    assert "ships with Prepgraph" in str(why_closed(SHIPPED_CONTENT))
    assert "ships with Prepgraph" in str(why_closed(SHIPPED_CONTENT / "concepts"))
    (tmp_path / "one.md").write_text("x")
    assert "a folder of this machine" in str(why_closed(tmp_path / "one.md"))
    assert "a folder of this machine" in str(why_closed(tmp_path / "gone"))


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="the administrator may write everywhere")
def test_a_folder_that_is_not_writable_is_closed(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    assert "not writable" in str(why_closed(tmp_path))
    tmp_path.chmod(0o700)
