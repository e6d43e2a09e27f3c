"""The commands of `prepgraph` that read and keep what the learner knows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import StrEnum
from typing import Annotated

import typer
from rich.markup import escape

from command.common import JsonOption, WorkspaceOption, find_concept, print_row
from command.contract_study import mark_row, weak_spot_row
from command.terminal import out, place_of, show_table
from graph.store import GraphStore
from study.marks import Mark, marks_in
from study.weak_spots import WeakSpot, find_weak_spot
from workspace import current_generation, load_settings, open_marks, open_workspace

app = typer.Typer()
ConceptArgument = Annotated[str, typer.Argument(help="An id, a title or an alias.", metavar="CONCEPT")]


class LevelName(StrEnum):
    """How well a concept can be known."""

    known = "known"
    shaky = "shaky"
    new = "new"


@app.command(name="marks")
def list_marks(workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """List how well you know what you have marked; all else is new. Marks of concepts that are gone are kept."""
    settings = load_settings(workspace)
    made = open_marks(settings).all()
    graph = open_workspace(settings).graph if made and current_generation(settings.workspace) else None
    rows = sorted(_marks_of_now(graph, made), key=lambda row: (row[1] is None, row[0].level, row[2].casefold()))
    cells = (
        (title if concept_id else f"{title} (gone)", kept.level, kept.source, f"{kept.at:%Y-%m-%d}")
        for kept, concept_id, title in rows
    )
    print_row(
        as_json,
        [mark_row(*row) for row in rows],
        lambda: (
            show_table(("Concept", "Known", "Who said so", "When (UTC)"), cells)
            if rows
            else out.print("Nothing is marked yet; mark a concept with `prepgraph mark CONCEPT known`.")
        ),
    )


def _marks_of_now(graph: GraphStore | None, made: Mapping[str, Mark]) -> Iterator[tuple[Mark, str | None, str]]:
    """Each mark with the id and the title that its concept has now, or with None and its old title."""
    found = marks_in(graph, made) if graph else {}
    for concept_id, mark in found.items():
        concept = graph.concept(concept_id) if graph else None
        yield mark, concept_id, concept.title if concept else mark.title
    for mark in made.values():
        is_there = graph and (graph.concept(mark.concept_id) or (mark.title and graph.resolve(mark.title)))
        if not is_there:
            yield mark, None, mark.title or mark.concept_id


@app.command()
def mark(
    concept: ConceptArgument,
    level: Annotated[LevelName, typer.Argument(help="How well you know it.", metavar="known|shaky|new")],
    workspace: WorkspaceOption = None,
    as_json: JsonOption = False,
) -> None:
    """Say how well you know a concept; `new` takes another mark back."""
    settings = load_settings(workspace)
    wanted = find_concept(open_workspace(settings).graph, concept)
    made = open_marks(settings).set(wanted.id, level.value, title=wanted.title)
    print_row(
        as_json,
        mark_row(made, wanted.id, wanted.title),
        lambda: out.print(f"[bold]{escape(wanted.title)}[/] is marked {made.level}."),
    )


@app.command(name="weak-spot")
def weak_spot(concept: ConceptArgument, workspace: WorkspaceOption = None, as_json: JsonOption = False) -> None:
    """Say where to begin with a concept that you do not know well: its earliest weak prerequisite, and why."""
    settings = load_settings(workspace)
    graph = open_workspace(settings).graph
    wanted = find_concept(graph, concept)
    spot = find_weak_spot(graph, wanted.id, marks_in(graph, open_marks(settings).all()))
    print_row(as_json, weak_spot_row(spot, wanted.id), lambda: _show_weak_spot(graph, wanted.title, spot))


def _show_weak_spot(graph: GraphStore, title: str, spot: WeakSpot | None) -> None:
    if spot is None:
        out.print(f"[bold]{escape(title)}[/] is marked known.")
        return
    out.print(f"Begin with [bold]{escape(spot.concept.title)}[/] ({spot.level}). {escape(spot.reason)}", soft_wrap=True)
    for relation in spot.chain:
        first, then = (found.title if (found := graph.concept(i)) else i for i in (relation.source, relation.target))
        out.print(f"  {escape(first)} → {escape(then)}", soft_wrap=True)
        for span in relation.evidence:
            out.print(f"    {escape(span.quote)} {place_of(span.path, span.start_line)}", soft_wrap=True)
