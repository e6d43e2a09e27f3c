"""Decides how scores of different kinds become one: brought to [0, 1] over the candidates, then averaged by weight."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from rag.index import ScoredChunk


def fuse(retrieved: Collection[Iterable[ScoredChunk]]) -> dict[str, float]:
    """The mean of several retrievers' normalised scores by chunk id, in [0, 1]; 0 from one that did not find it."""
    scores: dict[str, float] = {}
    for found in retrieved:
        for chunk_id, score in normalise({s.chunk_id: s.score for s in found}).items():
            scores[chunk_id] = scores.get(chunk_id, 0.0) + score / len(retrieved)
    return scores


def normalise(scores: Mapping[str, float]) -> dict[str, float]:
    """Scores stretched over [0, 1], the best to 1; all 1 when they are equal."""
    low, high = min(scores.values(), default=0.0), max(scores.values(), default=0.0)
    return {key: (score - low) / (high - low) if high > low else 1.0 for key, score in scores.items()}


def by_score(scores: Mapping[str, float]) -> tuple[ScoredChunk, ...]:
    """Best first; ties by id, so that one question always gets one order."""
    ordered = sorted(scores, key=lambda chunk_id: (-scores[chunk_id], chunk_id))
    return tuple(ScoredChunk(chunk_id, scores[chunk_id]) for chunk_id in ordered)
