"""The measurement of undeclared prerequisites: what it takes out, how it counts, and that the method beats naming."""

import pytest

from evals.prerequisites import course_set, name_baseline, prerequisites, score, strip_declarations
from graph.paths import find_cycles, prerequisite_graph

NOTE = (
    "---\ntitle: HNSW\nweek: 5\n---\nAn index on [[graphs|a graph]].\n\n"
    "## How\nIt walks.\n\n## Connections\n- requires [[b]]: x\n"
)


def test_a_note_is_left_with_its_title_and_prose():
    assert strip_declarations(NOTE) == "---\ntitle: HNSW\n---\nAn index on a graph.\n\n## How\nIt walks.\n\n"
    assert strip_declarations(NOTE, 1) == "---\ntitle: HNSW\n---\nAn index on a graph.\n"


def test_scores_count_directed_pairs():
    found = score({("a", "b"), ("d", "c"), ("e", "f")}, {("a", "b"), ("c", "d")})
    assert (found.right, found.reversed, found.direction) == (1, 1, 0.5)
    assert (found.precision, found.recall, found.f1) == (pytest.approx(1 / 3), 0.5, 0.4)


@pytest.mark.parametrize("paragraphs", [None, 2])
def test_inference_beats_naming_by_title(paragraphs):
    vault, declared = course_set(paragraphs)
    found, named = score(prerequisites(vault), declared), score(name_baseline(vault), declared)
    assert found.f1 > 1.15 * named.f1
    assert found.precision > named.precision
    assert find_cycles(prerequisite_graph(vault.relations)) == []
