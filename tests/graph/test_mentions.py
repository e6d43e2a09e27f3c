"""Looking up what a text could name finds what the matcher finds that holds all names."""

from hypothesis import given, settings
from hypothesis import strategies as st

from graph.mentions import choose_mentions, possible_names
from graph.names import ConceptNames
from graph.schema import Concept, Span

ALPHABET = "aB é-_/ß+.\n\t  \u2013İ"
texts = st.text(ALPHABET, max_size=30)


def concept(number, title):
    return Concept(f"c{number}", title, (), "", None, None, "concept", (Span("a.md", 1, 1, "x"),))


def look_up(concepts, text):
    names = ConceptNames(concepts).names()
    longest = max(map(len, names), default=0)
    places = possible_names(text, longest, max((name.count(" ") + 1 for name in names), default=0))
    return choose_mentions(places, {name: names[name] for name in places if name in names})


@settings(max_examples=300, deadline=None)
@given(st.lists(texts, max_size=6), texts)
def test_it_finds_what_the_matcher_finds(titles, filling):
    concepts = [concept(number, title) for number, title in enumerate(titles)]
    text = f"{filling} {' '.join(titles)} c1, c0s{filling}"
    assert look_up(concepts, text) == ConceptNames(concepts).find_mentions(text, acronyms_in_any_case=True)


def test_a_long_text_without_words_gives_little_to_look_up():
    assert len(possible_names("." * 5_000, longest=20, most_words=4)) < 100
    assert possible_names("", 20, 4) == possible_names("a", 20, 4) == {}
