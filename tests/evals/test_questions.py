"""The evaluation set: every gold line is there and says what it did, and there is enough of each kind."""

import json
import re
from collections import Counter

import pytest
import yaml

from evals.questions import (
    ARTICLES,
    CONTEXTS,
    DISPUTED,
    DISPUTED_NOTES,
    FRESH,
    QUESTIONS,
    STATUSES,
    UNSEEN,
    Place,
    load_questions,
)
from graph.errors import UsageError
from workspace import SHIPPED_CONTENT

ROOTS = {QUESTIONS: SHIPPED_CONTENT, DISPUTED: DISPUTED_NOTES, FRESH: SHIPPED_CONTENT, UNSEEN: ARTICLES}
HALVED = (QUESTIONS, DISPUTED, CONTEXTS)
HELD_OUT = (FRESH, UNSEEN)
FILES = (*HALVED, *HELD_OUT)


def rows(file):
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def week_of(path):
    front = (SHIPPED_CONTENT / path).read_text(encoding="utf-8").split("---")[1]
    return yaml.safe_load(front).get("week")


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_rows_are_complete(file):
    assert all(q.question.strip() == q.question and q.expected in STATUSES for q in load_questions(file))
    assert {q.split for q in load_questions(file)} == ({"test"} if file in HELD_OUT else {"dev", "test"})
    texts = [re.sub(r"\W+", " ", row["question"].casefold()) for row in rows(file)]
    if file != CONTEXTS:  # where one question is asked of several texts
        assert [text for text, times in Counter(texts).items() if times > 1] == []


@pytest.mark.parametrize("file", HALVED, ids=lambda file: file.stem)
def test_each_kind_is_halved(file):
    halves = Counter((q.kind or q.expected, q.split) for q in load_questions(file))
    for kind in {kind for kind, _ in halves}:
        assert abs(halves[kind, "dev"] - halves[kind, "test"]) <= 1


def test_there_is_enough_of_each_kind():
    kinds = Counter(q.kind for q in load_questions(QUESTIONS))
    assert kinds["direct"] >= 80
    assert kinds["two_notes"] >= 60
    assert kinds["unanswerable"] + kinds["unanswerable_near"] >= 60
    assert kinds["unanswerable_near"] >= 25
    assert kinds.total() >= 250
    disputed = Counter(q.kind for q in load_questions(DISPUTED))
    assert disputed["disputed"] >= 25
    assert disputed["agree"] + disputed["condition"] >= 15
    fresh = Counter(q.kind for q in load_questions(FRESH))
    assert min(fresh["direct"], fresh["unanswerable_near"]) >= 20
    unseen = Counter(q.gold[0][0].path.partition("/")[0] for q in load_questions(UNSEEN))
    assert set(unseen) == {"mathematics", "sciences"}
    assert min(unseen.values()) >= 60
    expected = Counter(q.expected for q in load_questions(CONTEXTS))
    assert expected.total() >= 60
    assert min(expected[status] for status in STATUSES) >= 15


@pytest.mark.parametrize("file", ROOTS, ids=lambda file: file.stem)
def test_gold_lines_are_there_and_unchanged(file):
    """A note that was edited moves its lines; the beginning of the gold line says where it went."""
    moved = []
    for row in rows(file):
        for place in (place for group in row["gold"] for place in group):
            lines = (ROOTS[file] / place["path"]).read_text(encoding="utf-8").split("\n")
            start, end = place["start_line"], place["end_line"]
            found = lines[start - 1] if end <= len(lines) else ""
            if not found.startswith(place["text"]) or not lines[end - 1].strip() or found.startswith(("#", "---")):
                moved.append(f"{row['id']}: {place['path']}:{start} no longer begins with {place['text']!r}")
    assert moved == []


@pytest.mark.parametrize("file", [QUESTIONS, *HELD_OUT], ids=lambda file: file.stem)
def test_answerable_questions_have_gold_and_others_none(file):
    for question in load_questions(file):
        wanted = {"direct": 1, "two_notes": 2}.get(question.kind, 0)
        assert len(question.gold) == wanted, question.id
        assert all(group for group in question.gold), question.id


def test_two_notes_are_of_different_weeks():
    for question in load_questions(QUESTIONS):
        if question.kind == "two_notes":
            weeks = [{week_of(place.path) for place in group} for group in question.gold]
            assert not weeks[0] & weeks[1], (question.id, weeks)


def test_what_is_unanswerable_is_not_in_the_notes():
    """`lacks` are words of the answer (for what is off the subject, of the question) that no file may have."""
    texts = {
        path.name: path.read_text(encoding="utf-8")
        for path in SHIPPED_CONTENT.rglob("*")
        if path.suffix in {".md", ".yaml"}
    }
    for row in (*rows(QUESTIONS), *rows(FRESH)):
        if row["kind"].startswith("unanswerable"):
            found = [name for name, text in texts.items() if re.search(row["lacks"], text, re.IGNORECASE)]
            assert found == [], (row["id"], row["lacks"])


def test_near_misses_name_a_note():
    near = [row for row in (*rows(QUESTIONS), *rows(FRESH)) if row["kind"] == "unanswerable_near"]
    assert all((SHIPPED_CONTENT / row["names"]).is_file() for row in near)


@pytest.mark.parametrize("file", [QUESTIONS, *HELD_OUT], ids=lambda file: file.stem)
def test_questions_are_not_worded_as_the_note_is(file):
    """At most a few share more than five words in a row with a line that answers them."""
    copied = []
    for row in rows(file):
        words = re.findall(r"\w+", row["question"].casefold())
        runs = {" ".join(words[i : i + 6]) for i in range(len(words) - 5)}
        for place in (place for group in row["gold"] for place in group):
            lines = (ROOTS[file] / place["path"]).read_text(encoding="utf-8").split("\n")
            said = " ".join(re.findall(r"\w+", " ".join(lines[place["start_line"] - 1 : place["end_line"]]).casefold()))
            if any(run in said for run in runs):
                copied.append(row["id"])
    assert len(set(copied)) <= 3, copied


def test_sources_that_agree_say_the_same_number():
    for row in rows(DISPUTED):
        sides = [(DISPUTED_NOTES / group[0]["path"]).read_text().split("\n") for group in row["gold"]]
        said = [lines[group[0]["start_line"] - 1] for lines, group in zip(sides, row["gold"], strict=True)]
        assert said[0] != said[1], row["id"]
        if row["kind"] == "agree" and re.search(r"\d", said[0]):
            assert set(re.findall(r"\d+", said[0])) & set(re.findall(r"\d+", said[1])), row["id"]


def test_contexts_are_our_own_and_short():
    for question in load_questions(CONTEXTS):
        assert question.contexts
        assert all(4 <= len(text.split()) <= 80 for text in question.contexts), question.id


def write(tmp_path, *lines):
    file = tmp_path / "rows.jsonl"
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def test_a_plain_list_of_passages_is_one_group(tmp_path):
    file = write(
        tmp_path,
        '{"id": "a", "question": "Q?", "gold": [{"path": "x.md", "start_line": 3}, {"path": "y.md"}]}',
        "",
        '{"id": "b", "question": "Q?"}',
    )
    one, bare = load_questions(file)
    assert one.gold[0][0] == Place("x.md", 3, 3)
    assert one.gold[0][1].overlaps(Place("y.md", 400, 500))
    assert one.expected == "answered"
    assert (bare.gold, bare.expected) == ((), None)


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[1]",
        '{"question": "no id"}',
        '{"id": "1", "question": " "}',
        '{"id": "1", "question": "Q?", "gold": [{"path": "x", "start_line": 4, "end_line": 2}]}',
        '{"id": "1", "question": "Q?", "expected": "maybe"}',
    ],
)
def test_a_bad_row_is_named_by_its_line(tmp_path, line):
    file = write(tmp_path, '{"id": "0", "question": "Q?"}', line)
    with pytest.raises(UsageError, match=r"rows\.jsonl:2 is not a row"):
        load_questions(file)


def test_bad_files_are_one_sentence(tmp_path):
    with pytest.raises(UsageError, match="cannot be read"):
        load_questions(tmp_path / "none.jsonl")
    with pytest.raises(UsageError, match="holds no question"):
        load_questions(write(tmp_path, ""))
    twice = '{"id": "1", "question": "Q?"}'
    with pytest.raises(UsageError, match="twice"):
        load_questions(write(tmp_path, twice, twice))
