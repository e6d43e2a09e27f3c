"""Each format is opened by a reader of its own, and says what the graph says."""

import io
import json
import re
import zipfile
from itertools import pairwise
from pathlib import Path

import networkx as nx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from export.cypher import to_cypher
from export.formats import FORMATS, SUFFIXES, export_graph, write_export
from export.graphml import to_graphml
from export.jsonld import to_jsonld
from export.markmap import to_markmap
from export.rows import GraphRows
from graph.errors import StorageError, UsageError
from graph.store import NetworkxStore
from tests.export.made_up_graphs import NASTY, make_concept, make_graph, make_relation


@pytest.fixture
def store(course_graph):
    return NetworkxStore(course_graph.concepts, course_graph.relations, course_graph.resources)


def read_graphml(graph):
    return nx.read_graphml(io.BytesIO(to_graphml(graph)))


def test_graphml_holds_every_concept_and_relation(course_graph):
    found = read_graphml(course_graph)
    assert found.number_of_nodes() == len(course_graph.concepts)
    assert found.number_of_edges() == len(course_graph.relations)
    for concept in course_graph.concepts:
        node = found.nodes[concept.id]
        assert (node["title"], node["summary"], node["kind"]) == (concept.title, concept.summary, concept.kind)
        assert (node.get("week"), node.get("track")) == (concept.week, concept.track)
        assert tuple(node.get("aliases", "").split("\n")) == (concept.aliases or ("",))
        assert (node["path"], node["start_line"], node["quote"]) == (
            concept.spans[0].path, concept.spans[0].start_line, concept.spans[0].quote,
        )  # fmt: skip
    edges = {(s, t, data["kind"]): data for s, t, data in found.edges(data=True)}
    for relation in course_graph.relations:
        edge = edges[relation.source, relation.target, relation.kind]
        assert (edge["origin"], edge["weight"]) == (relation.origin, relation.weight)
        assert edge["quote"] == relation.evidence[0].quote


def test_graphml_keeps_any_text(nasty_graph):
    found = read_graphml(nasty_graph)
    assert {data["title"] for _, data in found.nodes(data=True)} == set(NASTY)
    assert {data["quote"] for *_, data in found.edges(data=True)} == set(NASTY[1:])


LITERAL = re.compile(r"'((?:[^'\\]|\\.)*)'", re.DOTALL)
PLAIN = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def strings_of(cypher):
    """The strings of a Cypher text, unescaped as the language says, and what is left without them."""
    unescaped = [re.sub(r"\\(.)", lambda m: PLAIN.get(m[1], m[1]), text) for text in LITERAL.findall(cypher)]
    return unescaped, LITERAL.sub("''", cypher)


@given(st.text(max_size=40))
def test_cypher_strings_read_back_and_hold_all_of_the_text(text):
    cypher = to_cypher(GraphRows([make_concept("a", text)], ())).decode("utf-8", "surrogatepass")
    strings, rest = strings_of(cypher)
    assert text.replace("\0", "\ufffd") in strings
    assert rest == strings_of(to_cypher(GraphRows([make_concept("a", "A")], ())).decode())[1]


def test_cypher_merges_all_in_batches(course_graph):
    statements = to_cypher(course_graph).decode().split(";\n")
    rows = {"Concept": 0, "Resource": 0, "PREREQUISITE_OF": 0, "RELATED_TO": 0}
    for statement in statements:
        for name in rows:
            if re.search(rf"MERGE \(.*:{name}\b.*\)?$|-\[r:{name}\]", statement, re.MULTILINE):
                rows[name] += len(re.findall(r"^\{", statement, re.MULTILINE))
    kinds = [relation.kind for relation in course_graph.relations]
    assert rows["Concept"] == len(course_graph.concepts)
    assert rows["Resource"] == len(course_graph.resources)
    assert rows["PREREQUISITE_OF"] == kinds.count("prerequisite_of")
    assert rows["RELATED_TO"] == kinds.count("related_to")
    assert max(len(re.findall(r"^\{", statement, re.MULTILINE)) for statement in statements) == 200


def test_jsonld_says_what_the_graph_says(course_graph):
    document = json.loads(to_jsonld(course_graph))
    nodes = {node["@id"]: node for node in document["@graph"] if "@id" in node}
    hnsw = nodes["urn:prepgraph:concept:hnsw"]
    assert hnsw["skos:prefLabel"] == "HNSW"
    assert "Hierarchical Navigable Small World" in hnsw["skos:altLabel"]
    assert hnsw["dcterms:requires"] == ["urn:prepgraph:concept:ann-search", "urn:prepgraph:concept:graphs"]
    assert "urn:prepgraph:concept:vector-database" in hnsw["skos:broader"]
    statements = [node for node in document["@graph"] if node["@type"] == "rdf:Statement"]
    assert len(statements) == len(course_graph.relations)
    assert all(statement["schema:citation"] for statement in statements)
    assert {statement["rdf:subject"] for statement in statements} <= set(nodes)
    assert {statement["rdf:object"] for statement in statements} <= set(nodes)
    prefixes = {name for name in document["@context"] if ":" not in name}
    used = {key for node in document["@graph"] for key in node if not key.startswith("@")}
    assert {key.partition(":")[0] for key in used} <= prefixes


def outline(markdown):
    """The headings and list items of Markdown as (depth, text)."""
    rows, depth = [], 0
    tokens = MarkdownIt().parse(markdown)
    for token, after in pairwise(tokens):
        if token.type == "heading_open":
            rows.append(
                (int(token.tag[1]) - 4, after.children[0].content if len(after.children) == 1 else text_of(after))
            )
        depth += {"list_item_open": 1, "list_item_close": -1}.get(token.type, 0)
        if token.type == "inline" and depth:
            rows.append((depth, text_of(token)))
    return rows


def text_of(inline):
    assert {child.type for child in inline.children} <= {"text", "text_special"}, "a mark was read as markup"
    return "".join(child.content for child in inline.children)


def test_markmap_hangs_every_concept_under_its_week_and_track(course_graph):
    rows = outline(to_markmap(course_graph).decode().partition("---\n\n")[2])
    titles = [c.title for c in course_graph.concepts if c.kind == "concept"]
    assert sorted(text for depth, text in rows if depth >= 1) == sorted(titles)
    weeks = [text for depth, text in rows if depth == -2]
    assert weeks == [c.title for c in sorted(course_graph.concepts, key=lambda c: c.week or 0) if c.kind == "week"]
    assert [text for depth, text in rows if depth == -1][:2] == ["Data structures", "Algorithms"]
    assert (2, "Load balancing") in rows
    assert rows.index((1, "System design")) < rows.index((2, "Load balancing"))


def test_markmap_shows_any_text_and_outlives_circles(nasty_graph):
    circle = [make_relation(f"n{i}", f"n{(i + 1) % 3}", "part_of") for i in range(3)]
    graph = GraphRows(nasty_graph.concepts, circle)
    rows = outline(to_markmap(graph).decode().partition("---\n\n")[2])
    assert sorted(text for depth, text in rows if depth >= 1) == sorted(" ".join(text.split()) for text in NASTY)


@pytest.mark.parametrize("fmt", FORMATS)
def test_every_format_gives_the_same_bytes_again_and_opens_when_empty(fmt, store):
    assert export_graph(store, fmt) == export_graph(store, fmt)
    assert export_graph(NetworkxStore((), ()), fmt)
    assert SUFFIXES[fmt].startswith(".")


def test_a_selection_goes_with_svg_alone(store, tmp_path):
    with pytest.raises(UsageError, match="--format svg"):
        export_graph(store, "graphml", "hnsw")
    with pytest.raises(UsageError, match="--format svg"):
        write_export(store, "obsidian", tmp_path / "vault", week=3)
    with pytest.raises(UsageError, match="cannot go together"):
        export_graph(store, "svg", "hnsw", 3)
    with pytest.raises(UsageError, match="no format 'pdf'; choose one of svg"):
        export_graph(store, "pdf")
    assert not list(tmp_path.iterdir())


def test_a_vault_never_joins_what_is_there(store, tmp_path):
    (tmp_path / "mine.md").write_text("mine")
    with pytest.raises(UsageError, match="is there already; name a new folder"):
        write_export(store, "obsidian", tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.md"]
    written = write_export(store, "obsidian", tmp_path / "new")
    assert written == sum(path.stat().st_size for path in (tmp_path / "new").rglob("*") if path.is_file())


def test_a_place_that_cannot_be_written_is_said(store, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="could not be written"):
        write_export(store, "svg", tmp_path / "file" / "map.svg")


def test_a_zip_holds_the_same_notes_as_the_folder(store, tmp_path):
    write_export(store, "obsidian", tmp_path / "vault")
    write_export(store, "obsidian", Path(tmp_path / "vault.zip"))
    with zipfile.ZipFile(tmp_path / "vault.zip") as archive:
        assert archive.testzip() is None
        zipped = {name: archive.read(name) for name in archive.namelist()}
    loose = {p.relative_to(tmp_path / "vault").as_posix(): p.read_bytes() for p in (tmp_path / "vault").rglob("*.*")}
    assert zipped == loose


def test_a_large_graph_is_written_in_every_format():
    graph = make_graph(2000)
    store = NetworkxStore(graph.concepts, graph.relations)
    assert all(export_graph(store, fmt) for fmt in FORMATS)
