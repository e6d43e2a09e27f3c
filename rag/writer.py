"""Lets a language model write an answer, and passes on only the sentences that hold, checked one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from graph.errors import LanguageModelError, StorageError
from graph.schema import Chunk, Usage
from rag.citations import DraftParagraph, DraftSentence
from rag.llm import Counts, LanguageModel
from rag.prompt import NOT_IN_SOURCES, Prompt, build_prompt, likely_tokens
from rag.spending import Ledger, Price
from rag.stream import SentenceReader, WrittenSentence
from rag.support import SupportChecker


@dataclass(frozen=True, slots=True)
class WrittenDraft:
    """What a model has written so far that holds. `refused` when it found no answer in the passages.

    `dropped` sentences had no citation or no support. `notices` say what failed, and what to do about it.
    """

    paragraphs: tuple[DraftParagraph, ...] = ()
    dropped: int = 0
    refused: bool = False
    notices: tuple[str, ...] = ()
    usage: Usage | None = None
    prompt: str = ""


class Writer:
    """Asks one language model, within the cap. `open_model` may raise LanguageModelError, which becomes a notice."""

    def __init__(
        self,
        name: str,
        open_model: Callable[[], LanguageModel],
        checker: SupportChecker,
        ledger: Ledger,
        price: Price | None,
    ) -> None:
        self.name = name
        self._open_model, self._checker, self._ledger, self._price = open_model, checker, ledger, price

    def write(self, question: str, passages: Sequence[Chunk]) -> Iterator[WrittenDraft]:
        """The draft after each sentence that holds, and once more at the end. Never raises for a model's fault."""
        prompt = build_prompt(question, passages)
        draft = WrittenDraft(prompt=prompt.text)
        try:
            model = self._open_model()
            call = self._ledger.reserve(self.name, self._cost(prompt.most_tokens(), model.max_tokens))
        except (LanguageModelError, StorageError) as fault:
            yield replace(draft, notices=(str(fault),))
            return
        yield from self._stream(model, prompt, call, draft)

    def _stream(self, model: LanguageModel, prompt: Prompt, call: int, draft: WrittenDraft) -> Iterator[WrittenDraft]:
        reader, counts, finish, settled = SentenceReader(), None, "", True
        try:
            for piece in model.stream(prompt):
                counts, finish = piece.counts or counts, piece.finish or finish
                for sentence in reader.feed(piece.text):
                    draft = self._judged(draft, sentence, prompt)
                    yield draft
            if finish == "stop":  # else the last sentence may lack its end
                for sentence in reader.close():
                    draft = self._judged(draft, sentence, prompt)
        except LanguageModelError as fault:
            counts, settled = None, not fault.may_cost
            draft = replace(draft, notices=(str(fault),))
        if finish == "length":
            limit = f"{self.name} was stopped at {model.max_tokens} tokens; raise PREPGRAPH_LLM_MAX_TOKENS for more."
            draft = replace(draft, notices=(*draft.notices, limit))
        asked = bool(reader.text) or not draft.notices
        usage = self._usage(prompt, reader.text, counts) if asked else None
        if settled:  # what may have been charged without our knowing stays counted at its worst
            self._ledger.settle(call, usage.cost or 0.0 if usage else 0.0)
        refused = NOT_IN_SOURCES in reader.text and not draft.paragraphs
        yield replace(draft, usage=usage, refused=refused)

    def _judged(self, draft: WrittenDraft, sentence: WrittenSentence, prompt: Prompt) -> WrittenDraft:
        """The draft with a sentence more, or with one more dropped; what was said already is passed over."""
        if any(sentence.text == said.text for paragraph in draft.paragraphs for said in paragraph.sentences):
            return draft
        cited = [prompt.passages[number - 1] for number in sentence.cited if 1 <= number <= len(prompt.passages)]
        verdict = self._checker.check(sentence.text, cited)
        if not verdict.supported:
            return replace(draft, dropped=draft.dropped + 1)
        said = DraftSentence(sentence.text, verdict.quotes)
        if sentence.opens or not draft.paragraphs:
            return replace(draft, paragraphs=(*draft.paragraphs, DraftParagraph((said,))))
        *before, last = draft.paragraphs
        return replace(draft, paragraphs=(*before, DraftParagraph((*last.sentences, said))))

    def _usage(self, prompt: Prompt, text: str, counts: Counts | None) -> Usage:
        exact = counts or Counts(prompt.likely_tokens(), likely_tokens(text))
        cost = self._cost(exact.input_tokens, exact.output_tokens)
        return Usage(self.name, exact.input_tokens, exact.output_tokens, counts is None, cost)

    def _cost(self, input_tokens: int, output_tokens: int) -> float | None:
        return self._price.cost(input_tokens, output_tokens) if self._price else None
