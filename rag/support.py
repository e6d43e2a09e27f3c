"""Decides whether the passages that a sentence cites support it, and which of their sentences say so.

Without a model of entailment: its words and meaning must be near to one sentence of a passage, every number and name in
it must stand there, and it must not turn that sentence round. The bounds were chosen on the 212 sentences marked `tune`
in evals/support.jsonl. On the 128 marked `held`, written before they were scored, 90 % of the sentences let through
were supported: none of 30 inventions passed and 6 of 36 contradictions, most of them an exchange of two halves; 87 % of
the 62 supported ones passed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from graph.schema import Chunk
from ingest.plain_text import plain_text
from rag.citations import Quote
from rag.embed import Embedder
from rag.orders import spans_that_say
from rag.polarity import borrows_predicate, contradiction
from rag.wording import content_stems, missing_names, missing_numbers, share

if TYPE_CHECKING:
    from rag.embed import FloatArray

_FEWEST_WORDS = 3
_COVERAGE = 0.5  # of the sentence's stems, by the passages and the names of what they are about
_OWN_COVERAGE = 0.55  # of those among them that are more than such a name
_TOGETHER = 1.35  # coverage and cosine to the nearest sentence
_SECOND_QUOTE = 0.2  # a second sentence is quoted too if it covers so much more
_CACHED_PASSAGES = 256

NamesOf = Callable[[Chunk], Iterable[str]]
"""Gives the names, titles and aliases, of what a passage is about."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a sentence may be shown; the quotes that it rests on, or in a few words why not."""

    quotes: tuple[Quote, ...] = ()
    reason: str = ""

    @property
    def supported(self) -> bool:
        """Whether anything holds the sentence up."""
        return bool(self.quotes)


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a passage, its words without markup, and where it stands."""

    text: str
    stems: frozenset[str]
    quote: Quote


@dataclass(frozen=True)
class _Passage:
    """A passage cut into sentences with their vectors, shape (sentences, dimension), and what it is about."""

    sentences: tuple[_Sentence, ...]
    vectors: FloatArray
    title: str
    names: str
    text: str


class SupportChecker:
    """Holds sentences against the passages that they cite. Threads may share it."""

    def __init__(self, embedder: Embedder, names_of: NamesOf) -> None:
        self._embedder, self._names_of = embedder, names_of
        self._read = lru_cache(maxsize=_CACHED_PASSAGES)(self._read_passage)

    def check(self, sentence: str, cited: Sequence[Chunk]) -> Verdict:
        """Whether the passages support a sentence (plain words, no markers): each alone, else all of them together."""
        passages = [passage for chunk in cited if (passage := self._read(chunk)).sentences]
        if not passages:
            return Verdict(reason="it cites nothing")
        alone = [self._judge(sentence, [passage]) for passage in passages]
        held = [verdict for verdict in alone if verdict.supported]
        if held:
            return Verdict(tuple(dict.fromkeys(quote for verdict in held for quote in verdict.quotes)))
        return self._judge(sentence, passages) if len(passages) > 1 else alone[0]

    def _judge(self, sentence: str, passages: Sequence[_Passage]) -> Verdict:
        source = " ".join(f"{passage.names} {passage.text}" for passage in passages)
        if numbers := missing_numbers(sentence, source):
            return Verdict(reason=f"the number {numbers[0].value:g} is not in what it cites")
        if names := missing_names(sentence, source):
            return Verdict(reason=f"the name {names[0]} is not in what it cites")
        stems, about = content_stems(sentence), content_stems(" ".join(passage.names for passage in passages))
        coverage = share(stems, about.union(*(s.stems for passage in passages for s in passage.sentences)))
        own = share(stems - about, frozenset().union(*(s.stems for passage in passages for s in passage.sentences)))
        best = [self._nearest(sentence, stems | about, about, passage) for passage in passages]
        cosine = max(similarity for _, similarity in best)
        if coverage < _COVERAGE or own < _OWN_COVERAGE or coverage + cosine < _TOGETHER:
            return Verdict(reason="its words are not those of what it cites")
        for passage, (row, _) in zip(passages, best, strict=True):
            if fault := _turned_round(sentence, passage, row):
                return Verdict(reason=fault)
        return Verdict(
            tuple(q for passage, (row, _) in zip(passages, best, strict=True) for q in _quotes(stems, passage, row))
        )

    def _nearest(
        self, sentence: str, stems: frozenset[str], about: frozenset[str], passage: _Passage
    ) -> tuple[int, float]:
        """The row of the passage's sentence that is nearest in words and meaning, and its cosine."""
        vector = self._embedder.embed_query(f"{passage.title}: {sentence}")
        cosines = (passage.vectors @ vector).tolist()
        wanted = stems - about or stems
        scores = [cosine + share(wanted, s.stems | about) for cosine, s in zip(cosines, passage.sentences, strict=True)]
        row = max(range(len(scores)), key=scores.__getitem__)
        return row, cosines[row]

    def _read_passage(self, chunk: Chunk) -> _Passage:
        sentences = tuple(_sentences(chunk))
        title = chunk.headings[0] if chunk.headings else ""
        vectors = self._embedder.embed_texts([f"{title}: {sentence.text}" for sentence in sentences])
        names = " ".join((*chunk.headings, *self._names_of(chunk)))
        return _Passage(sentences, vectors, title, names, " ".join(sentence.text for sentence in sentences))


def _sentences(chunk: Chunk) -> Iterable[_Sentence]:
    for start, end in spans_that_say(chunk.text):
        raw = chunk.text[start:end]
        text = plain_text(raw)
        if len(text.split()) >= _FEWEST_WORDS:
            first = chunk.start_line + chunk.text.count("\n", 0, start)
            quote = Quote(chunk.document_id, chunk.headings, first, first + raw.count("\n"), raw)
            yield _Sentence(text, content_stems(text), quote)


def _turned_round(sentence: str, passage: _Passage, row: int) -> str | None:
    topic, nearest = content_stems(passage.title), passage.sentences[row].text
    if fault := contradiction(sentence, nearest, topic):
        return fault
    if borrows_predicate(sentence, nearest, (s.text for s in passage.sentences), topic):
        return "it says of one thing what the source says of another"
    return None


def _quotes(stems: frozenset[str], passage: _Passage, row: int) -> Iterable[Quote]:
    """The nearest sentence, and the one that covers most of what it leaves out, where that is much."""
    nearest = passage.sentences[row]
    yield nearest.quote
    covered = share(stems, nearest.stems)
    gain, second = max(
        ((share(stems, nearest.stems | s.stems) - covered, -at) for at, s in enumerate(passage.sentences)),
        default=(0, 0),
    )
    if gain >= _SECOND_QUOTE:
        yield passage.sentences[-second].quote
