"""What the command asks of the web: one page on request, and whether addresses are dead; and the merges it lists."""

import json
import sys
import tomllib

import pytest

import cli
from workspace import SHIPPED_CONTENT

NOTES = {
    "array.md": "# Array\nAn array is a row of cells, see [its page](https://nowhere.invalid/array).\n",
    "queue.md": "# Queue\nA queue of [[array|cells]] serves the first first.\n",
}
PAGE = b"<html><head><title>Heap</title></head>\n<body><p>A heap is a tree in an array.</p></body></html>"


@pytest.fixture
def prepgraph(monkeypatch, capsys, notes):
    """Runs the command in this process on the workspace of `notes`; returns its exit code and what it printed."""

    def run(*args):
        monkeypatch.setattr(sys, "argv", ["prepgraph", *map(str, args), "--workspace", str(notes.workspace)])
        try:
            cli.main()
            code = 0
        except SystemExit as end:
            code = end.code or 0
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run


@pytest.fixture
def page(site):
    site.pages["/notes/heap"] = (200, {"Content-Type": "text/html"}, PAGE)
    return f"{site.address}/notes/heap"


def documents(out):
    return json.loads(out)["documents"]


def test_a_page_joins_the_notes_in_service(prepgraph, notes, page, site):
    prepgraph("ingest", notes.write(NOTES).root)
    code, out, err = prepgraph("ingest", page, "--allow-private", "--json")
    assert (code, err) == (0, "")
    row = json.loads(out)
    assert row["documents"] == 3, "the page beside the two notes"
    assert row["saved"] == f"saved_pages/127.0.0.1-{site.server_port}/notes-heap.html"
    assert (notes.root / row["saved"]).read_bytes() == PAGE
    _, out, _ = prepgraph("search", "a tree in an array", "--json")
    found = json.loads(out)["results"][0]
    assert (found["path"], found["start_line"]) == (row["saved"], 2)
    assert found["text"] in (notes.root / row["saved"]).read_text().split("\n")[1]
    assert notes.open().corpus.document(row["saved"]).metadata["source"] == page
    code, out, _ = prepgraph("ingest", notes.root, "--json")
    assert documents(out) == 3, "it stays when the folder is ingested again"
    code, out, _ = prepgraph("undo", "--json")
    assert documents(out) == 2


def test_people_are_told_where_a_page_was_saved(prepgraph, notes, page):
    prepgraph("ingest", notes.write(NOTES).root)
    _, out, _ = prepgraph("ingest", page, "--allow-private")
    assert out.startswith("Saved as saved_pages/127.0.0.1-")
    assert f"in {notes.root}\n" in out
    assert "1 concept added: Heap" in out


def test_the_environment_may_allow_private_addresses(prepgraph, notes, page, monkeypatch):
    monkeypatch.setenv("PREPGRAPH_ALLOW_PRIVATE", "1")
    prepgraph("ingest", notes.write(NOTES).root)
    assert prepgraph("ingest", page)[0] == 0


def test_a_page_can_go_into_a_folder_that_is_named(prepgraph, notes, page, tmp_path):
    code, out, _ = prepgraph("ingest", page, "--allow-private", "--into", tmp_path / "new" / "folder", "--json")
    assert (code, documents(out)) == (0, 1)
    assert (tmp_path / "new" / "folder" / json.loads(out)["saved"]).is_file()


def test_with_nothing_in_service_a_page_has_a_folder_in_the_workspace(prepgraph, notes, page):
    code, out, _ = prepgraph("ingest", page, "--allow-private", "--json")
    assert (code, documents(out)) == (0, 1)
    assert (notes.workspace / "notes" / json.loads(out)["saved"]).is_file()


def test_a_page_does_not_take_the_place_of_the_course(prepgraph, notes, page, site, monkeypatch):
    notes.write(NOTES)
    monkeypatch.setattr("workspace.SHIPPED_CONTENT", notes.root)
    prepgraph("ingest", notes.root)
    code, out, err = prepgraph("ingest", page, "--allow-private", "--json")
    assert (code, out) == (2, "")
    assert "--into" in err
    assert site.asked == []
    assert not (SHIPPED_CONTENT / "saved_pages").exists()
    assert prepgraph("ingest", page, "--allow-private", "--into", notes.root)[0] == 0, "unless it is asked for"


@pytest.mark.parametrize(
    ("address", "options", "code", "words"),
    [
        ("/x", (), 2, "own network"),
        ("/forbidden", ("--allow-private",), 1, "robots.txt forbids"),
        ("/gone", ("--allow-private",), 1, "status 404"),
        ("/image", ("--allow-private",), 1, "image/png"),
        ("/to/http://localhost/x", ("--allow-private",), 2, "own network"),
        ("ftp://a.org/x", (), 2, "https://"),
        ("https://nowhere.invalid/x", (), 1, "could not be fetched"),
    ],
)
def test_a_page_that_is_not_fetched_is_one_sentence_and_changes_nothing(
    prepgraph, notes, site, address, options, code, words
):
    site.pages["/robots.txt"] = (200, {}, b"User-agent: *\nDisallow: /forbidden\n")
    site.pages["/gone"] = (404, {"Content-Type": "text/html"}, b"")
    site.pages["/image"] = (200, {"Content-Type": "image/png"}, b"x")
    url = address if "://" in address and not address.startswith("/") else f"{site.address}{address}"
    ended, out, err = prepgraph("ingest", url, "--into", notes.root, *options, "--json")
    assert (ended, out) == (code, "")
    assert words in err
    assert err.startswith("prepgraph: ")
    assert err.count("\n") == 1
    assert list(notes.root.iterdir()) == []
    assert not notes.workspace.exists()


def test_a_folder_to_save_in_goes_with_an_address_only(prepgraph, notes, tmp_path):
    code, _, err = prepgraph("ingest", notes.write(NOTES).root, "--into", tmp_path)
    assert code == 2
    assert "address of a web page" in err


def test_check_asks_for_addresses_only_when_told_to(prepgraph, notes, site):
    site.pages["/gone"] = (410, {}, b"")
    site.pages["/busy"] = (503, {}, b"")
    link = f"# Stack\nA stack of [[array|cells]]: [old]({site.address}/gone), [slow]({site.address}/busy).\n"
    notes.write({**NOTES, "stack.md": link})
    _, out, _ = prepgraph("check", notes.root, "--json")
    assert {p["code"] for p in json.loads(out)["problems"]} & {"dead_link", "unchecked_link"} == set()
    assert site.asked == []
    code, out, err = prepgraph("check", notes.root, "--online", "--allow-private", "--json")
    assert (code, err) == (0, "")
    found = {(p["path"], p["line"], p["severity"], p["code"]) for p in json.loads(out)["problems"]}
    assert found >= {
        ("array.md", 2, "warning", "dead_link"),
        ("stack.md", 2, "warning", "dead_link"),
        ("stack.md", 2, "warning", "unchecked_link"),
    }
    assert not notes.workspace.exists(), "a check writes nothing"


MERGED = "# Course\n## Week 1\n### Focus\nHeaps, rings\n## Week 2\n### Focus\nA heap, ropes\n"


def test_merges_are_kept_counted_listed_and_undone_by_what_is_listed(prepgraph, notes):
    notes.write({"course.md": MERGED})
    _, out, _ = prepgraph("ingest", notes.root)
    assert "1 name was merged with another" in out
    _, out, _ = prepgraph("concepts", "--merges", "--json")
    (row,) = json.loads(out)
    assert row == {"name": "heap", "into": "Heaps", "why": "plural", "undo": 'keep_apart = [["heap", "Heaps"]]'}
    _, out, _ = prepgraph("concepts", "--merges")
    assert "plural" in out
    settings = out[out.index("[merges]") :]
    assert tomllib.loads(settings) == {"merges": {"keep_apart": [["heap", "Heaps"]]}}
    notes.write({"prepgraph.toml": settings})
    _, out, _ = prepgraph("ingest", notes.root, "--json")
    assert json.loads(out)["merges"] == []
    _, out, _ = prepgraph("concepts", "--json")
    assert {"Heap", "Heaps"} <= {concept["title"] for concept in json.loads(out)}
    assert prepgraph("concepts", "--merges")[1] == "No name was merged with another.\n"
