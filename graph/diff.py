"""Decides what changed between two graphs: concepts by id, relations by their ends and kind.

Line numbers do not count, nor the order of aliases: a paragraph added at the top of a note changes no concept below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from graph.schema import WEEK_KIND, Concept, Relation

T = TypeVar("T", Concept, Relation)

_CONCEPT_FIELDS: Mapping[str, Callable[[Concept], object]] = {
    "title": lambda concept: concept.title,
    "aliases": lambda concept: sorted(concept.aliases),
    "summary": lambda concept: concept.summary,
    "week": lambda concept: concept.week,
    "track": lambda concept: concept.track,
    "kind": lambda concept: concept.kind,
    # A week stands in whichever of its notes comes first, which says nothing about the week.
    "file": lambda concept: concept.spans[0].path if concept.spans and concept.kind != WEEK_KIND else None,
}
_RELATION_FIELDS: Mapping[str, Callable[[Relation], object]] = {
    "origin": lambda relation: relation.origin,
    "weight": lambda relation: relation.weight,
    "evidence": lambda relation: sorted({(span.path, span.quote) for span in relation.evidence}),
}


@dataclass(frozen=True, slots=True)
class ConceptChange:
    """A concept that is in both graphs, and the names of what differs, such as "title" or "week"."""

    old: Concept
    new: Concept
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RelationChange:
    """A relation that is in both graphs, and the names of what differs: "origin", "weight", "evidence"."""

    old: Relation
    new: Relation
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GraphDiff:
    """What one graph has that another had not, and the reverse. Concepts by id; relations by source, target, kind."""

    concepts_added: tuple[Concept, ...] = ()
    concepts_gone: tuple[Concept, ...] = ()
    concepts_changed: tuple[ConceptChange, ...] = ()
    relations_added: tuple[Relation, ...] = ()
    relations_gone: tuple[Relation, ...] = ()
    relations_changed: tuple[RelationChange, ...] = ()

    def __bool__(self) -> bool:
        """Whether anything changed."""
        concepts = self.concepts_added or self.concepts_gone or self.concepts_changed
        return bool(concepts or self.relations_added or self.relations_gone or self.relations_changed)


class Rows(Protocol):
    """A graph's rows in the order of their keys: a store, or a file that is read row by row."""

    def concepts(self) -> Iterable[Concept]:
        """Every concept, by id."""

    def relations(self) -> Iterable[Relation]:
        """Every relation, by source, target and kind."""


def diff_graphs(old: Rows, new: Rows) -> GraphDiff:
    """What became of the old graph in the new one; the same order for the same graphs.

    Both are walked once, side by side, and only what differs is kept.
    """
    concepts = _Diff(old.concepts(), new.concepts(), _concept_key, _CONCEPT_FIELDS)
    relations = _Diff(old.relations(), new.relations(), _relation_key, _RELATION_FIELDS)
    return GraphDiff(
        concepts_added=tuple(concepts.added),
        concepts_gone=tuple(concepts.gone),
        concepts_changed=tuple(ConceptChange(*change) for change in concepts.changed),
        relations_added=tuple(relations.added),
        relations_gone=tuple(relations.gone),
        relations_changed=tuple(RelationChange(*change) for change in relations.changed),
    )


def _concept_key(concept: Concept) -> tuple[str, ...]:
    return (concept.id,)


def _relation_key(relation: Relation) -> tuple[str, ...]:
    return relation.source, relation.target, relation.kind


class _Diff(Generic[T]):
    """What two sequences of rows, both in the order of their keys, have apart."""

    def __init__(
        self,
        old: Iterable[T],
        new: Iterable[T],
        key: Callable[[T], tuple[str, ...]],
        fields: Mapping[str, Callable[[T], object]],
    ) -> None:
        self.added: list[T] = []
        self.gone: list[T] = []
        self.changed: list[tuple[T, T, tuple[str, ...]]] = []
        befores, afters = iter(old), iter(new)
        before, after = next(befores, None), next(afters, None)
        while before is not None or after is not None:
            if after is None or (before is not None and key(before) < key(after)):
                assert before is not None
                self.gone.append(before)
                before = next(befores, None)
            elif before is None or key(after) < key(before):
                self.added.append(after)
                after = next(afters, None)
            else:
                if differing := tuple(name for name, value in fields.items() if value(before) != value(after)):
                    self.changed.append((before, after, differing))
                before, after = next(befores, None), next(afters, None)
