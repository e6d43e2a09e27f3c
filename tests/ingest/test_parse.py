"""What is known of one file alone: parsed once, and the same when it is read from the cache."""

import json
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.markdown import ParsedNote
from ingest.parse import parse_file, parse_files
from ingest.parsed_file import from_bytes, to_bytes
from ingest.shelf import Shelf
from ingest.source import SourceFile
from ingest.vault import build_vault, read_sources

CONTENT = Path(__file__).parents[2] / "content"
NOTE = """---
title: HNSW
aliases: [small world, {deep: [1, null]}]
requires: [[graphs]]
---
HNSW walks a *graph* greedily.[^1]

| a | b |
|---|---|
| 1 | 2 |

- one [[graphs|graph]] and [two](graphs.md)
  - three

[^1]: A footnote.
"""
NOTEBOOK = {"nbformat": 4, "metadata": {}, "cells": [{"cell_type": "markdown", "source": ["# Heap\n", "A tree."]}]}
FILES = {
    "a/hnsw.md": NOTE.encode(),
    "windows.md": b"# One\r\n\r\nTwo lines\r\nend here.",
    "latin.md": "Café au lait.".encode("cp1252"),
    "broken.md": b"---\ntitle: [\n---\nText.",
    "page.html": b"<h1>Heap</h1><p>A heap is <b>a tree</b>. <p>Two <i>parts</i> on one line.",
    "part.mdx": b"import X from 'x'\n\n<X>Some text.</X>\n\n# Title\n",
    "heap.ipynb": json.dumps(NOTEBOOK).encode(),
    "plain.txt": "Words\u2028and more.\n\n\n".encode(),
    "resources/list.yaml": b"- title: A\n  url: https://example.org/a\n  takeaway: All of it.\n",
    "empty.md": b"",
}


class Remembered(dict):
    """A cache in memory."""

    def get_many(self, keys):
        return {key: self[key] for key in keys if key in self}

    def put_many(self, rows):
        self.update(rows)


ROW = (
    b'{"text": null, "title": "b", "headings": [], "front": [{}, {}, 1, null], "problems": [],'
    b' "sentences": [[], [], []], "passages": [[], []]}'
)


def written(row, tree=b""):
    """What a parsed file looks like when it is written down, made of any two parts."""
    first = zlib.compress(row)
    return len(first).to_bytes(4, "big") + first + (zlib.compress(tree) if tree else b"")


def sources_of(files):
    return [SourceFile(path, data) for path, data in files.items()]


def refuse(text):
    raise AssertionError(f"{text!r} was cut again")


def unpacked(parsed):
    note = parsed.file.parsed
    note = ParsedNote(note.blocks, note.links, note.items)
    return replace(parsed, file=replace(parsed.file, lines=list(parsed.file.lines), parsed=note))


@pytest.mark.parametrize("path", FILES)
def test_a_file_reads_the_same_from_what_was_written_down(path, embedder):
    source = SourceFile(path, FILES[path])
    parsed = parse_file(source, embedder.count_tokens)
    data = to_bytes(parsed, source)
    assert data
    again = from_bytes(data, source, parsed.file.document.content_hash, Shelf())
    assert unpacked(again) == parsed
    assert list(again.passages.unpack(again.file.document.text)) == list(
        parsed.passages.unpack(parsed.file.document.text)
    )


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    text=st.text(alphabet="ab .!\n\r-*`_[]()#>|:1é\u2028\x0c", max_size=120),
    suffix=st.sampled_from(["md", "html", "txt"]),
)
def test_any_text_reads_the_same_from_what_was_written_down(text, suffix):
    source = SourceFile(f"n.{suffix}", text.encode())
    parsed = parse_file(source, lambda words: len(words.split()) + 2)
    data = to_bytes(parsed, source)
    if parsed.file is not None:
        assert unpacked(from_bytes(data, source, parsed.file.document.content_hash, Shelf())) == parsed


def test_known_files_are_neither_parsed_nor_cut_again(embedder):
    cache, seen = Remembered(), []
    first = list(parse_files(sources_of(FILES), embedder.count_tokens, cache))
    assert len(cache) == len(FILES)
    again = list(parse_files(sources_of(FILES), refuse, cache, lambda done, total: seen.append((done, total))))
    assert again == first
    assert seen == [(number, len(FILES)) for number in range(1, len(FILES) + 1)]


def test_only_the_file_that_changed_or_moved_is_parsed(embedder):
    cache, counted = Remembered(), []
    list(parse_files(sources_of(FILES), embedder.count_tokens, cache))
    changed = {**FILES, "plain.txt": b"Other words.", "moved.md": FILES["windows.md"]}

    def count(text):
        counted.append(text)
        return embedder.count_tokens(text)

    list(parse_files(sources_of(changed), count, cache))
    assert any("Other words." in text for text in counted)
    assert any("Two lines" in text for text in counted)
    assert not any("greedily" in text or "tree" in text for text in counted)


def test_a_file_without_text_is_tried_again(embedder):
    cache = Remembered()
    (parsed,) = parse_files([SourceFile("binary.md", b"a\0b")], embedder.count_tokens, cache)
    assert (parsed.file, [p.code for p in parsed.problems]) == (None, ["unreadable"])
    assert not cache


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"not compressed",
        written(b"not json"),
        written(b"[]"),
        written(b'{"text": 1}'),
        written(ROW),
        written(ROW, b"not json"),
        written(ROW, b'{"headings": [], "blocks": [[1]]}'),
        written(ROW, b'{"headings": [], "blocks": [["p", 1, 1, 0, 0, null]], "links": [], "items": []}'),
    ],
)
def test_what_is_no_parsed_file_is_parsed_again(data, embedder):
    source = SourceFile("n.md", b"# One\n\nA sentence.")
    assert from_bytes(data, source, "", Shelf()) is None
    cache = Remembered()
    (whole,) = parse_files([source], embedder.count_tokens, cache)
    (key,) = cache
    cache[key] = data
    assert list(parse_files([source], embedder.count_tokens, cache)) == [whole]
    assert cache[key] != data


def test_the_course_is_the_same_with_and_without_a_cache(embedder):
    sources, cache = read_sources(CONTENT), Remembered()
    without = build_vault(sources, embedder.count_tokens)
    assert build_vault(sources, embedder.count_tokens, cache) == without
    assert build_vault(sources, refuse, cache) == without


def test_a_shelf_with_room_for_nothing_changes_nothing(embedder):
    sources = read_sources(CONTENT).files[:30]
    roomy, narrow = Shelf(), Shelf(limit=1)
    first = list(parse_files(sources, embedder.count_tokens, None, None, roomy))
    second = list(parse_files(sources, embedder.count_tokens, None, None, narrow))
    for _ in range(2):
        assert [unpacked(parsed) for parsed in second] == [unpacked(parsed) for parsed in first]
    assert narrow.held < max(len(parsed.file.lines) for parsed in first) * 2 < roomy.held
