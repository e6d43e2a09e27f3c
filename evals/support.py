"""Measures the check of written answers on labelled sentences: what it lets through that it should not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from graph.schema import Chunk
from rag.support import SupportChecker

LABELLED = Path(__file__).with_name("support.jsonl")
Label = Literal["supported", "unsupported", "contradicted"]


@dataclass(frozen=True, slots=True)
class LabelledSentence:
    """A sentence about a passage of the course as it stood when it was labelled; `split` is `tune` or `held`."""

    text: str
    label: Label
    split: str
    chunk: Chunk
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SupportScores:
    """`passed[label]` of `total[label]` sentences were let through."""

    passed: Counter[str]
    total: Counter[str]

    @property
    def precision(self) -> float:
        """The share of supported sentences among those let through."""
        return self.passed["supported"] / max(1, self.passed.total())

    @property
    def recall(self) -> float:
        """The share of supported sentences that were let through."""
        return self.passed["supported"] / max(1, self.total["supported"])


def read_labelled(path: Path = LABELLED) -> list[LabelledSentence]:
    """The labelled sentences, a passage a line in the file."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        chunk = Chunk(row["path"], row["path"], tuple(row["headings"]), row["passage"], 1, 1, ())
        found += [
            LabelledSentence(s["text"], s["label"], row["split"], chunk, tuple(row["names"])) for s in row["sentences"]
        ]
    return found


def score_support(checker: SupportChecker, sentences: Iterable[LabelledSentence]) -> SupportScores:
    """Lets the checker judge each sentence against its passage."""
    passed: Counter[str] = Counter()
    total: Counter[str] = Counter()
    for sentence in sentences:
        total[sentence.label] += 1
        passed[sentence.label] += checker.check(sentence.text, [sentence.chunk]).supported
    return SupportScores(passed, total)
