"""Decides how the command prints for people: what a report, an answer or a path looks like in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from generation import Report
from graph.diff import GraphDiff
from graph.paths import PathStep
from graph.schema import Answer, Concept, Merge, Problem
from graph.store import GraphStore
from ingest.settings import keep_apart_pair
from rag.remarks import EXTRACTIVE, answer_remarks
from rag.retrieve import Retrieval

out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

_NAMES_SHOWN = 5  # of what an ingest changed


class _Rate(ProgressColumn):
    """How many a second, over the last half minute; of a stage that is done, over all of it."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f}/s", style="progress.data.speed")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr that tells the stage, how much of it is done, the rate and the time left."""
    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done)

        yield report


def show_report(report: Report, diff: GraphDiff | None, saved: str | None = None) -> None:
    """What an ingest did, what is wrong, and what changed; where a fetched page was saved, if one was."""
    if saved:
        out.print(f"Saved as [cyan]{escape(saved)}[/] in {escape(report.root)}", soft_wrap=True)
    out.print(
        f"[bold]{report.documents}[/] documents, [bold]{report.chunks}[/] passages, "
        f"[bold]{report.concepts}[/] concepts, [bold]{report.relations}[/] relations, "
        f"[bold]{report.resources}[/] resources "
        f"in {report.seconds:.1f} s (generation {report.generation})"
    )
    show_problems(report.problems)
    if report.merges:
        were = "1 name was" if len(report.merges) == 1 else f"{len(report.merges)} names were"
        out.print(f"{were} merged with another; `prepgraph concepts --merges` lists them.")
    if report.previous:  # in a first generation all is new
        _show_diff(diff)


def show_merges(merges: Sequence[Merge]) -> None:
    """The names that were taken for another, and what to write to keep them apart."""
    if not merges:
        out.print("No name was merged with another.")
        return
    show_table(("Name", "Merged with", "Why"), ((m.name, m.into, m.why) for m in merges))
    out.print("\nTo keep two names apart, put their pair into prepgraph.toml in the folder, and ingest it again:\n")
    pairs = "".join(f"  {keep_apart_pair(merge)},\n" for merge in merges)
    out.print(f"[merges]\nkeep_apart = [\n{pairs}]", markup=False, soft_wrap=True)


def show_undone(report: Report, diff: GraphDiff | None) -> None:
    """What an undo put back."""
    out.print(
        f"Back in service: [bold]{report.documents}[/] documents, [bold]{report.concepts}[/] concepts from "
        f"{escape(report.root)} (generation {report.generation}, built {report.built_at}).",
        soft_wrap=True,
    )
    _show_diff(diff)


def _show_diff(diff: GraphDiff | None) -> None:
    if diff is None:
        out.print("What changed is not known: the generation before cannot be read.")
        return
    if not diff:
        out.print("Nothing changed in the graph.")
        return
    changed = [f"{change.new.title} ({', '.join(change.fields)})" for change in diff.concepts_changed]
    named = {
        "added": [concept.title for concept in diff.concepts_added],
        "gone": [concept.title for concept in diff.concepts_gone],
        "changed": changed,
    }
    for what, names in named.items():
        if names:
            shown = ", ".join(names[:_NAMES_SHOWN]) + (" …" if len(names) > _NAMES_SHOWN else "")
            out.print(f"[bold]{_count(len(names), 'concept')}[/] {what}: {escape(shown)}", soft_wrap=True)
    counts = (len(diff.relations_added), len(diff.relations_gone), len(diff.relations_changed))
    out.print("{} added, {} gone, {} changed.".format(_count(counts[0], "relation"), *counts[1:]))


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def show_problems(problems: Sequence[Problem]) -> None:
    """Each problem at its line, and how many there are."""
    for problem in problems:
        colour = "red" if problem.severity == "error" else "yellow"
        where = place_of(problem.path, problem.line)
        out.print(f"[{colour}]{problem.severity}[/] {escape(where)} {escape(problem.message)}", soft_wrap=True)
    out.print(_count(len(problems), "problem") if problems else "No problems.")


def show_search(found: Retrieval) -> None:
    """The passages found, best first, with the rank that each retriever gave them."""
    for result in found.results:
        chunk = result.chunk
        ranks = ", ".join(f"{origin} {rank}" for origin, rank in result.origins.items())
        place = escape(place_of(chunk.document_id, chunk.start_line))
        out.print(f"[bold]{result.rank}. {escape(' › '.join(chunk.headings))}[/]")
        out.print(f"   [cyan]{place}[/]  score {result.score:.2f} [dim]({ranks})[/]")
        out.print(f"   {escape(' '.join(chunk.text.split())[:200])}\n", style="dim")
    times = ", ".join(f"{stage} {ms:.1f}" for stage, ms in found.timings_ms.items())
    out.print(f"[dim]milliseconds: {times}[/]")


def show_answer(answers: Iterable[Answer]) -> Answer:
    """An answer as it grows, the last one being complete; then its sources, and what there is to say about it.

    Returns the complete answer.
    """
    shown = ""
    for answer in answers:
        if answer.mode != EXTRACTIVE and answer.text.startswith(shown):
            out.print(escape(answer.text[len(shown) :]), end="", soft_wrap=True)
            shown = answer.text
    out.print("" if shown else escape(answer.text).replace("**", ""))
    for citation in answer.citations:
        place = place_of(citation.path, citation.start_line)
        out.print(
            f"  [dim]\\[{citation.number}][/] [cyan]{escape(place)}[/] [dim]{escape(' › '.join(citation.headings))}[/]"
        )
    for remark in answer_remarks(answer):
        out.print(f"[dim]{escape(remark)}[/]", soft_wrap=True)
    return answer


def show_paths(graph: GraphStore, first: Concept, last: Concept, paths: Sequence[Sequence[PathStep]]) -> None:
    """How two concepts connect, best way first: that hop by hop, of the others only what they go through."""
    if first == last:
        out.print(f"Both names mean the same concept: {escape(first.title)}.")
    elif not paths:
        out.print(f"Nothing links {escape(first.title)} and {escape(last.title)}.")
    for step in paths[0] if paths else ():
        source, target = escape(_title(graph, step.source)), escape(_title(graph, step.target))
        kind = step.kind.replace("_", " ")
        arrow = f"—{kind}→" if step.direction == "forward" else f"←{kind}—"
        out.print(f"[bold]{source}[/] {arrow} [bold]{target}[/]")
        for span in step.evidence:
            out.print(f"   {escape(span.quote)} [cyan]{escape(place_of(span.path, span.start_line))}[/]")
    for path in paths[1:]:
        through = ", ".join(escape(_title(graph, step.target)) for step in path[:-1])
        out.print(f"[dim]Another way:[/] {f'through {through}' if through else 'directly'}")


def _title(graph: GraphStore, concept_id: str) -> str:
    concept = graph.concept(concept_id)
    return concept.title if concept else concept_id


def show_order(wanted: Concept, rows: Sequence[Concept]) -> None:
    """What must be known before a concept, first to learn first."""
    if not rows:
        out.print(f"{escape(wanted.title)} needs nothing first.")
    for number, concept in enumerate(rows, start=1):
        week = f"week {concept.week}" if concept.week is not None else ""
        out.print(f"{number:>3}. {escape(concept.title)} [dim]{week}[/]")


def show_table(headers: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Rows as a table without lines."""
    table = Table(*headers, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out.print(table)


def concept_cells(concept: Concept) -> tuple[str, ...]:
    """A concept as a row: week, title, id, place."""
    week = "" if concept.week is None else str(concept.week)
    return week, concept.title, concept.id, place_of(concept.spans[0].path, concept.spans[0].start_line)


def by_week(concept: Concept) -> tuple[int, str]:
    """What sorts concepts in the order of the course."""
    return (concept.week if concept.week is not None else 10**6, concept.id)


def place_of(path: str, line: int | None) -> str:
    """A file and a line of it, if there is one."""
    return path if line is None else f"{path}:{line}"
