"""Turns texts into vectors: what an embedder is, and the one that ships with Prepgraph.

A vector is a function of its text alone. So passages go through the model one a call: its int8 activations take their
scale from the whole batch, and a batched vector would depend on its neighbours.

One run of the model gives a text's own vector and those of its tokens, which late interaction compares (rag/rerank.py).
These are kept in 128 dimensions: projected on a basis that is vendored beside the model, and scaled to unit length.
"""

from __future__ import annotations

import copy
import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol, Self, TypeAlias

from graph.errors import ModelError
from rag.multiply import multiply

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FloatArray: TypeAlias = "NDArray[np.float32]"
IdArray: TypeAlias = "NDArray[np.uint16]"

MODEL_DIRECTORY = Path(__file__).resolve().parent.parent / "models" / "all-MiniLM-L6-v2"
MODEL_FILE = "model.int8.onnx"
TOKENIZER_FILE = "tokenizer.json"
BASIS_FILE = "token_basis.npy"
SHA256 = {
    MODEL_FILE: "313514ea6ba91b3057a8e8dfa663d56c6300c1a9eeb886a25b738ab7012f7cd7",
    TOKENIZER_FILE: "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
    BASIS_FILE: "5deedfc378c847ca617b8c695fb7fa6227af9d4e4f6830b4d472593a2d0ee57b",
}
MAX_TOKENS = 256
DIMENSION = 384
TOKEN_DIMENSION = 128


@dataclass(frozen=True, slots=True, eq=False)
class Encoding:
    """What one run of the model gives for a text: its vector, and those of its tokens without the special ones.

    `vector`: float32, shape (dimension,), unit length. `token_ids`: uint16, shape (tokens,). `token_vectors`: float32,
    shape (tokens, 128), unit rows.
    """

    vector: FloatArray
    token_ids: IdArray
    token_vectors: FloatArray


class Embedder(Protocol):
    """Maps texts to unit vectors whose dot product is their cosine similarity."""

    @property
    def model_id(self) -> str:
        """Names the model and its tokenizer; two embedders with one id give one text the same vector."""

    @property
    def token_model_id(self) -> str:
        """Names the model, its tokenizer and the basis; with one id, one text has the same token vectors."""

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

    def encode_query(self, text: str) -> Encoding:
        """The vector of one question and those of its tokens."""

    def encode_texts(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """The vectors of passages and those of their tokens, one after the other, in order."""

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text, special ones included; may exceed `max_tokens`."""

    def token_texts(self, token_ids: IdArray) -> tuple[str, ...]:
        """The tokens as they are written, those inside a word without the mark for that."""

    def with_threads(self, threads: int) -> Embedder:
        """The same embedder, not loaded yet, with so many threads for passages; it can be pickled."""


class MiniLMEmbedder:
    """all-MiniLM-L6-v2 in int8 (see models/README.md): 384 dimensions, 256 tokens, no network.

    Constructing it reads nothing. The tokenizer is loaded by the first count, the model by the first vector, the basis
    by the first token vectors, each checked against its SHA-256. Threads may share it. Every method may raise
    `ModelError`.
    """

    model_id = hashlib.sha256("".join(sorted((SHA256[MODEL_FILE], SHA256[TOKENIZER_FILE]))).encode()).hexdigest()
    token_model_id = hashlib.sha256(f"{model_id}{SHA256[BASIS_FILE]}".encode()).hexdigest()
    dimension = DIMENSION
    max_tokens = MAX_TOKENS

    def __init__(self, directory: Path = MODEL_DIRECTORY) -> None:
        self.directory = directory
        self.threads = available_cpus()  # for passages
        self._loading = Lock()

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if not name.startswith("_load")}  # all but the model

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state, _loading=Lock())

    def with_threads(self, threads: int) -> Self:
        """The same model, not loaded yet, with so many threads for passages; for another process, it can be pickled."""
        other = copy.copy(self)
        other.threads = threads
        return other

    def embed_query(self, text: str) -> FloatArray:
        """Embed one question: float32, shape (384,), unit length."""
        return self._embed(text)

    def embed_texts(self, texts: Sequence[str], on_progress: Callable[[int], None] | None = None) -> FloatArray:
        """Embed passages: float32, shape (len(texts), 384), unit rows, the same bits in any order and company."""
        import numpy as np

        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with ThreadPoolExecutor(self.threads, thread_name_prefix="embed") as workers:
            for row, vector in enumerate(workers.map(self._embed, texts)):
                vectors[row] = vector
                if on_progress:
                    on_progress(row + 1)
        return vectors

    def count_tokens(self, text: str) -> int:
        """Tokens of the whole text, [CLS] and [SEP] included; loads the tokenizer only."""
        return len(self._tokenizer.encode(_without_surrogates(text)))

    def encode_query(self, text: str) -> Encoding:
        """Embed one question and its tokens: the vector has the bits of `embed_query`."""
        return self._encode(text)

    def encode_texts(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """Embed passages and their tokens, the same bits in any order and company; the vectors are `embed_texts`'."""
        with ThreadPoolExecutor(self.threads, thread_name_prefix="embed") as workers:
            yield from workers.map(self._encode, texts)

    def token_texts(self, token_ids: IdArray) -> tuple[str, ...]:
        """The tokens as the tokenizer writes them, without the "##" of those that continue a word."""
        tokenizer = self._tokenizer
        return tuple((tokenizer.id_to_token(int(number)) or "").removeprefix("##") for number in token_ids)

    def hidden_states(self, text: str) -> tuple[FloatArray, FloatArray]:
        """The vector of a text, shape (384,), and its tokens as the model leaves them, shape (tokens, 384)."""
        vector, tokens, _ = self._run(text)
        return vector, tokens

    def _embed(self, text: str) -> FloatArray:
        import numpy as np

        ids = np.array([self._token_ids(text)], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vector: FloatArray = self._session.run(["embedding"], feed)[0][0]
        return vector

    def _encode(self, text: str) -> Encoding:
        vector, tokens, ids = self._run(text)
        return Encoding(vector, ids, _unit_rows(multiply(tokens, self._basis)))

    def _run(self, text: str) -> tuple[FloatArray, FloatArray, IdArray]:
        """Vector, token vectors and token ids of a text; [CLS] and [SEP] are left out of both."""
        import numpy as np

        ids = np.array([self._token_ids(text)], dtype=np.int64)
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
        vectors, tokens = self._session.run(["embedding", "tokens"], feed)
        return vectors[0], tokens[0, 1:-1], ids[0, 1:-1].astype(np.uint16)

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

    @property
    def _basis(self) -> FloatArray:
        with self._loading:
            return self._loaded_basis

    @cached_property
    def _loaded_basis(self) -> FloatArray:
        return load_basis(self.directory)

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


def load_basis(directory: Path = MODEL_DIRECTORY) -> FloatArray:
    """Load the basis of token vectors: float32, shape (384, 128), orthonormal columns."""
    path = _verified(directory, BASIS_FILE)
    import numpy as np

    basis: FloatArray = np.load(path, allow_pickle=False)
    return basis


def verify_model_files(directory: Path = MODEL_DIRECTORY) -> None:
    """Raise `ModelError` unless all files are there and are the ones this code was written for."""
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


def _unit_rows(vectors: FloatArray) -> FloatArray:
    import numpy as np

    lengths = np.linalg.norm(vectors, axis=1, keepdims=True).astype(np.float32)
    unit: FloatArray = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit


def available_cpus() -> int:
    """The processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):  # a container may be given fewer than the machine has
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
