"""An embedder for tests with several processes: it writes down which process embedded which text, and may misbehave."""

import hashlib
import os
import signal
import time
from pathlib import Path

import numpy as np

from rag.embed import TOKEN_DIMENSION, Encoding, MiniLMEmbedder


class LoggingEmbedder(MiniLMEmbedder):
    """Draws vectors from a text's hash, and appends a line to a log for each text: process, text.

    Workers, but not the process that made it, wait `pause` seconds a text, and after `limit` texts do no more: they
    "sleep" for ever, or "stop" as by SIGSTOP.
    """

    model_id = token_model_id = "logging"
    dimension = 8

    def __init__(self, log, pause=0.0, limit=None, then="sleep"):
        super().__init__()
        self.log, self.pause, self.limit, self.then, self.parent = log, pause, limit, then, os.getpid()
        self.count = 0

    def encode_texts(self, texts):
        for text in texts:
            if os.getpid() != self.parent:
                self._misbehave()
            append(self.log, f"{os.getpid()} {text}\n")
            yield self.encode(text)

    def _misbehave(self):
        time.sleep(self.pause)
        if self.count == self.limit:
            append(self.log.with_suffix(".stuck"), f"{os.getpid()}\n")
            if self.then == "stop":
                os.kill(os.getpid(), signal.SIGSTOP)
            time.sleep(3600)
        self.count += 1

    def encode(self, text):
        dice = np.random.default_rng(list(hashlib.sha256(text.encode()).digest()))
        tokens = dice.normal(size=(dice.integers(0, 5), TOKEN_DIMENSION)).astype(np.float32)
        tokens /= np.linalg.norm(tokens, axis=1, keepdims=True)
        ids = dice.integers(0, 30_000, len(tokens)).astype(np.uint16)
        return Encoding(dice.normal(size=self.dimension).astype(np.float32), ids, tokens)


class LoggingModel(MiniLMEmbedder):
    """The real model, with a log of the same kind."""

    def __init__(self, log):
        super().__init__()
        self.log = log

    def encode_texts(self, texts):
        for text, encoding in zip(texts, super().encode_texts(texts), strict=True):
            append(self.log, f"{os.getpid()} {text}\n")
            yield encoding


def append(path: Path, line: str) -> None:
    """One write to a file that is opened for appending: lines of several processes do not mix."""
    file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        os.write(file, line.encode())
    finally:
        os.close(file)


def read_log(path: Path) -> list[tuple[int, str]]:
    """The processes and the texts that they embedded, in the order of embedding."""
    lines = path.read_text().split("\n")[:-1] if path.exists() else []
    return [(int(process), text) for process, _, text in (line.partition(" ") for line in lines)]
