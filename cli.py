"""The `prepgraph` command: prints for people by default; with `--json` one JSON document on stdout and nothing else."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from command import contract, study
from command.common import JsonOption, WorkspaceOption, find_concept, print_row
from command.contract_explain import explain_row
from command.terminal import (
    by_week,
    concept_cells,
    out,
    place_of,
    progress,
    show_answer,
    show_merges,
    show_order,
    show_paths,
    show_problems,
    show_report,
    show_search,
    show_table,
    show_undone,
)
from command.terminal_explain import show_explanation
from export.formats import write_export
from graph.errors import PrepgraphError, StorageError, UsageError
from graph.store import GraphStore
from ingest.saved_pages import is_web_address
from rag.index import SearchFilter
from workspace import (
    Settings,
    check_folder,
    folder_for_pages,
    graph_changes,
    ingest_folder,
    load_settings,
    open_workspace,
    save_address,
)
from workspace import undo as undo_ingest

app = typer.Typer(
    help="A knowledge-graph concept explorer with cited answers over your notes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
QuestionArgument = Annotated[str | None, typer.Argument(help="The question.", metavar="Q")]
QuestionsOption = Annotated[
    Path | None, typer.Option("--questions", help='A JSONL file of {"id", "question"} rows.', metavar="FILE")
]
ExplainOption = Annotated[
    bool, typer.Option("--explain", help="Show every step, and what would break there.", show_default=False)
]
PrivateOption = Annotated[
    bool, typer.Option("--allow-private", help="Let addresses be of this machine or its network.", show_default=False)
]


app.add_typer(study.app)


class ExportFormat(StrEnum):
    """What the graph can be written as."""

    json = "json"
    svg = "svg"
    graphml = "graphml"
    cypher = "cypher"
    jsonld = "jsonld"
    markmap = "markmap"
    obsidian = "obsidian"
    anki = "anki"


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
        str | None,
        typer.Argument(
            help="The folder of notes, or the address of one web page; default: the course.", metavar="PATH"
        ),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", help="The folder that a web page joins; default: the one in service.", metavar="DIR"),
    ] = None,
    allow_private: PrivateOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Read a folder of notes and put it into service; with nothing changed, only say so.

    The web page at an address (https://…) is fetched once and saved below
    saved_pages/ in the folder in service, or in the one that --into names.
    Then that folder is read, so that the page joins the notes. robots.txt is
    respected; addresses of this machine and its network are refused.
    """
    settings = _settings(workspace, allow_private)
    saved, root = None, Path(path) if path else settings.content
    if path and is_web_address(path):
        root = into.expanduser() if into else folder_for_pages(settings)
        saved = save_address(settings, path.strip(), root)
    elif into:
        raise UsageError("--into goes with the address of a web page; leave it out, or name an address.")
    with progress() as bar:
        report = ingest_folder(settings, root, bar)
    diff = graph_changes(settings, report)
    row = {**contract.report_row(report), "diff": contract.diff_row(diff), **({"saved": saved} if saved else {})}
    print_row(as_json, row, lambda: show_report(report, diff, saved))


@app.command()
def undo(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Go back to what was in service before the last ingest; once more goes forward again. No file is touched."""
    settings = load_settings(workspace)
    report = undo_ingest(settings)
    diff = graph_changes(settings, report)
    row = {**contract.report_row(report), "diff": contract.diff_row(diff)}
    print_row(as_json, row, lambda: show_undone(report, diff))


@app.command()
def check(
    path: Annotated[
        Path | None, typer.Argument(help="The folder of notes; default: the course.", metavar="PATH")
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Ask for every web address, and report the dead ones.", show_default=False)
    ] = False,
    allow_private: PrivateOption = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Report what is wrong with a folder of notes; exit 1 if text would be lost or relations contradict.

    With --online, an address is dead when it answers 404 or 410, or when its
    host does not exist; one that wants a login, is busy or does not answer in
    time is said to be unchecked.
    """
    settings = _settings(workspace, allow_private)
    with progress() as bar:
        problems = check_folder(
            path or settings.content,
            settings.workspace,
            online=online,
            allow_private=settings.allow_private,
            on_progress=bar,
        )
    print_row(as_json, {"problems": contract.problem_rows(problems)}, lambda: show_problems(problems))
    if any(problem.severity == "error" for problem in problems):
        raise typer.Exit(1)


@app.command()
def search(
    question: QuestionArgument = None,
    top_k: Annotated[int, typer.Option("--top-k", min=1, max=100, help="How many passages.")] = 8,
    week: Annotated[int | None, typer.Option("--week", help="Only this week.")] = None,
    track: Annotated[str | None, typer.Option("--track", help="Only this track.")] = None,
    path: Annotated[str | None, typer.Option("--path", help="Only this file or folder.")] = None,
    explain: ExplainOption = False,
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
        row = contract.search_row(found)
        if explain:
            seen = opened.inspector.inspect(found, where)
            row["explain"] = explain_row(seen, opened.graph)
        print_row(as_json, {"id": key, **row} if questions else row, lambda found=found: show_search(found))  # type: ignore[misc]
        if explain and not as_json:
            show_explanation(seen, opened.graph)


@app.command()
def ask(
    question: QuestionArgument = None,
    explain: ExplainOption = False,
    questions: QuestionsOption = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Answer a question from the notes, every sentence with its source.

    With a language model in PREPGRAPH_LLM, each of its sentences appears once it has been checked.
    """
    asked = _questions(question, questions)
    opened = open_workspace(load_settings(workspace))
    for key, text in asked:
        if not as_json:
            answer = show_answer(opened.ask_stream(text))
            if explain:
                show_explanation(opened.inspector.inspect_answer(answer), opened.graph)
            continue
        answer = opened.ask(text)
        row = contract.answer_row(answer)
        if explain:
            row["explain"] = explain_row(opened.inspector.inspect_answer(answer), opened.graph)
        print_row(as_json, {"id": key, **row} if questions else row, lambda: None)


@app.command()
def concepts(
    merges: Annotated[
        bool,
        typer.Option(
            "--merges", help="List the names that were taken for another, and how to undo each.", show_default=False
        ),
    ] = False,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List every concept with the line that defines it."""
    opened = open_workspace(load_settings(workspace))
    if merges:
        found = opened.report.merges
        print_row(as_json, contract.merge_rows(found), lambda: show_merges(found))
        return
    rows = opened.graph.concepts()
    print_row(
        as_json,
        [contract.concept_row(concept) for concept in rows],
        lambda: show_table(("Week", "Concept", "Id", "Where"), (concept_cells(c) for c in sorted(rows, key=by_week))),
    )


@app.command()
def resources(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List what there is to study elsewhere, and what to take from each."""
    rows = open_workspace(load_settings(workspace)).graph.resources()
    cells = ((f"{r.title}\n{r.url}", f"{r.kind}, {r.level}", r.takeaway) for r in rows)
    print_row(
        as_json,
        [contract.resource_row(resource) for resource in rows],
        lambda: show_table(("Resource", "Kind", "What to take from it"), cells),
    )


@app.command()
def relations(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List every relation with the line that says so."""
    rows = open_workspace(load_settings(workspace)).graph.relations()
    cells = ((f"{r.source} {r.kind} {r.target}", place_of(r.evidence[0].path, r.evidence[0].start_line)) for r in rows)
    print_row(
        as_json,
        [contract.relation_row(relation) for relation in rows],
        lambda: show_table(("Relation", "Where"), cells),
    )


@app.command(name="path")
def path_between(
    source: Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="A")],
    target: Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="B")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Explain how two concepts connect, hop by hop, each with the line that says so.

    Other ways that are not much longer are named below it.
    """
    graph = open_workspace(load_settings(workspace)).graph
    first, last = find_concept(graph, source), find_concept(graph, target)
    steps = () if first == last else graph.explain_path(first.id, last.id)
    row = contract.path_row(steps)
    print_row(as_json, row, lambda: show_paths(graph, first, last, graph.explain_paths(first.id, last.id)))


@app.command()
def prerequisites(
    concept: Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="A")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """List what must be known before a concept, first to learn first."""
    graph = open_workspace(load_settings(workspace)).graph
    wanted = find_concept(graph, concept)
    order = graph.prerequisites(wanted.id)
    found = graph.concepts_by_id(order)
    rows = [found[i] for i in order if i in found]
    print_row(
        as_json,
        {"concept": wanted.id, "order": list(order)},
        lambda: show_order(wanted, rows),
    )


@app.command()
def export(
    output: Annotated[Path, typer.Option("--output", help="The file to write.", metavar="FILE")],
    fmt: Annotated[ExportFormat, typer.Option("--format", help="What to write.")] = ExportFormat.json,
    concept: Annotated[
        str | None, typer.Option("--concept", help="With svg: only what this one needs and unlocks.", metavar="C")
    ] = None,
    week: Annotated[int | None, typer.Option("--week", help="With svg: only this week.", metavar="N")] = None,
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Write the graph to a file that other tools can read, or print it.

    svg is a map on one sheet of A3; graphml is for Gephi or yEd, cypher for
    Neo4j, jsonld for RDF stores, markmap for mind maps, anki a deck of
    flashcards; obsidian is a new folder of linked notes, or a zip file of them
    if FILE ends in .zip.
    """
    graph = open_workspace(load_settings(workspace)).graph
    if fmt is not ExportFormat.json or concept is not None or week is not None:
        chosen = find_concept(graph, concept).id if concept is not None else None
        written = write_export(graph, fmt.value, output, chosen, week)
    else:
        written = _write_file(output, (json.dumps(_graph_row(graph), ensure_ascii=False, indent=1) + "\n").encode())
    row = {"format": fmt.value, "output": str(output), "bytes": written}
    print_row(as_json, row, lambda: out.print(f"{written:,} bytes in {escape(str(output))}"))


def _graph_row(graph: GraphStore) -> dict[str, Any]:
    return {
        "concepts": [contract.concept_row(concept) for concept in graph.concepts()],
        "relations": [contract.relation_row(relation) for relation in graph.relations()],
        "resources": [contract.resource_row(resource) for resource in graph.resources()],
    }


@app.command(name="eval")
def evaluate(
    file: Annotated[Path, typer.Argument(help="A JSONL file of questions with their passages.", metavar="FILE")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure search and answers with a file of questions, beside the configuration that produced the figures."""
    from evals.report import show
    from evals.score import evaluate_file

    report = evaluate_file(file, open_workspace(load_settings(workspace)))
    print_row(as_json, report.as_row(), lambda: show(report))


@app.command()
def doctor(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Tell what is configured, reachable, stale or broken, and what to do about it."""
    from doctor.diagnosis import diagnose

    findings = diagnose(load_settings(workspace))
    rows = [{"name": f.name, "status": f.status, "detail": f.detail, "next_step": f.next_step} for f in findings]
    cells = ((f.name, f.status, f"{f.detail}\n→ {f.next_step}" if f.next_step else f.detail) for f in findings)
    print_row(as_json, {"findings": rows}, lambda: show_table(("What", "State", "Detail"), cells))
    if any(finding.status == "broken" for finding in findings):
        raise typer.Exit(1)


def _settings(workspace: Path | None, allow_private: bool) -> Settings:
    settings = load_settings(workspace)
    return settings.model_copy(update={"allow_private": True}) if allow_private else settings


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


def _write_file(output: Path, data: bytes) -> int:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(data)
    except OSError as fault:
        raise StorageError(f"{output} could not be written ({fault.strerror}); choose another place.") from fault
    return len(data)
