"""The `prepgraph` command: prints for people by default; with `--json` one JSON document on stdout and nothing else."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

import contract
from generation import Report
from graph.diff import GraphDiff
from graph.errors import PrepgraphError, StorageError, UsageError
from graph.schema import Answer, Concept, Problem
from graph.store import GraphStore
from rag.index import SearchFilter
from rag.retrieve import Retrieval
from workspace import check_folder, graph_changes, ingest_folder, load_settings, open_workspace
from workspace import undo as undo_ingest

app = typer.Typer(
    help="A knowledge-graph concept explorer with cited answers over your notes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
out = Console(highlight=False, soft_wrap=False)
err = Console(stderr=True, highlight=False)

WorkspaceOption = Annotated[Path | None, typer.Option("--workspace", help="Where generations are kept.", metavar="DIR")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")]
QuestionArgument = Annotated[str | None, typer.Argument(help="The question.", metavar="Q")]
QuestionsOption = Annotated[
    Path | None, typer.Option("--questions", help='A JSONL file of {"id", "question"} rows.', metavar="FILE")
]

_NAMES_SHOWN = 5  # of what an ingest changed


class ExportFormat(StrEnum):
    """What the graph can be written as."""

    json = "json"


def main() -> None:
    """Runs the command; an error that a user can mend is one sentence on stderr, never a traceback."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # a terminal may lack characters that notes have
    try:
        app()
    except PrepgraphError as fault:
        print(f"prepgraph: {fault}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except BrokenPipeError:  # the reader of a pipe, such as `head`, has seen enough
        sys.stderr.close()
    except KeyboardInterrupt:
        sys.exit(130)


@app.command()
def ingest(
    path: Annotated[
        Path | None, typer.Argument(help="The folder of notes; default: the course.", metavar="PATH")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a folder of notes and put it into service; with nothing changed, only say so."""
    settings = load_settings(workspace)
    with _progress() as progress:
        report = ingest_folder(settings, path or settings.content, progress)
    diff = graph_changes(settings, report)
    row = {**contract.report_row(report), "diff": contract.diff_row(diff)}
    _print(as_json, row, lambda: _show_report(report, diff))


@app.command()
def undo(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Go back to what was in service before the last ingest; once more goes forward again. No file is touched."""
    settings = load_settings(workspace)
    report = undo_ingest(settings)
    diff = graph_changes(settings, report)
    row = {**contract.report_row(report), "diff": contract.diff_row(diff)}
    _print(as_json, row, lambda: _show_undone(report, diff))


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(help="The folder of notes; default: the course.", metavar="PATH")
    ] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report what is wrong with a folder of notes; exit 1 if text would be lost or relations contradict."""
    problems = check_folder(path or load_settings(workspace).content)
    _print(as_json, {"problems": contract.problem_rows(problems)}, lambda: _show_problems(problems))
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


@app.command()
def search(
    question: QuestionArgument = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=100, help="How many passages.")] = 8,
    week: Annotated[int | None, typer.Option("--week", help="Only this week.")] = None,
    track: Annotated[str | None, typer.Option("--track", help="Only this track.")] = None,
    path: Annotated[str | None, typer.Option("--path", help="Only this file or folder.")] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how the question was read.")] = False,
    questions: QuestionsOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Find the passages that a question is about."""
    asked = _questions(question, questions)
    opened = open_workspace(load_settings(workspace))
    where = SearchFilter(week, track, path)
    for key, text in asked:
        found = opened.search(text, top_k, where)
        row = contract.search_row(found, explain=explain)
        _print(as_json, {"id": key, **row} if questions else row, lambda found=found: _show_search(found, explain))  # type: ignore[misc]


@app.command()
def ask(
    question: QuestionArgument = None,
    questions: QuestionsOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the notes, every sentence with its source."""
    asked = _questions(question, questions)
    opened = open_workspace(load_settings(workspace))
    for key, text in asked:
        answer = opened.ask(text)
        row = contract.answer_row(answer)
        _print(as_json, {"id": key, **row} if questions else row, lambda answer=answer: _show_answer(answer))  # type: ignore[misc]


@app.command()
def concepts(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List every concept with the line that defines it."""
    rows = open_workspace(load_settings(workspace)).graph.concepts()
    _print(
        as_json,
        [contract.concept_row(concept) for concept in rows],
        lambda: _show_table(
            ("Week", "Concept", "Id", "Where"), (_concept_cells(c) for c in sorted(rows, key=_by_week))
        ),
    )


@app.command()
def resources(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what there is to study elsewhere, and what to take from each."""
    rows = open_workspace(load_settings(workspace)).graph.resources()
    cells = ((f"{r.title}\n{r.url}", f"{r.kind}, {r.level}", r.takeaway) for r in rows)
    _print(
        as_json,
        [contract.resource_row(resource) for resource in rows],
        lambda: _show_table(("Resource", "Kind", "What to take from it"), cells),
    )


@app.command()
def relations(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List every relation with the line that says so."""
    rows = open_workspace(load_settings(workspace)).graph.relations()
    cells = ((f"{r.source} {r.kind} {r.target}", _place(r.evidence[0].path, r.evidence[0].start_line)) for r in rows)
    _print(
        as_json,
        [contract.relation_row(relation) for relation in rows],
        lambda: _show_table(("Relation", "Where"), cells),
    )


@app.command(name="path")
def path_between(
    source: Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="A")],
    target: Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="B")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain how two concepts connect, hop by hop, each with the line that says so."""
    graph = open_workspace(load_settings(workspace)).graph
    first, last = _concept(graph, source), _concept(graph, target)
    steps = graph.explain_path(first.id, last.id)
    _print(as_json, contract.path_row(steps), lambda: _show_path(graph, first, last, steps or ()))


@app.command()
def prerequisites(
    concept: Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="A")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what must be known before a concept, first to learn first."""
    graph = open_workspace(load_settings(workspace)).graph
    wanted = _concept(graph, concept)
    order = graph.prerequisites(wanted.id)
    rows = [found for i in order if (found := graph.concept(i))]
    _print(
        as_json,
        {"concept": wanted.id, "order": list(order)},
        lambda: _show_order(wanted, rows),
    )


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", help="The file to write.", metavar="FILE")],
    fmt: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.json,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the graph to a file that other tools can read."""
    graph = open_workspace(load_settings(workspace)).graph
    data = {
        "concepts": [contract.concept_row(concept) for concept in graph.concepts()],
        "relations": [contract.relation_row(relation) for relation in graph.relations()],
        "resources": [contract.resource_row(resource) for resource in graph.resources()],
    }
    written = _write_file(output, (json.dumps(data, ensure_ascii=False, indent=1) + "\n").encode())
    row = {"format": fmt.value, "output": str(output), "bytes": written}
    _print(as_json, row, lambda: out.print(f"{written:,} bytes in {escape(str(output))}"))


@app.command()
def doctor(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Tell what is configured, reachable, stale or broken, and what to do about it."""
    from doctor import diagnose

    findings = diagnose(load_settings(workspace))
    rows = [{"name": f.name, "status": f.status, "detail": f.detail, "next_step": f.next_step} for f in findings]
    cells = ((f.name, f.status, f"{f.detail}\n→ {f.next_step}" if f.next_step else f.detail) for f in findings)
    _print(as_json, {"findings": rows}, lambda: _show_table(("What", "State", "Detail"), cells))
    if any(finding.status == "broken" for finding in findings):
        raise typer.Exit(1)


def _questions(question: str | None, file: Path | None) -> list[tuple[str, str]]:
    """The questions to ask with their ids: the one on the command line, or those of a file."""
    if file is not None:
        return _questions_of(file)
    return [("", _not_empty(question))]


def _not_empty(question: str | None) -> str:
    if question is None or not question.strip():
        raise UsageError('The question is empty; ask something, such as `prepgraph ask "What is HNSW?"`.')
    return question.encode("utf-8", "replace").decode()  # what came in another encoding is no text to any engine


def _questions_of(file: Path) -> list[tuple[str, str]]:
    try:
        # A question may hold what splitlines() takes for the end of a line.
        lines = file.read_text(encoding="utf-8-sig").split("\n")
    except (OSError, UnicodeDecodeError) as fault:
        raise UsageError(f"The questions in {file} cannot be read ({fault}); name a JSONL file.") from fault
    asked = []
    for number, line in enumerate(lines, start=1):
        if line.strip():
            try:
                row = json.loads(line)
                asked.append((str(row["id"]), _not_empty(row["question"])))
            except (ValueError, KeyError, TypeError, AttributeError, UsageError) as fault:
                raise UsageError(
                    f'{file}:{number} is not a row like {{"id": "1", "question": "…"}}; correct it.'
                ) from fault
    return asked


def _concept(graph: GraphStore, name: str) -> Concept:
    concept = graph.resolve(name)
    if concept is None:
        near = ", ".join(repr(c.title) for c in graph.suggest(name))
        hint = f"did you mean {near}?" if near else "`prepgraph concepts` lists those there are."
        raise UsageError(f"There is no concept called {name!r}; {hint}")
    return concept


def _write_file(output: Path, data: bytes) -> int:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(data)
    except OSError as fault:
        raise StorageError(f"{output} could not be written ({fault.strerror}); choose another place.") from fault
    return len(data)


def _print(as_json: bool, row: Any, show: Callable[[], None]) -> None:
    if as_json:
        print(json.dumps(row, ensure_ascii=False), flush=True)
    else:
        show()


@contextmanager
def _progress() -> Iterator[Callable[[str, int, int], None]]:
    """A progress bar on stderr that tells the stage, how much of it is done and the time left."""
    columns = (TextColumn("{task.description:<8}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
        tasks: dict[str, Any] = {}

        def report(stage: str, done: int, total: int) -> None:
            if stage not in tasks:
                tasks[stage] = bar.add_task(stage, total=total)
            bar.update(tasks[stage], completed=done)

        yield report


def _show_report(report: Report, diff: GraphDiff | None) -> None:
    out.print(
        f"[bold]{report.documents}[/] documents, [bold]{report.chunks}[/] passages, "
        f"[bold]{report.concepts}[/] concepts, [bold]{report.relations}[/] relations, "
        f"[bold]{report.resources}[/] resources "
        f"in {report.seconds:.1f} s (generation {report.generation})"
    )
    _show_problems(report.problems)
    if report.previous:  # in a first generation all is new
        _show_diff(diff)


def _show_undone(report: Report, diff: GraphDiff | None) -> None:
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


def _show_problems(problems: tuple[Problem, ...]) -> None:
    for problem in problems:
        colour = "red" if problem.severity == "error" else "yellow"
        where = _place(problem.path, problem.line)
        out.print(f"[{colour}]{problem.severity}[/] {escape(where)} {escape(problem.message)}", soft_wrap=True)
    out.print(f"{len(problems)} problems" if problems else "No problems.")


def _show_search(found: Retrieval, explain: bool) -> None:
    if explain:
        out.print(f"[dim]asked as[/] {escape(found.asked)}\n[dim]names[/] {', '.join(found.concepts) or 'no concept'}")
    for result in found.results:
        chunk = result.chunk
        ranks = ", ".join(f"{origin} {rank}" for origin, rank in result.origins.items())
        place = escape(_place(chunk.document_id, chunk.start_line))
        out.print(f"[bold]{result.rank}. {escape(' › '.join(chunk.headings))}[/]")
        out.print(f"   [cyan]{place}[/]  score {result.score:.2f} [dim]({ranks})[/]")
        out.print(f"   {escape(' '.join(chunk.text.split())[:200])}\n", style="dim")
    times = ", ".join(f"{stage} {ms:.1f}" for stage, ms in found.timings_ms.items())
    out.print(f"[dim]milliseconds: {times}[/]")


def _show_answer(answer: Answer) -> None:
    out.print(escape(answer.text).replace("**", ""))
    for citation in answer.citations:
        place = _place(citation.path, citation.start_line)
        out.print(
            f"  [dim]\\[{citation.number}][/] [cyan]{escape(place)}[/] [dim]{escape(' › '.join(citation.headings))}[/]"
        )


def _show_path(graph: GraphStore, first: Concept, last: Concept, steps: tuple[Any, ...]) -> None:
    if not steps:
        out.print(f"Nothing links {escape(first.title)} and {escape(last.title)}.")
    for step in steps:
        source, target = escape(_title(graph, step.source)), escape(_title(graph, step.target))
        kind = step.kind.replace("_", " ")
        arrow = f"—{kind}→" if step.direction == "forward" else f"←{kind}—"
        out.print(f"[bold]{source}[/] {arrow} [bold]{target}[/]")
        for span in step.evidence:
            out.print(f"   {escape(span.quote)} [cyan]{escape(_place(span.path, span.start_line))}[/]")


def _title(graph: GraphStore, concept_id: str) -> str:
    concept = graph.concept(concept_id)
    return concept.title if concept else concept_id


def _show_order(wanted: Concept, rows: list[Concept]) -> None:
    if not rows:
        out.print(f"{escape(wanted.title)} needs nothing first.")
    for number, concept in enumerate(rows, start=1):
        week = f"week {concept.week}" if concept.week is not None else ""
        out.print(f"{number:>3}. {escape(concept.title)} [dim]{week}[/]")


def _show_table(headers: tuple[str, ...], rows: Any) -> None:
    table = Table(*headers, box=None, pad_edge=False)
    for row in rows:
        table.add_row(*(escape(str(cell)) for cell in row))
    out.print(table)


def _concept_cells(concept: Concept) -> tuple[str, ...]:
    week = "" if concept.week is None else str(concept.week)
    return week, concept.title, concept.id, _place(concept.spans[0].path, concept.spans[0].start_line)


def _by_week(concept: Concept) -> tuple[int, str]:
    return (concept.week if concept.week is not None else 10**6, concept.id)


def _place(path: str, line: int | None) -> str:
    return path if line is None else f"{path}:{line}"
