"""Decides what changed between two graphs: concepts by id, relations by their ends and kind.

Line numbers do not count, nor the order of aliases: a paragraph added at the top of a note changes no concept below it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from graph.schema import WEEK_KIND, Concept, Relation
from graph.store import GraphStore

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


def diff_graphs(old: GraphStore, new: GraphStore) -> GraphDiff:
    """What became of the old graph in the new one; the same order for the same graphs."""
    old_concepts, new_concepts = _keyed(old.concepts(), _concept_key), _keyed(new.concepts(), _concept_key)
    old_relations, new_relations = _keyed(old.relations(), _relation_key), _keyed(new.relations(), _relation_key)
    return GraphDiff(
        concepts_added=_only_in(new_concepts, old_concepts),
        concepts_gone=_only_in(old_concepts, new_concepts),
        concepts_changed=tuple(ConceptChange(*c) for c in _changes(old_concepts, new_concepts, _CONCEPT_FIELDS)),
        relations_added=_only_in(new_relations, old_relations),
        relations_gone=_only_in(old_relations, new_relations),
        relations_changed=tuple(RelationChange(*c) for c in _changes(old_relations, new_relations, _RELATION_FIELDS)),
    )


def _concept_key(concept: Concept) -> tuple[str, ...]:
    return (concept.id,)


def _relation_key(relation: Relation) -> tuple[str, ...]:
    return relation.source, relation.target, relation.kind


def _keyed(rows: Iterable[T], key: Callable[[T], tuple[str, ...]]) -> dict[tuple[str, ...], T]:
    return {key(row): row for row in sorted(rows, key=key)}


def _only_in(rows: Mapping[tuple[str, ...], T], others: Mapping[tuple[str, ...], T]) -> tuple[T, ...]:
    return tuple(row for key, row in rows.items() if key not in others)


def _changes(
    old: Mapping[tuple[str, ...], T],
    new: Mapping[tuple[str, ...], T],
    fields: Mapping[str, Callable[[T], object]],
) -> Iterable[tuple[T, T, tuple[str, ...]]]:
    for key, before in old.items():
        if (after := new.get(key)) is not None:
            changed = tuple(name for name, value in fields.items() if value(before) != value(after))
            if changed:
                yield before, after, changed
