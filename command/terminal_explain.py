"""Decides how `--explain` prints for people: each step under its name, and what would break there, in 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from rich.columns import Columns
from rich.markup import escape
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from command.terminal import out, place_of
from graph.store import GraphStore
from rag.consequences import consequences, term_words
from rag.index import DENSE, KEYWORD
from rag.inspection import AnswerSteps, Inspection, PassageRow
from rag.retrieve import GRAPH, RERANK
from rag.word_match import WordMet

_HEADS = {KEYWORD: "bm25", "fuse": "fused"}
_WIDENINGS_SHOWN = 5


def show_explanation(seen: Inspection, graph: GraphStore) -> None:
    """Every step of a question, one under the other."""
    would_break = consequences(seen, graph)
    _show_reading(seen, graph, would_break)
    _show_stages(seen, would_break)
    _show_graph(seen, graph, would_break)
    _show_words(seen, would_break)
    if seen.steps:
        _show_decision(seen.steps, would_break)


def _show_reading(seen: Inspection, graph: GraphStore, would_break: Mapping[str, str]) -> None:
    _head("How the question was read")
    if seen.steps and seen.steps.answer.read_as:
        _line(f"[dim]read as[/] {escape(seen.steps.answer.read_as)}")
    for correction in seen.retrieval.corrections:
        _line(f"[dim]corrected[/] {escape(correction.typed)} → {escape(correction.meant)}")
    _line(f"[dim]asked as[/] {escape(seen.retrieval.asked)}")
    for named in seen.retrieval.trace.concepts:
        concept = graph.concept(named.concept_id)
        _line(f"[dim]names[/] {escape(concept.title if concept else named.concept_id)} by “{escape(named.words)}”")
    parts = ", ".join(role.replace("_", "-") for role in seen.reading.roles) or "no part in particular"
    _line(f"[dim]intent[/] {seen.reading.intent} [dim]parts[/] {parts}")
    _warn(would_break[name] for name in ("read", "conversation", "spelling", "names") if name in would_break)


def _show_stages(seen: Inspection, would_break: Mapping[str, str]) -> None:
    trace = seen.retrieval.trace
    names = [stage.name for stage in trace.stages]
    _head("What each stage ranked")
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), expand=True)
    table.add_column("", justify="right", width=2)
    table.add_column("Passage", ratio=1, no_wrap=True, overflow="ellipsis")
    for head in (*(_HEADS.get(name, name) for name in names), "score"):
        table.add_column(head, justify="right", no_wrap=True, min_width=max(len(head), 5))
    for row in seen.rows:
        score = "" if row.score is None else f"{row.score:.2f}"
        number = "–" if row.rank is None else str(row.rank)
        table.add_row(number, _passage(row), *(_rank(row, name) for name in names), score)
    times = (f"{stage.milliseconds:.1f}" for stage in trace.stages)
    table.add_row("", "milliseconds", *times, "", style="dim")
    out.print(table)
    left = [row for row in seen.rows if row.drop]
    if left:
        _line("[dim]– found, and left out: too low in the end, or repeating another.[/]")
    _warn(would_break[name] for name in (DENSE, KEYWORD, RERANK, "repeats") if name in would_break)


def _passage(row: PassageRow) -> Text:
    headings = row.chunk.headings
    words = " › ".join(headings if len(headings) < 3 else (headings[0], headings[-1]))
    repeats = " (repeats another)" if row.drop and row.drop.reason == "repeats" else ""
    return Text(f"{words}{repeats}", style="dim" if row.rank is None else "")


def _rank(row: PassageRow, stage: str) -> str:
    return str(row.places[stage].rank) if stage in row.places else "·"


def _show_graph(seen: Inspection, graph: GraphStore, would_break: Mapping[str, str]) -> None:
    _head("What the graph added")
    if not seen.widenings:
        _line("nothing: the question names no concept that has a note here")
    for widening in seen.widenings[:_WIDENINGS_SHOWN]:
        concept = graph.concept(widening.concept_id)
        reason = widening.sentence or f"{concept.title if concept else widening.concept_id} is named in the question."
        count = f"{len(widening.chunk_ids)} passages" if len(widening.chunk_ids) > 1 else "1 passage"
        new = f", {len(widening.added)} not found otherwise" if widening.added else ""
        where = place_of(widening.evidence.path, widening.evidence.start_line) if widening.evidence else ""
        _line(f"{escape(reason)} [cyan]{escape(where)}[/]")
        _line(f"[dim]+{widening.bonus:.2f} for {count}{new}; {len(widening.kept)} among the results[/]", 4)
    if len(seen.widenings) > _WIDENINGS_SHOWN:
        _line(f"[dim]and {len(seen.widenings) - _WIDENINGS_SHOWN} more relations; --json lists them[/]")
    _warn([would_break[GRAPH]] if GRAPH in would_break else [])


def _show_words(seen: Inspection, would_break: Mapping[str, str]) -> None:
    if not seen.match:
        return
    _head("How passage 1 met the question's words")
    pairs = [Text.assemble((f"{m.word}→{m.met_by}", _colour(m)), (f" {m.cosine:.2f}", "dim")) for m in seen.match.words]
    out.print(Padding(Columns(pairs, padding=(0, 3)), (0, 0, 0, 2)))
    _warn([would_break["words"]])


def _colour(met: WordMet) -> str:
    if met.cosine >= 0.75:
        return "bold green"
    return "yellow" if met.cosine >= 0.5 else "red"


def _show_decision(steps: AnswerSteps, would_break: Mapping[str, str]) -> None:
    _head("From passages to an answer")
    for sentence in steps.sentences:
        source = f"passage {sentence.passage_rank}" if sentence.passage_rank else "the note itself"
        held = "" if sentence.held else " [red]not at its lines[/]"
        _line(f"[dim]{source}[/]{held} {escape(_short(sentence.text))}")
    _warn([would_break["compose"]])
    _head("Whether the notes answer it")
    for term in steps.terms:
        if abs(term.value) >= 0.005 or term.name == "nearest":
            _line(f"{term.value:+.2f}  {term_words(term.name)}")
    verdict = "enough to answer" if steps.grounds.suffice else "not enough to answer"
    lacks = "; the one fact asked for is missing" if steps.grounds.lacks_fact else ""
    _line(f"[bold]{steps.grounds.score:+.2f}[/]  against a bound of {steps.bound:+.2f}: {verdict}{lacks}")
    _warn([would_break["decide"], would_break["verify"]])
    times = ", ".join(f"{name} {ms:.1f}" for name, ms in steps.answer.timings_ms.items())
    _line(f"[dim]milliseconds: {times}[/]")
    if steps.answer.prompt:
        _head("What the language model was sent")
        out.print(Padding(Text(steps.answer.prompt), (0, 0, 0, 2)))


def _short(text: str) -> str:
    return text if len(text) <= 56 else f"{text[:55].rstrip()}…"


def _head(title: str) -> None:
    out.print(f"\n[bold]{title}[/]")


def _line(markup: str, indent: int = 2) -> None:
    out.print(Padding(markup, (0, 0, 0, indent), expand=False))


def _warn(sentences: Iterable[str]) -> None:
    for sentence in sentences:
        out.print(Padding(Text(f"✂ {sentence}", style="magenta"), (0, 0, 0, 2), expand=False))
