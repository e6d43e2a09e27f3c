"""The types that every room speaks: what a file becomes, what the graph holds, what an answer is made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

RelationKind = Literal["prerequisite_of", "part_of", "related_to", "contrasts_with", "applies_to"]
RelationOrigin = Literal["authored", "link", "pattern", "statistics", "llm"]
Severity = Literal["error", "warning"]
AnswerStatus = Literal["answered", "disputed", "not_in_sources"]

SYMMETRIC_KINDS: frozenset[RelationKind] = frozenset({"related_to", "contrasts_with"})
WEEK_KIND = "week"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Where something is said: 1-based lines of a source file, and an exact substring of those lines."""

    path: str
    start_line: int
    end_line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Document:
    """One source file. `text` has its line ends normalised to newlines, so line numbers count those."""

    id: str
    path: str
    title: str
    text: str
    metadata: Mapping[str, object]
    content_hash: str


@dataclass(frozen=True, slots=True)
class Chunk:
    """A passage. `text` is an exact substring of its document that begins on `start_line` and ends on `end_line`.

    `concept_ids` names the concept that the passage belongs to first, if it has one, then those it mentions.
    """

    id: str
    document_id: str
    headings: tuple[str, ...]
    text: str
    start_line: int
    end_line: int
    concept_ids: tuple[str, ...]
    owner: str | None = None


@dataclass(frozen=True, slots=True)
class Concept:
    """A thing to learn. `spans[0]` is where it is defined; a concept without a span does not exist."""

    id: str
    title: str
    aliases: tuple[str, ...]
    summary: str
    week: int | None
    track: str | None
    kind: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Resource:
    """Something to study elsewhere: an address, what exactly to take from it, and the concepts it serves."""

    id: str
    title: str
    url: str
    kind: str
    level: str
    takeaway: str
    concept_ids: tuple[str, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class Relation:
    """A typed edge with the lines that say so. `prerequisite_of`: the source is learnt first."""

    source: str
    target: str
    kind: RelationKind
    origin: RelationOrigin
    weight: float
    evidence: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class SearchResult:
    """A passage found, its score in [0, 1], its rank from 1, and the rank that each retriever gave it."""

    chunk: Chunk
    score: float
    rank: int
    origins: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Citation:
    """A numbered passage that an answer rests on; the quote stands in the file at those lines."""

    number: int
    path: str
    headings: tuple[str, ...]
    start_line: int
    end_line: int
    quote: str


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens that a language model read and wrote for one answer, and what they cost in US dollars.

    `estimated` when the provider did not count them; `cost` is None when the model's price is not known.
    """

    model: str
    input_tokens: int
    output_tokens: int
    estimated: bool
    cost: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was said and on what grounds. `concepts` are the concepts named, or the nearest ones when refusing.

    `read_as` is a follow-up question with what it left unsaid, `notices` say what went otherwise than wanted, and
    `usage` and `prompt` what a language model was sent, where one was asked.
    """

    question: str
    text: str
    citations: tuple[Citation, ...]
    results: tuple[SearchResult, ...]
    concepts: tuple[str, ...]
    status: AnswerStatus
    mode: str
    timings_ms: Mapping[str, float]
    dropped: int = 0
    read_as: str | None = None
    notices: tuple[str, ...] = ()
    usage: Usage | None = None
    prompt: str = ""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """Something that ingestion found wrong. `error`: text was lost or relations contradict; `warning`: all else."""

    path: str
    line: int | None
    severity: Severity
    code: str
    message: str


@dataclass(frozen=True, slots=True, order=True)
class Merge:
    """A name that ingestion took for another one of the same concept: `why`: case, plural, hyphen, acronym or link."""

    name: str
    into: str
    why: str


@dataclass(frozen=True, slots=True)
class Vault:
    """All that was read from one folder of notes: what a generation is built from."""

    root: str
    documents: tuple[Document, ...] = ()
    chunks: tuple[Chunk, ...] = ()
    concepts: tuple[Concept, ...] = ()
    relations: tuple[Relation, ...] = ()
    resources: tuple[Resource, ...] = ()
    problems: tuple[Problem, ...] = field(default=())
    merges: tuple[Merge, ...] = ()
