"""What the extractive composer says: sentences of the notes, in the shape that a question asks for."""

import re

import pytest

from ingest.plain_text import plain_text
from rag.citations import quote_holds
from rag.compose import ExtractiveComposer


@pytest.fixture(scope="module")
def compose(course, embedder):
    composer = ExtractiveComposer(course.graph, course.corpus, embedder)
    return lambda question: composer.compose(course.search(question))


def sentences(draft):
    return [sentence for paragraph in draft.paragraphs for sentence in paragraph.sentences]


def owner(course, sentence):
    return sentence.quotes[0].path.rpartition("/")[2].removesuffix(".md")


QUESTIONS = [
    "What is HNSW?",
    "How does a hash table resolve collisions?",
    "HNSW vs IVF",
    "How are queues related to Kafka?",
    "What do I need to know before RAG?",
    "What should I read about HNSW?",
    "Where does caching break?",
    "How much memory does a KV cache take?",
    "Tell me about week 3",
    "something about nothing in particular",
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_every_sentence_rests_on_a_quote_that_stands_in_its_file(course, compose, question):
    drafted = sentences(compose(question))
    assert drafted
    assert len({sentence.text for sentence in drafted}) == len(drafted)
    for sentence in drafted:
        assert sentence.quotes
        for quote in sentence.quotes:
            assert quote_holds(quote, lambda path: course.corpus.document(path).text)


@pytest.mark.parametrize("question", ["What is HNSW?", "Where does caching break?", "How does a trie work?"])
def test_what_is_said_is_what_the_note_says(course, compose, question):
    def title_of(name):
        found = course.graph.resolve(name)
        return found.title if found else None

    for sentence in sentences(compose(question)):
        assert sentence.text == plain_text(sentence.quotes[0].text, title_of)


def test_a_question_about_a_concept_gets_the_whole_shape(course, compose):
    draft = compose("What is HNSW?")
    first = draft.paragraphs[0].sentences[0]
    assert first.text == course.graph.concept("hnsw").summary
    assert {"Trade-off", "Where it breaks", "Numbers"} <= {paragraph.label for paragraph in draft.paragraphs}
    assert {owner(course, sentence) for sentence in sentences(draft)} == {"hnsw"}


def test_a_comparison_gives_both_sides(course, compose):
    said = sentences(compose("HNSW vs IVF"))
    text = " ".join(sentence.text for sentence in said)
    assert re.search(r"\bHNSW\b", text)
    assert re.search(r"\bIVF\b|inverted file", text, re.IGNORECASE)


def test_how_two_concepts_connect_is_told_by_the_path_between_them(course, compose):
    draft = compose("How are queues related to Kafka?")
    (step,) = course.graph.explain_path("queues", "kafka")
    first = draft.paragraphs[0].sentences[0]
    assert first.quotes[0].text == step.evidence[0].quote
    assert first.text.startswith("Queue is used in Apache Kafka:")


def test_what_to_know_before_is_told_in_learning_order(course, compose):
    draft = compose("What do I need to know before RAG?")
    quotes = [sentence.quotes[0].text for sentence in draft.paragraphs[0].sentences]
    needed = {
        neighbour.relation.evidence[0].quote: neighbour.concept.id
        for neighbour in course.graph.neighbours("rag")
        if neighbour.relation.kind == "prerequisite_of" and neighbour.side == "in"
    }
    assert set(quotes) == set(needed)
    order = course.graph.prerequisites("rag")
    assert [needed[quote] for quote in quotes] == sorted((needed[quote] for quote in quotes), key=order.index)


def test_what_to_read_comes_from_the_resources(compose):
    draft = compose("What should I read about HNSW?")
    assert draft.paragraphs[0].label == "To read"
    assert all(s.quotes[0].path.startswith("resources/") for s in draft.paragraphs[0].sentences)


def test_nothing_is_said_twice_though_two_notes_say_it_in_nearly_the_same_words(notes, embedder):
    said = ["A heap keeps its smallest item on top of all the others.", "A heap keeps its smallest item on top of all."]
    notes.write({"a.md": f"# Heap\n{said[0]}", "b.md": f"# Heaps again\nIntro words go here. {said[1]}"}).ingest()
    opened = notes.open()
    composer = ExtractiveComposer(opened.graph, opened.corpus, embedder)
    texts = [s.text for s in sentences(composer.compose(opened.search("Which item is kept on top?")))]
    assert len(set(texts) & set(said)) == 1


def test_a_sentence_that_points_back_comes_only_with_the_one_before_it(notes, embedder):
    notes.write(
        {"a.md": "# Heap\nA heap is a tree. It keeps the smallest item of the whole collection on top."}
    ).ingest()
    opened = notes.open()
    composer = ExtractiveComposer(opened.graph, opened.corpus, embedder)
    texts = [s.text for s in sentences(composer.compose(opened.search("smallest item of the collection on top")))]
    for before, text in zip([None, *texts], texts, strict=False):
        assert not text.startswith("It ") or before == "A heap is a tree."


def say(notes, embedder, question, files):
    """The sentences of an answer from a few notes."""
    notes.write(files).ingest()
    opened = notes.open()
    composer = ExtractiveComposer(opened.graph, opened.corpus, embedder)
    return [s.text for s in sentences(composer.compose(opened.search(question)))]


PULSE = "# Pulse\nA narrow pulse is a short signal. It has a broad spectrum of many different frequencies."


def test_a_sentence_that_answers_brings_the_one_it_points_back_to(notes, embedder):
    texts = say(notes, embedder, "Which signals have a broad spectrum of different frequencies?", {"a.md": PULSE})
    assert texts[:2] == [
        "A narrow pulse is a short signal.",
        "It has a broad spectrum of many different frequencies.",
    ]


@pytest.mark.parametrize(
    "dangling",
    [
        "The same tree holds the smallest item of the collection.",
        "In the first the smallest item of the collection is on top.",
        "For this the smallest item of the collection is moved on top.",
        "Consequently the smallest item of the collection is on top.",
    ],
)
def test_what_points_back_to_a_heading_is_not_said(notes, embedder, dangling):
    files = {"a.md": f"# Heap\n\n## Order\n{dangling}\n\n## Use\nHeaps order the items of collections quickly."}
    assert dangling not in say(notes, embedder, "Where is the smallest item of the collection?", files)


def test_there_are_does_not_point_back(notes, embedder):
    hands = "There are 2,598,960 hands of five cards."
    files = {"a.md": f"# Counting\n\n## Cards\n{hands} The rest is shuffled."}
    assert hands in say(notes, embedder, "How many hands of five cards are there?", files)


def test_a_note_without_sections_is_defined_by_its_first_sentence(notes, embedder):
    first = "Entropy measures how uncertain an outcome is."
    text = f"# Entropy\n{first} A fair coin has one bit of entropy. The name entropy is what thermodynamics gave it."
    assert say(notes, embedder, "What is entropy?", {"a.md": text})[0] == first


def test_why_one_needs_the_other_is_told_by_the_path_between_them(course, compose):
    first = compose("why does RAG need chunking?").paragraphs[0].sentences[0]
    (step,) = course.graph.explain_path("rag", "chunking")
    assert first.quotes[0].text == step.evidence[0].quote


def test_a_plain_word_is_a_concept_where_two_are_connected(compose):
    assert "Attention" in compose("How is attention related to the KV cache?").paragraphs[0].sentences[0].text


def test_asked_what_a_thing_is_no_note_disputes_it(compose):
    assert not compose("What is Balanced search tree?").disputed


def test_no_passages_give_no_draft(notes, embedder):
    notes.ingest()
    opened = notes.open()
    draft = ExtractiveComposer(opened.graph, opened.corpus, embedder).compose(opened.search("anything"))
    assert (draft.paragraphs, draft.similarity) == ((), 0.0)
