"""Shows a report in the terminal: a table of retrieval, what each part adds, and the figures of the answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.table import Table

from evals.bootstrap import Estimate
from evals.measure import RANK_METRICS, Run

if TYPE_CHECKING:
    from evals.score import Report

_WIDTH = 120
_RETRIEVAL = "Retrieval (by lines of the gold passages; page, notes: by file)"
_UNSEEN = "Retrieval in articles of other subjects, which retrieval was not tuned on (by lines; page: by file)"
_COMPARED = ("hit@1", "hit@5", "MRR@10", "nDCG@10", "both notes@5", "both passages@5")


def show(report: Report, console: Console | None = None) -> None:
    """Prints all of a report; every figure with its 95 % interval over the questions."""
    out = console or Console(highlight=False, width=_WIDTH)
    out.print(_configuration(report), soft_wrap=True)
    if report.runs:
        out.print(_retrieval(report.runs, _RETRIEVAL), _differences(report))
    if report.unseen:
        out.print(_retrieval(report.unseen, _UNSEEN))
    for part, found in report.answers.items():
        out.print(_figures(part, found))


def _configuration(report: Report) -> str:
    rows = report.configuration
    files = ", ".join(f"{name} {digest}" for name, digest in rows["questions"].items())
    known = {key: value for key, value in rows.items() if key != "questions"}
    return f"{', '.join(f'{key} {value}' for key, value in known.items())}\nquestions: {files}\n"


def _retrieval(runs: Sequence[Run], title: str) -> Table:
    estimates = [run.estimates() for run in runs]
    metrics = [metric for metric in RANK_METRICS if any(found[metric] for found in estimates)]
    table = Table(title=title, title_justify="left")
    table.add_column("")
    for metric in metrics:
        counted = estimates[0][metric]
        table.add_column(f"{metric}\nn={counted.n if counted else 0}", justify="right")
    table.add_column("ms\np50", justify="right")
    for run, found in zip(runs, estimates, strict=True):
        table.add_row(run.name, *(_cell(found[metric]) for metric in metrics), f"{run.median_ms:.1f}")
    return table


def _differences(report: Report) -> Table:
    metrics = [m for m in _COMPARED if any(found[m] for found in report.compared.values())]
    table = Table(title="What each adds (paired by question; * where the interval leaves out 0)", title_justify="left")
    table.add_column("")
    for metric in metrics:
        table.add_column(metric, justify="right")
    for pair, found in report.compared.items():
        table.add_row(pair, *(_change(found[metric]) for metric in metrics))
    return table


def _figures(title: str, found: Mapping[str, Estimate | None]) -> Table:
    table = Table(title=title, title_justify="left", show_header=False)
    table.add_column("")
    table.add_column("", justify="right")
    table.add_column("", justify="right")
    for name, estimate in found.items():
        table.add_row(name, _cell(estimate, " "), f"n={estimate.n}" if estimate else "")
    return table


def _cell(estimate: Estimate | None, separator: str = "\n") -> str:
    return f"{estimate.value:.3f}{separator}{estimate.low:.2f}–{estimate.high:.2f}" if estimate else "–"


def _change(estimate: Estimate | None) -> str:
    if estimate is None:
        return "–"
    sure = "*" if estimate.low > 0 or estimate.high < 0 else " "
    return f"{estimate.value:+.3f}{sure}\n{estimate.low:+.2f} to {estimate.high:+.2f}"
