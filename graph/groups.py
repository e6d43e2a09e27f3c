"""Decides which concepts share a band of the map: a week, or a step of a vault without weeks, or a folder.

A vault with weeks is read by weeks. One without is read by the depth of its prerequisites, if at least a third of its
concepts have any; otherwise depth would put nearly all of them in one step, and folders say more.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from graph.names import slugify
from graph.reduction import prerequisite_depths
from graph.schema import WEEK_KIND, Concept, Relation

_TRACK_SHARE = 4  # a track with fewer concepts in a week gets no column of its own
_DEPTH_SHARE = 3  # depth is given when one concept in this many has a prerequisite or is one
_NO_WEEK = 10**6
_TOP_FOLDER = "Notes"


@dataclass(frozen=True, slots=True)
class Group:
    """The concepts that share a band; `view` is the name of the week, step or folder that it belongs to.

    `size` counts the concepts where `members` does not list them all; `count` is how many there are either way.
    """

    key: str
    title: str
    subtitle: str
    concept_id: str | None
    members: tuple[str, ...]
    view: str
    size: int | None = None

    @property
    def count(self) -> int:
        return len(self.members) if self.size is None else self.size


def group_concepts(
    concepts: Sequence[Concept],
    placed: Mapping[str, Concept],
    relations: Sequence[Relation],
    depth: Mapping[str, int],
    *,
    by_track: bool,
) -> list[Group]:
    """The bands of the map from left to right; `by_track` gives the large tracks of a week bands of their own."""
    if any(c.week is not None for c in placed.values()):
        return _week_groups(concepts, placed, by_track=by_track)
    joined = {end for r in relations if r.kind == "prerequisite_of" for end in (r.source, r.target)}
    if len(joined) * _DEPTH_SHARE >= len(placed):
        return _depth_groups(depth)
    folders = _folder_groups(placed)
    return folders if len(folders) > 1 else _depth_groups(depth)


def find_group(groups: Iterable[Group], view: str) -> Group | None:
    """The group that a view shows, or None."""
    return next((group for group in groups if group.view == view), None)


def view_groups(
    concepts: Sequence[Concept], placed: Mapping[str, Concept], relations: Sequence[Relation]
) -> list[Group]:
    """The groups that have views of their own: one a week, a step or a folder."""
    inner = [r for r in relations if r.source in placed and r.target in placed]
    depth = prerequisite_depths(placed, inner)
    return group_concepts(concepts, placed, inner, depth, by_track=False)


def _week_groups(concepts: Sequence[Concept], placed: Mapping[str, Concept], *, by_track: bool) -> list[Group]:
    weeks = {c.week: c for c in concepts if c.kind == WEEK_KIND}
    sizes = Counter((c.week, c.track) for c in placed.values())
    own_column = {key for key, size in sizes.items() if by_track and key[1] and size >= _TRACK_SHARE}
    main = {
        week: max((k for k in own_column if k[0] == week), key=lambda k: (sizes[k], k[1] or ""), default=(week, None))
        for week, _ in sizes
    }
    members: defaultdict[tuple[int | None, str | None], list[str]] = defaultdict(list)
    for concept in placed.values():
        key = (concept.week, concept.track)
        members[key if key in own_column else main[concept.week]].append(concept.id)
    ordered = sorted(members, key=lambda k: (_NO_WEEK if k[0] is None else k[0], k != main[k[0]], k[1] or ""))
    acronyms = _acronyms(concepts)
    return [_week_group(key, weeks.get(key[0]), members[key], acronyms) for key in ordered]


def _week_group(
    key: tuple[int | None, str | None], week: Concept | None, members: Iterable[str], acronyms: Mapping[str, str]
) -> Group:
    number, track = key
    title = "No week" if number is None else f"Week {number}"
    subtitle = spell_track(track, acronyms) if track else _after_the_number(week)
    name = f"{'none' if number is None else number}-{track or 'all'}"
    view = "no-week" if number is None else f"week-{number}"
    return Group(name, title, subtitle, week.id if week else None, tuple(members), view)


def _after_the_number(week: Concept | None) -> str:
    """What a week's title says of it: "Week 5 — Retrieval" is about retrieval."""
    return re.sub(r"^\w+\s+\d+\s*[:.—–-]*\s*", "", week.title) if week else ""


def spell_track(track: str, acronyms: Mapping[str, str]) -> str:
    """A track's slug as a title: "ml-and-llms" is "ML and LLMs"."""
    words = [_spelt_word(word, acronyms) for word in track.split("-")]
    return " ".join([words[0][:1].upper() + words[0][1:], *words[1:]])


def _spelt_word(word: str, acronyms: Mapping[str, str]) -> str:
    singular = word.removesuffix("s")
    if word in acronyms:
        return acronyms[word]
    # No English word lacks a vowel: "ml", "llms", "nlp" are spelt letter by letter.
    return singular.upper() + word[len(singular) :] if not set(singular) & set("aeiouy") else word


def _acronyms(concepts: Iterable[Concept]) -> dict[str, str]:
    names = (name for concept in concepts for name in (concept.title, *concept.aliases))
    return {name.casefold(): name for name in names if name.isupper()}


def _depth_groups(depth: Mapping[str, int]) -> list[Group]:
    members: defaultdict[int, list[str]] = defaultdict(list)
    for concept_id, step in depth.items():
        members[step].append(concept_id)
    return [
        Group(f"step-{s + 1}", f"Step {s + 1}", "", None, tuple(members[s]), f"step-{s + 1}") for s in sorted(members)
    ]


def _folder_groups(placed: Mapping[str, Concept]) -> list[Group]:
    """One group a folder, at the first level where the notes part ways."""
    folders = {c.id: c.spans[0].path.split("/")[:-1] for c in placed.values()}
    shared = 0
    while all(len(f) > shared for f in folders.values()) and len({f[shared] for f in folders.values()}) == 1:
        shared += 1
    members: defaultdict[str, list[str]] = defaultdict(list)
    for concept_id, parts in folders.items():
        members[parts[shared] if len(parts) > shared else ""].append(concept_id)
    return [
        Group(view, name or _TOP_FOLDER, "", None, tuple(members[name]), view)
        for name in sorted(members)
        for view in [f"folder-{slugify(name)}" if name else "folder-top"]
    ]
