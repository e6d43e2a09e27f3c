"""A worker process of an ingest: embeds what it can claim, hands it over in the cache, and ends with its parent.

Its parent (rag/embed_crew.py) writes one pickled `Job` to its stdin, which then stays open: where it ends, the parent
has ended, however that came about. On stdout, each line is a JSON list of the places of texts that were handed over, or
an object with the fault that ended the worker.
"""

from __future__ import annotations

import json
import os
import pickle
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from graph.errors import ModelError, StorageError
from rag.claims import Claimant
from rag.embedding_cache import EmbeddingCache
from rag.segments import text_key, to_rows

if TYPE_CHECKING:
    from rag.embed import Embedder

TEXTS_A_CLAIM = 64  # about a second of work, which is what a kill costs
LOOK_AGAIN_SECONDS = 0.1
_WINDOW = 500  # texts looked at in one transaction


@dataclass(frozen=True, slots=True)
class Job:
    """What a worker is to do: embed texts, all of them different, into a cache."""

    embedder: Embedder
    cache: Path
    texts: Sequence[str]


def embed_claimed(job: Job, tell: Callable[[list[int]], None]) -> None:
    """Embeds all texts that nobody else does, and returns when each is done, by whomever.

    `tell` gets the places in `job.texts` of what has just been handed over. Raises StorageError and ModelError.
    """
    places = {text: place for place, text in enumerate(job.texts)}
    to_do, held = deque(job.texts), list[str]()
    with Claimant(EmbeddingCache(job.cache), job.embedder.model_id) as claimant:
        while to_do or held:
            if not to_do:  # what others are at is claimed when they die
                time.sleep(LOOK_AGAIN_SECONDS)
                to_do, held = deque(held), []
            claim = claimant.claim([to_do.popleft() for _ in range(min(_WINDOW, len(to_do)))], TEXTS_A_CLAIM)
            to_do.extendleft(reversed(claim.left))
            held += claim.held
            if claim.mine:
                _embed(job.embedder, claimant, claim.mine)
                tell([places[text] for text in claim.mine])


def _embed(embedder: Embedder, claimant: Claimant, texts: list[str]) -> None:
    encodings = list(embedder.encode_texts(texts))
    tokens = [
        to_rows(text_key(embedder.token_model_id, text), encoding)
        for text, encoding in zip(texts, encodings, strict=True)
    ]
    claimant.hand_over(texts, [encoding.vector for encoding in encodings], tokens)


def main() -> None:
    """Does the job that is on stdin."""
    job: Job = pickle.load(sys.stdin.buffer)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    try:
        embed_claimed(job, _tell)
    except (StorageError, ModelError) as fault:
        _tell({"kind": type(fault).__name__, "message": str(fault)})


def _tell(news: object) -> None:
    try:
        print(json.dumps(news), flush=True)
    except BrokenPipeError:  # the parent has gone this moment
        os._exit(1)


def _end_with_parent() -> None:
    os.read(sys.stdin.fileno(), 1)  # returns when the other end is closed, which the system does when the parent ends
    os._exit(1)
