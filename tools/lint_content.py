"""Finds what a careful reader of the course would strike: `python tools/lint_content.py [FOLDER]`, exit 1 if anything.

Beyond what `prepgraph check` reports: short notes, connections without a reason, and paragraphs that say the same.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import numpy as np

from graph.names import normalise_name
from graph.schema import Problem
from ingest.frontmatter import parse_front_matter
from ingest.markdown import parse_note
from ingest.plain_text import plain_text
from ingest.relations import CONNECTIONS_HEADING
from ingest.vault import build_vault, read_sources
from rag.embed import FloatArray
from rag.embedding_cache import EmbeddingCache
from rag.relate import reason_of
from workspace import SHIPPED_CONTENT, load_embedder, load_settings

FEWEST_WORDS = 150
FEWEST_REASON_WORDS = 4
TWINS = 0.92  # cosine of two paragraphs' vectors
_PARAGRAPH_WORDS = 20  # shorter ones are formulas of the house, not repetitions


def lint(root: Path) -> list[Problem]:
    """Everything wrong with a folder of notes, by path and line."""
    vault = build_vault(read_sources(root), load_embedder().count_tokens)
    notes = {d.path: d.text.split("\n") for d in vault.documents if d.path.endswith(".md")}
    kinds = {concept.spans[0].path: concept.kind for concept in vault.concepts}
    problems = [*vault.problems]
    for path, lines in notes.items():
        problems += _lint_note(path, lines, is_concept=kinds.get(path) in {"concept", "comparison"})
    return sorted([*problems, *_twins(notes)])


def _lint_note(path: str, lines: list[str], *, is_concept: bool) -> Iterator[Problem]:
    body = parse_front_matter(lines).body_line
    words = len(plain_text("\n".join(lines[body - 1 :])).split())
    if is_concept and words < FEWEST_WORDS:
        yield Problem(path, None, "warning", "short_note", f"The note has {words} words; write {FEWEST_WORDS} or more.")
    for item in parse_note(lines, body).items:
        under = normalise_name(item.headings[-1]) if item.headings else ""
        if under == CONNECTIONS_HEADING and len(reason_of(item.text).split()) < FEWEST_REASON_WORDS:
            message = f"The connection {item.text!r} gives no reason; say why."
            yield Problem(path, item.start_line, "warning", "connection_without_reason", message)


def _twins(notes: dict[str, list[str]]) -> Iterator[Problem]:
    """Paragraphs of different notes whose vectors are nearer than TWINS."""
    places, texts = [], []
    for path, line, text in _paragraphs(notes):
        places.append((path, line))
        texts.append(text)
    vectors = _embed(texts)
    similarity = vectors @ vectors.T
    for i, j in zip(*(similarity > TWINS).nonzero(), strict=True):
        (path, line), (other, other_line) = places[i], places[j]
        if i < j and path != other:
            message = f"The paragraph says the same as {other}:{other_line} (cosine {similarity[i, j]:.2f}); keep one."
            yield Problem(path, line, "warning", "near_duplicate", message)


def _embed(texts: list[str]) -> FloatArray:
    """The vectors of paragraphs, shape (texts, dimension); those that the workspace has kept are not made again."""
    embedder = load_embedder()
    cache = EmbeddingCache(load_settings().workspace / "cache" / "embeddings.sqlite")
    known = cache.get_many(embedder.model_id, texts)
    new = [text for text in dict.fromkeys(texts) if text not in known]
    vectors = embedder.embed_texts(new)
    cache.put_many(embedder.model_id, new, vectors)
    known.update(zip(new, vectors, strict=True))
    return np.array([known[text] for text in texts])


def _paragraphs(notes: dict[str, list[str]]) -> Iterable[tuple[str, int, str]]:
    for path, lines in notes.items():
        for block in parse_note(lines, parse_front_matter(lines).body_line).blocks:
            text = plain_text("\n".join(lines[block.start_line - 1 : block.end_line]))
            if block.kind != "heading" and len(text.split()) >= _PARAGRAPH_WORDS:
                yield path, block.start_line, text


if __name__ == "__main__":
    found = lint(Path(sys.argv[1]) if len(sys.argv) > 1 else SHIPPED_CONTENT)
    for problem in found:
        print(f"{problem.path}:{problem.line or 1} {problem.code}: {problem.message}")
    print(f"{len(found)} problems")
    sys.exit(bool(found))
