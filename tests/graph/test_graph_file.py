"""A graph's file, read row by row: the same rows as in memory, and damage that is named."""

import pytest

from graph.errors import StorageError
from graph.graph_file import GraphFile
from graph.schema import Concept, Relation, Resource, Span
from graph.store import NetworkxStore, graph_to_json

SPANS = (Span("a.md", 1, 2, 'two\nlines, "quoted": [\n  {\n  }'), Span("ü.md", 3, 3, "\u2028 ]"))
CONCEPTS = [Concept(name, f"{name}\n ]", ("x", "y"), "It is.", 1, None, "concept", SPANS) for name in ("b", "a", "c")]
RELATIONS = [Relation("b", "a", "related_to", "link", 0.5, SPANS), Relation("a", "b", "part_of", "authored", 1.0, ())]
RESOURCES = [Resource("r", "R", "https://a.org", "paper", "any", "Read.", ("a",), SPANS[0])]


def write(folder, data):
    path = folder / "graph.json"
    path.write_bytes(data)
    return GraphFile(path)


@pytest.mark.parametrize("graph", [(CONCEPTS, RELATIONS, RESOURCES), (CONCEPTS, [], []), ([], [], [])])
def test_the_rows_are_those_of_the_store(tmp_path, graph):
    file, store = write(tmp_path, graph_to_json(*graph)), NetworkxStore(*graph)
    assert tuple(file.concepts()) == store.concepts()
    assert tuple(file.relations()) == store.relations()


@pytest.mark.parametrize("cut", [0, 1, 5, 40, 300, -200])
def test_a_file_that_ends_early_is_damaged(tmp_path, cut):
    whole = graph_to_json(CONCEPTS, RELATIONS, [])
    file = write(tmp_path, whole[:cut])
    with pytest.raises(StorageError, match=r"graph\.json cannot be read .*run `prepgraph ingest`"):
        list(file.concepts()), list(file.relations())


def test_a_file_that_is_gone(tmp_path):
    with pytest.raises(StorageError, match=r"graph\.json cannot be read"):
        list(GraphFile(tmp_path / "graph.json").concepts())
