"""Decides what a question asks for: which parts of an answer it wants, and whether it compares or asks for reading."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from rag.vocabulary import ASPECTS, SMALL_WORDS

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
_NEED = _cue("why (?:do|does|would|must) .+ (?:need|require|use|rely on)")
_PREPARATION = _cue(
    r"before (?:i |you |one )?(?:learn\w*|study\w*|start\w*|read\w*)",
    r"(?:learn|know|study|understand|read) before",
    "prerequisites?",
    "need to (?:know|learn|understand)",
    "learn first",
    "builds? on",
    "depends? on",
)

_DEFINES = _cue("what(?:'?s| is| are)", "define", "explain", "describe", "tell me about")
_DEFINING = {"what's", "whats", "define", "explain", "describe", "tell"}
_FEW_WORDS = 1  # with more words of its own, a question about a concept asks something particular

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


def read_question(question: str, names: Sequence[str]) -> Reading:
    """Reads a question that names concepts by these words.

    `relate` asks how two concepts connect, `compare` weighs them, `prepare` asks what one builds on, `read` asks for
    reading, `about` asks about one concept as a whole, and `direct` is everything else.
    """
    found = sorted((match.start(), role) for role, cue in _CUES if (match := cue.search(question)))
    roles = tuple(dict.fromkeys(role for _, role in found))
    return Reading(roles, _intent(question, roles, names))


def _intent(question: str, roles: tuple[Role, ...], names: Sequence[str]) -> Intent:
    named = len(names)
    if "resource" in roles:
        return "read"
    if named >= 2 and (_CONNECTION.search(question) or _asks_for_need(question, names)):
        return "relate"
    if named >= 2 and _COMPARISON.search(question):
        return "compare"
    if named == 1 and _PREPARATION.search(question):
        return "prepare"
    asks_for_all = named == 1 and roles[:1] in {("definition",), ("plain",), ("how",)}
    return "about" if asks_for_all and len(_other_words(question, names)) <= _FEW_WORDS else "direct"


def _asks_for_need(question: str, names: Sequence[str]) -> bool:
    """Whether a question asks why one of two concepts needs the other, and nothing else."""
    return _NEED.search(question) is not None and not _other_words(question, names)


def words_for_parts(question: str) -> dict[Role, tuple[str, ...]]:
    """The words by which a question asks for parts of an answer: a section that gives such a part answers to them."""
    found = ((role, match[0]) for role, cue in _CUES for match in cue.finditer(question))
    words: dict[Role, tuple[str, ...]] = {}
    for role, cue_text in found:
        words[role] = (*words.get(role, ()), *cue_text.split())
    return words


def _other_words(question: str, names: Sequence[str]) -> list[str]:
    """The words of a question besides concepts' names and what can be asked of anything."""
    return [word for word in _words_besides(question, names) if word not in ASPECTS]


def _words_besides(question: str, names: Sequence[str]) -> list[str]:
    folded = question.casefold()
    for name in names:
        folded = folded.replace(name.casefold(), " ")
    return [word for word in re.findall(r"[\w'-]+", folded) if word not in SMALL_WORDS and word not in _DEFINING]


def asks_of_two(question: str) -> bool:
    """Whether a question asks how two things connect, or why one needs the other."""
    return any(cue.search(question) for cue in (_CONNECTION, _NEED))


def asks_what_it_is(question: str, names: Sequence[str]) -> bool:
    """Whether a question names concepts and asks nothing of them but what they are: it asks for no claim."""
    return bool(names) and _DEFINES.search(question) is not None and not _words_besides(question, names)


def section_role(headings: tuple[str, ...]) -> Role:
    """What part of an answer the text under a heading path gives; the text before any heading defines."""
    if headings[:1] == ("Resources",):
        return "resource"
    if len(headings) <= 1:
        return "definition"
    return next((role for role, pattern in _ROLE_OF_HEADING if pattern.search(headings[-1].strip())), "other")
