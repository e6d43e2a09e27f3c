"""Measures what each part of retrieval is worth to one question: the same search is made again without that part."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, cast

from graph.schema import Chunk
from graph.store import GraphStore, NetworkxStore
from rag.corpus import Corpus
from rag.embed import Embedder
from rag.index import DENSE, KEYWORD, ScoredChunk, SearchFilter, SearchIndex
from rag.rerank import Reranker
from rag.retrieve import CANDIDATES, Retrieval, Retriever
from rag.spelling import Speller

if TYPE_CHECKING:
    from rag.embed import FloatArray

Part = Literal["conversation", "spelling", "names", "dense", "keyword", "graph", "rerank"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What a retriever is made of; without a reranker or a speller it works, too."""

    graph: GraphStore
    index: SearchIndex
    corpus: Corpus
    embedder: Embedder
    reranker: Reranker | None = None
    speller: Speller | None = None

    def retriever(self) -> Retriever:
        """A retriever of these parts."""
        return Retriever(self.graph, self.index, self.corpus, self.embedder, self.reranker, self.speller)


@dataclass(frozen=True, slots=True)
class Move:
    """A passage found, its rank, and the rank that it would have had; None when not among the first 40."""

    chunk: Chunk
    rank: int
    without: int | None


@dataclass(frozen=True, slots=True)
class WhatIf:
    """What a question would have found without one part of retrieval.

    `moves` are the passages found, in order; `instead` those that would take the places of the lost ones.
    """

    part: Part
    moves: tuple[Move, ...]
    instead: tuple[Chunk, ...]

    @property
    def lost(self) -> tuple[Move, ...]:
        """The passages that would no longer be found among as many."""
        return tuple(move for move in self.moves if move.without is None or move.without > len(self.moves))


def leave_out_each(
    found: Retrieval, parts: Parts, where: SearchFilter | None = None, by_itself: str | None = None
) -> tuple[WhatIf, ...]:
    """What the question would have found without each part that had a say in it.

    `by_itself` is a follow-up as it was typed, when it was read together with the question before it.
    """
    alone = parts.retriever().retrieve(by_itself, CANDIDATES, where) if by_itself else None
    return (*([_compare("conversation", found, alone)] if alone else ()), *_each(found, parts, where))


def _each(found: Retrieval, parts: Parts, where: SearchFilter | None) -> tuple[WhatIf, ...]:
    return tuple(
        _compare(part, found, changed.retriever().retrieve(found.question, CANDIDATES, where))
        for part, changed in _without_each(found, parts)
    )


def _without_each(found: Retrieval, parts: Parts) -> Iterator[tuple[Part, Parts]]:
    if found.corrections:
        yield "spelling", replace(parts, speller=None)
    if found.trace.concepts:
        yield "names", replace(parts, graph=NetworkxStore((), ()))
    yield "dense", replace(parts, index=_HalfIndex(parts.index, silent=DENSE))
    yield "keyword", replace(parts, index=_HalfIndex(parts.index, silent=KEYWORD))
    if found.trace.proposals:
        # Of a corpus, a retriever asks for its passages by id and by owner, and nothing else.
        yield "graph", replace(parts, corpus=cast("Corpus", _Ownerless(parts.corpus.by_id)))
    if parts.reranker:
        yield "rerank", replace(parts, reranker=None)


def _compare(part: Part, found: Retrieval, without: Retrieval) -> WhatIf:
    ranks = {result.chunk.id: result.rank for result in without.results}
    moves = tuple(Move(r.chunk, r.rank, ranks.get(r.chunk.id)) for r in found.results)
    known = {result.chunk.id for result in found.results}
    first = (result.chunk for result in without.results[: len(found.results)])
    return WhatIf(part, moves, tuple(chunk for chunk in first if chunk.id not in known))


@dataclass(frozen=True, slots=True)
class _Ownerless:
    """Passages that belong to no concept, so that the graph can speak for none."""

    by_id: Mapping[str, Chunk]

    @property
    def by_owner(self) -> Mapping[str, tuple[Chunk, ...]]:
        return {}


class _HalfIndex:
    """An index of which one retriever finds nothing."""

    def __init__(self, index: SearchIndex, silent: str) -> None:
        self._index, self._silent = index, silent

    def search_dense(
        self, vector: FloatArray, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        return [] if self._silent == DENSE else self._index.search_dense(vector, limit, where, among)

    def search_keyword(
        self, text: str, limit: int, where: SearchFilter, among: Collection[str] | None = None
    ) -> list[ScoredChunk]:
        return [] if self._silent == KEYWORD else self._index.search_keyword(text, limit, where, among)

    def term_coverage(self, question: str, passage: str) -> float:
        return self._index.term_coverage(question, passage)

    def known_words(self, question: str) -> float:
        return self._index.known_words(question)

    def check(self) -> None:
        self._index.check()
