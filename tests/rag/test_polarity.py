"""Where a sentence turns its source round, and where it only says the same in other words."""

import pytest

from rag.polarity import borrows_predicate, contradiction
from rag.wording import missing_names, missing_numbers, numbers, share, stem

TURNED = [
    ("A heap can be searched.", "A heap cannot be searched."),
    ("Keys may change while stored.", "Keys must not change while stored."),
    ("It needs training.", "It needs no training, but far more memory."),
    ("Concept drift changes the histogram.", "Concept drift can leave the histogram unchanged."),
    ("A long window reacts fast; a short one is calm.", "A short window reacts fast; a long one is calm and late."),
    ("More folds leave less data.", "More folds leave more data for training."),
    ("It costs more on large models.", "It is a bargain on large models and costs more on small ones."),
    ("Platt scaling overfits small sets.", "Isotonic regression overfits small sets, where Platt scaling is steadier."),
    ("The default is 40 in FAISS and 16 in pgvector.", "The default is 16 in FAISS, 40 in pgvector and 10 in hnswlib."),
    ("Coalescing causes stampedes.", "Coalescing prevents stampedes."),
]
SAME = [
    ("A heap cannot be searched quickly.", "A heap cannot search, iterate or delete an item quickly."),
    ("It needs no training and takes inserts.", "HNSW needs no training step, accepts inserts and pays with memory."),
    ("Memory rather than arithmetic is the limit.", "That memory, not arithmetic, limits the requests."),
    ("A long window is calm; a short one reacts fast.", "A short window reacts fast; a long one is calm and late."),
    ("The default is 40 in pgvector and 16 in FAISS.", "The default is 16 in FAISS, 40 in pgvector and 10 in hnswlib."),
    ("Without a mask the loss looks perfect.", "A missing mask gives a near-perfect loss."),
    ("Retrying a POST that is not idempotent charges twice.", "Retrying a non-idempotent POST charges the card twice."),
    ("Leaving one out is seldom worth it.", "Leave-one-out is rarely worth its price."),
]


@pytest.mark.parametrize(("said", "source"), TURNED)
def test_a_contradiction_is_seen(said, source):
    assert contradiction(said, source)


@pytest.mark.parametrize(("said", "source"), SAME)
def test_a_paraphrase_is_none(said, source):
    assert contradiction(said, source) is None


def test_another_subject_with_the_same_predicate():
    source, other = "Write-back loses data when the node dies.", "Write-through keeps both in step."
    assert borrows_predicate("Write-through loses data when the node dies.", source, [source, other])
    assert not borrows_predicate("Write-back loses data when a node dies.", source, [source, other])


@pytest.mark.parametrize(
    "forms", ["retrieve retrieval retriever", "train training trained", "query queries", "apply applies"]
)
def test_the_forms_of_a_word_are_one(forms):
    first, *others = forms.split()
    assert share([stem(other) for other in others], frozenset({stem(first)})) == 1.0


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("2 million items", [2e6]),
        ("2,000,000 items", [2e6]),
        ("2M items", [2e6]),
        ("two of twelve", [2, 12]),
        ("0.95 × 1 + 0.05", [0.95, 1, 0.05]),
        ("float32 and k1", []),
    ],
)
def test_numbers_however_they_are_written(text, values):
    assert [number.value for number in numbers(text)] == values


@pytest.mark.parametrize(
    ("said", "source", "missing"),
    [
        ("It takes 5 seconds.", "It takes 5 s.", []),
        ("It takes 5 seconds.", "It takes 5 ms.", [5.0]),
        ("At most 500 messages.", "A poll returns up to 500 records.", []),
        ("About 16 %.", "Some 16 percent.", []),
    ],
)
def test_a_number_counts_with_its_unit(said, source, missing):
    assert [number.value for number in missing_numbers(said, source)] == missing


def test_names_of_a_sentence():
    assert missing_names("Heaps are used by NASA and in Heaps of Java.", "heaps at nasa") == ["Java"]
    assert missing_names("Heaps exist.", "nothing") == []


def test_a_superscript_is_no_number():
    assert numbers("It grows with n², and ² alone is none.") == []
