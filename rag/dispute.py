"""Finds out where the notes contradict each other about what is asked: two sentences that cannot both be right.

No model judges this; three signs do, each of which can be pointed at in the sentences themselves: different quantities
for what is asked, one sentence denying what the other says, or different names in the place that the question asks for.
Sentences that speak of different cases ("adults pay", "children pay") do not contradict each other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from rag.polarity import denied_otherwise, opposites
from rag.quantities import quantities
from rag.wording import content_stems, has_stem, names, share, stem, tokens

if TYPE_CHECKING:
    from rag.embed import FloatArray

_RELEVANT = 0.5  # cosine with the question from which a sentence speaks of what is asked
_BEHIND = 0.25  # how far behind the best sentence's cosine it may be
_MOST = 8  # sentences that are compared with each other
_FEWEST_WORDS = 2  # "What is HNSW?" asks for no claim that could be disputed
_ON_SUBJECT = 0.5  # share of the question's words that a sentence and its title have
_ALIKE = 0.6  # cosine from which two sentences speak of one thing
_TEMPLATE = 0.6  # share of words in common from which two sentences differ in one place only
_COMMON = 0.5  # share of words in common below which another name or an opposite word says nothing
_SOME = 0.3  # the same where a word of the question is denied
_IN_TIME = {"before", "after", "first", "last"}  # of two sentences about one order of events, both may be right
_FIGURES = 3  # a clause, or a sentence that denies, with as many calculates; it makes no plain statement
_ROUNDING = 0.15  # how far two quantities may be apart when one is called approximate

_HOW_MUCH = re.compile(
    r"\bhow (?:many|much|long|often|old|deep|wide|fast|large|big|small|high|tall|far|heavy|hot|cold|soon|late|early)\b"
    r"|^when\b|\b(?:what|which|what's)\b.*\b(?:time|year|date|day|size|dose|price|number|percentage|share|period|limit"
    r"|maximum|minimum|load|temperature|speed|length|width|depth|height|weight|rate|cost|timeout|threshold|age|fee)\b",
    re.IGNORECASE,
)
_HOW_MANY = re.compile(r"\bhow many (\w+)", re.IGNORECASE)
_ASKED_FOR = re.compile(r"\b(?:which|what|whose)\s+(?:kind of |type of )?([a-z]{3,})", re.IGNORECASE)
_ASKS_A_NAME = re.compile(r"^(?:which|what|who|whose|where)\b", re.IGNORECASE)
_APPROXIMATE = re.compile(r"\b(?:about|around|approximately|roughly|some|nearly|almost|circa)\b|[~≈]", re.IGNORECASE)
_NO_CLAIM = re.compile(r"\?\s*$| \| ")  # a question, or the cells of a table
_POINTS_BACK = re.compile(r"^(?:it|its|this|that|these|they|their)\b", re.IGNORECASE)
_NUMBERED = re.compile(
    r"\b(version|release|edition|chapter|week|part|model|level|type|class|phase|step|v)\.? ?(\d[\d.]*)", re.IGNORECASE
)
_MAIN_CLAUSE = re.compile(r"[;:–—]|,\s*(?:because|since|so that|and|but|which|whereas|while|not)\b|\bbecause\b")
# What is denied in a condition or of an attribute is the case that a sentence speaks of, not what it says of it.
_CONDITION = re.compile(
    r"\b(?:if|unless|when|whenever|where)\b[^,;:.]*\b(?:not|no|never)\b[^,;:.]*"
    r"|(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )\bnon-\w+ (?=\w)",
    re.IGNORECASE,
)
_NOT_DONE = re.compile(
    r"([\w-]+(?: [\w-]+)?) (?:is|are|was|were) (?:not|never) "
    r"(?:used|needed|required|allowed|permitted|possible|supported|called|charged|available)\b",
    re.IGNORECASE,
)
_INCOMPATIBLE: tuple[tuple[re.Pattern[str], re.Pattern[str], str], ...] = (
    (
        re.compile(r"\b(?:forbidden|prohibited|banned|not (?:be )?(?:allowed|permitted)|destroys?|never)\b", re.I),
        re.compile(r"\b(?:must|should|may|allowed|permitted|recommended|required|free to)\b(?! not| never)", re.I),
        "one forbids what the other allows",
    ),
    (
        re.compile(r"\b(?:free of charge|for free|(?:is|are) free|costs? nothing|no (?:charge|fee|cost))\b", re.I),
        re.compile(r"\b(?:pays?|costs? (?!nothing)|charges?|[€$£] ?\d|\d+ (?:euros?|dollars?|pounds?|cents?))\b", re.I),
        "free in one, paid in the other",
    ),
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence of a note, the note's title, and the sentence's cosine with the question."""

    text: str
    title: str
    similarity: float


@dataclass(frozen=True, slots=True)
class Dispute:
    """Two statements, by their positions, that contradict each other, and the sign of it in a few words."""

    first: int
    second: int
    why: str


def find_dispute(question: str, statements: Sequence[Statement], vectors: FloatArray) -> Dispute | None:
    """The two most relevant statements that contradict each other on what is asked, or None.

    Row i of `vectors`, shape (statements, dimension), is the unit vector of statement i.
    """
    best = max((s.similarity for s in statements), default=0.0)
    asked = content_stems(_HOW_MUCH.sub(" ", question) if _HOW_MANY.search(question) else question)
    if len(asked) < _FEWEST_WORDS:
        return None
    order = sorted(range(len(statements)), key=lambda i: -statements[i].similarity)
    speaking = [i for i in order if _speaks(statements[i], asked, best)][:_MOST]
    for first, second in combinations(speaking, 2):
        one, other = statements[first], statements[second]
        if float(vectors[first] @ vectors[second]) < _ALIKE or _other_case(one, other, asked):
            continue
        if one.title == other.title and _in_common(one.text, other.text) < _COMMON:
            continue  # a note rarely contradicts itself; where it does, it says one thing twice
        subject = content_stems(one.title) if one.title == other.title else frozenset()
        if why := contradiction(question, one.text, other.text, subject):
            return Dispute(first, second, why)
    return None


def _speaks(statement: Statement, asked: frozenset[str], best: float) -> bool:
    if statement.similarity < max(_RELEVANT, best - _BEHIND) or _NO_CLAIM.search(statement.text):
        return False
    own = content_stems(statement.text)
    if not share(asked, own) and not _POINTS_BACK.match(statement.text):  # its title alone makes no sentence relevant
        return False
    return share(asked, own | content_stems(statement.title)) >= _ON_SUBJECT


def contradiction(question: str, first: str, second: str, subject: frozenset[str] = frozenset()) -> str | None:
    """Why two sentences contradict each other on a question, in a few words; None when they do not.

    `subject` holds the stems that name what one note is about: "it is no variable" does not deny that a random variable
    has values.
    """
    if _HOW_MUCH.search(question) or _ASKED_FOR.search(question):
        ours, theirs = _stated(question, first), _stated(question, second)
        if ours and theirs and (why := _different_quantities(question, ours, theirs, f"{first} {second}")):
            return why
    if _HOW_MUCH.search(question):  # what it says besides the quantity was not asked for
        return None if ours and theirs else _denial(question, first, second, subject)
    return _denial(question, first, second, subject) or _different_names(question, first, second)


def _stated(question: str, text: str) -> dict[str, set[float]]:
    """The quantities of the main clause, else of the whole sentence, without those that the question gives itself."""
    given = quantities(question)
    found = quantities(_main_clause(text)) or quantities(text)
    if sum(map(len, found.values())) >= _FIGURES:
        return {}
    left = {dimension: values - given.get(dimension, set()) for dimension, values in found.items()}
    return {dimension: values for dimension, values in left.items() if values}


def _main_clause(text: str) -> str:
    return _MAIN_CLAUSE.split(text)[0]


def _different_quantities(
    question: str, ours: dict[str, set[float]], theirs: dict[str, set[float]], said: str
) -> str | None:
    tolerance = _ROUNDING if _APPROXIMATE.search(said) else 0.001
    shared = ours.keys() & theirs.keys()
    for dimension in sorted(shared):
        mine = [a for a in ours[dimension] if not _has(theirs[dimension], a, tolerance)]
        other = [b for b in theirs[dimension] if not _has(ours[dimension], b, tolerance)]
        if mine and other:
            return "different quantities"
    counted = _HOW_MANY.search(question)
    if counted is None or shared or stem(counted[1].casefold()) in {*ours, *theirs}:
        return None
    counts = [value for found in (ours, theirs) for values in found.values() for value in values]
    return "different quantities" if len(counts) == 2 and counts[0] != counts[1] else None


def _has(values: set[float], wanted: float, tolerance: float) -> bool:
    return any(abs(value - wanted) <= tolerance * max(value, wanted) for value in values)


def _denial(question: str, first: str, second: str, subject: frozenset[str]) -> str | None:
    """One sentence denies, forbids or turns into its opposite what the other says of what is asked."""
    if any(sum(map(len, quantities(text).values())) >= _FIGURES for text in (first, second)):
        return None
    asked = content_stems(question)
    ours, theirs = (_NOT_DONE.sub(r"no \1", _CONDITION.sub(" ", text)) for text in (first, second))
    alike = _in_common(first, second)
    denied = [word for word in denied_otherwise(ours, theirs) if word not in subject]
    words = [word for word in denied if alike >= (_SOME if has_stem(word, asked) else _COMMON)]
    if words:
        return f"“{words[0]}” is denied in one of them"
    if alike >= _COMMON and (pair := opposites(first, second)) and not {*pair} & _IN_TIME:
        return f"“{pair[0]}” against “{pair[1]}”"
    for one, other in ((first, second), (second, first)):
        for sign, opposed, why in _INCOMPATIBLE:
            if sign.search(one) and opposed.search(other) and not sign.search(other):
                return why
    return None


def _in_common(first: str, second: str) -> float:
    """The share of the content words of the shorter sentence that the other has, in [0, 1]."""
    ours, theirs = content_stems(first), content_stems(second)
    return len(ours & theirs) / max(1, min(len(ours), len(theirs)))


def _different_names(question: str, first: str, second: str) -> str | None:
    """Another name, or another word before the noun that is asked for, in the main clause of each."""
    asked = content_stems(question)
    mains = [_main_clause(text) for text in (first, second)]
    noun = _ASKED_FOR.search(question)
    if noun and (mine := _before(noun[1], mains[0], asked)) and (other := _before(noun[1], mains[1], asked)):
        return f"“{min(mine)}” against “{min(other)}”" if not mine & other else None
    if not _ASKS_A_NAME.search(question) or _in_common(first, second) < _COMMON:
        return None
    ours, theirs = ({n.casefold() for n in names(main) if not has_stem(stem(n.casefold()), asked)} for main in mains)
    return f"“{min(ours)}” against “{min(theirs)}”" if ours and theirs and not ours & theirs else None


def _before(noun: str, text: str, asked: frozenset[str]) -> set[str]:
    """The words right before a noun that are not the question's own."""
    words = tokens(text)
    wanted = stem(noun.casefold())
    before = (words[at - 1].stem for at, word in enumerate(words) if at and word.stem == wanted)
    return {word for word in before if word and word not in asked}


def _other_case(one: Statement, other: Statement, asked: frozenset[str]) -> bool:
    """Whether two sentences speak of different cases: two versions, what tells their notes apart, or two subjects."""
    labels = [{(kind.casefold(), number) for kind, number in _NUMBERED.findall(s.text)} for s in (one, other)]
    if all(labels) and not labels[0] & labels[1]:
        return True
    titles = [content_stems(s.title) for s in (one, other)]
    stems = [content_stems(s.text) for s in (one, other)]
    apart = (titles[0] - titles[1] - asked, titles[1] - titles[0] - asked)
    if all(a & s for a, s in zip(apart, stems, strict=True)):
        return True
    both = stems[0] & stems[1]
    rest = [s - both for s in stems]
    if not all(rest) or len(both) < _TEMPLATE * min(map(len, stems)):
        return False
    leading = [next((t.stem for t in tokens(s.text) if t.stem), "") for s in (one, other)]
    return all(word in left and word not in asked for word, left in zip(leading, rest, strict=True))
