"""The evaluation behind `make eval` and `prepgraph eval`: the ablation of retrieval, and what answers are worth.

`python -m evals.score [--split dev|test] [--json FILE]` measures the shipped course, the notes that contradict each
other and texts as the only sources, in workspaces of its own. Thresholds are set on the dev half and reported on the
test half; the report shows which half, or both, it speaks of.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evals.bootstrap import Estimate
from evals.configurations import PAIRS, configurations
from evals.measure import (
    Asked,
    Run,
    answer_rates,
    ask_all,
    citation_metrics,
    differences,
    run_configuration,
    status_metrics,
)
from evals.questions import CONTEXTS, DISPUTED, QUESTIONS, Question, load_questions
from evals.workspaces import ask_contexts, describe, open_course, open_disputed
from graph.errors import PrepgraphError
from workspace import Workspace, load_settings

Estimates = dict[str, Estimate | None]


@dataclass(frozen=True)
class Report:
    """Everything measured in one go, with the configuration that produced it."""

    configuration: dict[str, Any]
    runs: tuple[Run, ...]
    compared: dict[str, Estimates]
    answers: dict[str, Estimates]
    asked: tuple[Asked, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """The report as JSON."""
        return {
            "configuration": self.configuration,
            "retrieval": {r.name: {**_rows(r.estimates()), "median_ms": round(r.median_ms, 2)} for r in self.runs},
            "differences": {pair: _rows(found) for pair, found in self.compared.items()},
            "answers": {part: _rows(found) for part, found in self.answers.items()},
        }


def evaluate(cache: Path, split: str | None = None) -> Report:
    """Measures the three question sets; `cache` keeps the workspaces and their vectors for the next time."""
    course, disputed = open_course(cache), open_disputed(cache)
    on_course, on_disputed = load_questions(QUESTIONS, split), load_questions(DISPUTED, split)
    runs = run_all(course, on_course)
    asked = ask_all(on_course, lambda q: course.ask(q.question))
    asked_disputed = ask_all(on_disputed, lambda q: disputed.ask(q.question))
    asked_contexts = ask_all(load_questions(CONTEXTS, split), lambda q: ask_contexts(q, cache))
    answers = {
        "course: right status by kind": answer_rates(asked),
        "course: refusal": status_metrics(asked),
        "course: citations": citation_metrics(asked),
        "disputed notes: right status by kind": answer_rates(asked_disputed),
        "disputed notes": status_metrics(asked_disputed),
        "texts as the only sources": status_metrics(asked_contexts),
    }
    configuration = {**describe(course, QUESTIONS, DISPUTED, CONTEXTS), "split": split or "both", "mode": _mode(asked)}
    everything = (*asked, *asked_disputed, *asked_contexts)
    return Report(configuration, runs, compare(runs), answers, everything)


def evaluate_file(file: Path, opened: Workspace) -> Report:
    """Measures the questions of one file against a workspace; rows with contexts are asked of these alone."""
    questions = load_questions(file)
    own = [question for question in questions if not question.contexts]
    runs = run_all(opened, own) if any(question.gold for question in own) else ()
    with tempfile.TemporaryDirectory(prefix="prepgraph-") as folder:
        alone = Path(folder)
        asked = ask_all(questions, lambda q: ask_contexts(q, alone) if q.contexts else opened.ask(q.question))
    answers: dict[str, Estimates] = {"right status by kind": answer_rates(asked), "status": status_metrics(asked)}
    if any(question.gold for question in own):
        answers["citations"] = citation_metrics(asked)
    configuration = {**describe(opened, file), "mode": _mode(asked)}
    return Report(configuration, runs, compare(runs), answers, tuple(asked))


def run_all(opened: Workspace, questions: Sequence[Question]) -> tuple[Run, ...]:
    """Every way of searching over the same questions; the first question is asked once before, to load the models."""
    ways = configurations(opened)
    for way in ways:
        way.search(questions[0].question, 1)
    return tuple(run_configuration(way, questions) for way in ways)


def compare(runs: Sequence[Run]) -> dict[str, Estimates]:
    """What each part adds: the pairs of ways whose difference is worth knowing, of those that ran."""
    by_name = {run.name: run for run in runs}
    ran = [(new, old) for new, old in PAIRS if new in by_name and old in by_name]
    return {f"{new} over {old.removeprefix('+ ')}": differences(by_name[new], by_name[old]) for new, old in ran}


def _mode(asked: Sequence[Asked]) -> str:
    return ", ".join(sorted({a.answer.mode for a in asked})) or "none"


def _rows(found: Mapping[str, Estimate | None]) -> dict[str, Any]:
    return {name: estimate.as_row() if estimate else None for name, estimate in found.items()}


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the report; with `--json FILE` writes it there too, with `--cases FILE` every answer."""
    from evals.report import show

    parser = argparse.ArgumentParser(prog="python -m evals.score", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--split", choices=("dev", "test"), help="only this half of the questions")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there")
    parser.add_argument("--cases", type=Path, metavar="FILE", help="write every answer there, one a line")
    chosen = parser.parse_args(arguments)
    try:
        report = evaluate(load_settings().workspace / "evaluation", chosen.split)
    except PrepgraphError as fault:
        sys.exit(f"evals: {fault}")
    show(report)
    if chosen.json:
        chosen.json.write_text(json.dumps(report.as_row(), indent=1) + "\n", encoding="utf-8")
    if chosen.cases:
        chosen.cases.write_text("".join(f"{_case(a)}\n" for a in report.asked), encoding="utf-8")


def _case(asked: Asked) -> str:
    question, answer = asked.question, asked.answer
    row = {
        "id": question.id,
        "kind": question.kind,
        "split": question.split,
        "question": question.question,
        "expected": question.expected,
        "status": answer.status,
        "text": answer.text,
        "citations": [f"{c.path}:{c.start_line}" for c in answer.citations],
        "results": [f"{r.chunk.document_id}:{r.chunk.start_line}" for r in answer.results],
        "gold": [[f"{place.path}:{place.start_line}" for place in group] for group in question.gold],
    }
    return json.dumps(row, ensure_ascii=False)


if __name__ == "__main__":
    main()
