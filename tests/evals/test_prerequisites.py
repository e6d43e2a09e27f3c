"""The measurement of undeclared prerequisites: what it takes out, how it counts, and that the method beats naming."""

import pytest

from evals.fit_prerequisites import evaluate, fit, index_pages, make_rows
from evals.prerequisites import name_baseline, prerequisites, read_sets, score, strip_declarations
from ingest.prerequisites import MODEL

NOTE = (
    "---\ntitle: HNSW\nweek: 5\n---\nAn index on [[graphs|a graph]].\n\n"
    "## How\nIt walks.\n\n## Connections\n- requires [[b]]: x\n"
)


@pytest.fixture(scope="module")
def sets():
    return {notes.name: (notes, notes.build()) for notes in read_sets()}


def test_a_note_is_left_with_its_title_and_prose():
    assert strip_declarations(NOTE) == "---\ntitle: HNSW\n---\nAn index on a graph.\n\n## How\nIt walks.\n\n"
    assert strip_declarations(NOTE, 1) == "---\ntitle: HNSW\n---\nAn index on a graph.\n"


def test_scores_count_directed_pairs():
    found = score({("a", "b"), ("d", "c"), ("e", "f")}, {("a", "b"), ("c", "d")})
    assert (found.right, found.reversed, found.direction) == (1, 1, 0.5)
    assert (found.precision, found.recall, found.f1) == (pytest.approx(1 / 3), 0.5, 0.4)


@pytest.mark.parametrize(
    ("name", "gain", "direction"),
    [
        ("course, whole notes", 1.15, 0.88),
        ("course, first 2 paragraphs", 1.15, 0.9),
        ("mathematics", 1.2, 0.93),
        ("sciences", 1.0, 0.9),
    ],
)
def test_inference_beats_naming_by_title(sets, name, gain, direction):
    notes, vault = sets[name]
    found, named = score(prerequisites(vault), notes.declared), score(name_baseline(vault), notes.declared)
    assert found.f1 > gain * named.f1
    assert found.direction > direction


def test_what_one_collection_teaches_holds_in_the_other(sets):
    """Weights from the course alone, so that the gain on mathematics owes nothing to having seen it."""
    rows = [make_rows(notes, index_pages(notes, vault)) for name, (notes, vault) in sets.items() if "course" in name]
    model = fit(rows)
    notes, vault = sets["mathematics"]
    found = evaluate(notes, index_pages(notes, vault), lambda _: model)
    assert found.f1 > 1.1 * score(name_baseline(vault), notes.declared).f1
    assert found.direction > 0.94


def test_the_shipped_weights_are_those_that_the_fit_gives(sets):
    """Notes may have been corrected since, so a weight may have moved a little."""
    rows = [make_rows(notes, index_pages(notes, vault)) for notes, vault in sets.values() if notes.is_fitted]
    model = fit(rows)
    assert model.weights == pytest.approx(MODEL.weights, abs=0.4)
    assert model.bias == pytest.approx(MODEL.bias, abs=0.6)
