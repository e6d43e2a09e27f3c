"""Shows how the reranker met a question word by word: which words of a passage, how alike, and what each word is worth.

The model reads some words in pieces. For people the pieces are one word again: its likeness is the mean of theirs by
weight, and what met it are the tokens that met them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from graph.schema import Chunk
from rag.embed import Embedder, Encoding
from rag.rerank import LateInteraction, TokenMatch


@dataclass(frozen=True, slots=True)
class WordMet:
    """A word of the question as it was searched for, and what met it in a passage.

    `weight` is the word's share of all weights (rarity in the notes), `cosine` how alike the two are, and
    `rank_without` the rank among the candidates that reranking would give the passage if the word did not count.
    """

    word: str
    met_by: str
    cosine: float
    weight: float
    rank_without: int


@dataclass(frozen=True, slots=True)
class PassageMatch:
    """A passage, its rank among the reranked candidates, and how it met each word of the question, in order."""

    chunk: Chunk
    rank: int
    words: tuple[WordMet, ...]


def match_words(
    question: str, chunk: Chunk, candidates: Sequence[Chunk], reranker: LateInteraction, embedder: Embedder
) -> PassageMatch:
    """How a passage, one of the reranked `candidates`, met the question."""
    import numpy as np

    encoding = embedder.encode_query(question)
    pieces = embedder.token_texts(encoding.token_ids)
    matches = reranker.explain(encoding, chunk)
    met = embedder.token_texts(np.array([m.matched_id for m in matches], dtype=np.uint16))
    total = sum(match.weight for match in matches) or 1.0
    words = []
    for group in group_pieces(question, pieces) if matches else ():
        mine = [matches[number] for number in group]
        rest = [number for number in range(len(pieces)) if number not in group]
        without = _rank(question, _only(encoding, rest), chunk, candidates, reranker)
        weight = sum(match.weight for match in mine)
        words.append(
            WordMet(
                "".join(pieces[number] for number in group),
                _joined([pieces[number] for number in group], [met[number] for number in group]),
                _mean_cosine(mine),
                weight / total,
                without,
            )
        )
    return PassageMatch(chunk, _rank(question, encoding, chunk, candidates, reranker), tuple(words))


def group_pieces(question: str, pieces: Sequence[str]) -> list[list[int]]:
    """The positions of the pieces of each word: a piece that follows on a letter without a gap belongs to its word."""
    folded, at = question.lower(), 0
    groups: list[list[int]] = []
    for number, piece in enumerate(pieces):
        start = folded.find(piece, at)
        touches = start == at and at > 0 and piece.isalnum() and folded[at - 1].isalnum()
        if touches and groups:
            groups[-1].append(number)
        else:
            groups.append([number])
        if start >= 0:  # an accent that the tokenizer took away is not found
            at = start + len(piece)
    return groups


def _joined(pieces: list[str], met: list[str]) -> str:
    return "".join(met) if pieces == met else "·".join(dict.fromkeys(met))


def _mean_cosine(matches: Sequence[TokenMatch]) -> float:
    weight = sum(match.weight for match in matches)
    if not weight:
        return sum(match.cosine for match in matches) / len(matches)
    return sum(match.weight * match.cosine for match in matches) / weight


def _only(encoding: Encoding, numbers: list[int]) -> Encoding:
    return replace(encoding, token_ids=encoding.token_ids[numbers], token_vectors=encoding.token_vectors[numbers])


def _rank(
    question: str, encoding: Encoding, chunk: Chunk, candidates: Sequence[Chunk], reranker: LateInteraction
) -> int:
    scores = reranker.score(question, encoding, candidates)
    mine = scores[[candidate.id for candidate in candidates].index(chunk.id)]
    return 1 + sum(score > mine for score in scores)
