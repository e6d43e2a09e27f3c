"""What happened to a question on its way to its results: kept with them, for whoever wants to see why."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from graph.schema import RelationKind
from rag.index import ScoredChunk
from rag.spelling import Correction

DropReason = Literal["repeats", "rank"]


@dataclass(frozen=True, slots=True)
class NamedConcept:
    """A concept that the question names, and the words by which it does."""

    concept_id: str
    words: str


@dataclass(frozen=True, slots=True)
class Stage:
    """One step: its milliseconds, and the passages that it gives with its own scores, best first."""

    name: str
    milliseconds: float
    candidates: tuple[ScoredChunk, ...] = ()

    def rank(self, chunk_id: str) -> int | None:
        """The rank that this step gave a passage, from 1; None when it did not see it."""
        ids = (scored.chunk_id for scored in self.candidates)
        return next((rank for rank, found in enumerate(ids, start=1) if found == chunk_id), None)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A passage that the graph speaks for: the concept it is about, the named one beside it, and by which relation.

    `relation` is None for a passage of the named concept itself. `bonus` is what it gains on a fused score in [0, 1];
    `found_otherwise` says whether dense or keyword search had found it too.
    """

    chunk_id: str
    concept_id: str
    named_id: str
    relation: RelationKind | None
    bonus: float
    found_otherwise: bool = True


@dataclass(frozen=True, slots=True)
class Drop:
    """A passage that was left out: since it repeats a better one (`of`), or for its rank."""

    chunk_id: str
    reason: DropReason
    of: str | None = None


@dataclass(frozen=True, slots=True)
class Trace:
    """How a question was read (corrected, the concepts in it, as the retrievers saw it), and every stage after that."""

    question: str = ""
    corrections: tuple[Correction, ...] = ()
    concepts: tuple[NamedConcept, ...] = ()
    asked: str = ""
    stages: tuple[Stage, ...] = ()
    proposals: tuple[Proposal, ...] = ()
    dropped: tuple[Drop, ...] = ()

    def stage(self, name: str) -> Stage | None:
        """The stage with this name, if the question came by it."""
        return next((stage for stage in self.stages if stage.name == name), None)
