"""What a misspelt word is taken for, and which words are left alone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import StorageError
from rag.spelling import Correction, Speller, Vocabulary, write_vocabulary

TEXTS = ["Retrieval finds passages, and pairs of passages.", "A path is found by Dijkstra; many paths end. Größe."]
ENGLISH = {"paris", "math", "what", "the", "set", "deliver"}


@pytest.fixture(scope="module")
def speller(tmp_path_factory):
    folder = tmp_path_factory.mktemp("words")
    write_vocabulary(folder, TEXTS)
    return Speller(Vocabulary(folder), ["Heap", "HNSW", "Vector database"], lambda word: False, ENGLISH.__contains__)


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("retreival", "retrieval"),
        ("Retreival", "retrieval"),
        ("RETREIVAL", "retrieval"),
        ("pasages", "passages"),
        ("dikstra", "dijkstra"),
        ("hnws", "hnsw"),
        ("databsae", "database"),
        ("vectr-databse", "vector-database"),
    ],
)
def test_a_word_spelt_nearly_right_is_corrected(speller, typed, meant):
    corrected, corrections = speller.correct(f"what is {typed}?")
    assert corrected == f"what is {meant}?"
    assert [c.meant for c in corrections] == meant.split("-")


@pytest.mark.parametrize(
    "word",
    [
        "retrieval",  # in the notes
        "Paris",  # English, though "pairs" is near
        "maths",  # a form of an English word, though "paths" is near
        "redelivers",
        "setters",
        "pahs",  # too short to be near a word that names nothing
        "tretrieval",  # begins otherwise
        "amoxicillin",  # nothing is near
        "dikSTRA",  # a name
        "größe",
        "x" * 20_000,
    ],
)
def test_what_may_well_be_meant_is_left_alone(speller, word):
    assert speller.correct(f"what is {word}?") == (f"what is {word}?", ())


def test_a_word_that_the_notes_have_in_another_form_is_left_alone(tmp_path):
    write_vocabulary(tmp_path, TEXTS)
    assert Speller(Vocabulary(tmp_path), [], lambda word: True, lambda word: False).correct("retreival")[1] == ()


def test_a_word_that_is_typed_twice_is_one_correction(speller):
    assert speller.correct("dikstra or dikstra")[1] == (Correction("dikstra", "dijkstra"),)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_question_keeps_all_that_is_no_word(speller, question):
    corrected, corrections = speller.correct(question)
    for correction in corrections:
        assert correction.typed in question
        assert correction.meant in corrected
    if not corrections:
        assert corrected == question


def test_the_same_texts_give_the_same_bytes(tmp_path):
    (tmp_path / "a").mkdir(), (tmp_path / "b").mkdir()
    write_vocabulary(tmp_path / "a", TEXTS), write_vocabulary(tmp_path / "b", TEXTS[::-1])
    assert (tmp_path / "a/words.txt").read_bytes() == (tmp_path / "b/words.txt").read_bytes()
    assert Vocabulary(tmp_path / "a").counts["passages"] == 2


@pytest.mark.parametrize("damage", [b"\xff\xfe", b"word", b"word many\n"])
def test_a_damaged_file_says_what_to_do(tmp_path, damage):
    (tmp_path / "words.txt").write_bytes(damage)
    with pytest.raises(StorageError, match=r"words.txt cannot be read .*run `prepgraph ingest`"):
        print(Vocabulary(tmp_path).counts)
