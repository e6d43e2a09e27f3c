"""Whether a sentence holds on what it cites: measured on labelled sentences, and its quotes exact."""

import pytest

from evals.support import read_labelled, score_support
from graph.schema import Chunk
from rag.citations import quote_holds
from rag.support import SupportChecker

LABELLED = read_labelled()
NAMES = {sentence.chunk.text: sentence.names for sentence in LABELLED}

NOTE = """Intro line.

A heap keeps its
smallest item on top. Building one from n items takes O(n).

- Popping takes 5 ms on a slow disk, and pushing 20 s.
- A heap cannot be searched quickly."""
HEAP = Chunk("h", "heap.md", ("Heap", "How it works"), NOTE, 11, 17, ())
TRIE = Chunk("t", "trie.md", ("Trie",), "A trie shares prefixes between words.", 1, 1, ())


@pytest.fixture(scope="module")
def checker(embedder):
    return SupportChecker(embedder, lambda chunk: NAMES.get(chunk.text, ()))


def test_there_are_enough_labelled_sentences_of_each_kind():
    kinds = [(sentence.split, sentence.label) for sentence in LABELLED]
    assert len(kinds) >= 300
    for split in ("tune", "held"):
        assert all(kinds.count((split, label)) >= 25 for label in ("supported", "unsupported", "contradicted"))


@pytest.mark.parametrize(("split", "precision", "recall"), [("tune", 0.96, 0.90), ("held", 0.90, 0.87)])
def test_what_is_let_through_is_supported_and_most_that_is_supported_is_let_through(checker, split, precision, recall):
    scores = score_support(checker, [sentence for sentence in LABELLED if sentence.split == split])
    assert scores.precision >= precision
    assert scores.recall >= recall
    assert scores.passed["unsupported"] == 0


@pytest.mark.parametrize(
    ("sentence", "start", "end", "quote"),
    [
        ("A heap keeps the smallest item on top.", 13, 14, "A heap keeps its\nsmallest item on top."),
        ("Building a heap from n items is O(n).", 14, 14, "Building one from n items takes O(n)."),
        ("Popping takes 5 ms on a slow disk.", 16, 16, "Popping takes 5 ms on a slow disk, and pushing 20 s."),
    ],
)
def test_the_quote_is_the_sentence_that_says_it_at_its_own_lines(checker, sentence, start, end, quote):
    (found,) = checker.check(sentence, [HEAP]).quotes
    assert (found.path, found.start_line, found.end_line, found.text) == ("heap.md", start, end, quote)
    assert quote_holds(found, lambda path: "\n" * 10 + NOTE)


@pytest.mark.parametrize(
    ("sentence", "why"),
    [
        ("Popping takes 7 ms on a slow disk.", "the number 7"),
        ("Popping takes 5 s on a slow disk.", "the number 5"),
        ("Popping takes 5 ms on a slow Seagate disk.", "the name Seagate"),
        ("A heap can be searched quickly.", "denied on one side"),
        ("A heap keeps its largest item on top.", "largest"),
        ("Heaps were found in a cave near Lascaux.", "Lascaux"),
        ("Cooks prefer heaps when they bake bread.", "its words"),
        ("Read http://example.com/heaps about the smallest item on top.", "the name http"),
    ],
)
def test_what_the_passage_does_not_say_is_not_supported(checker, sentence, why):
    verdict = checker.check(sentence, [HEAP])
    assert not verdict.supported
    assert why in verdict.reason


def test_only_the_passages_that_hold_a_sentence_are_kept(checker):
    verdict = checker.check("A trie shares the prefixes of words.", [HEAP, TRIE])
    assert [quote.path for quote in verdict.quotes] == ["trie.md"]


def test_nothing_cited_is_nothing_supported(checker):
    assert checker.check("A heap keeps the smallest item on top.", []).reason == "it cites nothing"
    empty = Chunk("e", "e.md", ("E",), "```\ncode only\n```", 1, 3, ())
    assert not checker.check("A heap keeps the smallest item on top.", [empty]).supported
