"""When two sentences contradict each other on a question, and when they only speak of different things."""

from __future__ import annotations

import numpy as np
import pytest

from rag.dispute import Statement, contradiction, find_dispute


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("How long are logs kept?", "Logs are kept for 90 days.", "Logs are kept for a full 7 years."),
        ("How many beds does the hut have?", "The hut has 24 beds.", "All 60 beds of the hut are bunks."),
        ("How often is the index rebuilt?", "The index is rebuilt daily.", "The index is rebuilt once a month."),
        ("When does it open?", "It opens at six in the morning.", "It opens at nine o'clock."),
        ("Is the port open?", "The port is open to the internet.", "The port is not open to the internet."),
        ("Is raw milk used?", "The cheese is made from raw milk.", "All milk is heated first; raw milk is not used."),
        ("Should it be retrained?", "The model must be retrained.", "Retraining of the model is forbidden."),
        ("Is parking free?", "Parking is free for guests.", "Guests pay 15 euros for parking."),
        ("Which team is on call?", "The platform team is on call.", "On call is the analytics team."),
        ("Which index is the default?", "The default index is HNSW.", "The default index is IVF."),
        ("Is search faster?", "The new search is faster.", "The new search is slower."),
    ],
)
def test_contradictions(question, first, second):
    assert contradiction(question, first, second)
    assert contradiction(question, second, first)


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("How long are logs kept?", "Logs are kept for 14 days.", "Logs are kept for two weeks."),
        ("How many seats are there?", "There are 320 seats.", "All 320 seats can be left in four minutes."),
        ("How large is it?", "It holds about 500 litres.", "It holds 480 litres."),
        ("Is the port open?", "The port is open to the internet.", "The port is open to everybody."),
        ("Which team is on call?", "The platform team is on call.", "The platform team carries the pager."),
        ("Which index is the default?", "The default index is HNSW.", "HNSW is the index one gets."),
        ("When do I read it?", "Read it before the talk.", "Read it after the lunch."),
        (
            "Does it work with a negative edge?",
            "A negative edge makes a settled distance wrong.",
            "With non-negative edges a settled distance is right.",
        ),
        ("Does it stop?", "The pump stops when no water is left.", "The pump stops when the water is left on."),
        (
            "What downtime does 99.9 % allow in minutes?",
            "A year allows 8.76 hours of downtime at 99.9% and 5.26 minutes at 99.999%.",
            "Five services at 99.9% allow 3.6 hours of downtime in 30 days instead of 43 minutes.",
        ),
        ("How many cases for an interval?", "A few hundred cases are usual.", "A judge 5 points too kind is wrong."),
    ],
)
def test_agreement(question, first, second):
    assert contradiction(question, first, second) is None
    assert contradiction(question, second, first) is None


def _find(question, *rows, cosine=0.9):
    """Two statements as alike as `cosine`, each as relevant as it gets."""
    vectors = np.array([[1.0, 0.0], [cosine, np.sqrt(1 - cosine**2)]], dtype=np.float32)
    return find_dispute(question, [Statement(text, title, 0.8) for title, text in rows], vectors)


FEES = (
    "What does the ferry cost?",
    ("Ferry: fares", "The ferry costs 12 euros."),
    ("Ferry", "The ferry costs 5 euros."),
)


def test_both_sides_and_the_sign_are_named():
    found = _find(*FEES)
    assert (found.first, found.second, found.why) == (0, 1, "different quantities")


def test_sentences_that_are_not_alike_are_not_compared():
    assert _find(*FEES, cosine=0.4) is None


@pytest.mark.parametrize(
    ("question", "first", "second"),
    [
        ("What do I pay?", ("a", "Adults pay 12 euros on it."), ("b", "Children pay 5 euros on it.")),
        ("Is the API free?", ("a", "Version 1 of the API is free."), ("b", "Version 2 of the API costs 20 dollars.")),
        (
            "How fast may I drive on the pass?",
            ("Pass: summer", "In summer one may drive 60 km/h on the pass."),
            ("Pass: winter", "In winter one may drive 30 km/h on the pass."),
        ),
        ("How deep is the lake?", ("a", "The lake is 18 metres deep."), ("b", "Is the lake 74 metres deep?")),
        ("How deep is the lake?", ("a", "The lake is 18 metres deep."), ("b", "The inn has 74 rooms.")),
    ],
)  # fmt: skip
def test_different_cases_do_not_contradict_each_other(question, first, second):
    assert _find(question, first, second) is None


def test_a_note_does_not_deny_its_own_name():
    says, denies = "A random variable gives outcomes a number.", "A random outcome is no variable but gives a number."
    rows = ("Random variable", says), ("Random variable", denies)
    assert _find("Is a random variable random?", *rows) is None
    assert _find("Is a random variable random?", ("Chance", says), ("Chance", denies)) is not None


def test_a_bare_name_asks_for_no_claim():
    assert _find("What is HNSW?", ("a", "HNSW is fast."), ("b", "HNSW is not fast.")) is None
    assert _find("Is HNSW fast?", ("a", "HNSW is fast."), ("b", "HNSW is not fast.")) is not None


def test_nothing_to_compare():
    assert find_dispute("How deep is the lake?", [], np.empty((0, 2), dtype=np.float32)) is None
