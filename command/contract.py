"""The JSON that the command and its siblings promise: one function for each shape, nothing else makes one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from generation import Report
from graph.diff import GraphDiff
from graph.paths import PathStep
from graph.schema import Answer, Citation, Concept, Merge, Problem, Relation, Resource, SearchResult, Span
from ingest.settings import keep_apart_setting
from rag.retrieve import Retrieval

Row = dict[str, Any]


def report_row(report: Report) -> Row:
    """What `ingest` prints."""
    return {
        "generation": report.generation,
        "documents": report.documents,
        "chunks": report.chunks,
        "concepts": report.concepts,
        "relations": report.relations,
        "resources": report.resources,
        "problems": problem_rows(report.problems),
        "merges": merge_rows(report.merges),
        "seconds": report.seconds,
    }


def diff_row(diff: GraphDiff | None) -> Row | None:
    """What an ingest changed: concepts by id, relations counted; None when the generation before cannot be read."""
    if diff is None:
        return None
    return {
        "concepts": {
            "added": [concept.id for concept in diff.concepts_added],
            "gone": [concept.id for concept in diff.concepts_gone],
            "changed": [change.new.id for change in diff.concepts_changed],
        },
        "relations": {
            "added": len(diff.relations_added),
            "gone": len(diff.relations_gone),
            "changed": len(diff.relations_changed),
        },
    }


def problem_rows(problems: Iterable[Problem]) -> list[Row]:
    """Problems, each with its path and line."""
    return [asdict(problem) for problem in problems]


def merge_rows(merges: Iterable[Merge]) -> list[Row]:
    """Names that were taken for another, each with the line of `prepgraph.toml` that keeps the two apart."""
    return [{**asdict(merge), "undo": keep_apart_setting([merge])} for merge in merges]


def concept_row(concept: Concept) -> Row:
    """One concept, at the line that defines it."""
    return {
        "id": concept.id,
        "title": concept.title,
        "aliases": list(concept.aliases),
        "summary": concept.summary,
        "week": concept.week,
        "track": concept.track,
        "kind": concept.kind,
        "path": concept.spans[0].path,
        "start_line": concept.spans[0].start_line,
    }


def resource_row(resource: Resource) -> Row:
    """One resource, at the line that lists it."""
    return {
        "id": resource.id,
        "title": resource.title,
        "url": resource.url,
        "kind": resource.kind,
        "level": resource.level,
        "takeaway": resource.takeaway,
        "concepts": list(resource.concept_ids),
        "path": resource.span.path,
        "start_line": resource.span.start_line,
    }


def relation_row(relation: Relation) -> Row:
    """One relation with the lines that say so."""
    return {
        "source": relation.source,
        "target": relation.target,
        "kind": relation.kind,
        "origin": relation.origin,
        "weight": relation.weight,
        "evidence": _span_rows(relation.evidence),
    }


def path_row(steps: tuple[PathStep, ...] | None) -> Row:
    """An explained path, or that there is none."""
    rows = [
        {
            "source": step.source,
            "target": step.target,
            "kind": step.kind,
            "direction": step.direction,
            "evidence": _span_rows(step.evidence),
        }
        for step in steps or ()
    ]
    return {"found": steps is not None, "steps": rows}


def search_row(retrieval: Retrieval) -> Row:
    """What `search` prints."""
    return {
        "query": retrieval.question,
        "results": [result_row(result) for result in retrieval.results],
        "timings_ms": dict(retrieval.timings_ms),
    }


def result_row(result: SearchResult) -> Row:
    """One passage found, with the rank that each retriever gave it."""
    chunk = result.chunk
    return {
        "rank": result.rank,
        "score": result.score,
        "chunk_id": chunk.id,
        "path": chunk.document_id,
        "headings": list(chunk.headings),
        "start_line": chunk.start_line,
        "end_line": chunk.end_line,
        "text": chunk.text,
        "origins": dict(result.origins),
    }


def answer_row(answer: Answer) -> Row:
    """What `ask` prints."""
    return {
        "question": answer.question,
        "status": answer.status,
        "answer": answer.text,
        "citations": [_citation_row(citation) for citation in answer.citations],
        "concepts": list(answer.concepts),
        "mode": answer.mode,
        "dropped": answer.dropped,
        "read_as": answer.read_as,
        "notices": list(answer.notices),
        "usage": asdict(answer.usage) if answer.usage else None,
        "timings_ms": dict(answer.timings_ms),
    }


def _citation_row(citation: Citation) -> Row:
    return {**asdict(citation), "headings": list(citation.headings)}


def _span_rows(spans: Iterable[Span]) -> list[Mapping[str, Any]]:
    return [asdict(span) for span in spans]
