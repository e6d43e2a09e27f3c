"""Questions for one fact that the notes may not give."""

import pytest

from rag.facts import Evidence, is_fact_missing

OF_REDIS = Evidence("Redis keeps its data in memory and answers in less than a millisecond.", "Redis")


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who invented HNSW?", ["invented"]),
        ("Under which licence is Qdrant released?", ["licence", "released"]),
        ("Which port does Redis listen on by default?", ["port", "listen"]),
        ("What's the default port for the Qdrant API?", ["port", "Qdrant"]),
        ("Which annual conference is held for users?", ["conference", "held"]),
        ("how many stars does the project have", ["stars"]),
    ],
)
def test_the_word_for_a_fact_is_like_nothing(question, missing):
    best = [Evidence("It has 40 parts, and HNSW, Redis and Qdrant are three of them.")]
    assert is_fact_missing(question, missing, best, 0.3)
    assert not is_fact_missing(question, [], best, 0.3)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Which language is it written in?", ["language"]),  # "written in Go" answers it
        ("Which database does one need?", ["database", "need"]),
        ("How does the port scanner listen?", ["port", "listen"]),
        ("What is the port?", ["port"]),
        ("What should I read first?", ["read", "first"]),
        ("What three ingredients must be there to steal data?", ["ingredients", "steal"]),  # for a list, not a fact
        ("Who " + "really " * 20 + "invented it?", ["invented"]),  # no short question for one fact
    ],
)
def test_no_single_fact_is_missing(question, missing):
    assert not is_fact_missing(question, missing, [OF_REDIS], 0.3)


def test_an_unmet_name_of_a_fact_counts_only_where_much_is_unmet():
    question, missing = "Which share of the people must be immune to stop it?", ["share", "stop"]
    assert is_fact_missing(question, missing, [OF_REDIS], 0.2)
    assert not is_fact_missing(question, missing, [OF_REDIS], 0.05)


@pytest.mark.parametrize(
    ("question", "given", "not_given"),
    [
        ("In which year was Redis released?", "Redis came out in 2009.", "Redis was released as free software."),
        ("When was Redis first published?", "Redis is of March 2009.", "Redis was published early."),
        ("What does Redis charge per month?", "Redis asks for 7 dollars.", "Redis charges by the month."),
        ("How much does Redis cost to buy?", "Redis is free.", "Redis costs more than a disk."),
        ("What is the name of the Redis option that keeps a log?", "Redis has `appendonly`.", "Redis can keep a log."),
        ("Which flag starts the Redis server?", "Redis takes --port.", "Redis is a server that one starts."),
        ("Which parameter of Redis bounds memory?", "Redis reads maxMemory.", "Redis bounds its memory."),
        ("How many databases does Redis have?", "Redis has sixteen or 16 databases.", "Redis has many databases."),
    ],
)
def test_a_sentence_gives_the_kind_of_fact_that_is_asked_for(question, given, not_given):
    assert not is_fact_missing(question, [], [OF_REDIS, Evidence(given)], 0.3)
    assert is_fact_missing(question, [], [OF_REDIS, Evidence(not_given)], 0.3)


@pytest.mark.parametrize(
    ("question", "missing", "said"),
    [
        ("Which command restarts the Redis server?", ["command"], "To restart the Redis server, run redisctl."),
        ("How many people does the hut sleep?", ["people"], "The hut sleeps 24."),
    ],
)
def test_a_word_that_is_missing_says_little_where_the_rest_is_met(question, missing, said):
    assert not is_fact_missing(question, missing, [Evidence(said)], 0.05)
    assert is_fact_missing(question, missing, [Evidence(said)], 0.3)


def test_a_fact_of_something_else_is_no_evidence():
    question = "In which year was Redis released?"
    of_another = "Kafka was released in 2011."
    assert is_fact_missing(question, [], [Evidence(of_another, "Message queues")], 0.0)
    assert not is_fact_missing(question, [], [Evidence("It was released in 2009.", "Redis")], 0.0)
    assert not is_fact_missing("In which year was it released?", [], [Evidence(of_another)], 0.0)


def test_an_identifier_of_the_question_is_no_answer():
    question = "Which parameter of maxMemory is it?"
    assert is_fact_missing("Which option does LangGraph take?", [], [Evidence("LangGraph takes an option.")], 0.3)
    assert not is_fact_missing(question, [], [Evidence("maxMemory takes `lru`.")], 0.0)
