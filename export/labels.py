"""Decides how the words of a box are set: one size for all that fit in it, smaller only for the longest titles."""

from __future__ import annotations

from collections.abc import Mapping

from export.page import ASCENT, LEADING, SMALLEST_TEXT, Box, Label, Rect
from export.selection import Selection
from export.text import break_lines, breaks_words, wrap_within

_PAD_X, _PAD_Y = 0.9, 0.45
_LARGEST, _STEPS = 5.2, 7
_USUAL = 0.95  # of the titles fit at the size that all have
_NOTE = 2.1


def make_boxes(selection: Selection, rects: Mapping[str, Rect]) -> tuple[Box, ...]:
    """The boxes with their words, in the order of `rects`."""
    best = {
        c: _largest_size(selection.names[c], rect, _note_height(selection, c), bold=c == selection.strong)
        for c, rect in rects.items()
    }
    ranked = sorted(best.values())
    usual = ranked[int(len(ranked) * (1 - _USUAL))] if ranked else _LARGEST
    return tuple(
        Box(
            node_id,
            selection.names[node_id],
            rect,
            _box_labels(selection, node_id, rect, min(best[node_id], usual)),
            selection.colours.of.get(node_id, -1),
            node_id == selection.strong,
        )
        for node_id, rect in rects.items()
    )


def _note_height(selection: Selection, node_id: str) -> float:
    return _NOTE * LEADING if node_id in selection.notes else 0.0


def _largest_size(title: str, rect: Rect, note: float, *, bold: bool) -> float:
    """The largest size at which a title fits into its box, every word whole; the smallest legible if none does."""
    low, high = SMALLEST_TEXT, _LARGEST
    for _ in range(_STEPS):
        size = (low + high) / 2
        lines = break_lines(title, (rect.width - 2 * _PAD_X) / size, bold=bold)
        if len(lines) * LEADING * size <= rect.height - 2 * _PAD_Y - note and not breaks_words(title, lines):
            low = size
        else:
            high = size
    return low


def _box_labels(selection: Selection, node_id: str, rect: Rect, size: float) -> tuple[Label, ...]:
    note, strong = _note_height(selection, node_id), node_id == selection.strong
    most = max(1, int((rect.height - 2 * _PAD_Y - note) / (LEADING * size) + 1e-9))
    lines = wrap_within(selection.names[node_id], (rect.width - 2 * _PAD_X) / size, most, bold=strong)
    middle = rect.x + rect.width / 2
    top = rect.y + (rect.height - len(lines) * LEADING * size - note) / 2
    labels = [Label(middle, _baseline(top, size), lines, size, "middle", strong)]
    if note:
        words = (selection.notes[node_id],)
        labels.append(
            Label(middle, _baseline(top + len(lines) * LEADING * size, _NOTE), words, _NOTE, "middle", muted=True)
        )
    return tuple(labels)


def _baseline(top: float, size: float) -> float:
    return top + size * (ASCENT + (LEADING - 1) / 2)
