"""Undeclared prerequisites: what is chosen, what is left alone, and that nothing depends on the order of notes."""

import os
import subprocess
import sys

import pytest

from evals.prerequisites import ARTICLES, SourceFile, prerequisites, strip_declarations
from graph.paths import find_cycles, prerequisite_graph
from ingest.prerequisites import MOST_PREREQUISITES, PREREQUISITES_PER_NOTE
from ingest.vault import Sources, build_vault, read_sources

PAGES = {
    "set.md": "# Set\nA set is a collection of distinct members without order.",
    "function.md": "# Function\nA function maps each member of a set to one member of another set.",
    "limit.md": "# Limit\nA limit is the value that a function approaches near a point.",
    "derivative.md": "# Derivative\nA derivative is the limit of the slope of a function between two near points.",
    "gradient.md": "# Gradient\nA gradient holds each partial derivative of a function of many inputs.",
    "gradient-descent.md": "# Gradient descent\nGradient descent follows the negative gradient of a loss downhill.",
}


def guesses(vault):
    return {(r.source, r.target): r for r in vault.relations if r.origin == "statistics"}


@pytest.fixture(scope="module")
def articles():
    files = [f for f in read_sources(ARTICLES / "mathematics").files if f.path.endswith(".md")]
    return [SourceFile(f.path, strip_declarations(f.data.decode()).encode()) for f in files]


@pytest.fixture(scope="module")
def build(articles):
    return lambda files: build_vault(Sources(articles[0].path, tuple(files), ()), len)


@pytest.fixture(scope="module")
def mathematics(articles, build):
    return build(articles)


def test_every_guess_stands_on_a_sentence_of_the_note_that_needs_it(mathematics, articles):
    texts = {f.path: f.data.decode().split("\n") for f in articles}
    paths = {concept.id: concept.spans[0].path for concept in mathematics.concepts}
    found = guesses(mathematics)
    assert len(found) > 100
    for (_, target), relation in found.items():
        (span,) = relation.evidence
        assert span.path == paths[target]
        assert span.quote in "\n".join(texts[span.path][span.start_line - 1 : span.end_line])
        assert 0 < relation.weight < 1


def test_no_more_is_guessed_than_authors_declare(mathematics):
    found = guesses(mathematics)
    assert len(found) <= PREREQUISITES_PER_NOTE * len(mathematics.documents)
    per_note = [sum(target == concept.id for _, target in found) for concept in mathematics.concepts]
    assert max(per_note) <= MOST_PREREQUISITES


def test_no_circle_is_closed_and_no_pair_has_two_directions(mathematics):
    assert find_cycles(prerequisite_graph(mathematics.relations)) == []
    assert not {(b, a) for a, b in prerequisites(mathematics)} & prerequisites(mathematics)


def test_the_order_of_notes_changes_nothing(mathematics, articles, build):
    assert build(reversed(articles)).relations == mathematics.relations


def test_the_order_of_sets_in_memory_changes_nothing():
    script = (
        "from evals.prerequisites import ARTICLES, read_notes;"
        "print(read_notes('m', ARTICLES / 'mathematics').build().relations)"
    )
    runs = [
        subprocess.run(
            [sys.executable, "-c", script], env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert runs[0] == runs[1]
    assert b"statistics" in runs[0]


def test_a_weight_is_about_how_often_such_a_guess_is_right(mathematics):
    declared = prerequisites(build_vault(read_sources(ARTICLES / "mathematics"), len))
    ranked = sorted(guesses(mathematics).items(), key=lambda row: -row[1].weight)
    half = len(ranked) // 2
    for rows in (ranked[:half], ranked[half:]):
        right = sum(edge in declared for edge, _ in rows) / len(rows)
        assert right == pytest.approx(sum(r.weight for _, r in rows) / len(rows), abs=0.15)


def test_with_the_declarations_in_nothing_is_guessed():
    vault = build_vault(read_sources(ARTICLES / "mathematics"), len)
    assert {r.origin for r in vault.relations if r.kind == "prerequisite_of"} == {"authored"}


def test_a_few_declarations_are_kept_and_never_turned_or_doubled(articles, build):
    """Where less than a fifth of the notes declare, statistics speak for the rest and respect what is said."""
    turned = [("integral", "derivative"), ("vector", "matrix"), ("limit", "real-number")]
    said = {f"{target}.md": f"\nrequires: [{source}]\n---\n".encode() for source, target in turned}
    files = [SourceFile(f.path, f.data.replace(b"\n---\n", said.get(f.path, b"\n---\n"), 1)) for f in articles]
    vault = build(files)
    stated = {(r.source, r.target) for r in vault.relations if r.origin == "authored"}
    assert stated == set(turned)
    found = set(guesses(vault))
    assert found
    assert not found & {pair for a, b in turned for pair in ((a, b), (b, a))}
    assert find_cycles(prerequisite_graph(vault.relations)) == []


def test_weeks_decide(vault_of):
    plain = set(guesses(vault_of(PAGES)))
    assert ("derivative", "gradient") in plain
    later = {**PAGES, "derivative.md": "---\nweek: 3\n---\n" + PAGES["derivative.md"],
             "gradient.md": "---\nweek: 1\n---\n" + PAGES["gradient.md"]}  # fmt: skip
    assert ("derivative", "gradient") not in guesses(vault_of(later))


@pytest.mark.parametrize(
    ("first", "second", "kept"),
    [("02-calculus", "01-start", False), ("01-start", "02-calculus", True), ("2024-05-02", "2023-05-02", True)],
)
def test_numbered_folders_decide_and_dates_do_not(vault_of, first, second, kept):
    files = dict(PAGES)
    files[f"{first}/derivative.md"] = files.pop("derivative.md")
    files[f"{second}/gradient.md"] = files.pop("gradient.md")
    assert (("derivative", "gradient") in guesses(vault_of(files))) is kept


def test_notes_that_have_nothing_in_common_are_left_alone(vault_of):
    files = {
        "bread.md": "# Bread\nDough rises while yeast turns sugar into gas.",
        "harbour.md": "# Harbour\nShips unload cargo beside long stone quays.",
        "violin.md": "# Violin\nFour strings sound when a bow draws over them.",
        "glacier.md": "# Glacier\nSnow becomes ice and creeps down valleys.",
        "novel.md": "# Novel\nCharacters change over many chapters of prose.",
        "tax.md": "# Tax\nMoney that citizens owe every year.",
    }
    assert guesses(vault_of(files)) == {}


def test_a_handful_of_notes_tells_nothing(vault_of):
    files = dict(list(PAGES.items())[:4])
    assert guesses(vault_of(files)) == {}


@pytest.mark.parametrize("text", ["", "```\ncode\n```", "---\ntitle: Odd\n---\n", "# The of\nIt is."])
def test_notes_without_words_do_no_harm(vault_of, text):
    assert guesses(vault_of({**PAGES, "odd.md": text}))
