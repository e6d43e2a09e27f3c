"""How well undeclared prerequisites are found: `python -m evals.prerequisites`.

Takes the declarations out of notes (front matter but the title, links, connections), reads what is left as if it were
a stranger's vault, and compares the prerequisites found with those declared. Four sets: the course's concept notes
whole; their first two paragraphs, which are as short as encyclopaedia entries; and short articles on mathematics and
on the sciences (evals/articles). The weights are fitted on the first three (evals/fit_prerequisites.py). No sign and no
weight was chosen by the sciences, so only their figures tell what to expect of other notes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from graph.names import ConceptNames
from graph.schema import Vault
from ingest.markdown import plain_wikilinks
from ingest.read import SourceFile
from ingest.vault import Sources, build_vault, read_sources
from workspace import SHIPPED_CONTENT

Edge = tuple[str, str]
ARTICLES = Path(__file__).parent / "articles"
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


@dataclass(frozen=True, slots=True)
class Notes:
    """A set of notes without their declarations, what was declared, and whether weights were fitted on it."""

    name: str
    sources: Sources
    declared: frozenset[Edge]
    is_fitted: bool = True

    def build(self) -> Vault:
        """What ingestion makes of the notes."""
        return build_vault(self.sources, _count_words)


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


def read_notes(name: str, folder: Path, paragraphs: int | None = None, *, is_fitted: bool = True) -> Notes:
    """The notes of a folder as one of the sets; a declared prerequisite counts if both its notes are in the folder."""
    sources = read_sources(folder)
    vault = build_vault(sources, _count_words)
    ids = {concept.id for concept in vault.concepts}
    files = tuple(
        SourceFile(f.path, strip_declarations(f.data.decode(), paragraphs).encode())
        for f in sources.files
        if f.path.endswith(".md")
    )
    declared = frozenset(edge for edge in prerequisites(vault) if set(edge) <= ids)
    return Notes(name, Sources(Path(name), files, ()), declared, is_fitted)


def read_sets() -> Iterator[Notes]:
    """All sets there are."""
    course = SHIPPED_CONTENT / "concepts"
    yield read_notes("course, whole notes", course)
    yield read_notes(f"course, first {SHORT_PARAGRAPHS} paragraphs", course, SHORT_PARAGRAPHS)
    yield read_notes("mathematics", ARTICLES / "mathematics")
    yield read_notes("sciences", ARTICLES / "sciences", is_fitted=False)


def _count_words(text: str) -> int:
    return len(text.split()) + 2


def main() -> None:
    """Prints the figures of each set beside naming by title."""
    for notes in read_sets():
        vault = notes.build()
        print(f"{notes.name}: {len(vault.documents)} notes, {'fitted on' if notes.is_fitted else 'held out'}")
        print(f"  named by title   {score(name_baseline(vault), notes.declared)}")
        print(f"  prerequisites    {score(prerequisites(vault), notes.declared)}")


if __name__ == "__main__":
    main()
