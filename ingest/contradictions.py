"""Decides where notes contradict one another: a topic sent to a week that lacks it, two that put each other first."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from graph.names import normalise_name, plural_variants
from graph.schema import Concept, Problem, Relation
from ingest.phrases import is_term
from ingest.terms import NoteText
from ingest.units import Unit
from ingest.words import JOINING

_TOPIC = re.compile(r"\s*(?:\(\s*|\s)([A-Za-z][\w\-/]*(?:\s+[A-Za-z][\w\-/]*){1,3})")
_FEWEST_USES = 2  # elsewhere: what stands nowhere else is no topic of the course but a turn of phrase


def misplaced_topics(texts: Sequence[NoteText], units: Sequence[Unit]) -> Iterator[Problem]:
    """A topic of two words or more that a sentence gives to a part of the course in which none of its words stands.

    One word is too vague to hold a text to.
    """
    by_number: dict[tuple[str, int], list[Unit]] = {}
    for unit in units:
        by_number.setdefault((unit.word, unit.number), []).append(unit)
    if not by_number:
        return
    word = units[0].word
    reference = re.compile(rf"\b{word}\s+(\d{{1,3}})\b", re.IGNORECASE)
    holding = {unit.note.path: unit.note.file.document.text for unit in units}
    corpus = normalise_name("\n".join(holding.values()))
    words = {key: _words("\n".join(unit.text for unit in found)) for key, found in by_number.items()}
    for text in texts:
        for sentence in text.sentences:
            for match in reference.finditer(sentence.text):
                key = (word, int(match[1]))
                topic = _topic(sentence.text[match.end() :], corpus)
                if key in words and topic and not _words(topic) & words[key]:
                    name = by_number[key][0].name
                    message = (
                        f"The text sends {topic!r} to {name}, whose section does not mention it; "
                        "name the right part, or cover it there."
                    )
                    line = sentence.span.start_line + _line_of(sentence.span.quote, match[0])
                    yield Problem(sentence.span.path, line, "error", "contradiction", message)


def _line_of(quote: str, needle: str) -> int:
    at = quote.find(needle)
    return quote.count("\n", 0, at) if at > 0 else 0


def _topic(after: str, corpus: str) -> str | None:
    """The words right behind "Week 6", if they name something that the course speaks of elsewhere too."""
    match = _TOPIC.match(after)
    if not match:
        return None
    words: list[str] = []
    for word in match[1].split():
        if word.casefold() in JOINING:
            break
        words.append(word)
    for count in range(len(words), 1, -1):
        name = " ".join(words[:count])
        if is_term(name) and _uses(name, corpus) > _FEWEST_USES:
            return name
    return None


def _uses(name: str, corpus: str) -> int:
    return len(re.findall(rf"\b{re.escape(normalise_name(name))}\b", corpus))


def _words(text: str) -> set[str]:
    found = set(normalise_name(text).split())
    plain = {word.strip(".,;:!?()[]*_`\"'“”‘’#→") for word in found}
    return plain | {variant for word in plain for variant in plural_variants(word)}


def mutual_prerequisites(relations: Iterable[Relation], concepts: Mapping[str, Concept]) -> Iterator[Problem]:
    """Two concepts that notes put before each other."""
    edges = {(r.source, r.target): r for r in relations if r.kind == "prerequisite_of"}
    for (source, target), relation in sorted(edges.items()):
        if source < target and (target, source) in edges:
            first, second = sorted((relation.evidence[0], edges[target, source].evidence[0]))
            a, b = concepts[source].title, concepts[target].title
            message = (
                f"{a!r} and {b!r} are each to be learnt before the other "
                f"({first.path}:{first.start_line} and {second.path}:{second.start_line}); take one line out."
            )
            yield Problem(second.path, second.start_line, "error", "contradiction", message)
