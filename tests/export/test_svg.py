import re
from itertools import pairwise
from xml.etree import ElementTree

import pytest

from export.ego import select_concept
from export.palette import INK, KIND_COLOURS, MUTED, Tint, luminance, tint
from export.place import place_page
from export.selection import select_all
from export.svg import draw_page
from export.week import select_week
from tests.export.made_up_graphs import NASTY, make_graph

SVG = "{http://www.w3.org/2000/svg}"


def draw(graph, select=select_all, *part):
    return draw_page(place_page(select(graph.concepts, graph.relations, *part)))


def brightness(colour):
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return luminance((red, green, blue))


def contrast(one, other):
    low, high = sorted((brightness(one), brightness(other)))
    return (high + 0.05) / (low + 0.05)


def words_of(element):
    return [" ".join(span.text for span in text.findall(f"{SVG}tspan")) for text in element.iter(f"{SVG}text")]


@pytest.mark.parametrize("part", [(select_all,), (select_week, 4), (select_concept, "rag")])
def test_a_sheet_is_a3_landscape_and_needs_nothing_else(course_graph, part):
    data = draw(course_graph, *part)
    root = ElementTree.fromstring(data)
    assert (root.get("width"), root.get("height"), root.get("viewBox")) == ("420mm", "297mm", "0 0 420 297")
    tags = {element.tag.removeprefix(SVG) for element in root.iter()}
    assert tags <= {"svg", "title", "desc", "g", "rect", "text", "tspan", "path", "circle"}
    assert re.findall(rb"https?://[^\"]+", data) == [b"http://www.w3.org/2000/svg"]
    assert not re.search(rb"href|style=|url\(|<!|onload", data)


def test_the_same_graph_gives_the_same_bytes(course_graph):
    assert draw(course_graph) == draw(course_graph)
    assert draw(course_graph, select_week, 2) == draw(course_graph, select_week, 2)


def test_title_legend_and_counts_stand_on_the_sheet(course_graph):
    root = ElementTree.fromstring(draw(course_graph, select_week, 5))
    assert root.find(f"{SVG}title").text == "Week 5: Retrieval-augmented generation"
    legend = words_of(next(g for g in root if g.get("class") == "legend"))
    drawn = {path.get("class") for path in root.iter(f"{SVG}path")} - {None}
    assert drawn == {"prerequisite_of", "part_of", "applies_to", "contrasts_with", "related_to"}
    assert {"is needed for", "is part of", "is used in", "contrasts with", "is related to"} <= set(legend)
    assert [words for words in legend if words.startswith("Week")] == [f"Week {n}" for n in range(1, 9)]
    assert legend[-1].startswith("26 concepts of week 5")


def test_the_foot_of_the_whole_map_says_what_is_left_out(course_graph):
    root = ElementTree.fromstring(draw(course_graph))
    foot = words_of(next(g for g in root if g.get("class") == "legend"))[-1]
    kinds = [c.kind for c in course_graph.concepts]
    assert foot.startswith(f"{kinds.count('concept')} concepts · 8 weeks · ")
    assert f"{kinds.count('comparison')} comparisons" in foot
    assert f"{kinds.count('question')} questions" in foot


def test_any_text_is_shown_as_it_is(nasty_graph):
    root = ElementTree.fromstring(draw(nasty_graph))
    titles = [group.find(f"{SVG}title").text for group in root.iter(f"{SVG}g") if group.get("class") == "concept"]
    assert sorted(titles) == sorted(NASTY)


def test_control_characters_leave_valid_xml():
    graph = make_graph(12, words=("nul\0 bell\a", "half\ud800"))
    assert len(ElementTree.fromstring(draw(graph)).findall(f".//{SVG}tspan")) > 12


def test_kinds_of_relation_differ_by_more_than_colour(course_graph):
    root = ElementTree.fromstring(draw(course_graph, select_week, 5))
    dashes = {path.get("class"): path.get("stroke-dasharray") for path in root.iter(f"{SVG}path") if path.get("class")}
    assert len(dashes) == 5
    dashed = [dash for dash in dashes.values() if dash]
    assert len(set(dashed)) == len(dashed) == 3
    assert not dashes["prerequisite_of"]  # both are solid: one ends in an arrowhead, the other in a dot
    assert not dashes["part_of"]
    assert root.findall(f".//{SVG}circle")


@pytest.mark.parametrize("index", range(-1, 12))
def test_words_and_lines_stand_out_on_every_colour(index):
    colours = tint(index)
    assert contrast(INK, colours.fill) >= 7
    assert contrast(MUTED, colours.fill) >= 4.5
    assert contrast(MUTED, colours.ground) >= 4.5
    assert contrast(colours.line, "#ffffff") >= 4.5
    assert contrast(colours.line, colours.fill) >= 3


def test_every_kind_of_line_stands_out_on_white():
    assert all(contrast(colour, "#ffffff") >= 4.5 for colour in KIND_COLOURS.values())


def test_weeks_side_by_side_differ_in_grey():
    fills = [brightness(tint(index).fill) for index in range(12)]
    assert all(abs(a - b) > 0.1 for a, b in pairwise(fills))


# How a colour looks to those who lack one kind of cone (Machado, Oliveira and Fernandes, 2009), in linear light.
BLINDNESS = {
    "protanopia": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deuteranopia": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
}


def seen(colour, matrix):
    linear = [(int(colour[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5)]
    mixed = [min(max(sum(m * c for m, c in zip(row, linear, strict=True)), 0), 1) for row in matrix]
    return [255 * part ** (1 / 2.2) for part in mixed]


@pytest.mark.parametrize("matrix", BLINDNESS.values(), ids=BLINDNESS)
def test_weeks_side_by_side_differ_for_the_colour_blind(matrix):
    tints: list[Tint] = [tint(index) for index in range(9)]
    for one, other in pairwise(tints):
        for part in ("fill", "line"):
            apart = sum(
                (a - b) ** 2
                for a, b in zip(seen(getattr(one, part), matrix), seen(getattr(other, part), matrix), strict=True)
            )
            assert apart**0.5 > 15, (part, one, other)
