"""The search from both ends finds what Dijkstra's finds, and asks for few neighbourhoods."""

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.frontier import Hops, cheapest_path, fetch_around

edges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.5, 1.0, 1.4, 2.0])), max_size=30)


def make_graph(rows):
    graph = nx.DiGraph()
    for a, b, cost in rows:
        for source, target, paid in ((a, b, cost), (b, a, cost * 1.5)):
            if paid < graph.get_edge_data(source, target, {"cost": float("inf")})["cost"]:
                graph.add_edge(source, target, cost=paid)
    return graph


def hops_from(graph, node):
    others = list(graph[node])
    return Hops(others, [graph.edges[node, o]["cost"] for o in others], [graph.edges[o, node]["cost"] for o in others])


def fetch_from(graph, asked):
    def fetch(nodes):
        asked.extend(nodes)
        return {n: hops_from(graph, n) for n in nodes if n in graph}

    return fetch


@settings(max_examples=200, deadline=None)
@given(edges, st.integers(0, 9), st.integers(0, 9))
def test_it_costs_what_the_cheapest_path_costs(rows, source, target):
    graph = make_graph(rows)
    graph.add_nodes_from((source, target))
    found = cheapest_path(source, target, fetch_from(graph, []))
    if not nx.has_path(graph, source, target):
        assert found is None
    else:
        assert (found[0], found[-1]) == (source, target)
        expected = nx.dijkstra_path_length(graph, source, target, weight="cost")
        assert abs(nx.path_weight(graph, found, "cost") - expected) < 1e-9


def test_nothing_is_asked_twice_and_far_away_nothing_at_all():
    size = 100
    rows = [
        (y * size + x, y * size + x + step, 1.0) for y in range(size - 1) for x in range(size - 1) for step in (1, size)
    ]
    graph, asked = make_graph(rows), []
    middle = 50 * size + 50
    path = cheapest_path(middle, middle + 6, fetch_from(graph, asked))
    assert path == list(range(middle, middle + 7))
    assert len(asked) == len(set(asked)) < 600 < len(graph) / 10


@settings(max_examples=200, deadline=None)
@given(edges, st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.4, 1.0, 2.6]))
def test_around_both_ends_are_the_hops_of_every_path_that_is_not_too_long(rows, source, target, radius):
    graph, asked = make_graph(rows), []
    graph.add_nodes_from((source, target))
    found = fetch_around(source, target, radius, fetch_from(graph, asked), most=1_000)
    assert len(asked) == len(set(asked)) == len(found)
    for path in nx.all_simple_paths(graph, source, target) if source != target else ():
        if nx.path_weight(graph, path, "cost") <= 2 * radius:
            assert all(a in found or b in found for a, b in nx.utils.pairwise(path))


def test_around_a_hub_the_nearest_are_fetched_and_no_more_than_wanted():
    near, far = [(0, n, 1.0) for n in range(2, 40)], [(0, n, 5.0) for n in range(40, 200)]
    asked = []
    found = fetch_around(0, 1, 9.0, fetch_from(make_graph([*near, *far, (2, 1, 1.0)]), asked), most=30)
    assert len(asked) == len(found) == 30
    assert max(found) < 40
