"""Follow-up questions: what they leave unsaid is put in from the question before; what is complete is left alone."""

import pytest

from rag.followup import Turn, resolve_follow_up, turn_of

CACHING = "When would you use caching?"
HNSW = "What is HNSW?"
PAIR = "HNSW or IVF?"
KAFKA_BREAKS = "Where does Apache Kafka break?"

CARRIED = [
    (HNSW, "And when does it break?", "When does HNSW break?"),
    (HNSW, "and where does it fail", "Where does HNSW fail"),
    (HNSW, "How much memory does it need?", "How much memory does HNSW need?"),
    (HNSW, "What are its trade-offs?", "What are HNSW's trade-offs?"),
    (HNSW, "Why is that?", "Why is HNSW?"),
    (HNSW, "Why?", "Why? (about HNSW)"),
    (HNSW, "how so?", "How so? (about HNSW)"),
    (HNSW, "Trade-offs?", "Trade-offs? (about HNSW)"),
    (HNSW, "What are the trade-offs?", "What are the trade-offs? (about HNSW)"),
    (HNSW, "An example, please", "An example, please (about HNSW)"),
    (HNSW, "Can you explain that in plain words?", "Can you explain HNSW in plain words?"),
    (HNSW, "in simpler terms", "In simpler terms (about HNSW)"),
    (HNSW, "And the numbers?", "The numbers? (about HNSW)"),
    (HNSW, "What should I read first?", "What should I read first? (about HNSW)"),
    (HNSW, "When should I not use it?", "When should I not use HNSW?"),
    (HNSW, "How does it compare to IVF?", "How does HNSW compare to IVF?"),
    (HNSW, "Is it better than IVF?", "Is HNSW better than IVF?"),
    (HNSW, "And IVF?", "What is IVF?"),
    (HNSW, "What about IVF?", "What is IVF?"),
    (KAFKA_BREAKS, "And caching?", "Where does caching break?"),
    (KAFKA_BREAKS, "What about sharding?", "Where does sharding break?"),
    (KAFKA_BREAKS, "ok, and for caching?", "Where does caching break?"),
    (KAFKA_BREAKS, "What does it guarantee about order?", "What does Apache Kafka guarantee about order?"),
    (PAIR, "Which is faster?", "Which is faster? (about HNSW and IVF)"),
    (PAIR, "Which one needs less memory?", "Which one (HNSW and IVF) needs less memory?"),
    (PAIR, "What do they have in common?", "What do HNSW and IVF have in common?"),
    (PAIR, "When would you use the latter?", "When would you use IVF?"),
    (PAIR, "And the former, where does it break?", "HNSW, where does it break?"),
    (PAIR, "What are their limits?", "What are HNSW and IVF's limits?"),
    (CACHING, "and what about stampedes?", "What about stampedes? (about Caching)"),
    (HNSW, "Who invented it?", "Who invented HNSW?"),
    (CACHING, "how do I invalidate it?", "How do I invalidate Caching?"),
]

ALONE = [
    (HNSW, "What is Apache Kafka?"),
    (HNSW, "And what is a heap?"),
    (HNSW, "What is Apache Kafka and when does it break?"),
    (HNSW, "Kafka"),
    (HNSW, "How does a hash table resolve collisions, and what does that cost?"),
    (HNSW, "Who won the football world cup in 1998?"),
    (HNSW, "How do I renew a Portuguese passport?"),
    (HNSW, "Which wine goes with grilled fish?"),
    (HNSW, "What is the recommended dose of amoxicillin for a child?"),
    (HNSW, "And what about amoxicillin?"),
    (HNSW, "Is it raining?"),
    (HNSW, "How long does it take to become a carpenter?"),
    (HNSW, "What should I learn this week about sorting?"),
    (HNSW, "Tell me about week 3"),
    (HNSW, "How do I answer tell me about yourself?"),
    (HNSW, "asdf qwer zxcv"),
    ("Who won the football world cup in 1998?", "And when was it?"),
    ("", "Why?"),
]


@pytest.fixture(scope="module")
def read(course):
    def resolve(before, question):
        answer = course.answerer.answer(before) if before else None
        conversation = [Turn(HNSW, ("hnsw",)), turn_of(answer)] if answer else []
        return resolve_follow_up(question, conversation, course.graph, course.assistant._is_known)

    return resolve


@pytest.mark.parametrize(("before", "question", "expected"), CARRIED)
def test_what_is_left_unsaid_is_put_in(read, before, question, expected):
    assert read(before, question) == expected


@pytest.mark.parametrize(("before", "question"), ALONE)
def test_a_question_that_stands_alone_is_left_alone(read, before, question):
    assert read(before, question) is None


def test_a_subject_lasts_over_several_turns(course):
    conversation = []
    for question in ("What is HNSW?", "And when does it break?", "How much memory does it need?", "Why?"):
        answer = course.ask(question, conversation=conversation)
        assert "hnsw" in answer.concepts
        conversation.append(turn_of(answer))
    assert answer.question == "Why?"
    assert answer.read_as == "Why? (about HNSW)"


def test_a_follow_up_is_answered_like_the_whole_question(course):
    first = course.ask("What is HNSW?")
    follow_up = course.ask("And where does it break?", conversation=[turn_of(first)])
    whole = course.ask("Where does HNSW break?")
    assert (follow_up.text, follow_up.citations) == (whole.text, whole.citations)
    assert (follow_up.read_as, whole.read_as) == ("Where does HNSW break?", None)


def test_without_a_conversation_nothing_is_read_in(course):
    assert course.ask("And when does it break?").read_as is None


def test_a_question_of_another_world_is_refused_within_a_conversation_too(course):
    turn = turn_of(course.ask("What is HNSW?"))
    for question in ("And what about amoxicillin?", "Who won the football world cup in 1998?"):
        assert course.ask(question, conversation=[turn]).status == "not_in_sources"
