"""Decides what links say of names: what notes call by a link that leads nowhere yet, and by which words they link.

A name that two notes link is a concept, note or not; a misspelt one hardly ever is named twice. The words of a link
join the names of the note that it leads to when they are a term, lead nowhere else, and either resemble the note's own
name or are used so by two notes.
"""

from __future__ import annotations

import posixpath
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from graph.names import ConceptNames, normalise_name
from graph.schema import Concept, Merge, Span
from ingest.aliases import Terms, name_key
from ingest.concepts import Note
from ingest.links import LinkResolver, is_address, is_note_link, leads_out
from ingest.markdown import Link
from ingest.phrases import is_term, tidy
from ingest.plain_text import plain_text
from ingest.relations import linking_sentence
from ingest.terms import Candidate

_FEWEST_NOTES = 2
_SITES = frozenset(
    """
    github gitlab youtube arxiv wikipedia medium colab kaggle huggingface twitter linkedin stackoverflow reddit slides
    code paper blog website notion docs documentation pdf link video source demo discord slack google coursera udemy
    deeplearningai amazon notebook repo repository homepage article book download slide playlist
    """.split()  # noqa: SIM905
)


@dataclass(frozen=True, slots=True)
class LinkNames:
    """What the links of a vault name: candidates, and for each note's concept the words that links show for it."""

    candidates: tuple[Candidate, ...]
    labels: Mapping[str, tuple[tuple[str, str], ...]]
    """By concept id: (words, path of the linking note), in reading order."""


def read_link_names(notes: Sequence[Note], resolver: LinkResolver) -> LinkNames:
    """What the links of notes name; `resolver` knows the notes by path and no names."""
    wanted: defaultdict[str, list[tuple[str, Span]]] = defaultdict(list)
    labels: defaultdict[str, list[tuple[str, str]]] = defaultdict(list)
    for note in notes:
        for link in note.parsed.links:
            found = None if leads_out(link) else resolver.find(link.target, note.path, is_wikilink=link.is_wikilink)
            is_bare = link.is_wikilink and link.label.startswith(link.target)
            if found and found.concept_id and found.concept_id != note.concept_id and not is_bare:
                labels[found.concept_id].append((tidy(plain_text(link.label)), note.path))
            elif found is None and (name := _name(link)):
                wanted[name_key(name)].append((name, linking_sentence(note, link)))
    named = (found for found in wanted.values() if len({span.path for _, span in found}) >= _FEWEST_NOTES)
    return LinkNames(
        tuple(Candidate(found[0][0], "link", found[0][1]) for found in named),
        {concept_id: tuple(rows) for concept_id, rows in labels.items()},
    )


def _name(link: Link) -> str | None:
    if link.is_wikilink and is_note_link(link):
        name = tidy(posixpath.basename(link.target))
    elif is_address(link.target):
        name = tidy(plain_text(link.label))
    else:
        return None
    return name if is_term(name) and name.casefold().replace(" ", "") not in _SITES else None


def add_link_names(terms: Terms, found: LinkNames, keep_apart: Sequence[tuple[str, str]] = ()) -> Terms:
    """The concepts with the words by which notes link them as aliases; each is listed as a merge."""
    apart = {frozenset((normalise_name(a), normalise_name(b))) for a, b in keep_apart}
    taken = {name_key(name) for c in terms.concepts.values() for name in (c.id, c.title, *c.aliases)}
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for concept_id, rows in found.labels.items():
        for words, _ in rows:
            owners[name_key(words)].add(concept_id)
    concepts, merges = dict(terms.concepts), set(terms.merges)
    for concept_id in sorted(found.labels.keys() & concepts.keys()):
        concept = concepts[concept_id]
        for words in _new_names(concept, found.labels[concept_id]):
            key, pair = name_key(words), frozenset((normalise_name(words), normalise_name(concept.title)))
            if key in taken or len(owners[key]) > 1 or pair in apart:
                continue
            taken.add(key)
            concepts[concept_id] = concept = replace(concept, aliases=(*concept.aliases, words))
            merges.add(Merge(words, concept.title, "link"))
    return replace(terms, concepts=concepts, merges=tuple(sorted(merges)))


def _new_names(concept: Concept, rows: Sequence[tuple[str, str]]) -> Iterator[str]:
    paths: defaultdict[str, set[str]] = defaultdict(set)
    spelling: dict[str, str] = {}
    for words, path in rows:
        paths[name_key(words)].add(path)
        spelling.setdefault(name_key(words), words)
    for key, words in spelling.items():
        if is_term(words) and (len(paths[key]) >= _FEWEST_NOTES or _resembles(words, concept.title)):
            yield words


def _resembles(words: str, title: str) -> bool:
    """Whether words hold a title, stand in it with more than one word, or abbreviate it."""
    a, b = normalise_name(words).split(), normalise_name(title).split()
    if len(a) > 1 and len(b) > 1 and (set(a) >= set(b) or set(b) > set(a)):
        return True
    letters = words.casefold().removesuffix("s")
    return len(b) > 1 and words.isupper() and letters == "".join(word[0] for word in b)


def linked_stubs(
    notes: Sequence[Note], concepts: Mapping[str, Concept], set_aside: frozenset[str], resolver: LinkResolver
) -> list[Concept]:
    """Concepts for the notes that are still empty: what they are called, on the first sentence that links them."""
    empty = {n.concept_id: n for n in notes if n.concept_id not in concepts and n.path not in set_aside}
    found: dict[str, Concept] = {}
    for note in notes if empty else ():
        for link in note.parsed.links:
            place = None if leads_out(link) else resolver.find(link.target, note.path, is_wikilink=link.is_wikilink)
            if place and place.concept_id in empty and place.concept_id != note.concept_id:
                title, span = empty[place.concept_id].file.document.title, linking_sentence(note, link)
                concept = Concept(place.concept_id, title, (), plain_text(span.quote), None, None, "concept", (span,))
                found.setdefault(place.concept_id, concept)
    return list(found.values())


def paths_only(notes: Sequence[Note]) -> LinkResolver:
    """A resolver that knows where notes are and what no note is called."""
    return LinkResolver(notes, ConceptNames(()))
