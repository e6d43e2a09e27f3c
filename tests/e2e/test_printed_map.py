"""The printed map in a real browser, with whatever font it has: words stay in their boxes and apart from each other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from export.formats import draw_map
from graph.store import NetworkxStore
from ingest.vault import build_vault, read_sources
from workspace import SHIPPED_CONTENT

MEASURE = """() => {
  const rect = (element) => { const r = element.getBBox(); return [r.x, r.y, r.x + r.width, r.y + r.height]; };
  const lines = [...document.querySelectorAll('tspan')].map((span) => {
    const first = span.getStartPositionOfChar(0), last = span.getEndPositionOfChar(span.getNumberOfChars() - 1);
    const size = Number(span.parentElement.getAttribute('font-size'));
    const box = span.closest('.concept');
    return { text: span.textContent, box: box ? rect(box.querySelector('rect')) : null,
             ink: [first.x, first.y - 0.72 * size, last.x, first.y + 0.2 * size], size };
  });
  const boxes = [...document.querySelectorAll('.concept > rect')].map(rect);
  return { lines, boxes, sheet: rect(document.documentElement) };
}"""


@pytest.fixture(scope="module")
def store() -> NetworkxStore:
    vault = build_vault(read_sources(SHIPPED_CONTENT), lambda text: len(text.split()))
    return NetworkxStore(vault.concepts, vault.relations, vault.resources)


def overlap(a: list[float], b: list[float]) -> bool:
    return min(a[2], b[2]) - max(a[0], b[0]) > 0.02 and min(a[3], b[3]) - max(a[1], b[1]) > 0.02


@pytest.mark.parametrize("part", [{}, {"week": 3}, {"week": 5}, {"concept_id": "rag"}], ids=str)
def test_words_stay_in_their_boxes_and_apart(page: Page, store: NetworkxStore, tmp_path: Path, part: Any) -> None:
    file = tmp_path / "map.svg"
    file.write_bytes(draw_map(store, **part))
    page.goto(file.as_uri())
    found = page.evaluate(MEASURE)
    lines = found["lines"]
    assert len(lines) > 30
    for line in lines:
        ink, box = line["ink"], line["box"]
        assert box is None or (ink[0] >= box[0] and ink[2] <= box[2] and ink[1] >= box[1] and ink[3] <= box[3]), line
        assert 0 < ink[0] < ink[2] < 420, line
        assert line["size"] * 72 / 25.4 >= 5, line
    inks = [line["ink"] for line in lines]
    assert not [(a, b) for i, a in enumerate(inks) for b in inks[:i] if overlap(a, b)]
    loose = [line["ink"] for line in lines if line["box"] is None]
    assert not [(a, b) for a in loose for b in found["boxes"] if overlap(a, b)]
