"""Runs questions through the ways of searching and through the answerer, and gathers what the report shows."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from evals.answers import CitationScore, Judged, f1, macro_f1, precision, recall, score_citations
from evals.bootstrap import Estimate, estimate_difference, estimate_mean, estimate_statistic
from evals.configurations import Configuration
from evals.questions import ANSWERED, DISPUTES, NOT_IN_SOURCES, Gold, Place, Question
from evals.ranking import complete, hit, line_ranks, ndcg, page_ranks, reciprocal_rank
from graph.schema import Answer

DEPTH = 20  # passages asked for: five distinct files are seldom deeper
TWO_NOTES = "two_notes"

RankMetric = Callable[[Sequence[Place], Gold], float]
RANK_METRICS: dict[str, RankMetric] = {
    "hit@1": lambda places, gold: hit(line_ranks(places, gold), 1),
    "hit@5": lambda places, gold: hit(line_ranks(places, gold), 5),
    "MRR@10": lambda places, gold: reciprocal_rank(line_ranks(places, gold), 10),
    "nDCG@10": lambda places, gold: ndcg(line_ranks(places, gold), 10),
    "page hit@5": lambda places, gold: hit(page_ranks(places, gold), 5),
    "page MRR@5": lambda places, gold: reciprocal_rank(page_ranks(places, gold), 5),
    "both notes@5": lambda places, gold: complete(page_ranks(places, gold), 5),
    "both passages@5": lambda places, gold: complete(line_ranks(places, gold), 5),
}
BOTH = ("both notes@5", "both passages@5")  # asked of questions that need several notes only


@dataclass(frozen=True, slots=True)
class Run:
    """What one way of searching scored: its values by metric, question by question, and its median milliseconds."""

    name: str
    values: dict[str, list[float]]
    median_ms: float

    def estimates(self) -> dict[str, Estimate | None]:
        """The mean of each metric with its interval."""
        return {metric: estimate_mean(values) for metric, values in self.values.items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the answer that it got."""

    question: Question
    answer: Answer

    @property
    def judged(self) -> Judged:
        """The status that is right and the one that was given."""
        return self.question.expected or "", self.answer.status


def run_configuration(configuration: Configuration, questions: Sequence[Question]) -> Run:
    """Searches every question that has gold passages."""
    values: dict[str, list[float]] = {metric: [] for metric in RANK_METRICS}
    spent = []
    for question in questions:
        if not question.gold:
            continue
        started = time.perf_counter()
        places = configuration.search(question.question, DEPTH)
        spent.append((time.perf_counter() - started) * 1000)
        for metric, score in RANK_METRICS.items():
            if metric not in BOTH or len(question.gold) > 1:
                values[metric].append(score(places, question.gold))
    return Run(configuration.name, values, statistics.median(spent) if spent else 0.0)


def differences(new: Run, old: Run) -> dict[str, Estimate | None]:
    """New minus old by metric, question by question, with intervals."""
    return {metric: estimate_difference(new.values[metric], old.values[metric]) for metric in RANK_METRICS}


def ask_all(questions: Sequence[Question], ask: Callable[[Question], Answer]) -> list[Asked]:
    """The answer to each question for which a status is right."""
    return [Asked(question, ask(question)) for question in questions if question.expected]


def answer_rates(asked: Sequence[Asked]) -> dict[str, Estimate | None]:
    """How often each kind of question got the status that is right for it."""
    kinds = Counter(a.question.kind for a in asked)
    return {
        f"{kind} ({_status_of(asked, kind)})": estimate_mean(
            [float(a.judged[0] == a.judged[1]) for a in asked if a.question.kind == kind]
        )
        for kind in kinds
    }


def status_metrics(asked: Sequence[Asked]) -> dict[str, Estimate | None]:
    """Precision, recall and F1 of answering, refusing and disputing; macro F1 over those that are right somewhere."""
    judged = [a.judged for a in asked]
    right = {expected for expected, _ in judged}
    found: dict[str, Estimate | None] = {}
    for status, word in ((ANSWERED, "answering"), (NOT_IN_SOURCES, "refusal"), (DISPUTES, "dispute")):
        if status in right:
            for name, score in (("precision", precision), ("recall", recall), ("F1", f1)):
                found[f"{word} {name}"] = estimate_statistic(
                    judged,
                    lambda rows, score=score, status=status: score(rows, status),  # type: ignore[misc]
                )
    if len(right) > 1:
        found["macro F1"] = estimate_statistic(judged, macro_f1)
    return found


def citation_metrics(asked: Sequence[Asked]) -> dict[str, Estimate | None]:
    """Precision by sentence over what was said, and recall by gold passage over what should have been said.

    A question that was refused, but should not have been, finds none of its passages.
    """
    scored = [score_citations(a.question, a.answer) for a in asked if a.question.gold]
    return {
        "citation precision by lines": _share(scored, lambda s: (s.right_by_lines, s.sentences)),
        "citation precision by page": _share(scored, lambda s: (s.right_by_page, s.sentences)),
        "citation recall by lines": _share(scored, lambda s: (s.found_by_lines, s.groups)),
        "citation recall by page": _share(scored, lambda s: (s.found_by_page, s.groups)),
        "sentences without a citation": _share(scored, lambda s: (s.uncited, s.sentences)),
    }


def _share(scored: Sequence[CitationScore], count: Callable[[CitationScore], tuple[int, int]]) -> Estimate | None:
    """A share over all sentences (or passages) of all questions; the interval resamples questions."""

    def share(rows: Sequence[CitationScore]) -> float | None:
        parts, wholes = zip(*(count(row) for row in rows), strict=True) if rows else ((), ())
        return sum(parts) / sum(wholes) if sum(wholes) else None

    return estimate_statistic(scored, share)


def _status_of(asked: Sequence[Asked], kind: str) -> str:
    return next(a.question.expected or "" for a in asked if a.question.kind == kind)
