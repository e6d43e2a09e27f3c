"""Makes courses of any size that nobody wrote, and workspaces that hold them: what the map is looked at and timed on.

A note has a title of its own, a week and a few lines under Connections, most of them to notes shortly before it. The
same count gives the same bytes: `python -m bench.vaults 500 FOLDER`, and with `--workspace DIR` it is ingested.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

from generation import Report
from publication import ingest
from rag.embed import TOKEN_DIMENSION, Encoding, MiniLMEmbedder

SEED = 20
WEEKS = 8
_REACH = 0.12  # of all notes: how far back a note's prerequisites are
_FIRST = [
    "Amber",
    "Brisk",
    "Cedar",
    "Delta",
    "Ember",
    "Fallow",
    "Granite",
    "Harbour",
    "Indigo",
    "Juniper",
    "Keystone",
    "Lantern",
    "Meadow",
    "Nimbus",
    "Orchard",
    "Prism",
    "Quarry",
    "River",
    "Summit",
    "Timber",
    "Umber",
    "Velvet",
    "Willow",
    "Yonder",
    "Zephyr",
]
_SECOND = [
    "allocation",
    "balancing",
    "caching",
    "decoding",
    "encoding",
    "filtering",
    "grouping",
    "hashing",
    "indexing",
    "joining",
    "locking",
    "merging",
    "ordering",
    "paging",
    "queueing",
    "routing",
    "sampling",
    "tracing",
    "updating",
    "voting",
]
_OTHER_KINDS = ("related to", "contrasts with", "applies to")


class StillEmbedder(MiniLMEmbedder):
    """The model's tokenizer with vectors drawn from each text's bytes: the map looks at none, and 5,000 take a moment.

    Its workspaces must not be searched.
    """

    def encode_texts(self, texts: Sequence[str]) -> Iterator[Encoding]:
        """A unit vector a text, and one token vector."""
        import numpy as np

        for text in texts:
            dice = np.random.default_rng(list(text.encode()))
            vector = dice.standard_normal(self.dimension).astype(np.float32)
            token = dice.standard_normal((1, TOKEN_DIMENSION)).astype(np.float32)
            ids = np.zeros(1, dtype=np.uint16)
            yield Encoding(vector / np.linalg.norm(vector), ids, token / np.linalg.norm(token))


def titles(count: int) -> list[str]:
    """Distinct titles of two words, from the five-hundredth on with a number."""
    pairs = [f"{first} {second}" for second in _SECOND for first in _FIRST]
    return [f"{pairs[i % len(pairs)]}{f' {i // len(pairs) + 1}' if i >= len(pairs) else ''}" for i in range(count)]


def write_vault(folder: Path, count: int, weeks: int = WEEKS) -> None:
    """Writes `count` notes in as many weeks, which have notes of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    for week in range(1, weeks + 1):
        text = f"---\ntitle: Week {week} — Part {week}\nkind: week\nweek: {week}\n---\nPart {week} of the course.\n"
        (folder / f"week-{week}.md").write_text(text, encoding="utf-8")
    names = titles(count)
    for number, title in enumerate(names):
        (folder / f"{_slug(title)}.md").write_text(_note(number, names, 1 + number * weeks // count), encoding="utf-8")


def _slug(title: str) -> str:
    return title.lower().replace(" ", "-")


def _note(number: int, names: Sequence[str], week: int) -> str:
    dice = random.Random(f"{SEED}/{number}")
    earliest = max(0, number - max(8, int(len(names) * _REACH)))
    before = dice.sample(range(earliest, number), min(number - earliest, dice.choice((1, 1, 2, 3))))
    lines = [f"- requires [[{_slug(names[b])}]]: its second step is {names[b].lower()}" for b in before]
    if number and dice.random() < 0.4:
        other = dice.randrange(number)
        if other not in before:
            lines.append(f"- {dice.choice(_OTHER_KINDS)} [[{_slug(names[other])}]]: both treat the same input")
    title = names[number]
    head = f"---\ntitle: {title}\nweek: {week}\n---\n{title} is how part {week} handles case {number + 1}.\n"
    return head + ("\n## Connections\n" + "\n".join(lines) + "\n" if lines else "")


def make_workspace(folder: Path, workspace: Path, count: int) -> Report:
    """Writes a vault into a folder and ingests it into a workspace that the app can open."""
    write_vault(folder, count)
    return ingest(folder, workspace, StillEmbedder())


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.vaults", description=__doc__)
    parser.add_argument("count", type=int, help="notes")
    parser.add_argument("folder", type=Path, help="where to write them")
    parser.add_argument("--workspace", type=Path, help="ingest them into this workspace too")
    arguments = parser.parse_args()
    if arguments.workspace:
        print(make_workspace(arguments.folder, arguments.workspace, arguments.count).generation)
    else:
        write_vault(arguments.folder, arguments.count)


if __name__ == "__main__":
    main()
