"""Decides what the Library says of files, problems and changes: counted from what is stored, never from a flag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from html import escape
from pathlib import PurePath
from string import punctuation

from app_pages.render import concept_link, place_html
from generation import Report
from graph.diff import ConceptChange, GraphDiff
from graph.schema import Concept, Merge, Problem, Relation, Severity
from ingest.settings import keep_apart_pair

SHOWN_FILES, SHOWN_PROBLEMS, SHOWN_CHANGES, SHOWN_MERGES = 500, 300, 100, 300
_CONCEPTS_IN_A_ROW = 4
_SEVERITIES: tuple[Severity, ...] = ("error", "warning")


@dataclass(frozen=True, slots=True)
class FileStatus:
    """One file and what is stored of it. `state`: "read", "with errors", "no passages" or "unreadable"."""

    path: str
    state: str
    passages: int
    concepts: tuple[Concept, ...]
    problems: int


def file_statuses(
    passages: Mapping[str, int], concepts: Iterable[Concept], problems: Iterable[Problem]
) -> list[FileStatus]:
    """The status of every file that was read or has a problem, by path; `passages` counts those of each read."""
    defined = _by_path(concepts)
    found: defaultdict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        found[problem.path].append(problem)
    return [
        FileStatus(path, _state(count, found[path]), count, tuple(defined[path]), len(found[path]))
        for path, count in sorted({**dict.fromkeys(found, 0), **passages}.items())
    ]


def with_concepts(files: Sequence[FileStatus], concepts: Iterable[Concept]) -> list[FileStatus]:
    """The same files with the concepts that they define, for when these were only asked for once a few were chosen."""
    defined = _by_path(concepts)
    return [replace(file, concepts=tuple(defined[file.path])) for file in files]


def _by_path(concepts: Iterable[Concept]) -> defaultdict[str, list[Concept]]:
    defined: defaultdict[str, list[Concept]] = defaultdict(list)
    for concept in concepts:
        defined[concept.spans[0].path].append(concept)
    return defined


def _state(passages: int, problems: Sequence[Problem]) -> str:
    if any(problem.severity == "error" for problem in problems):
        return "with errors" if passages else "unreadable"
    return "read" if passages else "no passages"


def filter_files(files: Sequence[FileStatus], wanted: str) -> list[FileStatus]:
    """The files whose path, state or concepts hold every word that is wanted."""
    words = wanted.casefold().split()
    return [file for file in files if all(word in _searched(file) for word in words)]


def _searched(file: FileStatus) -> str:
    return " ".join((file.path, file.state, *(concept.title for concept in file.concepts))).casefold()


def files_html(files: Sequence[FileStatus]) -> str:
    """Files as a table, each with its state and the concepts that it defines."""
    rows = "".join(
        f'<tr><td><code class="pg-place">{escape(file.path)}</code></td>'
        f'<td class="{_state_class(file.state)}">{escape(file.state)}</td>'
        f"<td>{file.passages}</td><td>{_concepts_html(file.concepts)}</td><td>{file.problems or ''}</td></tr>"
        for file in files[:SHOWN_FILES]
    )
    head = "<tr><th>File</th><th>State</th><th>Passages</th><th>Concepts</th><th>Problems</th></tr>"
    return f'<table class="pg-table prepgraph-note">{head}{rows}</table>{_more(len(files), SHOWN_FILES)}'


def _state_class(state: str) -> str:
    return {"read": "pg-read", "no passages": "pg-warning"}.get(state, "pg-error")


def _concepts_html(concepts: Sequence[Concept]) -> str:
    links = ", ".join(concept_link(concept) for concept in concepts[:_CONCEPTS_IN_A_ROW])
    rest = len(concepts) - _CONCEPTS_IN_A_ROW
    return f'{links} <span class="pg-week">and {rest} more</span>' if rest > 0 else links


def problems_by_severity(problems: Iterable[Problem]) -> dict[Severity, list[Problem]]:
    """The problems of each severity that there are any of, errors first."""
    rows = list(problems)
    groups = {severity: [problem for problem in rows if problem.severity == severity] for severity in _SEVERITIES}
    return {severity: group for severity, group in groups.items() if group}


def problems_html(problems: Sequence[Problem]) -> str:
    """Problems as a table: where, by file and line, and what to do."""
    rows = "".join(
        f"<tr><td>{_where_html(problem)}</td><td>{escape(problem.message)}</td></tr>"
        for problem in problems[:SHOWN_PROBLEMS]
    )
    head = "<tr><th>Where</th><th>What, and what to do</th></tr>"
    return f'<table class="pg-table">{head}{rows}</table>{_more(len(problems), SHOWN_PROBLEMS)}'


def _where_html(problem: Problem) -> str:
    if problem.line:
        return place_html(problem.path, problem.line, problem.line)
    return f'<code class="pg-place">{escape(problem.path)}</code>'


def merges_html(merges: Sequence[Merge]) -> str:
    """Names that were taken for another as a table, each with the pair that keeps the two apart."""
    rows = "".join(
        f"<tr><td>{escape(merge.name)}</td><td>{escape(merge.into)}</td><td>{escape(merge.why)}</td>"
        f'<td><code class="pg-place">{escape(keep_apart_pair(merge))}</code></td></tr>'
        for merge in merges[:SHOWN_MERGES]
    )
    head = "<tr><th>Name</th><th>Merged with</th><th>Why</th><th>Pair that keeps them apart</th></tr>"
    return f'<table class="pg-table">{head}{rows}</table>{_more(len(merges), SHOWN_MERGES)}'


def as_plain(text: str) -> str:
    """A text in which nothing is Markdown, for an alert: addresses and names of files may hold any of its marks."""
    return "".join(f"\\{c}" if c in punctuation else c for c in " ".join(text.split()))


def diff_summary(diff: GraphDiff) -> str:
    """The counts of what changed, in words."""
    concepts = _counts(diff.concepts_added, diff.concepts_gone, diff.concepts_changed)
    relations = _counts(diff.relations_added, diff.relations_gone, diff.relations_changed)
    parts = [f"{name} {counts}" for name, counts in (("concepts", concepts), ("relations", relations)) if counts]
    return " · ".join(parts) or "nothing in the graph"


def _counts(added: Sequence[object], gone: Sequence[object], changed: Sequence[object]) -> str:
    named = {"added": added, "gone": gone, "changed": changed}
    return ", ".join(f"{len(rows)} {what}" for what, rows in named.items() if rows)


def shown_ends(diff: GraphDiff) -> set[str]:
    """The ids at the ends of the relations that `diff_html` shows."""
    changed = [change.new for change in diff.relations_changed[:SHOWN_CHANGES]]
    shown = [*diff.relations_added[:SHOWN_CHANGES], *diff.relations_gone[:SHOWN_CHANGES], *changed]
    return {end for relation in shown for end in (relation.source, relation.target)}


def diff_html(diff: GraphDiff, concepts: Mapping[str, Concept]) -> str:
    """What changed, by name; `concepts` are those that are there now, which become links."""
    gone = {concept.id: concept.title for concept in diff.concepts_gone}

    def end(concept_id: str) -> str:
        found = concepts.get(concept_id)
        return concept_link(found) if found else escape(gone.get(concept_id, concept_id))

    sections = {
        "Concepts changed": [_concept_change_html(change) for change in diff.concepts_changed],
        "Relations added": [_relation_html(relation, end) for relation in diff.relations_added],
        "Relations gone": [_relation_html(relation, end) for relation in diff.relations_gone],
        "Relations changed": [
            f"{_relation_html(change.new, end)} {_small(', '.join(change.fields))}" for change in diff.relations_changed
        ],
    }
    chips = {
        "Concepts added": [concept_link(concept, "pg-chip") for concept in diff.concepts_added],
        "Concepts gone": [f'<span class="pg-chip pg-gone">{escape(c.title)}</span>' for c in diff.concepts_gone],
    }
    parts = [_section_html(title, items, _chips_html) for title, items in chips.items() if items]
    parts += [_section_html(title, items, _list_html) for title, items in sections.items() if items]
    return f'<div class="pg-note prepgraph-note">{"".join(parts)}</div>'


def _section_html(title: str, items: Sequence[str], draw: Callable[[Sequence[str]], str]) -> str:
    more = _more(len(items), SHOWN_CHANGES)
    return f'<h3 class="pg-kind">{title} ({len(items)})</h3>{draw(items[:SHOWN_CHANGES])}{more}'


def _chips_html(items: Sequence[str]) -> str:
    return f'<div class="pg-chips">{"".join(items)}</div>'


def _list_html(items: Sequence[str]) -> str:
    return f'<ul class="pg-list">{"".join(f"<li>{item}</li>" for item in items)}</ul>'


def _concept_change_html(change: ConceptChange) -> str:
    return f"{concept_link(change.new)} {_small('; '.join(_field_text(change, field) for field in change.fields))}"


def _field_text(change: ConceptChange, field: str) -> str:
    """What changed; with the old and the new value where both are short."""
    if field not in {"title", "week", "track", "kind"}:
        return field
    values = (getattr(change.old, field), getattr(change.new, field))
    return f"{field}: {' → '.join('none' if value is None else str(value) for value in values)}"


def _relation_html(relation: Relation, end: Callable[[str], str]) -> str:
    kind = _small(relation.kind.replace("_", " "))
    places = (place_html(span.path, span.start_line, span.end_line) for span in relation.evidence[:1])
    return f"{end(relation.source)} {kind} {end(relation.target)} {''.join(places)}"


def _small(text: str) -> str:
    return f'<span class="pg-reason">{escape(text)}</span>'


def report_html(report: Report) -> str:
    """Where a generation comes from and when, in small print."""
    return (
        f'<span class="pg-week pg-wrap"><code>{escape(report.root)}</code> · {report.documents:,} documents, '
        f"{report.concepts:,} concepts · generation {escape(report.generation)} · "
        f"built {escape(_moment(report.built_at))} in {report.seconds:g} s</span>"
    )


def undo_label(previous: Report) -> str:
    """What Undo goes back to, short: a button's label is Markdown, so of a folder's name only plain characters stay."""
    name = "".join(c if c.isalnum() or c in " .-_" else " " for c in PurePath(previous.root).name)
    plain = " ".join(name.split()).replace("_", r"\_") or "what was before"
    return f"Undo: back to {plain}, built {_moment(previous.built_at)}"


def _moment(built_at: str) -> str:
    return built_at.replace("T", " ").replace("Z", " UTC")


def _more(count: int, shown: int) -> str:
    return f'<p class="pg-week">and {count - shown:,} more</p>' if count > shown else ""


def refusals_html(sentences: Sequence[str]) -> str:
    """What was refused and why, a sentence each."""
    return f'<ul class="pg-list pg-warning">{"".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)}</ul>'
