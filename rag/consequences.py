"""Says in one sentence, for each step of a question, what would break there: from what was measured for this question.

A step that changed nothing is said to have changed nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace

from graph.schema import Chunk
from graph.store import GraphStore
from rag.index import DENSE, KEYWORD
from rag.inspection import AnswerSteps, Inspection
from rag.remarks import EXTRACTIVE
from rag.retrieve import CANDIDATES, GRAPH, RERANK
from rag.what_if import Move, WhatIf
from rag.word_match import PassageMatch

_LONGEST_TITLE = 60
_MOST_WORDS = 3
_WITHOUT: Mapping[str, str] = {
    DENSE: "Without search by meaning",
    KEYWORD: "Without keyword search",
    GRAPH: "Without the graph",
    RERANK: "Without reranking",
}
_TERM_WORDS: Mapping[str, str] = {
    "nearest": "nearest sentence or passage",
    "coverage": "words that the best passages have",
    "unknown": "words that no passage has",
    "shortfall": "words that nothing in the best note is like",
    "has_strange_name": "a name that no passage has",
}


def term_words(name: str) -> str:
    """What a ground for answering is called."""
    return _TERM_WORDS[name]


def consequences(seen: Inspection, graph: GraphStore) -> dict[str, str]:
    """A sentence for each step, by its name, in the order in which the steps are taken."""
    said = _reading(seen, graph)
    for part, opening in _WITHOUT.items():  # in the order of the steps
        if what_if := seen.without(part):
            said[part] = f"{opening}, {effect(what_if)}{_sentences_lost(seen, what_if)}{_graph_rider(seen, part)}."
    if seen.match:
        said["words"] = match_consequence(seen.match)
    said["repeats"] = _repeats(seen)
    if seen.steps:
        said["compose"] = _composing(seen.steps)
        said["decide"] = _deciding(seen.steps)
        said["verify"] = _verifying(seen.steps)
    return said


def effect(what_if: WhatIf) -> str:
    """What a search without one part would have changed, led by the best passage that it touches."""
    count = len(what_if.moves)
    if not count:
        return "nothing would change: nothing was found"
    if all(move.without is None for move in what_if.moves) and not what_if.instead:
        return "nothing would be found"
    if lost := what_if.lost:
        others = "" if len(lost) == 1 else f", and {len(lost)} of the {count} passages would be lost"
        return f"{_title(lost[0].chunk)} would be {_place(lost[0])} instead of {lost[0].rank}{others}"
    fallen = [move for move in what_if.moves if move.without and move.without > move.rank]
    if not fallen:
        return f"the same {count} passages would be found in the same order: it changed nothing here"
    worst = max(fallen, key=lambda move: ((move.without or 0) - move.rank, -move.rank))
    return (
        f"{_title(worst.chunk)} would fall from rank {worst.rank} to {worst.without}, "
        f"though the same {count} passages would be found"
    )


def match_consequence(match: PassageMatch) -> str:
    """The word that a passage's rank in reranking rests on most."""
    worst = max(match.words, key=lambda met: met.rank_without, default=None)
    if worst is None:
        return "The passage has no words to meet the question's with."
    if worst.rank_without <= match.rank:
        return f"No single word carries this passage: without any one of them it would still rank {match.rank} here."
    return f"Were “{worst.word}” not counted, this passage would fall from {match.rank} to {worst.rank_without} here."


def _place(move: Move) -> str:
    return f"at rank {move.without}" if move.without else f"below rank {CANDIDATES}"


def _sentences_lost(seen: Inspection, what_if: WhatIf) -> str:
    """How many drafted sentences stand in a passage that would be lost."""
    ranks = {move.rank for move in what_if.lost}
    sentences = seen.steps.sentences if seen.steps else ()
    lost = sum(sentence.passage_rank in ranks for sentence in sentences)
    if not lost:
        return ""
    stand = "stands" if lost == 1 else "stand"
    return f"; {lost} of the {len(sentences)} drafted sentences {stand} in what would be lost"


def _reading(seen: Inspection, graph: GraphStore) -> dict[str, str]:
    found, said = seen.retrieval, {}
    if what_if := seen.without("conversation"):
        lost = _sentences_lost(seen, what_if)
        said["conversation"] = f"Read by itself, without the question before it, {effect(what_if)}{lost}."
    if what_if := seen.without("spelling"):
        words = _listed([f"“{c.typed}”" for c in found.corrections])
        meant = _listed([f"“{c.meant}”" for c in found.corrections])
        lost = _sentences_lost(seen, what_if)
        said["spelling"] = f"Had {words} not been read as {meant}, {effect(what_if)}{lost}."
    if what_if := seen.without("names"):
        titles = {c.id: c.title for i in found.concepts if (c := graph.concept(i))}
        names = _listed([titles[i] for i in found.concepts if i in titles][:_MOST_WORDS])
        said["names"] = f"Had {names} not been recognised, {effect(what_if)}{_sentences_lost(seen, what_if)}."
    return said or {
        "read": "No word was corrected and no concept was recognised, so the graph has no say: "
        "only the words themselves and their meaning can find something."
    }


def _graph_rider(seen: Inspection, part: str) -> str:
    if part != GRAPH:
        return ""
    added = {chunk_id for widening in seen.widenings for chunk_id in widening.added}
    kept = sum(result.chunk.id in added for result in seen.retrieval.results)
    return f"; {kept} of them no retriever had found" if kept else ""


def _repeats(seen: Inspection) -> str:
    repeated = Counter(drop.of for drop in seen.retrieval.trace.dropped if drop.reason == "repeats")
    if not repeated:
        return "No passage found repeats a better one, so nothing had to be left out for that."
    count = sum(repeated.values())
    copies = "1 place would go to a copy" if count == 1 else f"{count} places would go to copies"
    most = repeated.most_common(1)[0][0]
    chunk = next((r.chunk for r in seen.retrieval.results if r.chunk.id == most), None)
    return f"Were repeats kept, {copies}{f' of {_title(chunk)}' if chunk and len(repeated) == 1 else ''}."


def _composing(steps: AnswerSteps) -> str:
    count = len(steps.sentences)
    if not count:
        return "No sentence of the passages could be drafted, so there is nothing to say."
    lost = sum(sentence.passage_rank not in {1, None} for sentence in steps.sentences)
    elsewhere = sum(sentence.passage_rank is None for sentence in steps.sentences)
    said = f"Had only the first passage been found, {lost} of the {count} drafted sentences would be lost"
    if elsewhere:
        stand = "1 stands" if elsewhere == 1 else f"{elsewhere} stand"
        said += f"; {stand} in notes of the concepts named, which are read whole"
    return f"{said}."


def _deciding(steps: AnswerSteps) -> str:
    grounds, above = steps.grounds, steps.grounds.score - steps.bound
    nearest = max(grounds.sentence, grounds.passage)
    if grounds.suffice and above <= nearest:
        likeness = (
            f"With a likeness of {nearest - above:.2f} instead of {nearest:.2f} for the nearest sentence or passage"
        )
        return f"{likeness}, the notes would be said not to answer it."
    if grounds.suffice:
        return (
            f"It is {above:.2f} above the bound: only words of the question that the notes have nothing like, "
            "or a fact that they lack, could make this a refusal."
        )
    missing = _listed([f"“{word}”" for word in steps.draft.coverage.missing[:_MOST_WORDS]])
    if replace(grounds, lacks_fact=False).suffice:
        return (
            f"By likeness alone ({above:.2f} above the bound) this would be answered, from sentences about the right "
            f"thing that lack the fact asked for{f': nothing is like {missing}' if missing else ''}."
        )
    term = min(steps.terms, key=lambda term: term.value)
    words = f" ({missing})" if missing and term.name == "shortfall" else ""
    if above - term.value >= 0 and not grounds.lacks_fact:
        return (
            f"Did “{term_words(term.name)}”{words} not take {-term.value:.2f} away, the score would be "
            f"{grounds.score - term.value:.2f}, and the sentences drafted would be given as an answer."
        )
    check = " and no check for the one fact asked for" if grounds.lacks_fact else ""
    return (
        f"With a bound {-above:.2f} lower{check}, the sentences drafted would be given as an answer, "
        f"though nothing in them is like {missing or 'what is asked'}."
    )


def _verifying(steps: AnswerSteps) -> str:
    answer, held = steps.answer, sum(sentence.held for sentence in steps.sentences)
    if answer.mode != EXTRACTIVE and answer.prompt:
        return (
            f"{answer.mode} wrote this from the prompt below: a sentence without a passage that supports it is not "
            f"shown, and {answer.dropped} of its sentences were left out."
        )
    if not steps.sentences:
        return "There is no sentence to check."
    if held == len(steps.sentences):
        return (
            f"All {held} sentences drafted stand word for word at the lines that they name; "
            "one that did not would be left out and counted."
        )
    return f"{len(steps.sentences) - held} of {len(steps.sentences)} sentences drafted do not stand at their lines."


def _title(chunk: Chunk) -> str:
    words = " › ".join(chunk.headings)
    return f"“{words if len(words) <= _LONGEST_TITLE else words[: _LONGEST_TITLE - 1].rstrip() + '…'}”"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}" if words else ""
