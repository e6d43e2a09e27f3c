"""Decides what a question asks for: which parts of an answer it wants, and whether it compares or asks for reading."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Role = Literal["definition", "how", "trade_off", "failure", "number", "interview", "connections", "resource", "other"]

_CUES: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "definition",
        re.compile(r"\b(what (?:is|are|does .{1,40} mean)|what'?s|define|explain|tell me about|meaning of|describe)\b", re.I),
    ),
    ("how", re.compile(r"\b(how (?:do|does|did|can|would|is|are|to|should|will)|walk me through|explain|steps?|build|implement)\b", re.I)),
    (
        "trade_off",
        re.compile(r"\b(trade-?offs?|costs?|downsides?|drawbacks?|advantages?|benefits?|pros|cons|worth|when (?:would|should|do|to|is|does)|why|choose|instead|prefer)\b", re.I),
    ),
    (
        "failure",
        re.compile(r"\b(breaks?|fails?|failures?|failing|go(?:es)? wrong|pitfalls?|problems?|degrad\w+|diagnos\w+|limits?|limitations?|risks?|bias(?:es)?|mistakes?|weakness\w*)\b", re.I),
    ),
    ("number", re.compile(r"\b(how (?:many|much|large|big|long|fast|often)|numbers?|figures?|memory|latency|size|percent\w*)\b", re.I)),
    ("resource", re.compile(r"\b(read|resources?|books?|courses?|tutorials?|articles?|papers?|videos?|watch|study material|learn more|where can i (?:learn|practi[sc]e))\b", re.I)),
)  # fmt: skip
_COMPARISON = re.compile(
    r"\b(vs\.?|versus|or|differ\w*|compar\w+|contrast\w*|instead of|rather than|better than|when would you use .+ (?:and|vs))\b", re.I
)

_ROLE_OF_HEADING: tuple[tuple[Role, re.Pattern[str]], ...] = (
    ("connections", re.compile(r"^(connections|related|see also|links|references)$", re.I)),
    ("failure", re.compile(r"(where .* breaks?|fail|pitfall|limitation|problem|gotcha|caveat|risk)", re.I)),
    ("trade_off", re.compile(r"(trade.?off|when to|pros|cons|advantage|benefit|why)", re.I)),
    ("number", re.compile(r"(number|figure|cost|complexity|benchmark)", re.I)),
    ("interview", re.compile(r"interview", re.I)),
    ("how", re.compile(r"(how|mechanism|algorithm|steps|works|architecture|implementation)", re.I)),
)


@dataclass(frozen=True, slots=True)
class Reading:
    """How a question was read: the parts it asks for, in its order, and whether it weighs things against each other."""

    roles: tuple[Role, ...]
    compares: bool


def read_question(question: str, named: int) -> Reading:
    """Reads a question that names so many concepts; a comparison needs two."""
    found = sorted((match.start(), role) for role, cue in _CUES if (match := cue.search(question)))
    roles = tuple(dict.fromkeys(role for _, role in found))
    return Reading(roles, named >= 2 and bool(_COMPARISON.search(question)))


def section_role(headings: tuple[str, ...]) -> Role:
    """What part of an answer the text under a heading path gives; the text before any heading defines."""
    if headings[:1] == ("Resources",):
        return "resource"
    if len(headings) <= 1:
        return "definition"
    return next((role for role, pattern in _ROLE_OF_HEADING if pattern.search(headings[-1].strip())), "other")
