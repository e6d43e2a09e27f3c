"""How much of a question some sentences speak of, word by word."""

from __future__ import annotations

import numpy as np
import pytest

from rag.coverage import NOTHING_MET, AskedQuestion, best_coverage

REDIS = "Redis keeps its data in memory and answers in less than a millisecond."
LICENCE = "Redis is released under a licence that allows free use."


def asked(text, embedder, *weights):
    return AskedQuestion(text, embedder.encode_query(text), embedder, *weights)


def met(question, embedder, *texts):
    return [question.met(encoding) for encoding in embedder.encode_texts(texts)]


def test_words_are_those_that_say_what_the_question_is_about(embedder):
    question = asked("Under which licence is Redis released?", embedder)
    assert {"licence", "Redis", "released"} <= {*question.words}
    assert "is" not in question.words


def test_a_word_of_several_tokens_is_one_word(embedder):
    question = asked("Does Qdrant support ttft?", embedder)
    assert {"Qdrant", "ttft"} <= set(question.words)


@pytest.mark.parametrize("question", ["Why isn't it fast?", "I've seen that it doesn’t stop", "Why can't it?"])
def test_a_contraction_says_nothing(embedder, question):
    assert not {word for word in asked(question, embedder).words if "'" in word or "’" in word or len(word) < 4}


def test_a_possessive_is_no_part_of_a_name(embedder):
    assert "Redis" in asked("What is Redis's licence?", embedder).words


def test_what_nothing_is_like_is_missing(embedder):
    question = asked("Under which licence is Redis released?", embedder)
    without = question.coverage(met(question, embedder, REDIS))
    with_it = question.coverage(met(question, embedder, REDIS, LICENCE))
    assert "licence" in without.missing
    assert "licence" not in with_it.missing
    assert with_it.shortfall < without.shortfall / 2
    assert 0 <= with_it.shortfall <= without.shortfall <= 1


def test_a_given_word_is_met(embedder):
    question = asked("What does ttft cost?", embedder)
    rows = met(question, embedder, "Time to first token is what a user waits for before the answer begins.")
    assert "ttft" in question.coverage(rows).missing
    assert "ttft" not in question.coverage(rows, ["TTFT"]).missing


def test_rare_words_weigh_more(embedder):
    def rare(token_ids):
        texts = embedder.token_texts(token_ids)
        return np.array([10.0 if text == "licence" else 0.1 for text in texts], dtype=np.float32)

    plain, weighted = (asked("Redis licence", embedder, *w) for w in ((), (rare,)))
    shortfalls = [q.coverage(met(q, embedder, REDIS)).shortfall for q in (plain, weighted)]
    assert shortfalls[1] > shortfalls[0]


def test_the_best_text_counts(embedder):
    question = asked("Under which licence is Redis released?", embedder)
    rows = {"a": met(question, embedder, REDIS), "b": met(question, embedder, LICENCE)}
    assert best_coverage(question, rows, {}) == question.coverage(rows["b"])


@pytest.mark.parametrize("text", ["", "the of it", "???"])
def test_a_question_without_words_has_nothing_met(embedder, text):
    question = asked(text, embedder)
    assert question.coverage(met(question, embedder, REDIS)) == NOTHING_MET


def test_likeness_is_higher_for_what_answers(embedder):
    question = asked("Where does Redis keep its data?", embedder)
    answer, other = embedder.encode_texts([REDIS, "A kiln is fired at 1,050 degrees."])
    assert question.likeness(answer) > question.likeness(other) + 0.2
