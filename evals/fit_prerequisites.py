"""Fits the weights of ingest/prerequisites.py: `python -m evals.fit_prerequisites` prints them and how far they carry.

Each pair of notes that name each other or are near is one row with three outcomes: the first is declared to be needed
by the second, the second by the first, or neither. A multinomial logistic model with the same weights for both
directions is fitted by Newton's method with an L2 penalty on standardised signs. The course stands twice among the
sets, whole and cut short, and so counts half each time. Two checks: every set with weights from the other collection
only (course or mathematics), and five-fold cross-validation over pairs of all sets.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from evals.prerequisites import Notes, Score, name_baseline, read_sets, score
from graph.schema import Vault
from ingest.concepts import assign_ids
from ingest.note_text import NoteText
from ingest.parse import parse_files
from ingest.prerequisite_signs import PageIndex, Signs
from ingest.prerequisites import Model, Pair, choose_prerequisites

Array = npt.NDArray[np.float64]
PENALTY = 10.0
FOLDS = 5
_STEPS, _LONGEST_STEP, _SMALL = 100, 0.7, 1e-8


@dataclass(frozen=True, slots=True)
class Rows:
    """The pairs of a set: signs of both directions (pairs × signs), outcome 0 none, 1 forward, 2 back, and weight."""

    collection: str
    forward: Array
    back: Array
    outcome: npt.NDArray[np.int64]
    weight: Array

    def only(self, mask: npt.NDArray[np.bool_]) -> Rows:
        """The rows that a mask keeps."""
        return Rows(self.collection, self.forward[mask], self.back[mask], self.outcome[mask], self.weight[mask])


def index_pages(notes: Notes, vault: Vault) -> PageIndex:
    """The pages that ingestion infers prerequisites from."""
    parsed = parse_files(notes.sources.files, lambda text: len(text.split()))
    read, _ = assign_ids([(p.file, p.file.parsed) for p in parsed if p.file])
    concepts = {concept.id: concept for concept in vault.concepts if concept.kind == "concept"}
    texts = {note.concept_id: NoteText(note) for note in read if note.concept_id in concepts}
    return PageIndex(texts, concepts)


def make_rows(notes: Notes, index: PageIndex) -> Rows:
    """The rows of one set."""
    pairs = index.candidates()
    signs = [index.signs(pair) for pair in pairs]
    outcome = [1 if pair in notes.declared else 2 if pair[::-1] in notes.declared else 0 for pair in pairs]
    collection = notes.name.partition(",")[0]
    return Rows(
        collection,
        np.array([forward for forward, _ in signs]),
        np.array([back for _, back in signs]),
        np.array(outcome),
        np.full(len(pairs), 0.5 if collection == "course" else 1.0),
    )


def fit(parts: Sequence[Rows]) -> Model:
    """The bias and the weight of each sign that make the outcomes of all rows likeliest."""
    forward, back = np.vstack([p.forward for p in parts]), np.vstack([p.back for p in parts])
    outcome, weight = np.concatenate([p.outcome for p in parts]), np.concatenate([p.weight for p in parts])
    both = np.vstack([forward, back])
    mean, deviation = both.mean(axis=0), both.std(axis=0) + _SMALL
    ones = np.ones((len(forward), 1))
    one, two = np.hstack([ones, (forward - mean) / deviation]), np.hstack([ones, (back - mean) / deviation])
    penalty = np.eye(one.shape[1]) * PENALTY
    penalty[0, 0] = 0
    beta = np.zeros(one.shape[1])
    for _ in range(_STEPS):
        first, second = _probabilities(one @ beta, two @ beta)
        gradient = one.T @ (weight * (first - (outcome == 1))) + two.T @ (weight * (second - (outcome == 2)))
        cross = (one * (weight * first * second)[:, None]).T @ two
        hessian = (one * (weight * first * (1 - first))[:, None]).T @ one - cross
        hessian += (two * (weight * second * (1 - second))[:, None]).T @ two - cross.T
        step = np.linalg.solve(hessian + penalty, gradient + penalty @ beta)
        step *= min(1.0, _LONGEST_STEP / max(_SMALL, float(np.abs(step).max())))
        beta -= step
        if np.abs(step).max() < _SMALL:
            break
    weights = beta[1:] / deviation
    return Model(round(float(beta[0] - weights @ mean), 2), Signs(*(round(float(value), 2) for value in weights)))


def _probabilities(one: Array, two: Array) -> tuple[Array, Array]:
    """The probabilities of both directions, from the logarithms of their odds against no relation."""
    largest = np.maximum(0, np.maximum(one, two))
    first, second, neither = np.exp(one - largest), np.exp(two - largest), np.exp(-largest)
    total = first + second + neither
    return first / total, second / total


def evaluate(notes: Notes, index: PageIndex, model_of: Callable[[Pair], Model | None]) -> Score:
    """The figures of one set with the model that `model_of` gives for each pair."""
    found = [(guess.source, guess.target) for guess in choose_prerequisites(index, model_of)]
    return score(found, notes.declared)


def main() -> None:
    """Prints both checks, then the weights of all fitted sets together."""
    sets = [notes for notes in read_sets() if notes.is_fitted]
    vaults = {notes.name: notes.build() for notes in sets}
    indexes = {notes.name: index_pages(notes, vaults[notes.name]) for notes in sets}
    rows = {notes.name: make_rows(notes, indexes[notes.name]) for notes in sets}
    folds = [fit([_without_fold(rows[n.name], indexes[n.name], fold) for n in sets]) for fold in range(FOLDS)]
    for notes in sets:
        index = indexes[notes.name]
        elsewhere = fit([r for r in rows.values() if r.collection != rows[notes.name].collection])
        print(f"{notes.name}: {len(index.pages)} notes")
        print(f"  named by title       {score(name_baseline(vaults[notes.name]), notes.declared)}")
        print(f"  fitted elsewhere     {evaluate(notes, index, dict.fromkeys(index.candidates(), elsewhere).get)}")
        print(f"  cross-validated      {evaluate(notes, index, lambda pair: folds[_fold(pair)])}")
    print(_as_source(fit(list(rows.values()))))


def _as_source(model: Model) -> str:
    weights = "".join(f"        {name}={value},\n" for name, value in model.weights._asdict().items())
    return f"MODEL = Model(\n    bias={model.bias},\n    weights=Signs(\n{weights}    ),\n)"


def _fold(pair: Pair) -> int:
    return sum(map(ord, "".join(pair))) % FOLDS


def _without_fold(rows: Rows, index: PageIndex, fold: int) -> Rows:
    return rows.only(np.array([_fold(pair) != fold for pair in index.candidates()]))


if __name__ == "__main__":
    main()
