"""The real model, the real tokenizer: what a vector depends on, and what happens when a file is wrong."""

import pickle
import random
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.errors import ModelError
from rag.embed import (
    BASIS_FILE,
    MODEL_DIRECTORY,
    MODEL_FILE,
    TOKENIZER_FILE,
    MiniLMEmbedder,
    load_basis,
    load_tokenizer,
    verify_model_files,
)

TEXTS = [
    "HNSW answers a nearest neighbour query by greedy descent through layers of a proximity graph.",
    "A queue hands out what came first.",
    "Kafka keeps the messages of a partition in order. " * 12,
    "",
    "Größe, naïve, 機械学習, 🙂",
    "Gradient descent follows the slope of the loss downhill. " * 60,
]
COUNTER = MiniLMEmbedder()


@pytest.fixture(scope="module")
def embedder() -> MiniLMEmbedder:
    return MiniLMEmbedder()


def test_vectors_have_the_promised_shape_and_length(embedder):
    vectors = embedder.embed_texts(TEXTS)
    assert vectors.shape == (len(TEXTS), 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1.0, atol=1e-5)


def test_no_texts_give_no_rows(embedder):
    assert embedder.embed_texts([]).shape == (0, 384)


def test_a_vector_does_not_depend_on_order_or_company(embedder):
    vectors = embedder.embed_texts(TEXTS)
    order = list(range(len(TEXTS)))
    random.Random(1).shuffle(order)
    np.testing.assert_array_equal(embedder.embed_texts([TEXTS[i] for i in order]), vectors[order])
    np.testing.assert_array_equal(np.stack([embedder.embed_query(text) for text in TEXTS]), vectors)


def test_a_vector_does_not_depend_on_the_number_of_threads(embedder):
    one, four = (embedder.with_threads(threads).embed_texts(TEXTS * 3) for threads in (1, 4))
    np.testing.assert_array_equal(one, four)


def test_an_embedder_that_was_pickled_gives_the_same_bits(embedder, tmp_path):
    vector = embedder.embed_query(TEXTS[0])
    again = pickle.loads(pickle.dumps(embedder.with_threads(1)))
    assert (again.threads, again.directory) == (1, embedder.directory)
    np.testing.assert_array_equal(again.embed_query(TEXTS[0]), vector)
    assert len(pickle.dumps(embedder)) < 1_000  # the model stays where it is


def test_one_run_gives_the_text_and_its_tokens(embedder):
    for text, encoding in zip(TEXTS, embedder.encode_texts(TEXTS), strict=True):
        np.testing.assert_array_equal(encoding.vector, embedder.embed_query(text))
        tokens = min(embedder.count_tokens(text), 256) - 2
        assert (encoding.token_ids.shape, encoding.token_vectors.shape) == ((tokens,), (tokens, 128))
        np.testing.assert_allclose(np.linalg.norm(encoding.token_vectors, axis=1), 1.0, atol=1e-5)


def test_token_vectors_do_not_depend_on_order_or_company(embedder):
    for text, encoding in zip(reversed(TEXTS), embedder.encode_texts(TEXTS[::-1]), strict=True):
        alone = embedder.encode_query(text)
        np.testing.assert_array_equal(encoding.token_vectors, alone.token_vectors)
        np.testing.assert_array_equal(encoding.token_ids, alone.token_ids)


def test_tokens_are_written_without_the_special_ones(embedder):
    assert embedder.token_texts(embedder.encode_query("Rerankers rank").token_ids) == ("re", "rank", "ers", "rank")


def test_few_dimensions_keep_how_alike_tokens_are(embedder):
    np.testing.assert_allclose(load_basis().T @ load_basis(), np.eye(128), atol=1e-5)
    whole = np.concatenate([embedder.hidden_states(text)[1] for text in TEXTS])
    whole /= np.linalg.norm(whole, axis=1, keepdims=True)
    few = np.concatenate([encoding.token_vectors for encoding in embedder.encode_texts(TEXTS)])
    pairs = np.triu_indices(len(whole), 1)
    assert np.corrcoef((whole @ whole.T)[pairs], (few @ few.T)[pairs])[0, 1] > 0.9


def test_progress_counts_every_text_once_and_in_order(embedder):
    seen = []
    embedder.embed_texts(TEXTS, seen.append)
    assert seen == list(range(1, len(TEXTS) + 1))


@pytest.mark.parametrize(
    ("question", "paraphrase", "unrelated"),
    [
        (
            "How do I make a model answer from my own documents?",
            "Retrieval-augmented generation grounds an LLM's reply in passages found in a private corpus.",
            "A hash table resolves collisions by chaining or by open addressing.",
        ),
        (
            "structure for a job interview anecdote",
            "A STAR story tells the situation, the task, the action and the result.",
            "An adjacency list uses memory in proportion to the edges.",
        ),
    ],
)
def test_a_paraphrase_is_closer_than_an_unrelated_passage(embedder, question, paraphrase, unrelated):
    query = embedder.embed_query(question)
    near, far = embedder.embed_texts([paraphrase, unrelated])
    assert query @ near > query @ far + 0.1


def test_what_lies_beyond_the_limit_is_not_read(embedder):
    words = "edge " * 400
    assert embedder.count_tokens(words) == 402
    np.testing.assert_array_equal(embedder.embed_query(words), embedder.embed_query(words + "and something else"))


@settings(max_examples=50, deadline=None)
@given(st.text(st.characters(), max_size=80))
def test_any_text_counts_at_least_its_special_tokens(text):
    assert COUNTER.count_tokens(text) >= 2


def test_a_lone_surrogate_is_embedded_like_any_text(embedder):
    assert np.isfinite(embedder.embed_query("caf\udce9")).all()


def test_counting_agrees_with_the_tokenizer_alone(embedder):
    tokenizer = load_tokenizer()
    assert [embedder.count_tokens(text) for text in TEXTS] == [len(tokenizer.encode(text)) for text in TEXTS]


def test_counting_loads_no_model():
    code = (
        "import sys; from rag.embed import MiniLMEmbedder; MiniLMEmbedder().count_tokens('a')\n"
        "assert 'onnxruntime' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parents[2])


def test_the_vendored_files_are_the_expected_ones():
    verify_model_files()


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE, BASIS_FILE])
def test_a_changed_file_is_refused(tmp_path, name):
    directory = shutil.copytree(MODEL_DIRECTORY, tmp_path / "model")
    with (directory / name).open("ab") as file:
        file.write(b" ")
    with pytest.raises(ModelError, match=rf"changed: .*{name}.* restore models/"):
        verify_model_files(directory)
    with pytest.raises(ModelError, match=name):
        MiniLMEmbedder(directory).encode_query("anything")


@pytest.mark.parametrize("name", [MODEL_FILE, TOKENIZER_FILE, BASIS_FILE])
def test_a_missing_file_is_named(tmp_path, name):
    directory = shutil.copytree(MODEL_DIRECTORY, tmp_path / "model")
    (directory / name).unlink()
    with pytest.raises(ModelError, match=rf"cannot be read: .*{name}"):
        next(MiniLMEmbedder(directory).encode_texts(["anything"]))
