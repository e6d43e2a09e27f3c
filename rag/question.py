"""Decides what a question asks for: which parts of an answer it wants, and whether it compares or asks for reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal[
    "definition",
    "plain",
    "choice",
    "position",
    "how",
    "trade_off",
    "failure",
    "number",
    "interview",
    "connections",
    "resource",
    "other",
]
Intent = Literal["relate", "compare", "prepare", "read", "about", "direct"]


def _cue(*alternatives: str) -> re.Pattern[str]:
    return re.compile(rf"\b({'|'.join(alternatives)})\b", re.IGNORECASE)


_CUES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "definition",
        _cue(
            "what (?:is|are|does .{1,40} mean)",
            "what'?s",
            "define",
            "explain",
            "tell me about",
            "meaning of",
            "describe",
        ),
    ),
    (
        "plain",
        _cue(
            "eli5", "in (?:plain|simple|simpler|layman'?s) (?:words|terms|english)", "like i'?m (?:five|5)", "analogy"
        ),
    ),
    (
        "how",
        _cue(
            "how (?:do|does|did|can|would|is|are|to|should|will)",
            *("walk me through", "explain", "steps?", "build", "implement"),
        ),
    ),
    (
        "trade_off",
        _cue(
            *(
                "trade-?offs?",
                "costs?",
                "downsides?",
                "drawbacks?",
                "advantages?",
                "benefits?",
                "pros",
                "cons",
                "worth",
            ),
            *("when (?:would|should|do|to|is|does)", "why", "choose", "instead", "prefer"),
        ),
    ),
    (
        "failure",
        _cue(
            *("breaks?", "fails?", "failures?", "failing", "go(?:es)? wrong", "pitfalls?", "problems?", r"degrad\w+"),
            *(r"diagnos\w+", "limits?", "limitations?", "risks?", "bias(?:es)?", "mistakes?", r"weakness\w*"),
        ),
    ),
    (
        "number",
        _cue(
            "how (?:many|much|large|big|long|fast|often)",
            *("numbers?", "figures?", "memory", "latency", "size", r"percent\w*"),
        ),
    ),
    (
        "resource",
        _cue(
            *("read", "resources?", "books?", "courses?", "tutorials?", "articles?", "papers?", "videos?", "watch"),
            *("study material", "learn more", "where can i (?:learn|practi[sc]e)"),
        ),
    ),
)
_COMPARISON = _cue(
    *(r"vs\.?", "versus", "or", r"differ\w*", r"compar\w+", r"contrast\w*", "instead of", "rather than", "better than"),
    "when would you use .+ (?:and|vs)",
)

_CONNECTION = _cue(
    r"relat\w+ to", r"connect\w*", r"link(?:s|ed)?", "leads? to", "depends? on", "builds? on", "in common", "relates?"
)
_PREPARATION = _cue(
    r"before (?:i )?(?:learn\w*|study\w*|start\w*)?",
    "prerequisites?",
    "need to (?:know|learn|understand)",
    "learn first",
    "builds? on",
    "depends? on",
)

_ROLE_OF_HEADING: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("connections", re.compile(r"^(connections|related|see also|links|references)$", re.I)),
    ("choice", re.compile(r"^choose ", re.I)),
    ("position", re.compile(r"^position$", re.I)),
    ("failure", re.compile(r"(where .* breaks?|fail|pitfall|limitation|problem|gotcha|caveat|risk)", re.I)),
    ("trade_off", re.compile(r"(trade.?off|when to|pros|cons|advantage|benefit|why)", re.I)),
    ("number", re.compile(r"(number|figure|cost|complexity|benchmark)", re.I)),
    ("interview", re.compile(r"interview", re.I)),
    ("how", re.compile(r"(how|mechanism|algorithm|steps|works|architecture|implementation)", re.I)),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question was read: the parts of an answer that it asks for, in its order, and what it is after."""

    roles: tuple[Role, ...]
    intent: Intent


def read_question(question: str, named: int) -> Reading:
    """Reads a question that names so many concepts.

    `relate` asks how two concepts connect, `compare` weighs them, `prepare` asks what one builds on, `read` asks for
    reading, `about` asks about one concept as a whole, and `direct` is everything else.
    """
    found = sorted((match.start(), role) for role, cue in _CUES if (match := cue.search(question)))
    roles = tuple(dict.fromkeys(role for _, role in found))
    return Reading(roles, _intent(question, roles, named))


def _intent(question: str, roles: tuple[Role, ...], named: int) -> Intent:
    if "resource" in roles:
        return "read"
    if named >= 2 and _CONNECTION.search(question):
        return "relate"
    if named >= 2 and _COMPARISON.search(question):
        return "compare"
    if named == 1 and _PREPARATION.search(question):
        return "prepare"
    return "about" if named == 1 and roles[:1] in {("definition",), ("plain",), ("how",)} else "direct"


def section_role(headings: tuple[str, ...]) -> Role:
    """What part of an answer the text under a heading path gives; the text before any heading defines."""
    if headings[:1] == ("Resources",):
        return "resource"
    if len(headings) <= 1:
        return "definition"
    return next((role for role, pattern in _ROLE_OF_HEADING if pattern.search(headings[-1].strip())), "other")
