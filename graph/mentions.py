"""Finds the concepts named in a text when the names lie in a database: looks up what the text could name.

It finds what `ConceptNames.find_mentions` finds, which holds all names in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from graph.names import LONGEST_NAME, Mention, fold_keeping_length, stands_alone


def possible_names(text: str, longest: int, most_words: int) -> dict[str, list[tuple[int, int]]]:
    """Every stretch of a text that may be a name of so many characters and words, with where it stands."""
    folded, longest = fold_keeping_length(text), min(longest, LONGEST_NAME)
    found: dict[str, list[tuple[int, int]]] = {}
    for start, end in _stretches(folded, longest, most_words):
        found.setdefault(folded[start:end], []).append((start, end))
    return found


def choose_mentions(places: Mapping[str, list[tuple[int, int]]], owners: Mapping[str, str]) -> list[Mention]:
    """Of the stretches that are names, the leftmost and longest, without overlaps."""
    found = sorted((start, -end, name) for name in owners for start, end in places.get(name, ()))
    chosen, after = [], 0
    for start, minus_end, name in found:
        if start >= after:
            after = -minus_end
            chosen.append(Mention(owners[name], start, after))
    return chosen


def _stretches(folded: str, longest: int, most_words: int) -> Iterator[tuple[int, int]]:
    """Stretches of two characters and more that stand alone and neither begin nor end with a space."""
    ends = [e for e in range(1, len(folded) + 1) if stands_alone(folded, 0, e) and not folded[e - 1].isspace()]
    first = 0
    for start in range(len(folded)):
        if folded[start].isspace() or not stands_alone(folded, start, len(folded)):
            continue
        while first < len(ends) and ends[first] < start + 2:
            first += 1
        for index in range(first, len(ends)):
            end = ends[index]
            if end - start > longest or folded.count(" ", start, end) >= most_words:
                break
            if "  " in folded[start:end]:
                break
            yield start, end
