"""The ways between two concepts as rows between the ends: nothing on top of anything, and always onwards."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from graph.path_layout import layout_paths
from graph.paths import PathStep


def path(*concepts):
    return tuple(PathStep(a, b, "prerequisite_of", "forward", ()) for a, b in pairwise(concepts))


INNER = st.lists(st.sampled_from("abcdefghijkl"), unique=True, max_size=6)


@given(st.lists(INNER, min_size=1, max_size=3))
def test_boxes_stand_apart_between_the_ends_and_rows_lead_onwards(inner):
    layout = layout_paths([path("start", *names, "end") for names in inner])
    at = {node.id: node for node in layout.nodes}
    assert set(at) == {"start", "end", *(name for names in inner for name in names)}
    assert len({(node.x, node.y) for node in layout.nodes}) == len(at)
    assert all(at["start"].x < at[name].x < at["end"].x for names in inner for name in names)
    first = [at[name].x for name in ("start", *inner[0], "end")]
    assert first == sorted(set(first))
    columns = {column.id: column for column in layout.columns}
    assert all(columns[node.column].x == node.x for node in layout.nodes)
    assert (layout.columns[0].title, layout.columns[-1].title) == ("From", "To")


def test_a_line_points_as_its_relation_does():
    back = PathStep("a", "b", "applies_to", "backward", ())
    (edge,) = layout_paths([(back,)]).edges
    assert (edge.source, edge.target, edge.kind) == ("b", "a", "applies_to")
