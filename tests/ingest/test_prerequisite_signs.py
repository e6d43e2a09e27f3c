"""What speaks for one note being needed by another: every sign rises with what it is named after."""

import pytest

from graph.schema import Relation, Span
from ingest.concepts import assign_ids, note_concept
from ingest.note_text import NoteText
from ingest.parse import parse_files
from ingest.prerequisite_signs import MOST_WORDS, PageIndex, Scale, Signs, stems
from ingest.prerequisites import MODEL
from ingest.source import SourceFile

FILLERS = {
    "bread": "Dough rises while yeast turns sugar into gas.",
    "harbour": "Ships unload cargo beside long stone quays.",
    "violin": "Four strings sound when a bow draws over them.",
    "glacier": "Snow becomes ice and creeps down valleys.",
    "novel": "Characters change over many chapters of prose.",
}


def index_of(files):
    sources = [SourceFile(f"{name}.md", f"# {name}\n{text}\n".encode()) for name, text in (FILLERS | files).items()]
    notes, _ = assign_ids([(p.file, p.file.parsed) for p in parse_files(sources, len)])
    concepts = {note.concept_id: note_concept(note)[0] for note in notes}
    return PageIndex({note.concept_id: NoteText(note) for note in notes}, concepts)


def signs_of(files, source="limit", target="slope"):
    first, second = sorted((source, target))
    forward, back = index_of(files).signs((first, second))
    return forward if first == source else back


LIMIT = "Values that come closer and closer to a point have one."
SLOPE = "How steep a road is."
NEAR = "Values that come closer to a point, on a road that is steep."

# The sign, notes that show little of it and notes that show more.
RISES = [
    ("title_in_text", {"slope": SLOPE}, {"slope": "How steep a road is in the limit."}),
    ("title_in_text", {"slope": f"{SLOPE} {LIMIT * 9} A limit."}, {"slope": f"A limit. {SLOPE} {LIMIT * 9}"}),
    ("named_early", {"slope": f"{SLOPE} It has a limit."}, {"slope": f"It has a limit. {SLOPE}"}),
    ("named_back", {}, {"limit": f"{LIMIT} It gives a slope."}),
    ("definition_in_text", {}, {"slope": NEAR}),
    ("definition_in_text_back", {}, {"limit": NEAR}),
]


@pytest.mark.parametrize(("sign", "less", "more"), RISES)
def test_a_sign_rises_with_what_it_is_named_after(sign, less, more):
    notes = {"limit": LIMIT, "slope": SLOPE}
    assert getattr(signs_of(notes | more), sign) > getattr(signs_of(notes | less), sign)


def test_likeness_tells_near_notes_apart():
    index = index_of({"limit": LIMIT, "slope": NEAR, "point": f"A dot. {SLOPE} Ships meet at a point of quays."})
    assert index.signs(("limit", "slope"))[0].likeness > index.signs(("limit", "point"))[0].likeness


def test_signs_of_titles():
    notes = {"graph": "Dots and lines.", "graph-search": "A walk over dots.", "tree": "It has one root."}
    index = index_of({"graph": notes["graph"], "graph search": notes["graph-search"], "tree": notes["tree"]})
    forward, back = index.signs(("graph", "graph-search"))
    assert forward.title_in_title == back.title_in_title_back == 1
    assert 0 < forward.title_in_title_back == back.title_in_title < 1
    assert forward.title_length < back.title_length
    assert index.signs(("graph", "tree"))[0].title_in_title == 0


def test_signs_of_rarity_are_those_of_each_note():
    forward, back = index_of({"limit": LIMIT, "slope": "Ships, dough, snow and strings."}).signs(("limit", "slope"))
    assert (forward.source_rarity, forward.target_rarity) == (back.target_rarity, back.source_rarity)
    assert forward.source_rarity > forward.target_rarity  # its words stand in no other note


def test_signs_of_nearness():
    """Many notes are near "limit"; it is nearest to each of them, and each is only one of those near it."""
    close = {f"copy{n}": f"{LIMIT} And again something{n} else{n}." for n in range(3)}
    index = index_of({"limit": LIMIT, "slope": f"{SLOPE} {NEAR}", **close})
    forward, _ = index.signs(("limit", "slope"))
    assert forward.nearest_to_target > forward.nearest_to_source > 0
    far, near = index.signs(("bread", "limit"))
    assert far.target_hub > near.target_hub


# Which way each sign must pull: what is general, early, alike and not turned round is a prerequisite.
FOR = {
    "title_in_text", "named_early", "definition_in_text", "definition_in_text_back", "title_in_title",
    "target_rarity", "likeness", "nearest_to_target", "nearest_to_source",
}  # fmt: skip
AGAINST = {"named_back", "title_in_title_back", "title_length", "source_rarity", "target_hub"}


@pytest.mark.parametrize("sign", Signs._fields)
def test_every_sign_pulls_the_way_it_should(sign):
    assert (sign in FOR) != (sign in AGAINST)
    none = Signs(*[0.0] * len(Signs._fields))
    pull = MODEL.score(none._replace(**{sign: 1.0})) - MODEL.score(none)
    assert pull > 0.05 if sign in FOR else pull < -0.05


def test_what_asks_the_other_way_is_the_same_sign_turned():
    """The definition's share outweighs its turned share, so that it speaks for a direction and not only for a pair."""
    assert MODEL.weights.definition_in_text > MODEL.weights.definition_in_text_back


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("probability", "probabilities"),
        ("integral", "integrated"),
        ("sets", "set"),
        ("Matrices", "matric"),
        ("converges", "convergent"),
    ],
)
def test_words_of_one_family_are_one_stem(one, other):
    assert stems(one) == stems(other)


def test_stems_leave_out_what_says_nothing_and_keep_what_only_looks_plural():
    assert stems("It is the basis of a class and the bus") == ["basis", "class", "bus"]


def test_a_link_counts_as_a_name_whatever_it_shows():
    files = {"limit": LIMIT, "slope": f"{SLOPE}\n\nWhat it nears matters."}
    sources = [SourceFile(f"{name}.md", f"# {name}\n{text}\n".encode()) for name, text in files.items()]
    notes, _ = assign_ids([(p.file, p.file.parsed) for p in parse_files(sources, len)])
    concepts = {note.concept_id: note_concept(note)[0] for note in notes}
    texts = {note.concept_id: NoteText(note) for note in notes}
    link = Relation("slope", "limit", "related_to", "link", 0.5, (Span("slope.md", 4, 4, "What it nears matters."),))
    plain, linked = PageIndex(texts, concepts), PageIndex(texts, concepts, [link])
    assert plain.signs(("limit", "slope"))[0].named_early == 0
    assert linked.signs(("limit", "slope"))[0].named_early == 1 / 2
    assert linked.signs(("limit", "slope"))[0].title_in_text > plain.signs(("limit", "slope"))[0].title_in_text


def test_of_a_long_note_only_the_beginning_is_read_for_words_but_all_of_it_for_names():
    long = " ".join(f"word{n}x." for n in range(MOST_WORDS + 50))
    page = index_of({"limit": LIMIT, "slope": f"{long} lastly. The limit."}).pages["slope"]
    assert len(page.first) <= MOST_WORDS + 1
    assert "lastly" not in page.first
    assert "limit" in page.named


def test_numbers_that_are_all_the_same_stand_out_by_nothing():
    assert Scale.of([2.0, 2.0]).place(5.0) == 0
    assert Scale.of([1.0, 3.0]).place(3.0) == 1
    assert Scale.of([]).place(1.0) == 0
