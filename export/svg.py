"""Writes a printed map as SVG: vector text in the reader's own sans-serif font, no script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from export.page import HEIGHT, LEADING, MARGIN, WIDTH, Box, Label, Page, Rect, Route
from export.palette import INK, KIND_COLOURS, MUTED, PAPER, tint
from export.text import text_width
from export.xml import xml_text
from graph.schema import RelationKind

FONTS = "Helvetica Neue, Helvetica, Arial, Liberation Sans, Noto Sans, DejaVu Sans, sans-serif"
_DASHES: Mapping[RelationKind, str] = {"applies_to": "1.7 0.8", "contrasts_with": "0.9 0.9", "related_to": "0.01 0.9"}
_WIDTHS: Mapping[RelationKind, float] = {"related_to": 0.42}
_LINE, _COLOURED_LINE = 0.3, 0.28
_ARROW = 1.35
_FEW_ROUTES = 150  # more lines are told apart better by the colours of the weeks that they come from
_WORDS: Mapping[RelationKind, str] = {
    "prerequisite_of": "is needed for",
    "part_of": "is part of",
    "applies_to": "is used in",
    "contrasts_with": "contrasts with",
    "related_to": "is related to",
}
_LEGEND_Y = HEIGHT - MARGIN - 5.2
_LEGEND_SIZE = 2.7


def draw_page(page: Page) -> bytes:
    """The sheet as a UTF-8 SVG document, 420 by 297 mm, with units of one millimetre: the same bytes each time."""
    return ("\n".join(_elements(page)) + "\n").encode()


def _elements(page: Page) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>'
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH:g}mm" height="{HEIGHT:g}mm" '
        f'viewBox="0 0 {WIDTH:g} {HEIGHT:g}" role="img" aria-labelledby="title description" '
        f'font-family="{FONTS}" text-rendering="geometricPrecision">'
    )
    yield f'<title id="title">{xml_text(page.title)}</title>'
    yield f'<desc id="description">{xml_text(" ".join(line for label in page.foot for line in label.lines))}</desc>'
    yield f'<rect width="{WIDTH:g}" height="{HEIGHT:g}" fill="{PAPER}"/>'
    yield '<g class="head">'
    yield from map(_text, page.head)
    yield "</g>"
    for band in page.bands:
        yield f'<g class="band">{_rect(band.rect, 2.5, tint(band.tint).ground)}'
        yield from map(_text, band.labels)
        yield "</g>"
    yield '<g class="relations" fill="none" stroke-linecap="round">'
    coloured = len(page.routes) > _FEW_ROUTES and len(page.kinds) == 1
    for route in sorted(page.routes, key=lambda r: r.kind == "prerequisite_of"):
        yield _route(route, coloured=coloured)
    yield "</g>"
    yield '<g class="concepts">'
    yield from map(_box, page.boxes)
    yield "</g>"
    yield '<g class="legend">'
    yield from _legend(page, coloured=coloured)
    yield from map(_text, page.foot)
    yield "</g>"
    yield "</svg>"


def _n(value: float) -> str:
    """A coordinate to a hundredth of a millimetre."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def _rect(rect: Rect, radius: float, fill: str, stroke: str = "", width: float = 0.0) -> str:
    border = f' stroke="{stroke}" stroke-width="{_n(width)}"' if stroke else ""
    return (
        f'<rect x="{_n(rect.x)}" y="{_n(rect.y)}" width="{_n(rect.width)}" height="{_n(rect.height)}" '
        f'rx="{_n(radius)}" fill="{fill}"{border}/>'
    )


def _text(label: Label) -> str:
    weight = ' font-weight="700"' if label.bold else ""
    lines = "".join(
        f'<tspan x="{_n(label.x)}" y="{_n(label.y + number * LEADING * label.size)}">{xml_text(line)}</tspan>'
        for number, line in enumerate(label.lines)
    )
    colour = MUTED if label.muted else INK
    return f'<text font-size="{_n(label.size)}" text-anchor="{label.anchor}" fill="{colour}"{weight}>{lines}</text>'


def _box(box: Box) -> str:
    colours = tint(box.tint)
    width = 0.8 if box.strong else 0.32
    words = "".join(map(_text, box.labels))
    rect = _rect(box.rect, 1.5, colours.fill, INK if box.strong else colours.line, width)
    return f'<g class="concept"><title>{xml_text(box.title)}</title>{rect}{words}</g>'


def _route(route: Route, *, coloured: bool) -> str:
    colour = tint(route.tint).line if coloured else KIND_COLOURS[route.kind]
    points = _shortened(route)
    curves = " ".join(
        f"C{_pair(points[i])} {_pair(points[i + 1])} {_pair(points[i + 2])}" for i in range(1, len(points), 3)
    )
    return _stroke(route.kind, f"M{_pair(points[0])} {curves}", colour, route.strength, coloured) + _end(
        route.kind, route.points[-1], route.heading, colour, coloured
    )


def _stroke(kind: RelationKind, path: str, colour: str, strength: float, coloured: bool) -> str:
    width = (_COLOURED_LINE if coloured else _WIDTHS.get(kind, _LINE)) * strength
    dash = f' stroke-dasharray="{_DASHES[kind]}"' if kind in _DASHES else ""
    faint = ' stroke-opacity="0.55"' if coloured else ' stroke-opacity="0.8"'
    return f'<path class="{kind}" d="{path}" stroke="{colour}" stroke-width="{_n(width)}"{dash}{faint}/>'


def _shortened(route: Route) -> Sequence[tuple[float, float]]:
    """The line without its last millimetre, which the arrowhead takes."""
    if route.kind not in {"prerequisite_of", "applies_to", "part_of"}:
        return route.points
    *others, (x, y) = route.points
    return [*others, (x - route.heading * _ARROW * 0.8, y)]


def _end(kind: RelationKind, tip: tuple[float, float], heading: int, colour: str, coloured: bool) -> str:
    """What shows the direction without colour: a solid arrowhead, an open one, a dot, or nothing."""
    x, y = tip
    back, half = x - heading * _ARROW, _ARROW * 0.36
    faint = ' fill-opacity="0.8"' if coloured else ""
    if kind == "prerequisite_of":
        return f'<path d="M{_pair(tip)} L{_pair((back, y - half))} {_pair((back, y + half))}Z" fill="{colour}"{faint}/>'
    if kind == "applies_to":
        return (
            f'<path d="M{_pair((back, y - half))} L{_pair(tip)} {_pair((back, y + half))}" '
            f'stroke="{colour}" stroke-width="{_LINE}"/>'
        )
    if kind == "part_of":
        return f'<circle cx="{_n(x - heading * 0.5)}" cy="{_n(y)}" r="0.5" fill="{colour}"/>'
    return ""


def _pair(point: tuple[float, float]) -> str:
    return f"{_n(point[0])} {_n(point[1])}"


def _legend(page: Page, *, coloured: bool) -> Iterator[str]:
    x = MARGIN
    yield '<g fill="none" stroke-linecap="round">'
    for kind in page.kinds:
        colour = KIND_COLOURS[kind]
        yield _stroke(kind, f"M{_n(x)} {_n(_LEGEND_Y - 0.9)} H{_n(x + 9)}", colour, 1.0, coloured=False)
        yield _end(kind, (x + 10, _LEGEND_Y - 0.9), 1, colour, coloured=False)
        yield _text(Label(x + 11.5, _LEGEND_Y, (_WORDS[kind],), _LEGEND_SIZE))
        x += 16 + text_width(_WORDS[kind]) * _LEGEND_SIZE
    yield "</g>"
    for index, words in enumerate(page.tints):
        width = 7.5 + text_width(words) * _LEGEND_SIZE
        if x + width > WIDTH - MARGIN:
            return
        yield _rect(Rect(x, _LEGEND_Y - 2.3, 3.6, 2.9), 0.6, tint(index).fill, tint(index).line, 0.32)
        yield _text(Label(x + 5, _LEGEND_Y, (words,), _LEGEND_SIZE))
        x += width
