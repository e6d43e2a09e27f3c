"""Traces a concept that is not known well to the earliest weak one among all that it builds on.

"Earliest" is in learning order: what comes first there can be repaired without repairing anything else before. Since a
learner marks few of many concepts, what a mark says reaches further than its own concept:

- *Shaky* is what the learner says of themselves, so the first shaky prerequisite is the answer, whatever is unmarked.
- *Known* speaks for what lies behind: who knows HNSW is presumed to know the graphs that it builds on, unless they
  have said otherwise. So an unmarked prerequisite counts as known if anything that is known builds on it.
- With nothing shaky, the answer is the first that is new: neither marked known nor presumed so. All that it builds on
  itself is then known, so it is also the next thing that can be learnt.
- With nothing new either, all that the concept builds on is known, and the weak spot is the concept itself.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from graph.schema import Concept, Relation
from graph.store import GraphStore
from study.marks import Level, Mark, with_level

Before = Callable[[str], Iterable[str]]
"""All that a concept builds on, at any distance, in whatever order."""
Presumed = Callable[[], frozenset[str]]


@dataclass(frozen=True, slots=True)
class WeakSpot:
    """Where to begin repairing `asked`: `concept`, by its `level`, and the `chain` of prerequisites from it to `asked`.

    `concept` is `asked` itself, with an empty chain, when all `needed` prerequisites are known: `known` of them by
    their mark, `presumed` from what is known and builds on them. Of a spot that is new, both count what comes before
    it in learning order. `shaky` is how many prerequisites are.
    """

    asked: Concept
    concept: Concept
    level: Level
    chain: tuple[Relation, ...]
    needed: int
    shaky: int
    known: int
    presumed: int

    @property
    def is_itself(self) -> bool:
        """Whether nothing that the concept builds on is weak."""
        return not self.chain

    @property
    def reason(self) -> str:
        """Why it is this one, in a sentence or two."""
        name = self.asked.title
        if self.needed == 0:
            return f"{name} builds on nothing: begin with its note."
        if self.is_itself:
            all_known = "the one concept" if self.needed == 1 else f"all {self.needed}"
            return f"You know {all_known} that {name} builds on{self._presumption}: what is missing is {name} itself."
        total = "all" if self.needed == 1 else f"the {self.needed}"
        total += f" that {name} builds on"
        if self.level == "shaky":
            others = f", the first of {self.shaky} in learning order" if self.shaky > 1 else ""
            return f"Of {total}, you marked this one shaky{others}."
        if self.known + self.presumed == 0:
            return f"Of {total}, this one comes first, and you have not said that you know it."
        return f"Of {total}, you know the {self.known + self.presumed} before this one{self._presumption}."

    @property
    def _presumption(self) -> str:
        them = "it" if self.presumed == 1 else "them"
        return f" ({self.presumed} presumed, since you know what builds on {them})" if self.presumed else ""


def find_weak_spot(
    graph: GraphStore, concept_id: str, marks: Mapping[str, Mark], presumed: Presumed | None = None
) -> WeakSpot | None:
    """The weak spot behind a concept, or None when there is no such concept or it is marked known.

    `marks` go by the ids of this graph (see `marks_in`). `presumed` gives what `presumed_known` found; it is the same
    for every concept, so who asks for many keeps it.
    """
    asked = graph.concept(concept_id)
    if asked is None or _level(marks, concept_id) == "known":
        return None
    order = graph.prerequisites(concept_id)
    shaky = [other for other in order if _level(marks, other) == "shaky"]
    known = {other for other in order if _level(marks, other) == "known"}
    guessed = frozenset() if shaky else presumed() if presumed else presumed_known(marks, graph.prerequisites)
    weak = shaky or [other for other in order if other not in known and other not in guessed]
    earlier = order[: order.index(weak[0])] if weak else order
    spot = graph.concept(weak[0]) if weak else None
    return WeakSpot(
        asked,
        spot or asked,
        _level(marks, spot.id if spot else asked.id),
        prerequisite_chain(graph, spot.id, concept_id) if spot else (),
        len(order),
        len(shaky),
        len(known.intersection(earlier)),
        len(guessed.intersection(earlier)),
    )


def presumed_known(marks: Mapping[str, Mark], before: Before) -> frozenset[str]:
    """The unmarked concepts that something known builds on."""
    found: set[str] = set()
    # What was marked last mostly stands latest in the course: all that is behind it need not be walked again.
    for concept_id in sorted(with_level(marks, ["known"]), key=lambda c: marks[c].at, reverse=True):
        if concept_id not in found:
            found.update(before(concept_id))
    return frozenset(found - marks.keys())


def prerequisite_chain(graph: GraphStore, first: str, last: str) -> tuple[Relation, ...]:
    """The shortest chain of prerequisites from one concept to another that builds on it; of several, the heavier.

    It is sought from the end, since an author names a few prerequisites of a concept, but hundreds may need it.
    """
    leads_to: dict[str, Relation] = {}
    todo = deque([last])
    while todo and first not in leads_to:
        here = todo.popleft()
        steps = (n.relation for n in graph.neighbours(here) if n.side == "in" and n.relation.kind == "prerequisite_of")
        for step in sorted(steps, key=lambda relation: (-relation.weight, relation.source)):
            if step.source not in leads_to and step.source != last:
                leads_to[step.source] = step
                todo.append(step.source)
    chain: list[Relation] = []
    at = first
    while at != last and at in leads_to:
        chain.append(leads_to[at])
        at = leads_to[at].target
    return tuple(chain)


def _level(marks: Mapping[str, Mark], concept_id: str) -> Level:
    return marks[concept_id].level if concept_id in marks else "new"
