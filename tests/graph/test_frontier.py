"""The search from both ends finds what Dijkstra's finds, and asks for few neighbourhoods."""

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from graph.frontier import cheapest_path

edges = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.sampled_from([0.5, 1.0, 1.4, 2.0])), max_size=30)


def make_graph(rows):
    graph = nx.DiGraph()
    for a, b, cost in rows:
        for source, target, paid in ((a, b, cost), (b, a, cost * 1.5)):
            if paid < graph.get_edge_data(source, target, {"cost": float("inf")})["cost"]:
                graph.add_edge(source, target, cost=paid)
    return graph


def fetch_from(graph, asked):
    def fetch(nodes):
        asked.extend(nodes)
        return {
            n: [(o, graph.edges[n, o]["cost"], graph.edges[o, n]["cost"]) for o in graph[n]]
            for n in nodes
            if n in graph
        }

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
