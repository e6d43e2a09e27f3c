"""Turns the steps of a question into HTML, each with what would break there. Everything from a note is escaped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape

from app_pages.render import concept_link, place_html
from graph.store import GraphStore
from rag.consequences import match_consequence, term_words
from rag.index import DENSE, KEYWORD
from rag.inspection import AnswerSteps, Inspection, PassageRow, Place, Widening
from rag.retrieve import CANDIDATES, GRAPH, RERANK
from rag.trace import Trace
from rag.word_match import PassageMatch

_FUSE = "fuse"
_HEADS: Mapping[str, str] = {DENSE: "meaning", KEYWORD: "words", GRAPH: "graph", _FUSE: "fused", RERANK: "rerank"}
_HINTS: Mapping[str, str] = {
    DENSE: "Cosine of the question's vector and the passage's",
    KEYWORD: "BM25 over stems, headings included",
    GRAPH: "What the graph adds to the fused score",
    _FUSE: "Mean of both searches over the candidates, plus the graph's bonus",
    RERANK: "Each word of the question with its nearest word of the passage, by rarity",
}
_WIDENINGS_SHOWN = 6
_BAR = 9.0  # rem for a ground worth 1


def read_html(seen: Inspection, graph: GraphStore, would_break: Mapping[str, str]) -> str:
    """How the question was read: what was put in, corrected, recognised, and what it asks for."""
    found = seen.retrieval
    facts = [("Asked", escape(seen.steps.answer.question if seen.steps else found.question))]
    if seen.steps and seen.steps.answer.read_as:
        facts.append(("Follow-up, read as", escape(seen.steps.answer.read_as)))
    facts += [("Corrected", f"<s>{escape(c.typed)}</s> → <b>{escape(c.meant)}</b>") for c in found.corrections]
    for named in found.trace.concepts:
        concept = graph.concept(named.concept_id)
        link = concept_link(concept) if concept else escape(named.concept_id)
        facts.append(("Names", f"{link}, by “{escape(named.words)}”"))
    if found.asked != found.question:
        facts.append(("Searched for as", escape(found.asked)))
    parts = ", ".join(role.replace("_", "-") for role in seen.reading.roles)
    facts.append(("Intent", f"{escape(seen.reading.intent)}{f'; asks for {escape(parts)}' if parts else ''}"))
    rows = "".join(f"<dt>{name}</dt><dd>{value}</dd>" for name, value in facts)
    return _step(
        1,
        "How the question was read",
        f'<dl class="pg-facts">{rows}</dl>',
        would_break,
        "read conversation spelling names",
    )


def stages_html(seen: Inspection, would_break: Mapping[str, str]) -> str:
    """A row for each passage and a column for each stage, so that one sees who lifted whom."""
    trace = seen.retrieval.trace
    names = [stage.name for stage in trace.stages]
    heads = "".join(
        f'<th title="{escape(_HINTS.get(stage.name, ""))}">{escape(_HEADS.get(stage.name, stage.name))}'
        f"<small>{stage.milliseconds:.1f} ms</small></th>"
        for stage in trace.stages
    )
    rows = "".join(_passage_html(row, names) for row in seen.rows)
    table = (
        f'<table class="pg-stages"><tr><th></th><th class="pg-what">Passage</th>{heads}'
        f"<th>final<small>score</small></th></tr>{rows}</table>"
    )
    said = (
        '<p class="pg-week pg-wrap">In each cell: the rank that the stage gave, with its own score below. An arrow '
        f"says how far the last place is from the fused one. {_left_out(trace)}</p>"
    )
    return _step(2, "What each stage ranked", table + said, would_break, f"{DENSE} {KEYWORD} {RERANK} repeats")


def _left_out(trace: Trace) -> str:
    repeats = sum(drop.reason == "repeats" for drop in trace.dropped)
    said = f"{_count(len(trace.dropped) - repeats, 'passage')} in all ranked too low"
    return escape(f"{said}, and {repeats} repeat a better one." if repeats else f"{said}.")


def _passage_html(row: PassageRow, stages: Iterable[str]) -> str:
    chunk = row.chunk
    cells = "".join(_cell_html(row.places.get(name)) for name in stages)
    out = {"repeats": "left out: repeats another", "rank": "left out: ranked too low"}
    why = f"<small>{out[row.drop.reason]}</small>" if row.drop else ""
    place = place_html(chunk.document_id, chunk.start_line, chunk.end_line)
    number = "–" if row.rank is None else str(row.rank)
    css = ' class="pg-left-out"' if row.drop else ""
    return (
        f'<tr{css}><td><b>{number}</b></td><td class="pg-what">{escape(" › ".join(chunk.headings))} {place}{why}</td>'
        f"{cells}<td>{_final_html(row)}</td></tr>"
    )


def _cell_html(place: Place | None) -> str:
    if place is None:
        return "<td>·</td>"
    strength = max(0.0, 1 - (place.rank - 1) / CANDIDATES) ** 2 * 46
    style = f' style="--strength: {strength:.0f}%"'
    return f'<td class="pg-rank"{style}><b>{place.rank}</b><small>{place.score:.2f}</small></td>'


def _final_html(row: PassageRow) -> str:
    if row.rank is None or row.score is None:
        return ""
    moved = row.places[_FUSE].rank - row.rank if _FUSE in row.places else 0
    arrow = f'<span class="pg-up">▲{moved}</span>' if moved > 0 else f'<span class="pg-down">▼{-moved}</span>'
    return f"{row.score:.2f}<small>{arrow if moved else '='}</small>"


def graph_html(seen: Inspection, graph: GraphStore, would_break: Mapping[str, str]) -> str:
    """What the graph spoke for, by which relation, with the line that says so."""
    items = [f"<li>{_widening_html(widening, graph)}</li>" for widening in seen.widenings]
    first, more = items[:_WIDENINGS_SHOWN], items[_WIDENINGS_SHOWN:]
    body = f'<ul class="pg-list">{"".join(first)}</ul>' if first else "<p>It names no concept that has a note.</p>"
    if more:
        summary = f"<summary>and {_count(len(more), 'relation')} more</summary>"
        body += f'<details>{summary}<ul class="pg-list">{"".join(more)}</ul></details>'
    return _step(3, "What the graph added", body, would_break, GRAPH)


def _widening_html(widening: Widening, graph: GraphStore) -> str:
    concept = graph.concept(widening.concept_id)
    counts = [f"+{widening.bonus:.2f} for {_count(len(widening.chunk_ids), 'passage')}"]
    if widening.added:
        counts.append(f"{len(widening.added)} that no search had found")
    counts.append(f"{len(widening.kept)} among the results")
    small = f'<div class="pg-week pg-wrap">{escape(", ".join(counts))}</div>'
    if widening.evidence is None:
        name = concept_link(concept) if concept else escape(widening.concept_id)
        return f"{name} is named in the question.{small}"
    span = widening.evidence
    return f"{escape(widening.sentence)} {place_html(span.path, span.start_line, span.end_line)}{small}"


def match_html(match: PassageMatch) -> str:
    """The words of the question as a strip: the deeper the colour, the more alike; below, what met each."""
    words = "".join(
        f'<span style="--strength: {max(0.0, met.cosine - 0.3) * 90:.0f}%" '
        f'title="weight {met.weight:.0%}, without it rank {met.rank_without}">'
        f"{escape(met.word)}<small>{escape(met.met_by)} {met.cosine:.2f}</small></span>"
        for met in match.words
    )
    return f'<div class="pg-steps"><div class="pg-strip">{words}</div>{_break_html(match_consequence(match))}</div>'


def words_head_html() -> str:
    """The head of the step in which a passage is chosen."""
    return _step(
        4,
        "How reranking met the question's words",
        '<p class="pg-week pg-wrap">Each word of the question, and below it the nearest in the passage with their '
        "likeness. Common words count little.</p>",
        {},
        "",
    )


def draft_html(steps: AnswerSteps, would_break: Mapping[str, str]) -> str:
    """The sentences that were drafted, and where each stands."""
    rows = []
    for sentence in steps.sentences:
        source = f"passage {sentence.passage_rank}" if sentence.passage_rank else "a note of a concept named"
        doubt = "" if sentence.held else ' <span class="pg-error">does not stand at its lines</span>'
        label = f"<b>{escape(sentence.label)}:</b> " if sentence.label else ""
        rows.append(f'<li>{label}{escape(sentence.text)} <span class="pg-week">{source}</span>{doubt}</li>')
    body = f'<ol class="pg-list">{"".join(rows)}</ol>' if rows else "<p>No sentence could be drafted.</p>"
    return _step(5, "From passages to sentences", body, would_break, "compose verify")


def decision_html(steps: AnswerSteps, would_break: Mapping[str, str]) -> str:
    """What speaks for answering and against it, beside the bound."""
    rows = "".join(
        _bar_html(term_words(term.name), term.value)
        for term in steps.terms
        if term.name == "nearest" or abs(term.value) >= 0.005
    )
    verdict = "enough to answer" if steps.grounds.suffice else "not enough to answer"
    lacks = "<p>The one fact that is asked for stands nowhere in the best note.</p>" if steps.grounds.lacks_fact else ""
    missing = ", ".join(f"“{escape(word)}”" for word in steps.draft.coverage.missing)
    unmet = f"<p>Nothing in the best note is like {missing}.</p>" if missing else ""
    total = (
        f'<tr class="pg-sum"><td>against a bound of {steps.bound:.2f}</td><td>{steps.grounds.score:+.2f}</td>'
        f"<td>{verdict}</td></tr>"
    )
    body = f'<table class="pg-bars">{rows}{total}</table>{lacks}{unmet}'
    return _step(6, "Whether the notes answer it", body, would_break, "decide")


def _bar_html(name: str, value: float) -> str:
    css = ' class="pg-minus"' if value < 0 else ""
    bar = f'<i{css} style="--width: {min(abs(value), 2.0) * _BAR:.1f}rem"></i>'
    return f"<tr><td>{escape(name)}</td><td>{value:+.2f}</td><td>{bar}</td></tr>"


def times_html(timings: Mapping[str, float]) -> str:
    """The milliseconds that each stage took when the question was asked."""
    times = " · ".join(f"{escape(stage)} {ms:.1f}" for stage, ms in timings.items())
    return f'<p class="pg-week pg-wrap">Milliseconds when it was asked: {times}</p>'


def _step(number: int, title: str, body: str, would_break: Mapping[str, str], names: str) -> str:
    said = "".join(_break_html(would_break[name]) for name in names.split() if name in would_break)
    head = f'<h4><span class="pg-step">{number}</span>{escape(title)}</h4>'
    return f'<div class="pg-steps pg-note">{head}{body}{said}</div>'


def _break_html(sentence: str) -> str:
    return f'<p class="pg-break"><b>What would break:</b> {escape(sentence)}</p>'


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def titles_of(rows: Sequence[PassageRow]) -> dict[str, str]:
    """Passages by id, as one chooses among them."""
    return {
        row.chunk.id: f"{row.rank if row.rank is not None else '–'}. {' › '.join(row.chunk.headings)}" for row in rows
    }
