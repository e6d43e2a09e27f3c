"""Decides which names mean the same concept: case, plural, hyphen and acronym, each name by itself and never in chains.

A name joins another only when both reduce to one key, so that what A shares with B, and B with C, never joins A to C.
An acronym joins the long name beside which it stands in brackets, when the notes give it no second meaning. What the
owner keeps apart is never joined, and taken out of the aliases that a note declares.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.names import normalise_name, slugify
from graph.schema import WEEK_KIND, Concept, Merge
from ingest.plain_text import plain_text
from ingest.terms import STRENGTH, Candidate

_SUMMARY_LIMIT = 600


@dataclass(frozen=True, slots=True)
class Terms:
    """What candidates became: all concepts by id, the ids that no note is about, those listed in a week, all merges."""

    concepts: Mapping[str, Concept]
    extracted: frozenset[str]
    listed: frozenset[str]
    merges: tuple[Merge, ...]


def name_key(name: str) -> str:
    """What is left of a name without case, hyphens, spaces and a regular plural of its last word."""
    return _singular(normalise_name(name)).replace(" ", "")


def _singular(name: str) -> str:
    if len(name) < 4 or not name.endswith("s") or name.endswith(("ss", "us", "is", "ics")):
        return name
    if name.endswith("ies") and len(name) > 4:
        return f"{name[:-3]}y"
    return name[:-2] if name.endswith(("ches", "shes", "xes", "sses")) else name[:-1]


def merge_terms(
    candidates: Iterable[Candidate], concepts: Mapping[str, Concept], keep_apart: Iterable[tuple[str, str]] = ()
) -> Terms:
    """Joins candidates to the concepts that there are, and to one another; the rest become concepts of their own."""
    rows = sorted(candidates, key=lambda c: (STRENGTH.index(c.how), c.span.path, c.span.start_line, c.name))
    apart = {_pair(a, b) for a, b in keep_apart if _as_written(a) != _as_written(b)}
    concepts = {c.id: _without_aliases(c, apart) for c in concepts.values()} if apart else concepts
    long_names = _long_names(rows, apart)
    known = _known_keys(concepts)
    short_names = {name: acronym for acronym, name in sorted(long_names.items()) if acronym in known}
    rows = [replace(row, aliases=tuple(a for a in row.aliases if name_key(a) in long_names)) for row in rows]
    groups: defaultdict[str, list[Candidate]] = defaultdict(list)
    for row in rows:
        key = long_names.get(name_key(row.name), name_key(row.name))
        if key not in known:  # a note may be called by the acronym alone
            key = short_names.get(key, key)
        members = [c.name for c in groups[key]] + ([concepts[known[key]].title] if key in known else [])
        if any(_pair(row.name, other) in apart for other in members):
            key = f"{key}\0{normalise_name(row.name)}"
        groups[key].append(row)
    return _concepts(groups, dict(concepts), known)


def _pair(first: str, second: str) -> frozenset[str]:
    """Two names in any order: by what readers mean, and as they are written where that is all that tells them apart."""
    names = frozenset((normalise_name(first), normalise_name(second)))
    return names if len(names) > 1 else frozenset((_as_written(first), _as_written(second)))


def _as_written(name: str) -> str:
    """A name but for the capital that may come from the beginning of a sentence."""
    return name[:1].casefold() + name[1:]


def _without_aliases(concept: Concept, apart: set[frozenset[str]]) -> Concept:
    aliases = tuple(alias for alias in concept.aliases if _pair(alias, concept.title) not in apart)
    return concept if aliases == concept.aliases else replace(concept, aliases=aliases)


def _known_keys(concepts: Mapping[str, Concept]) -> dict[str, str]:
    known: dict[str, str] = {}
    rows = sorted(concepts.values(), key=lambda c: c.id)
    for name, concept_id in [(c.title, c.id) for c in rows] + [(a, c.id) for c in rows for a in c.aliases]:
        known.setdefault(name_key(name), concept_id)
    return known


def _long_names(rows: Sequence[Candidate], apart: set[frozenset[str]]) -> dict[str, str]:
    """The key of the one long name that each acronym stands for."""
    meanings: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        for acronym in row.aliases:
            if _pair(row.name, acronym) not in apart:
                meanings[name_key(acronym)].add(name_key(row.name))
    return {acronym: min(names) for acronym, names in meanings.items() if len(names) == 1}


def _concepts(groups: Mapping[str, list[Candidate]], concepts: dict[str, Concept], known: Mapping[str, str]) -> Terms:
    extracted, listed, merges = set(), set(), set()
    taken = {name_key(name) for c in concepts.values() for name in (c.title, *c.aliases)}
    for key, rows in groups.items():
        if not rows:
            continue
        week = next((row.week for row in rows if row.week is not None), None)
        if key in known:
            old = concepts[known[key]]
            concept = _widened(old, rows, week, taken)
        else:
            old = None
            concept = _new_concept(rows, week, concepts)
            extracted.add(concept.id)
        if concept.week is not None and concept.kind != WEEK_KIND and (old is None or old.week is None):
            listed.add(concept.id)
        concepts[concept.id] = concept
        taken |= {name_key(name) for name in (concept.title, *concept.aliases)}
        merges |= set(_merges(rows, concept, {name_key(alias) for alias in old.aliases} if old else set()))
    return Terms(concepts, frozenset(extracted), frozenset(listed), tuple(sorted(merges)))


def _widened(concept: Concept, rows: Sequence[Candidate], week: int | None, taken: set[str]) -> Concept:
    """A note's concept with the acronym and the long name that notes give it, and the week that lists it."""
    names = {name_key(n): n for row in reversed(rows) if row.aliases for n in (row.name, *row.aliases)}
    new = sorted(name for key, name in names.items() if key not in taken)
    week = concept.week if concept.week is not None or concept.kind == WEEK_KIND else week
    return replace(concept, aliases=(*concept.aliases, *new), week=week)


def _new_concept(rows: Sequence[Candidate], week: int | None, concepts: Mapping[str, Concept]) -> Concept:
    first = rows[0]
    title = next((row.name for row in rows if row.aliases), first.name)
    title = title[:1].upper() + title[1:] if title[1:2].islower() else title
    names = dict.fromkeys(name for row in rows for name in (row.name, *row.aliases))
    aliases = {name_key(n): n for n in reversed(names) if normalise_name(n) != normalise_name(title)}
    wanted, number = slugify(title), 2
    while wanted in concepts:
        wanted, number = f"{slugify(title)}-{number}", number + 1
    summary = plain_text(first.span.quote)[:_SUMMARY_LIMIT]
    return Concept(wanted, title, tuple(sorted(aliases.values())), summary, week, None, "concept", (first.span,))


def _merges(rows: Iterable[Candidate], concept: Concept, declared: set[str]) -> Iterable[Merge]:
    for name in {name for row in rows for name in (row.name, *row.aliases)}:
        if _as_written(name) != _as_written(concept.title):
            yield Merge(name, concept.title, _why(name, concept.title, declared))


def _why(name: str, title: str, declared: set[str]) -> str:
    if name.casefold() == title.casefold():
        return "case"
    if normalise_name(name) == normalise_name(title):
        return "hyphen"
    if name_key(name) != name_key(title):
        return "declared" if name_key(name) in declared else "acronym"
    return "plural" if len(name.split()) == len(title.split()) else "hyphen"
