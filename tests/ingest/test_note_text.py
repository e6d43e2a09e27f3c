"""Sentences: found in what people read, kept as places in the text, and the same however often they are read."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from ingest.concepts import Note
from ingest.note_text import NoteText, pack_sentences
from ingest.read import read_document
from ingest.shelf import Shelf
from ingest.source import SourceFile

CONTENT = Path(__file__).parents[2] / "content"
TEXT = """---
title: Heap
---
A heap is a tree. Its root is
the smallest.

```python
heap = []  # A comment. Not a sentence.
```

## Uses

- **Queue**: the *next* job is the smallest one.
- a `heapq` of _ten_ items
"""


def read_note(path, text):
    file, _ = read_document(SourceFile(path, text.encode()))
    return Note(file, file.parsed, "it")


def test_a_sentence_knows_its_words_its_lines_and_its_headings():
    first, second, queue, heapq = NoteText(read_note("heap.md", TEXT)).sentences
    assert (first.text, first.span.start_line, first.span.end_line) == ("A heap is a tree.", 4, 4)
    assert (second.span.quote, second.text) == ("Its root is\nthe smallest.", "Its root is the smallest.")
    assert (second.span.start_line, second.span.end_line) == (4, 5)
    assert (first.begins_block, second.begins_block, queue.is_item) == (True, False, True)
    assert (queue.text, queue.headings) == ("Queue: the next job is the smallest one.", ("Uses",))
    assert (heapq.span.quote, heapq.text) == ("a `heapq` of _ten_ items", "a heapq of ten items")


def test_a_sentence_of_marks_alone_has_no_words():
    assert [s.text for s in NoteText(read_note("n.md", "Words.\n\n![](a.png)\n")).sentences] == ["Words.", ""]


def test_a_very_long_line_is_data():
    assert NoteText(read_note("n.md", f"{'x ' * 1200}\n\nA sentence.\n")).sentences[0].text == "A sentence."


@given(st.text(alphabet="ab .!?\n-*`_[]()#>|1é\u2028", max_size=200))
def test_every_quote_stands_on_its_lines(text):
    note = read_note("n.md", text)
    for sentence in NoteText(note).sentences:
        span = sentence.span
        assert span.quote in "\n".join(note.file.lines[span.start_line - 1 : span.end_line])
        assert span.quote.strip() == span.quote


def test_a_shelf_with_room_for_a_few_gives_the_same_sentences_again():
    notes = [read_note(path.name, path.read_text(encoding="utf-8")) for path in sorted(CONTENT.rglob("*.md"))[:20]]
    shelf = Shelf(limit=50)
    texts = [NoteText(note, pack_sentences(note.file.lines, note.parsed.blocks), shelf) for note in notes]
    whole = [NoteText(note).sentences for note in notes]
    assert sum(map(len, whole)) > 100
    for _ in range(2):
        assert [text.sentences for text in texts] == whole
    assert shelf.held <= max(50, max(map(len, whole)))
