"""Decides whether the notes answer a question at all, and makes an answer in which every sentence is cited."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from graph.schema import WEEK_KIND, Answer
from graph.store import GraphStore
from rag.citations import protect_brackets, resolve_citations
from rag.compose import Composer, Draft
from rag.corpus import Corpus
from rag.facts import is_fact_missing
from rag.index import SearchFilter, SearchIndex
from rag.retrieve import Retrieval, Retriever
from rag.wording import missing_names

_DISPUTED = "The notes disagree."
_TOP_K = 8
_NEAREST = 3
SUFFICIENT = 0.0
_SHORTFALL = 2.0
_STRANGE_NAME = 0.15
_MOST_MISSING = 3  # words that a refusal names
_LARGE = 1000  # passages from which a word's absence counts in full


@dataclass(frozen=True, slots=True)
class Grounds:
    """What speaks for the notes answering a question.

    `sentence` is the cosine of the question with the nearest sentence, `passage` that with the nearest passage,
    `coverage` the share of the question's words that the best passages have, and `unknown` the share that no passage
    has: in a large collection a word that never occurs says that the subject doesn't either, in a small one little.
    `shortfall` is how much of the question the best note has nothing like (half as much in a small collection, which
    seldom has the very words of a question), and `lacks_fact` that it is a question for one fact ("under which
    licence …?") that is not there. `has_strange_name` says that it writes a name, such as a product's, that none of the
    passages has.
    """

    sentence: float
    passage: float
    coverage: float
    unknown: float
    shortfall: float
    lacks_fact: bool
    has_strange_name: bool

    @property
    def score(self) -> float:
        """One number to compare with a bound; words in common speak a little, since chance gives some of them too."""
        nearest = max(self.sentence, self.passage)
        words = 0.15 * self.coverage - 0.3 * self.unknown - _STRANGE_NAME * self.has_strange_name
        return nearest + words - _SHORTFALL * self.shortfall

    @property
    def suffice(self) -> bool:
        """Whether to answer.

        Weights and bound were chosen on the half of evals/questions.jsonl that is set aside for it. Of the other half,
        97 % of what the course answers is answered and nothing off its subjects; of the questions for a fact that it
        lacks about a concept of its own, two in five are answered still.
        """
        return not self.lacks_fact and self.score >= SUFFICIENT


class Answerer:
    """Answers questions from one generation."""

    def __init__(
        self,
        retriever: Retriever,
        graph: GraphStore,
        index: SearchIndex,
        corpus: Corpus,
        composer: Composer,
    ) -> None:
        self._retriever, self._graph, self._index, self._corpus = retriever, graph, index, corpus
        self._composer = composer

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
            return self._refusal(retrieval, draft.coverage.missing, timings)
        is_disputed = draft.disputed and len(resolved.citations) == len(draft.paragraphs)
        return Answer(
            question=question,
            text=f"{_DISPUTED}\n\n{resolved.text}" if is_disputed else resolved.text,
            citations=resolved.citations,
            results=retrieval.results,
            concepts=self._concepts(retrieval, {citation.path for citation in resolved.citations}),
            status="disputed" if is_disputed else "answered",
            mode=self._composer.mode,
            timings_ms=timings,
            dropped=resolved.dropped,
        )

    def grounds(self, retrieval: Retrieval, draft: Draft) -> Grounds:
        """What speaks for answering this question from these passages."""
        texts = [f"{' '.join(result.chunk.headings)} {result.chunk.text}" for result in retrieval.results]
        named = [concept.words for concept in retrieval.trace.concepts]
        nearest = max((retrieval.similarity.get(r.chunk.id, 0.0) for r in retrieval.results), default=0.0)
        coverage = self._index.term_coverage(retrieval.asked, " ".join(texts[:3]))
        asked = _without(retrieval.asked, named)
        size = min(1.0, len(self._corpus.chunks) / _LARGE)
        unknown = (1 - self._index.known_words(asked)) * size
        shortfall = draft.coverage.shortfall * (1 + size) / 2
        lacks_fact = is_fact_missing(retrieval.question, draft.coverage.missing, draft.best, shortfall)
        strange = [name for name in missing_names(retrieval.question, " ".join((*texts, *named))) if name.isalnum()]
        return Grounds(draft.similarity, nearest, coverage, unknown, shortfall, lacks_fact, bool(strange))

    def _refusal(self, retrieval: Retrieval, missing: Sequence[str], timings: dict[str, float]) -> Answer:
        nearest = self._concepts(retrieval, {result.chunk.document_id for result in retrieval.results})[:_NEAREST]
        titles = [concept.title for concept_id in nearest if (concept := self._graph.concept(concept_id))]
        text = "The notes don't say."
        if titles:
            text += f" The nearest they come is {protect_brackets(_listed(titles))}"
            words = _listed([f"“{word}”" for word in missing[:_MOST_MISSING]])
            text += f"; nothing there is like {protect_brackets(words)}." if words else "."
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


def _without(text: str, names: Iterable[str]) -> str:
    """A text without the words by which it names concepts: another name of a concept need not stand in any passage."""
    for name in names:
        text = text.replace(name, " ")
    return text


def _listed(titles: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(titles[:-1]), *titles[-1:])))


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)
