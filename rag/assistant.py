"""Answers within a conversation: reads follow-ups, and lets a language model write where one is configured.

The extractive answer is always made first. It decides whether the notes answer at all, it is what there is when the
model fails, and a refusal or a dispute is never left to a model.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from graph.errors import UsageError
from graph.schema import Answer
from graph.store import GraphStore
from rag.answer import Answerer
from rag.citations import protect_brackets, resolve_citations
from rag.corpus import Corpus
from rag.followup import IsKnown, Turn, resolve_follow_up
from rag.index import SearchFilter
from rag.writer import Writer, WrittenDraft

_NEAREST = 3
_INSTEAD = "The answer is made of the notes' own sentences instead."
_KEPT = "What it had written by then was checked and is shown."


class Assistant:
    """Answers from one generation; `writer` is None without a language model."""

    def __init__(
        self,
        answerer: Answerer,
        graph: GraphStore,
        corpus: Corpus,
        is_known: IsKnown,
        open_writer: Callable[[], Writer | None] = lambda: None,
    ) -> None:
        self._answerer, self._graph, self._corpus = answerer, graph, corpus
        self._is_known, self._open_writer = is_known, open_writer

    def answer(self, question: str, where: SearchFilter | None = None, conversation: Sequence[Turn] = ()) -> Answer:
        """The whole answer, once it is complete."""
        *_, last = self.stream(question, where, conversation)
        return last

    def stream(
        self, question: str, where: SearchFilter | None = None, conversation: Sequence[Turn] = ()
    ) -> Iterator[Answer]:
        """The answer as it grows, and last the complete one; what was shown once stays, in the same words."""
        read_as = resolve_follow_up(question, conversation, self._graph, self._is_known)
        plain = replace(self._answerer.answer(read_as or question, where), question=question, read_as=read_as)
        try:
            writer = self._open_writer() if plain.status == "answered" else None
        except UsageError as fault:  # a setting that cannot be meant is no reason to answer nothing
            yield replace(plain, notices=(str(fault), _INSTEAD))
            return
        if writer is None:
            yield plain
            return
        started, draft = time.perf_counter(), WrittenDraft()
        for draft in writer.write(read_as or question, [result.chunk for result in plain.results]):
            if draft.paragraphs:
                yield self._written(plain, draft, writer.name)
        timings = {**plain.timings_ms, "llm": round((time.perf_counter() - started) * 1000, 3)}
        yield replace(
            self._complete(plain, draft, writer.name), timings_ms=timings, usage=draft.usage, prompt=draft.prompt
        )

    def _written(self, plain: Answer, draft: WrittenDraft, name: str) -> Answer:
        """What the model wrote so far, resting on quotes that stand in their files; without one, no text."""
        resolved = resolve_citations(draft.paragraphs, self._document_text)
        cited = {citation.path for citation in resolved.citations}
        owners = [r.chunk.owner for r in plain.results if r.chunk.owner and r.chunk.document_id in cited]
        return replace(
            plain,
            text=resolved.text,
            citations=resolved.citations,
            concepts=tuple(dict.fromkeys((*plain.concepts, *owners))),
            mode=name,
            dropped=draft.dropped + resolved.dropped,
            notices=draft.notices,
        )

    def _complete(self, plain: Answer, draft: WrittenDraft, name: str) -> Answer:
        written = self._written(plain, draft, name)
        if written.citations:
            return replace(written, notices=(*draft.notices, _KEPT)) if draft.notices else written
        if draft.refused:
            return replace(
                written,
                text=f"The notes don't say. The nearest they come is {self._nearest(plain)}.",
                concepts=plain.concepts[:_NEAREST],
                status="not_in_sources",
                notices=(*draft.notices, f"{name} found no answer in the {len(plain.results)} passages it was given."),
            )
        reason = draft.notices or (f"No sentence that {name} wrote was supported by the passage that it cites.",)
        return replace(plain, notices=(*reason, _INSTEAD), dropped=plain.dropped + draft.dropped)

    def _nearest(self, plain: Answer) -> str:
        found = (self._graph.concept(concept_id) for concept_id in plain.concepts[:_NEAREST])
        titles = [concept.title for concept in found if concept] or [plain.results[0].chunk.document_id]
        return protect_brackets(titles[0] if len(titles) == 1 else f"{', '.join(titles[:-1])} and {titles[-1]}")

    def _document_text(self, path: str) -> str | None:
        document = self._corpus.document(path)
        return document.text if document else None
