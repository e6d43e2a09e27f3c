"""What must hold on every printed sheet: nothing overlaps, all words fit, and no line crosses a box."""

from itertools import combinations, pairwise

import pytest

from export.ego import select_concept
from export.page import HEIGHT, LEADING, POINT, WIDTH
from export.place import place_page
from export.rows import GraphRows
from export.selection import select_all
from export.text import text_width
from export.week import select_week
from graph.errors import UsageError
from tests.export.made_up_graphs import NASTY, make_concept, make_graph, make_relation

FIVE_POINTS = 5 * POINT
HAIR = 0.011  # millimetres: coordinates are written to a hundredth


def sheet_of(graph, **part):
    select = {"concept_id": select_concept, "week": select_week}.get(next(iter(part), ""), select_all)
    return place_page(select(graph.concepts, graph.relations, *part.values()))


def hub_graph(others):
    """One concept that everything else is tied to, in every way."""
    kinds = ("prerequisite_of", "part_of", "applies_to", "contrasts_with", "related_to")
    concepts = [make_concept("hub", "The hub", 1), *(make_concept(f"o{i}", f"Other {i}", 2) for i in range(others))]
    ends = [("hub", f"o{i}") if i % 2 else (f"o{i}", "hub") for i in range(others)]
    return GraphRows(concepts, [make_relation(s, t, kinds[i // 2 % 5]) for i, (s, t) in enumerate(ends)])


MADE_UP = {
    "none": GraphRows((), ()),
    "one": GraphRows([make_concept("a", "A")], ()),
    "60": make_graph(60),
    "60 without weeks": make_graph(60, weeks=0),
    "500": make_graph(500, weeks=12),
    "5,000 in groups": make_graph(5000, weeks=20),
    "long titles": make_graph(
        200, words=("An uncommonly long", "and circumstantial title", "of Donaudampfschifffahrt")
    ),
    "CJK": GraphRows(
        [make_concept(f"c{i}", "近似最近傍探索のための階層的グラフ" * (1 + i % 3), 1 + i % 5) for i in range(60)], ()
    ),
    "nasty": GraphRows([make_concept(f"n{i}", text, i % 3) for i, text in enumerate(NASTY)], ()),
}


@pytest.fixture(params=["all", *(f"week {n}" for n in range(1, 9)), "hnsw", "rag", "graphs", "big-o", "agents"])
def course_sheet(request, course_graph):
    name = request.param
    if name == "all":
        return sheet_of(course_graph)
    if name.startswith("week"):
        return sheet_of(course_graph, week=int(name[-1]))
    return sheet_of(course_graph, concept_id=name)


@pytest.fixture(params=[*MADE_UP, "hub of 12", "hub of 200"])
def made_up_sheet(request):
    name = request.param
    if name.startswith("hub"):
        return sheet_of(hub_graph(int(name.rpartition(" ")[2])), concept_id="hub")
    return sheet_of(MADE_UP[name])


def label_rect(label):
    """Left, top, right and bottom of a label's ink, by the table of widths."""
    width = max(text_width(line, bold=label.bold) for line in label.lines) * label.size
    left = label.x - width * {"start": 0, "middle": 0.5, "end": 1}[label.anchor]
    last = label.y + (len(label.lines) - 1) * LEADING * label.size
    return left, label.y - 0.76 * label.size, left + width, last + 0.24 * label.size


def overlap(a, b):
    return min(a[2], b[2]) - max(a[0], b[0]) > HAIR and min(a[3], b[3]) - max(a[1], b[1]) > HAIR


def corners(rect):
    return rect.x, rect.y, rect.right, rect.bottom


def bezier(points, steps=12):
    for at in range(1, len(points), 3):
        a, b, c, d = points[at - 1 : at + 3]
        for step in range(steps + 1):
            t = step / steps
            u = 1 - t
            yield tuple(u**3 * a[i] + 3 * u * u * t * b[i] + 3 * u * t * t * c[i] + t**3 * d[i] for i in (0, 1))


def check_sheet(page):
    boxes = [corners(box.rect) for box in page.boxes]
    assert not [pair for pair in combinations(boxes, 2) if overlap(*pair)], "boxes overlap"
    assert all(b[0] > 0 and b[1] > 0 and b[2] < WIDTH and b[3] < HEIGHT for b in boxes), "a box leaves the sheet"
    for box in page.boxes:
        inks = [label_rect(label) for label in box.labels]
        outer = corners(box.rect)
        assert all(i[0] >= outer[0] and i[1] >= outer[1] - HAIR and i[2] <= outer[2] and i[3] <= outer[3] for i in inks)
        assert not any(overlap(a, b) for a, b in pairwise(inks)), f"the words of {box.title} overlap"
    outside = [label for band in page.bands for label in band.labels] + [*page.head, *page.foot]
    inks = [label_rect(label) for label in outside]
    assert not [pair for pair in combinations(inks, 2) if overlap(*pair)], "headings overlap"
    assert not [1 for ink in inks for box in boxes if overlap(ink, box)], "a heading lies over a box"
    everything = [*outside, *(label for box in page.boxes for label in box.labels)]
    assert min(label.size for label in everything) >= FIVE_POINTS
    for route in page.routes:
        for x, y in bezier(route.points):
            hits = [b for b in page.boxes if b.rect.x + HAIR < x < b.rect.right - HAIR and b.rect.y < y < b.rect.bottom]
            assert not hits, f"the line from {route.source} to {route.target} crosses {hits[0].title}"
            assert 0 < x < WIDTH
            assert 0 < y < HEIGHT


def test_a_sheet_of_the_course_is_legible(course_sheet):
    check_sheet(course_sheet)


def test_a_sheet_of_any_graph_is_legible(made_up_sheet):
    check_sheet(made_up_sheet)


def test_the_whole_course_is_on_its_sheet_with_every_title_whole(course_graph):
    page = sheet_of(course_graph)
    titles = {c.title for c in course_graph.concepts if c.kind == "concept"}
    assert {box.title for box in page.boxes} == titles
    assert not [box.title for box in page.boxes for label in box.labels if label.lines[-1].endswith("…")]
    headings = [label.lines[0] for band in page.bands for label in band.labels if label.bold]
    assert headings == [f"Week {n}" for n in range(1, 9)]


def test_a_week_stands_between_what_it_needs_and_what_it_unlocks(course_graph):
    page = sheet_of(course_graph, week=5)
    weeks = {c.id: c.week for c in course_graph.concepts}
    own = {c.id for c in course_graph.concepts if c.week == 5 and c.kind == "concept"}
    at = {box.id: box.rect.x for box in page.boxes}
    assert own <= set(at)
    before = [
        c for c in at if c in weeks and c not in own and any(r.source == c and r.target in own for r in page.routes)
    ]
    after = [
        c for c in at if c in weeks and c not in own and any(r.target == c and r.source in own for r in page.routes)
    ]
    assert before
    assert after
    assert max(at[c] for c in before) < min(at[c] for c in own)
    assert min(at[c] for c in after) > max(at[c] for c in own)


def test_a_concept_stands_between_its_needs_and_what_it_unlocks(course_graph):
    page = sheet_of(course_graph, concept_id="hnsw")
    at = {box.id: box.rect for box in page.boxes}
    assert at["ann-search"].right < at["hnsw"].x
    assert at["graphs"].right < at["hnsw"].x < at["metadata-filtering"].x
    words = {label.lines[0]: label for band in page.bands for label in band.labels}
    assert at["ivf"].y > words["Contrasts with"].y > at["hnsw"].bottom
    assert [box.id for box in page.boxes if box.strong] == ["hnsw"]


def test_what_does_not_fit_beside_a_concept_is_counted():
    page = sheet_of(
        GraphRows(
            [make_concept("hub", "Hub"), *(make_concept(f"o{i}", f"Other {i}") for i in range(60))],
            [make_relation("hub", f"o{i}") for i in range(60)],
        ),
        concept_id="hub",
    )
    shown = [box for box in page.boxes if box.id.startswith("o")]
    assert f"+{60 - len(shown)} more" in {box.title for box in page.boxes}


def test_above_500_concepts_groups_stand_for_them():
    page = sheet_of(MADE_UP["5,000 in groups"])
    assert len(page.boxes) < 100
    assert any(label.lines == ("250 concepts",) for box in page.boxes for label in box.labels)


def test_a_week_or_a_concept_that_does_not_exist_is_said(course_graph):
    with pytest.raises(UsageError, match="No concept belongs to week 40; there are the weeks 1, 2"):
        sheet_of(course_graph, week=40)
    with pytest.raises(UsageError, match="no weeks"):
        sheet_of(make_graph(20, weeks=0), week=1)
    with pytest.raises(UsageError, match="'nothing'"):
        sheet_of(course_graph, concept_id="nothing")
