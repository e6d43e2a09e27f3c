"""The JSON shape of `--explain`, which `search` and `ask` share; nothing else makes it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from graph.store import GraphStore
from rag.consequences import consequences
from rag.inspection import AnswerSteps, Inspection, PassageRow, Widening
from rag.what_if import WhatIf
from rag.word_match import PassageMatch

Row = dict[str, Any]


def explain_row(seen: Inspection, graph: GraphStore) -> Row:
    """Every step of a question; `decision` is None for a search."""
    found, trace = seen.retrieval, seen.retrieval.trace
    return {
        "asked": found.asked,
        "concepts": list(found.concepts),
        "corrections": [asdict(correction) for correction in found.corrections],
        "named": [asdict(concept) for concept in trace.concepts],
        "intent": seen.reading.intent,
        "parts": list(seen.reading.roles),
        "stages": [
            {
                "name": stage.name,
                "milliseconds": stage.milliseconds,
                "candidates": [
                    {"rank": rank, "chunk_id": scored.chunk_id, "score": round(scored.score, 6)}
                    for rank, scored in enumerate(stage.candidates, start=1)
                ],
            }
            for stage in trace.stages
        ],
        "passages": [_passage_row(row) for row in seen.rows],
        "graph": [_widening_row(widening) for widening in seen.widenings],
        "dropped": [asdict(drop) for drop in trace.dropped],
        "words": _words_row(seen.match),
        "without": {what_if.part: _without_row(what_if) for what_if in seen.what_ifs},
        "would_break": consequences(seen, graph),
        "decision": _decision_row(seen.steps) if seen.steps else None,
    }


def _passage_row(row: PassageRow) -> Row:
    chunk = row.chunk
    return {
        "chunk_id": chunk.id,
        "path": chunk.document_id,
        "headings": list(chunk.headings),
        "start_line": chunk.start_line,
        "rank": row.rank,
        "score": row.score,
        "stages": {name: {"rank": place.rank, "score": round(place.score, 6)} for name, place in row.places.items()},
        "left_out": row.drop.reason if row.drop else None,
        "repeats": row.drop.of if row.drop else None,
    }


def _widening_row(widening: Widening) -> Row:
    return {
        "named": widening.named_id,
        "concept": widening.concept_id,
        "relation": widening.relation,
        "bonus": widening.bonus,
        "sentence": widening.sentence,
        "evidence": asdict(widening.evidence) if widening.evidence else None,
        "chunk_ids": list(widening.chunk_ids),
        "added": list(widening.added),
        "kept": list(widening.kept),
    }


def _words_row(match: PassageMatch | None) -> Row | None:
    if match is None:
        return None
    words = [{**asdict(met), "cosine": round(met.cosine, 4), "weight": round(met.weight, 4)} for met in match.words]
    return {"chunk_id": match.chunk.id, "rank": match.rank, "matches": words}


def _without_row(what_if: WhatIf) -> Row:
    return {
        "ranks": [{"chunk_id": m.chunk.id, "rank": m.rank, "without": m.without} for m in what_if.moves],
        "instead": [chunk.id for chunk in what_if.instead],
    }


def _decision_row(steps: AnswerSteps) -> Row:
    return {
        "sentences": [asdict(sentence) for sentence in steps.sentences],
        "missing": list(steps.draft.coverage.missing),
        "grounds": {key: _rounded(value) for key, value in asdict(steps.grounds).items()},
        "terms": {term.name: round(term.value, 4) for term in steps.terms},
        "score": round(steps.grounds.score, 4),
        "bound": steps.bound,
        "suffice": steps.grounds.suffice,
        "prompt": steps.answer.prompt or None,
    }


def _rounded(value: object) -> object:
    return round(value, 4) if isinstance(value, float) else value
