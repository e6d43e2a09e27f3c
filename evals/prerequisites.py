"""How well undeclared prerequisites are found: `python -m evals.prerequisites`.

Takes the declarations out of the course's concept notes (front matter but the title, links, connections), reads what
is left as if it were a stranger's vault, and compares the prerequisites found with those declared. Two sets: the notes
whole, and only their first paragraphs, which are as short as encyclopaedia entries. The weights in
ingest/prerequisites.py were set with these very notes in view, so figures on other vaults will be lower.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from graph.names import ConceptNames
from graph.schema import Vault
from ingest.markdown import plain_wikilinks
from ingest.read import SourceFile
from ingest.vault import Sources, build_vault, read_sources
from workspace import SHIPPED_CONTENT

Edge = tuple[str, str]
SHORT_PARAGRAPHS = 2
_FRONT = re.compile(r"\A---\n(.*?)\n---\n", re.DOTALL)
_TITLE = re.compile(r"^title:.*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Score:
    """Precision, recall and F1 of directed pairs, and the share of found pairs whose direction is right."""

    found: int
    declared: int
    right: int
    reversed: int

    @property
    def precision(self) -> float:
        return self.right / max(1, self.found)

    @property
    def recall(self) -> float:
        return self.right / max(1, self.declared)

    @property
    def f1(self) -> float:
        return 2 * self.right / max(1, self.found + self.declared)

    @property
    def direction(self) -> float:
        return self.right / max(1, self.right + self.reversed)

    def __str__(self) -> str:
        return (
            f"P {self.precision:.3f}  R {self.recall:.3f}  F1 {self.f1:.3f}  direction {self.direction:.3f}  "
            f"({self.found} found, {self.declared} declared)"
        )


def strip_declarations(text: str, paragraphs: int | None = None) -> str:
    """A note with its title and its prose only; `paragraphs` keeps no more than so many of them."""
    front = _FRONT.match(text)
    title = _TITLE.search(front[1]) if front else None
    body = text[front.end() :] if front else text
    body = plain_wikilinks(body.partition("\n## Connections")[0])
    if paragraphs is not None:
        prose = [p for p in body.split("\n\n") for p in [re.sub(r"^#+ .*\n?", "", p, flags=re.MULTILINE)] if p.strip()]
        body = "\n\n".join(prose[:paragraphs])
    return f"---\n{title[0]}\n---\n{body}\n" if title else body


def score(found: Iterable[Edge], declared: Iterable[Edge]) -> Score:
    """Compares directed pairs."""
    pairs, gold = set(found), set(declared)
    turned = {(b, a) for a, b in gold} - gold
    return Score(len(pairs), len(gold), len(pairs & gold), len(pairs & turned))


def prerequisites(vault: Vault) -> set[Edge]:
    """The directed prerequisite pairs of a vault."""
    return {(r.source, r.target) for r in vault.relations if r.kind == "prerequisite_of"}


def name_baseline(vault: Vault) -> set[Edge]:
    """Every note requires each concept that it names by title."""
    names = ConceptNames(vault.concepts)
    texts = {d.path: d.text for d in vault.documents}
    return {
        (mention.concept_id, concept.id)
        for concept in vault.concepts
        for mention in names.find_mentions(texts[concept.spans[0].path])
        if mention.concept_id != concept.id
    }


def course_set(paragraphs: int | None) -> tuple[Vault, set[Edge]]:
    """The course's concept notes without their declarations, and the prerequisites that these gave."""
    sources = read_sources(SHIPPED_CONTENT / "concepts")
    declared = prerequisites(build_vault(sources, _count_words))
    files = tuple(
        SourceFile(f.path, strip_declarations(f.data.decode(), paragraphs).encode())
        for f in sources.files
        if f.path.endswith(".md")
    )
    return build_vault(Sources(Path("course"), files, ()), _count_words), declared


def _count_words(text: str) -> int:
    return len(text.split()) + 2


def main() -> None:
    """Prints the figures of both sets beside naming by title."""
    for name, paragraphs in (("whole notes", None), (f"first {SHORT_PARAGRAPHS} paragraphs", SHORT_PARAGRAPHS)):
        vault, declared = course_set(paragraphs)
        ids = {concept.id for concept in vault.concepts}
        gold = {edge for edge in declared if set(edge) <= ids}
        print(f"{name}: {len(vault.documents)} notes")
        print(f"  named by title   {score(name_baseline(vault), gold)}")
        print(f"  prerequisites    {score(prerequisites(vault), gold)}")


if __name__ == "__main__":
    main()
