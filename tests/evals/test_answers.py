"""Citations by sentence and statuses against examples computed by hand."""

import pytest

from evals.answers import Sentence, f1, macro_f1, precision, recall, score_citations, sentences
from evals.questions import Place, Question
from graph.schema import Answer, Citation

GOLD = ((Place("a.md", 3, 4), Place("b.md", 1, 1)), (Place("c.md", 8, 8),))


def answer(text, *citations, status="answered"):
    cited = tuple(Citation(n, path, (), start, end, "quote") for n, path, start, end in citations)
    return Answer("Q?", text, cited, (), (), status, "extractive", {})


def question(gold=GOLD):
    return Question("1", "Q?", "two_notes", "dev", "answered", gold)


def test_marks_end_sentences_and_labels_are_none():
    text = "**What it is:** A heap is a tree. [1][2] It is `a[\u200b0]`. [3]\n\n**Cost:** O(log n) [4]. And more"
    assert sentences(text) == [
        Sentence("A heap is a tree.", (1, 2)),
        Sentence("It is `a[\u200b0]`.", (3,)),
        Sentence("O(log n)", (4,)),
        Sentence(". And more", ()),
    ]
    assert sentences("Only a full stop left [1].") == [Sentence("Only a full stop left", (1,))]
    assert sentences("") == []


def test_citations_by_lines_and_by_page():
    given = answer(
        "One [1]. Two [2][3]. Three [4].", (1, "a.md", 4, 6), (2, "d.md", 1, 1), (3, "c.md", 1, 2), (4, "d.md", 5, 5)
    )
    scored = score_citations(question(), given)
    assert (scored.sentences, scored.right_by_lines, scored.right_by_page, scored.uncited) == (3, 1, 2, 0)
    assert (scored.groups, scored.found_by_lines, scored.found_by_page) == (2, 1, 2)


def test_a_sentence_without_a_known_citation_is_uncited():
    scored = score_citations(question(), answer("One [9]. Two", (1, "a.md", 3, 3)))
    assert (scored.sentences, scored.uncited, scored.right_by_page) == (2, 2, 0)
    assert scored.found_by_lines == 1


def test_a_refusal_says_nothing_and_finds_nothing():
    scored = score_citations(question(), answer("The notes don't say.", status="not_in_sources"))
    assert (scored.sentences, scored.uncited, scored.groups, scored.found_by_page) == (0, 0, 2, 0)


JUDGED = [
    ("answered", "answered"),
    ("answered", "answered"),
    ("answered", "not_in_sources"),
    ("not_in_sources", "not_in_sources"),
    ("not_in_sources", "answered"),
    ("disputed", "answered"),
]


def test_precision_recall_and_f1_by_hand():
    assert precision(JUDGED, "not_in_sources") == recall(JUDGED, "not_in_sources") == 0.5
    assert f1(JUDGED, "not_in_sources") == 0.5
    assert precision(JUDGED, "answered") == 0.5
    assert recall(JUDGED, "answered") == pytest.approx(2 / 3)
    assert f1(JUDGED, "answered") == pytest.approx(4 / 7)
    assert precision(JUDGED, "disputed") is None
    assert (recall(JUDGED, "disputed"), f1(JUDGED, "disputed")) == (0.0, 0.0)
    assert macro_f1(JUDGED) == pytest.approx((0.5 + 4 / 7 + 0) / 3)


def test_a_status_that_is_right_nowhere_counts_in_no_mean():
    judged = [("answered", "answered"), ("answered", "disputed")]
    assert f1(judged, "disputed") is None
    assert macro_f1(judged) == pytest.approx(2 / 3)
    assert macro_f1([]) is None
