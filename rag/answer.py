"""Decides whether the notes answer a question at all, and makes an answer in which every sentence is cited."""

from __future__ import annotations

import time
from dataclasses import dataclass

from graph.schema import WEEK_KIND, Answer
from graph.store import GraphStore
from rag.citations import protect_brackets, resolve_citations
from rag.compose import Composer, Draft, ExtractiveComposer
from rag.corpus import Corpus
from rag.embed import Embedder
from rag.index import SearchFilter, SearchIndex
from rag.retrieve import Retrieval, Retriever

_TOP_K = 8
_NEAREST = 3
_SUFFICIENT = 0.48
_LARGE = 1000  # passages from which a word's absence counts in full


@dataclass(frozen=True, slots=True)
class Grounds:
    """What speaks for the notes answering a question.

    `sentence` is the cosine of the question with the nearest sentence, `passage` that with the nearest passage,
    `coverage` the share of the question's words that the best passages have, and `unknown` the share that no passage
    has: in a large collection a word that never occurs says that the subject doesn't either, in a small one little.
    """

    sentence: float
    passage: float
    coverage: float
    unknown: float

    @property
    def score(self) -> float:
        """One number to compare with a bound; words in common speak a little, since chance gives some of them too."""
        return max(self.sentence, self.passage) + 0.15 * self.coverage - 0.3 * self.unknown

    @property
    def suffice(self) -> bool:
        """Whether to answer.

        Of 87 questions tried on the course, its own scored .53 and more, those of another world .46 and less, but for
        two that ask what stands next to it (a web server's settings, a salary): these are still answered.
        """
        return self.score >= _SUFFICIENT


class Answerer:
    """Answers questions from one generation."""

    def __init__(
        self,
        retriever: Retriever,
        graph: GraphStore,
        index: SearchIndex,
        corpus: Corpus,
        embedder: Embedder,
        composer: Composer | None = None,
    ) -> None:
        self._retriever, self._graph, self._index, self._corpus = retriever, graph, index, corpus
        self._composer = composer or ExtractiveComposer(graph, corpus, embedder)

    def answer(self, question: str, where: SearchFilter | None = None) -> Answer:
        """An answer from the notes alone, or `not_in_sources` with the nearest concepts."""
        retrieval = self._retriever.retrieve(question, _TOP_K, where)
        started = time.perf_counter()
        draft = self._composer.compose(retrieval)
        timings = {**retrieval.timings_ms, "compose": _since(started)}
        started = time.perf_counter()
        resolved = resolve_citations(draft.paragraphs, self._document_text)
        timings["verify"] = _since(started)
        if not resolved.citations or not self.grounds(retrieval, draft).suffice:
            return self._refusal(retrieval, timings)
        return Answer(
            question=question,
            text=resolved.text,
            citations=resolved.citations,
            results=retrieval.results,
            concepts=self._concepts(retrieval, {citation.path for citation in resolved.citations}),
            status="answered",
            mode=self._composer.mode,
            timings_ms=timings,
            dropped=resolved.dropped,
        )

    def grounds(self, retrieval: Retrieval, draft: Draft) -> Grounds:
        """What speaks for answering this question from these passages."""
        passages = " ".join(
            f"{' '.join(result.chunk.headings)} {result.chunk.text}" for result in retrieval.results[:3]
        )
        nearest = max((retrieval.similarity.get(r.chunk.id, 0.0) for r in retrieval.results), default=0.0)
        coverage = self._index.term_coverage(retrieval.question, passages)
        unknown = (1 - self._index.known_words(retrieval.question)) * min(1.0, len(self._corpus.chunks) / _LARGE)
        return Grounds(draft.similarity, nearest, coverage, unknown)

    def _refusal(self, retrieval: Retrieval, timings: dict[str, float]) -> Answer:
        nearest = self._concepts(retrieval, {result.chunk.document_id for result in retrieval.results})[:_NEAREST]
        titles = [concept.title for concept_id in nearest if (concept := self._graph.concept(concept_id))]
        text = "The notes don't say."
        if titles:
            text += f" The nearest they come is {protect_brackets(_listed(titles))}."
        return Answer(
            question=retrieval.question,
            text=text,
            citations=(),
            results=retrieval.results,
            concepts=nearest,
            status="not_in_sources",
            mode=self._composer.mode,
            timings_ms=timings,
        )

    def _concepts(self, retrieval: Retrieval, paths: set[str]) -> tuple[str, ...]:
        """The concepts that a question names, then those of the notes at these paths, in the order of the results."""
        owners = [r.chunk.owner for r in retrieval.results if r.chunk.owner and r.chunk.document_id in paths]
        ids = dict.fromkeys((*retrieval.concepts, *owners))
        return tuple(i for i in ids if (concept := self._graph.concept(i)) and concept.kind != WEEK_KIND)

    def _document_text(self, path: str) -> str | None:
        document = self._corpus.document(path)
        return document.text if document else None


def _listed(titles: list[str]) -> str:
    return titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}"


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
