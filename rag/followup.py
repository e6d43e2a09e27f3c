"""Reads a follow-up question together with the one before it, by rule: what it leaves unsaid is put in from there.

"And when does it break?" asks about what was asked about before; "And Kafka?" asks the question before of something
else; "What is Kafka?" needs nothing. A question that could be anything is left alone: a wrong guess answers what nobody
asked. Pronouns, openings and the words for aspects of a thing decide, and the names that the notes have.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from graph.names import Mention
from graph.schema import Answer
from graph.store import GraphStore
from rag.vocabulary import ASPECTS, SMALL_WORDS
from rag.wording import tokens

IsKnown = Callable[[str], float]
"""The share of a text's words that occur anywhere in the notes, in [0, 1]."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question as it was read, and the ids of the concepts that its answer named."""

    question: str
    concepts: tuple[str, ...] = ()
    answered: bool = True


def turn_of(answer: Answer) -> Turn:
    """What a follow-up needs to know of an answer."""
    return Turn(answer.read_as or answer.question, answer.concepts, answer.status != "not_in_sources")


_OPENING = re.compile(
    r"^\s*(?:(?:and|but|so|ok(?:ay)?|then|well|also|or|thanks|no|yes|hm+)\b[,.:;!\s]*)+", re.IGNORECASE
)
_WHAT_ABOUT = re.compile(r"^\s*(?:what|how)\s+(?:about|if|with)\s+|^\s*(?:for|with|in|of|to|than)\s+", re.IGNORECASE)
_SINGULAR = "it|its|itself|this|that|this one|that one|the same|the concept|the topic|the technique|the method"
_PLURAL = (
    "they|them|their|theirs|these|those|both|either|the two|the former|the latter|each other|which one|which of them"
)
_PRONOUN = re.compile(rf"\b(?P<one>{_SINGULAR})\b|\b(?P<many>{_PLURAL})\b", re.IGNORECASE)
# "it" that stands for nothing, and "that" that joins clauses or points at the word behind it.
_EMPTY = re.compile(
    r"\b(?:is|was|would|be)\s+it\s+(?:\w+\s+)?(?:to|that|ok|worth|time|raining)\b"
    r"|\b(?:does|will|would|did)\s+it\s+(?:take|pay|help|make\s+sense)\s+to\b|\b(?:find|makes?)\s+it\s+\w+\s+to\b"
    r"|\bit\s+(?:is|was|'s|would\s+be|takes?|makes\s+sense)\s+(?:\w+\s+){0,3}(?:to|that)\b"
    r"|\bit'?s\s+(?:raining|time|true)\b|\b(?:what|which)\s+(?:time|day|year)\s+is\s+it\b"
    r"|\b(?:say|says|said|know|think|true|means?|so|such|ensure|show|shows|given|fact|is it)\s+that\b"
    r"|\b(?:this|that|these|those)\s+(?:week|year|day|month|morning|course|app|time)\b"
    r"|\b(?!does\b|is\b|was\b|has\b)\w+(?:s|ion|ing|er|or|em|el|ex)\s+that\s+(?:is|are|has|have|can|\w+s)\b",
    re.IGNORECASE,
)
_COMPARING = re.compile(
    r"\b(?:which|what)\b.*\b(?:better|more|less|first|one|\w+er)\b|\bdiffer|\bcompar|\bin common\b", re.IGNORECASE
)
_JOINING = frozenset({"a", "an", "and", "for", "in", "instead", "of", "or", "please", "the", "then", "to", "with"})
_MOST_CARRIED = 3


def resolve_follow_up(
    question: str, conversation: Sequence[Turn], graph: GraphStore, is_known: IsKnown = lambda text: 1.0
) -> str | None:
    """The question as it is to be read, or None when it stands alone. Only the last turn counts."""
    if not conversation:
        return None
    before = conversation[-1]
    subjects = _subjects(before, graph)
    if not subjects:
        return None
    titles = [concept.title for concept in map(graph.concept, subjects) if concept]
    asked, opened = _without_opening(question)
    mentions = [m for m in graph.find_mentions(asked) if not set(_content(asked[m.start : m.end])) <= ASPECTS]
    if mentions:
        return _read_with_names(asked, mentions, opened, before, titles, graph)
    rest = _content(asked)
    if rest and is_known(" ".join(rest)) == 0.0 and not set(rest) <= ASPECTS:
        return None  # it speaks of what the notes never mention
    if pronoun := _pronoun(asked):
        return _put_in(asked, pronoun, titles)
    if set(rest) <= ASPECTS or _WHAT_ABOUT.match(asked) or (opened and len(rest) <= 3):
        carried = titles if len(titles) == 1 or _COMPARING.search(asked) else titles[:_MOST_CARRIED]
        return f"{_sentence(asked)} (about {_listed(carried)})"
    return None


def _subjects(turn: Turn, graph: GraphStore) -> list[str]:
    """The concepts that the last question named; where it named none, the one that its answer put first."""
    named = [i for mention in graph.find_mentions(turn.question) for i in _sides(mention.concept_id, graph)]
    if named:
        return list(dict.fromkeys(named))[:_MOST_CARRIED]
    return list(turn.concepts[:1]) if turn.answered else []


def _sides(concept_id: str, graph: GraphStore) -> list[str]:
    """Both concepts of a note that compares two, such as "HNSW or IVF"; of any other concept itself."""
    concept = graph.concept(concept_id)
    if concept and concept.kind == "comparison":
        sides = [side.id for part in concept.title.split(" or ") if (side := graph.resolve(part.split(":")[0]))]
        if len(sides) > 1:
            return sides
    return [concept_id]


def _read_with_names(
    asked: str, mentions: Sequence[Mention], opened: bool, before: Turn, titles: Sequence[str], graph: GraphStore
) -> str | None:
    """A question that names a concept stands alone, unless a pronoun before it points back, or it is but a name."""
    pronoun = _pronoun(asked)
    if pronoun and pronoun.start() < mentions[0].start:
        return _put_in(asked, pronoun, titles)
    elliptical = opened or _WHAT_ABOUT.match(asked)
    left = {token.text.casefold() for token in tokens(_cut(asked, mentions))}
    if not elliptical or not left <= _JOINING:
        return None
    old = graph.find_mentions(before.question)
    new = [asked[m.start : m.end] for m in mentions]
    if len({m.concept_id for m in old}) != 1:
        return None  # of a comparison it does not say which side it changes
    if {m.concept_id for m in mentions} == {old[0].concept_id}:
        return None
    return _sentence(before.question[: old[0].start] + _listed(new) + before.question[old[0].end :])


def _pronoun(asked: str) -> re.Match[str] | None:
    """The first pronoun that points back."""
    empty = [match.span() for match in _EMPTY.finditer(asked)]
    pronouns = (m for m in _PRONOUN.finditer(asked) if not any(start <= m.start() < end for start, end in empty))
    return next((m for m in pronouns if not _is_determiner(asked, m)), None)


def _is_determiner(asked: str, match: re.Match[str]) -> bool:
    """Whether "this" or "that" belongs to a word behind it that says itself what is meant, as in "that database"."""
    if match[0].casefold() not in {"this", "that", "these", "those"}:
        return False
    behind = re.match(r"\s+([A-Za-z]+)", asked[match.end() :])
    return behind is not None and behind[1].casefold() not in SMALL_WORDS | ASPECTS


def _put_in(asked: str, pronoun: re.Match[str], titles: Sequence[str]) -> str:
    word = pronoun[0].casefold()
    if word == "the former":
        names = titles[0]
    elif word == "the latter":
        names = titles[-1]
    elif pronoun["one"]:
        names = titles[0] if len(titles) == 1 else _listed(titles)
    else:
        names = _listed(titles)
    if word in {"its", "their", "theirs"}:
        names += "'" if names.endswith("s") else "'s"
    if word in {"which one", "which of them", "both", "either", "the two", "each other"}:
        names = f"{pronoun[0]} ({names})"
    return _sentence(asked[: pronoun.start()] + names + asked[pronoun.end() :])


def _without_opening(question: str) -> tuple[str, bool]:
    match = _OPENING.match(question)
    return (question[match.end() :], True) if match and question[match.end() :].strip() else (question, False)


def _content(text: str) -> list[str]:
    words = (token.text.casefold() for token in tokens(text) if token.text[0].isalpha())
    return [word for word in words if word not in SMALL_WORDS]


def _cut(text: str, mentions: Iterable[Mention]) -> str:
    for mention in sorted(mentions, key=lambda m: -m.start):
        text = f"{text[: mention.start]} {text[mention.end :]}"
    return _WHAT_ABOUT.sub("", text)


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def _sentence(text: str) -> str:
    text = " ".join(text.split())
    return text[:1].upper() + text[1:]
