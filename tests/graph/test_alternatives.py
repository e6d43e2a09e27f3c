"""Other ways than the cheapest: few, really different, not much longer; beside a search through all paths."""

from itertools import pairwise

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.alternatives import STRETCH, different_paths

HOPS = st.lists(
    st.tuples(st.integers(0, 7), st.integers(0, 7), st.floats(0.5, 4.0, allow_nan=False)),
    unique_by=lambda hop: hop[:2],
    max_size=40,
)


def make_graph(rows):
    graph = nx.DiGraph()
    for source, target, cost in rows:
        graph.add_edge(source, target, cost=cost)
    return graph


def cost(graph, path):
    return sum(graph.edges[hop]["cost"] for hop in pairwise(path))


def differs(one, other):
    """Written from the definition, for whole paths."""
    inner, others = set(one[1:-1]), set(other[1:-1])
    if not inner or not others:
        return inner != others
    return len(inner & others) / min(len(inner), len(others)) < 0.5


def all_different(graph, cheapest, limit):
    found = [tuple(cheapest)]
    paths = map(tuple, nx.all_simple_paths(graph, cheapest[0], cheapest[-1]))
    for path in sorted(paths, key=lambda path: (cost(graph, path), path)):
        affordable = cost(graph, path) <= STRETCH * cost(graph, cheapest) + 1e-9
        if len(found) < limit and affordable and all(differs(path, other) for other in found):
            found.append(path)
    return found


@settings(max_examples=300, deadline=None)
@given(HOPS, st.integers(1, 4))
def test_they_are_those_that_a_search_through_all_paths_finds(rows, limit):
    graph = make_graph(rows)
    if not (0 in graph and 1 in graph and nx.has_path(graph, 0, 1)):
        return
    cheapest = nx.dijkstra_path(graph, 0, 1, weight="cost")
    found = [tuple(path) for path in different_paths(graph, cheapest, limit)]
    expected = all_different(graph, cheapest, limit)
    assert [cost(graph, path) for path in found] == [cost(graph, path) for path in expected]
    assert all(differs(one, other) for at, one in enumerate(found) for other in found[:at])


def test_the_same_path_around_one_concept_is_no_other_path():
    chain = [(0, 1, 1.0), (1, 2, 1.0), (2, 3, 1.0), (1, 9, 0.6), (9, 2, 0.6)]
    graph = make_graph(chain)
    assert different_paths(graph, [0, 1, 2, 3], 3) == [[0, 1, 2, 3]]
    graph.add_edge(0, 5, cost=2.0)
    graph.add_edge(5, 3, cost=2.0)
    assert different_paths(graph, [0, 1, 2, 3], 3) == [[0, 1, 2, 3], (0, 5, 3)]


def test_a_direct_relation_and_a_way_around_it_are_two_paths():
    graph = make_graph([(0, 1, 1.9), (0, 2, 1.0), (2, 1, 1.0)])
    assert different_paths(graph, [0, 1], 3) == [[0, 1], (0, 2, 1)]


def test_what_costs_more_than_twice_as_much_is_left_out():
    assert different_paths(make_graph([(0, 1, 1.0), (0, 2, 1.0), (2, 1, 1.1)]), [0, 1], 3) == [[0, 1]]


def test_a_search_that_would_not_end_is_given_up():
    # 25 steps with 4 ways each, all through the same bottleneck: 4 ** 24 paths that nearly differ enough.
    rows = [
        (layer * 10 + a, layer * 10 + 10 + b, 1.0 + (a or b) / 100)
        for layer in range(25)
        for a in range(4)
        for b in range(4)
    ]
    graph = make_graph(rows)
    cheapest = nx.dijkstra_path(graph, 0, 250, weight="cost")
    assert different_paths(graph, cheapest, 3)[0] == cheapest
