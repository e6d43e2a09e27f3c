"""Makes any number of passages out of the course: its sentences, shuffled with a fixed seed."""

import random
import re
from collections.abc import Iterator
from pathlib import Path

WORDS = 120
SEED = 5


def make_passages(content: Path, count: int) -> list[str]:
    """Return `count` passages of 120 words or a few more; the same content gives the same passages."""
    sentences = [sentence for path in sorted(content.rglob("*.md")) for sentence in read_sentences(path)]
    stream = draw_for_ever(sentences)
    return [make_passage(stream) for _ in range(count)]


def read_sentences(path: Path) -> list[str]:
    """Return the sentences of a note's paragraphs; headings, lists, tables, code and front matter are left out."""
    text = re.sub(r"\A---\n.*?\n---\n|```.*?```", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    paragraphs = [block.strip() for block in text.split("\n\n") if re.match(r"\s*[A-Z]", block)]
    return [sentence for paragraph in paragraphs for sentence in re.split(r"(?<=[.!?])\s+", paragraph)]


def draw_for_ever(sentences: list[str]) -> Iterator[str]:
    dice = random.Random(SEED)
    while True:
        yield from dice.sample(sentences, len(sentences))


def make_passage(sentences: Iterator[str]) -> str:
    passage: list[str] = []
    while len(passage) < WORDS:
        passage.extend(next(sentences).split())
    return " ".join(passage)
