"""The evaluation behind `make eval` and `prepgraph eval`: the ablation of retrieval, and what answers are worth.

`python -m evals.score [--split dev|test] [--json FILE]` measures the shipped course, notes that contradict each
other, articles of other subjects and texts as the only sources, in workspaces of its own. Thresholds are set on the dev
half and reported on the test half, and on questions that were written before they were first run (fresh.jsonl,
unseen.jsonl); the report shows which half, or both, it speaks of.
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
from evals.questions import CONTEXTS, DISPUTED, FRESH, QUESTIONS, UNSEEN, Question, load_questions
from evals.workspaces import ask_contexts, describe, open_articles, open_course, open_disputed
from graph.errors import PrepgraphError
from workspace import Workspace, load_settings

Estimates = dict[str, Estimate | None]


@dataclass(frozen=True)
class Report:
    """Everything measured in one go, with the configuration that produced it; `unseen` is of the articles."""

    configuration: dict[str, Any]
    runs: tuple[Run, ...]
    compared: dict[str, Estimates]
    answers: dict[str, Estimates]
    asked: tuple[Asked, ...] = ()
    unseen: tuple[Run, ...] = ()

    def as_row(self) -> dict[str, Any]:
        """The report as JSON."""
        row = {
            "configuration": self.configuration,
            "retrieval": _runs(self.runs),
            "differences": {pair: _rows(found) for pair, found in self.compared.items()},
            "answers": {part: _rows(found) for part, found in self.answers.items()},
        }
        return {**row, "unseen": _runs(self.unseen)} if self.unseen else row


def evaluate(cache: Path, split: str | None = None) -> Report:
    """Measures every question set; `cache` keeps the workspaces and their vectors for the next time."""
    course, disputed, articles = open_course(cache), open_disputed(cache), open_articles(cache)
    on_course, on_disputed = load_questions(QUESTIONS, split), load_questions(DISPUTED, split)
    on_articles = load_questions(UNSEEN, split)
    runs, unseen = run_all(course, on_course), run_all(articles, on_articles)
    asked = ask_all(on_course, lambda q: course.ask(q.question))
    asked_fresh = ask_all(load_questions(FRESH, split), lambda q: course.ask(q.question))
    asked_articles = ask_all(on_articles, lambda q: articles.ask(q.question))
    asked_disputed = ask_all(on_disputed, lambda q: disputed.ask(q.question))
    asked_contexts = ask_all(load_questions(CONTEXTS, split), lambda q: ask_contexts(q, cache))
    answers = {
        "course: right status by kind": answer_rates(asked),
        "course: refusal": status_metrics(asked),
        "course: citations": citation_metrics(asked),
        "fresh questions on the course: right status by kind": answer_rates(asked_fresh),
        "unseen articles: right status by kind": answer_rates(asked_articles),
        "unseen articles: citations": citation_metrics(asked_articles),
        "disputed notes: right status by kind": answer_rates(asked_disputed),
        "disputed notes": status_metrics(asked_disputed),
        "texts as the only sources": status_metrics(asked_contexts),
    }
    files = describe(course, QUESTIONS, FRESH, UNSEEN, DISPUTED, CONTEXTS)
    configuration = {**files, "split": split or "both", "mode": _mode(asked)}
    everything = (*asked, *asked_fresh, *asked_articles, *asked_disputed, *asked_contexts)
    return Report(configuration, runs, compare(runs), answers, everything, unseen)


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
    if not questions:
        return ()
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


def _runs(runs: Sequence[Run]) -> dict[str, Any]:
    return {r.name: {**_rows(r.estimates()), "median_ms": round(r.median_ms, 2)} for r in runs}


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
