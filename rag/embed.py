"""Turns texts into vectors: what an embedder is, and the one that ships with Prepgraph.

A vector is a function of its text alone. So passages go through the model one a call: its int8 activations take their
scale from the whole batch, and a batched vector would depend on its neighbours.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Protocol, TypeAlias

from graph.errors import ModelError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FloatArray: TypeAlias = "NDArray[np.float32]"

MODEL_DIRECTORY = Path(__file__).resolve().parent.parent / "models" / "all-MiniLM-L6-v2"
MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
SHA256 = {
    MODEL_FILE: "313514ea6ba91b3057a8e8dfa663d56c6300c1a9eeb886a25b738ab7012f7cd7",
    TOKENIZER_FILE: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
}
MAX_TOKENS = 256
DIMENSION = 384


class Embedder(Protocol):
    """Maps texts to unit vectors whose dot product is their cosine similarity."""

    @property
    def model_id(self) -> str:
        """Names the model and its tokenizer; two embedders with one id give one text the same vector."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    @property
    def max_tokens(self) -> int:
        """Tokens that the model reads, special ones included; what a text has beyond them is lost."""

    def embed_query(self, text: str) -> FloatArray:
        """Embed one question: shape (dimension,)."""

    def embed_texts(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> FloatArray:
        """Embed passages: shape (len(texts), dimension). `on_progress` is told how many are done so far."""

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text, special ones included; may exceed `max_tokens`."""


class MiniLMEmbedder:
    """all-MiniLM-L6-v2 in int8 (see models/README.md): 384 dimensions, 256 tokens, no network.

    Constructing it reads nothing. The tokenizer is loaded by the first count, the model by the first vector,
    each checked against its SHA-256. Threads may share it. Every method may raise `ModelError`.
    """

    model_id = hashlib.sha256("".join(sorted(SHA256.values())).encode()).hexdigest()
    dimension = DIMENSION
    max_tokens = MAX_TOKENS

    def __init__(self, directory: Path = MODEL_DIRECTORY) -> None:
        self.directory = directory
        self._loading = Lock()

    def embed_query(self, text: str) -> FloatArray:
        """Embed one question: float32, shape (384,), unit length."""
        return self._embed(text)

    def embed_texts(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> FloatArray:
        """Embed passages: float32, shape (len(texts), 384), unit rows, the same bits in any order and company."""
        import numpy as np

        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with ThreadPoolExecutor(_available_cpus(), thread_name_prefix="embed") as workers:
            for row, vector in enumerate(workers.map(self._embed, texts)):
                vectors[row] = vector
                if on_progress:
                    on_progress(row + 1)
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text, [CLS] and [SEP] included; loads the tokenizer only."""
        return len(self._tokenizer.encode(_without_surrogates(text)))

    def _embed(self, text: str) -> FloatArray:
        import numpy as np

        ids = np.array([self._token_ids(text)], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: FloatArray = self._session.run(["embedding"], feed)[0][0]
        return vector

    def _token_ids(self, text: str) -> list[int]:
        """The first 256 token ids, with [SEP] kept at the end when the text is cut."""
        ids = self._tokenizer.encode(_without_surrogates(text)).ids
        return ids if len(ids) <= self.max_tokens else [*ids[: self.max_tokens - 1], ids[-1]]

    @property
    def _tokenizer(self) -> Tokenizer:
        with self._loading:
            return self._loaded_tokenizer

    @property
    def _session(self) -> InferenceSession:
        with self._loading:
            return self._loaded_session

    @cached_property
    def _loaded_tokenizer(self) -> Tokenizer:
        return load_tokenizer(self.directory)

    @cached_property
    def _loaded_session(self) -> InferenceSession:
        return load_session(self.directory)


def load_tokenizer(directory: Path = MODEL_DIRECTORY) -> Tokenizer:
    """Load the model's tokenizer without the model, so that counting tokens stays cheap."""
    path = _verified(directory, TOKENIZER_FILE)
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(path))
    tokenizer.no_truncation()  # the file asks for 128 tokens, padded: a count must see them all
    tokenizer.no_padding()
    return tokenizer


def load_session(directory: Path = MODEL_DIRECTORY) -> InferenceSession:
    """Load the ONNX model: `input_ids`, `attention_mask` (int64, 1 × tokens) -> `embedding` (1 × 384), `tokens`."""
    path = _verified(directory, MODEL_FILE)
    from onnxruntime import InferenceSession, SessionOptions

    options = SessionOptions()
    # One thread inside the model and one passage on each core beats both cores on one passage: 59-69 against
    # 52-55 passages/s on 2 cores (217 tokens each), and a short query takes 1.4 ms instead of 1.7. Same bits.
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    return InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


def verify_model_files(directory: Path = MODEL_DIRECTORY) -> None:
    """Raise `ModelError` unless both files are there and are the ones this code was written for."""
    for name in SHA256:
        _verified(directory, name)


def _verified(directory: Path, name: str) -> Path:
    path = directory / name
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(
            f"The embedding model cannot be read: {path} ({error.strerror}); restore models/ from the project's source."
        ) from error
    if found != SHA256[name]:
        raise ModelError(
            f"The embedding model was changed: {path} has SHA-256 {found[:12]}…, not {SHA256[name][:12]}…; "
            "restore models/ from the project's source."
        )
    return path


def _without_surrogates(text: str) -> str:
    """A command line may hold bytes that are no UTF-8; Python keeps them as surrogates, the tokenizer refuses them."""
    return text.encode("utf-8", "replace").decode("utf-8")


def _available_cpus() -> int:
    if hasattr(os, "sched_getaffinity"):  # a container may be given fewer than the machine has
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
