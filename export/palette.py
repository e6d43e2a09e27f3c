"""The colours of printed maps: told apart by the colour-blind, in grey, and with dark text on them.

The hues are those of Paul Tol's "muted" scheme (2021), made for qualitative data and all kinds of colour vision. Weeks
that stand side by side differ in lightness too, so that a grey print shows where one ends.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import NamedTuple

from graph.schema import RelationKind

Rgb = tuple[int, int, int]

INK, MUTED = "#1a1c22", "#565b66"
PAPER = "#ffffff"
_HUES: tuple[Rgb, ...] = (
    (51, 34, 136),
    (68, 170, 153),
    (204, 102, 119),
    (17, 119, 51),
    (136, 204, 238),
    (136, 34, 85),
    (153, 153, 51),
    (170, 68, 153),
    (221, 204, 119),
)
_WHITE: Rgb = (255, 255, 255)
_FILL_LUMINANCE = (0.87, 0.74)  # of boxes, week by week in turn: in grey, light and a little darker
_BRIGHTEST_LINE = 0.17  # the luminance at which a line has 4.7 : 1 on white
KIND_COLOURS: Mapping[RelationKind, str] = {
    "prerequisite_of": "#3f4450",
    "part_of": "#3f4450",
    "applies_to": "#1f4fa8",
    "contrasts_with": "#8a2a6b",
    "related_to": "#5b3f9b",
}


class Tint(NamedTuple):
    """A week's colours: of boxes, of their borders and lines, and of the ground behind them."""

    fill: str
    line: str
    ground: str


PLAIN = Tint("#ffffff", "#6b707b", "#f6f6f7")


@lru_cache
def tint(index: int) -> Tint:
    """The colours of the week at this place; -1 is none."""
    if index < 0:
        return PLAIN
    hue = _HUES[index % len(_HUES)]
    share = _share(hue, _FILL_LUMINANCE[index % 2])
    return Tint(_hex(_mix(_WHITE, hue, share)), _hex(_darken(hue)), _hex(_mix(_WHITE, hue, share / 4)))


def _share(hue: Rgb, wanted: float) -> float:
    """How much of a hue on white has a luminance, by bisection."""
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if luminance(_mix(_WHITE, hue, middle)) > wanted else (low, middle)
    return low


def luminance(colour: Rgb) -> float:
    """Relative luminance as WCAG 2 defines it, from 0 for black to 1 for white."""
    parts = [c / 255 / 12.92 if c <= 10 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return 0.2126 * parts[0] + 0.7152 * parts[1] + 0.0722 * parts[2]


def _mix(base: Rgb, other: Rgb, share: float) -> Rgb:
    red, green, blue = (round(b + (o - b) * share) for b, o in zip(base, other, strict=True))
    return red, green, blue


def _darken(colour: Rgb) -> Rgb:
    while luminance(colour) > _BRIGHTEST_LINE:
        colour = _mix((0, 0, 0), colour, 0.95)
    return colour


def _hex(colour: Rgb) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
