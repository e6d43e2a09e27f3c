"""Decides which words can name a concept: what is boilerplate, what is a list of terms, what an acronym stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator

from graph.names import normalise_name
from ingest.words import BOILERPLATE, GENERIC, NO_START, PHRASE_WORDS, STOP_WORDS

_LISTING = re.compile(
    r"\b(focus|topics?|goals?|objectives?|outcomes?|outline|contents|agenda|syllabus|covers|"
    r"key (?:terms|concepts|ideas))\b"
)
_STUDY_AID = re.compile(
    r"\b(resources?|readings?|references?|links|bibliography|videos?|practi[cs]e|activities|exercises?|homework|"
    r"assignments?|quiz|questions?|problems|checkpoint|reflection|checklist|review|mocks?|faq|schedule|logistics|"
    r"acknowledge?ments|projects?|see also)\b"
)
_PREPOSITION = re.compile(
    r"\s+(?:to|for|in|with|without|at|that|which|on|from|by|of|across|under|over|as|when|where|while|using|via|into|"
    r"until|because|so|per|within|between|through|during|is|are|plus)\s",
    re.IGNORECASE,
)
_PARENTHESES = re.compile(r"\s*\(([^()]*)\)")
_INTRODUCES = re.compile(r"^(?:incl\.?|including|e\.g\.?,?|i\.e\.?,?|such as|like|and|or|the|an?)\s+", re.IGNORECASE)
_SEPARATOR = re.compile(r"\s*(?:[,;]|\.\s|\.$)\s*")
_JOINED = re.compile(r"\s+(?:and|or|&|\+|→|->|=)\s+|\s*→\s*|(?<=[^\W\d])/(?=[^\W\d])|\s+/\s+", re.IGNORECASE)
_VERSUS = re.compile(r"\s+(?:vs\.?|versus)\s+", re.IGNORECASE)
_WORD = re.compile(r"[^\s]+")
ACRONYM = re.compile(r"(?:[A-Z][A-Z0-9]{1,7}|[A-Z]{1,3}[a-z]?[A-Z][A-Z0-9]*)s?")
_QUALIFIERS = re.compile(r"^(?:key|basic|core|common|important|main)\s+|\s+basics$", re.IGNORECASE)
_LONGEST_TIDIED = 300  # characters; no name is as long
_LONGEST = 5  # words
_EDGES = " \t\n.,;:!?*_`\"'“”‘’[]<>|-–—…#"


def is_boilerplate(heading: str) -> bool:
    """Whether a heading only says what kind of section follows."""
    name = normalise_name(re.sub(r"^[\d.)\s]+", "", heading)).strip(_EDGES)
    parts = [part for part in re.split(r"\s*(?:&|\band\b|,|:)\s*", name) if part]
    return all(part in BOILERPLATE for part in parts)


def is_listing(heading: str) -> bool:
    """Whether a section under this heading lists what is to be learnt."""
    return bool(_LISTING.search(normalise_name(heading)))


def is_study_aid(heading: str) -> bool:
    """Whether a section under this heading lists what to do or to read, and so names and defines nothing."""
    return bool(_STUDY_AID.search(normalise_name(heading)))


def tidy(name: str) -> str:
    """A term without the marks, brackets and articles around it."""
    name = _PARENTHESES.sub("", name[:_LONGEST_TIDIED]).strip(_EDGES + "()")
    previous = None
    while previous != name:
        previous, name = name, _INTRODUCES.sub("", name).strip(_EDGES + "()")
    return " ".join(_QUALIFIERS.sub("", name).split())


def is_term(name: str) -> bool:
    """Whether words can name a concept: few, no clause, no instruction, no number, not boilerplate."""
    words = name.casefold().split()
    if not words or len(words) > _LONGEST or not 2 <= len(name) <= 60:
        return False
    if (
        words[0] in NO_START
        or _is_instruction(words)
        or set(words) & STOP_WORDS
        or words[-1] in NO_START - {"learning", "code", "design"}
    ):
        return False
    if len(words) == 1 and (words[0] in GENERIC or (len(name) < 3 and not name.isupper())):
        return False
    if is_boilerplate(name) or not re.search(r"[^\W\d_]{2}", name) or re.match(r"^[\d~$€<>=+]", name):
        return False
    if name.casefold().count("-") > 2 or re.search(
        r"[?!@{}\\=:\[\]()<>|]|_\w|://|www\.|\.(?:com|org|io|ai|md|py|png|jpg|pdf|toml)\b", name
    ):
        return False
    return not all(word in GENERIC - {"data"} for word in words)


def is_noun_phrase(heading: str) -> bool:
    """Whether a heading is a name, not a phrase such as "Charts for large data"."""
    return not set(heading.casefold().split()[1:]) & PHRASE_WORDS


def _is_instruction(words: list[str]) -> bool:
    """Whether words begin like "Building a parser", from a verb that gives instructions."""
    first = words[0]
    if len(words) == 1 or not first.endswith("ing"):
        return False
    stem = first[:-3]
    return bool({stem, f"{stem}e", stem[:-1] if stem[-1:] == stem[-2:-1] else stem} & NO_START)


def enumeration(clause: str, *, labelled: bool = False) -> list[str]:
    """The terms that a list such as "Trees, graphs (BFS/DFS), merge/quick sort." names, in order.

    A clause that gives an instruction names nothing, unless it is `labelled` as a list ("Know: what to log, drift").
    """
    found: list[str] = []
    for part in re.split(r"[;:]\s+|\.\s+", clause):
        first = tidy(part).split(" ", 1)[0].casefold()
        if first in NO_START and not labelled:
            continue
        pieces = list(_pieces(part))
        if len(pieces) >= 2 or len(_SEPARATOR.split(clause.strip(" ."))) >= 2:
            found += pieces
    return list(dict.fromkeys(found))


def _pieces(part: str) -> Iterator[str]:
    inner = [match[1] for match in _PARENTHESES.finditer(part)]
    for piece in _SEPARATOR.split(_PARENTHESES.sub("", part)):
        yield from _single_terms(piece)
    for text in inner:
        for piece in _SEPARATOR.split(text):
            yield from _single_terms(piece)


def _single_terms(piece: str) -> Iterator[str]:
    piece = _PREPOSITION.split(f"{tidy(piece)} ", maxsplit=1)[0]
    if _VERSUS.search(piece):
        sides = [tidy(side) for side in _VERSUS.split(piece)]
        if len(sides) == 2 and all(len(side.split()) <= 3 and side for side in sides) and is_term(sides[0]):
            yield f"{sides[0]} vs {sides[1]}"
        return
    parts = [tidy(part) for part in _JOINED.split(piece)]
    if len(parts) == 2 and len(parts[0].split()) == 1 and len(parts[1].split()) == 2 and "/" in piece:
        head = parts[1].split()[1]  # "merge/quick sort" is merge sort and quick sort
        if not ACRONYM.fullmatch(parts[0]):
            parts[0] = f"{parts[0]} {head}"
    yield from (part for part in parts if is_term(part))


_LONG_NAME = r"((?:[A-Za-z][\w\-]*[\s\-]){1,6}?[A-Za-z][\w\-]*)"
_LONG_FIRST = re.compile(r"\(([A-Z][A-Za-z0-9\-]{1,9}s?)\)")
_SHORT_FIRST = re.compile(r"\b([A-Z][A-Za-z0-9]{1,8})\s+\(([A-Za-z][\w\-]*(?:[\s\-][A-Za-z][\w\-]*){1,6})\)")
_NAME_WORD = re.compile(r"[A-Za-z0-9][\w]*")


def acronym_pairs(text: str) -> list[tuple[str, str]]:
    """(long name, acronym) wherever a text gives both: "Retrieval-Augmented Generation (RAG)", "RAG (retrieval …)".

    The acronym's letters must begin the words of the name, joining words aside (Schwartz and Hearst, 2003, simplified).
    """
    found = []
    for match in _LONG_FIRST.finditer(text):
        acronym = match[1]
        words = list(_NAME_WORD.finditer(text, max(0, match.start() - 100), match.start()))
        for count in range(2, min(len(words), 8) + 1):
            start = words[-count].start()
            name = text[start : match.start()].strip()
            if _spells(acronym, name) and "." not in name and "," not in name:
                found.append((tidy(name), acronym))
                break
    found += [(tidy(m[2]), m[1]) for m in _SHORT_FIRST.finditer(text) if _spells(m[1], m[2])]
    return [(name, acronym) for name, acronym in found if name and name.casefold() != acronym.casefold()]


def _spells(acronym: str, name: str) -> bool:
    letters = acronym.rstrip("s") if len(acronym) > 2 else acronym
    if sum(letter.isupper() for letter in letters) < 2:
        return False
    words = _NAME_WORD.findall(name.replace("-", " "))
    wanted = letters.replace("-", "").casefold()
    small = {"of", "the", "and", "for", "in", "a", "an", "to", "with", "by", "on"}
    if not words or words[0].casefold() in small:
        return False
    initials = "".join(word[0] for word in words).casefold()
    content = "".join(word[0] for word in words if word.casefold() not in small).casefold()
    return wanted in {initials, content}
