"""Graphs made up for the tests of exports, of any size, and texts that break formats."""

from export.rows import GraphRows
from graph.schema import Concept, Relation, Span

NASTY = (
    'it\'s "quoted"',
    "back\\slash\\",
    "\\u0027 RETURN 1 //",
    "a <b> & c ]]> &amp;",
    "tab\tand  spaces",
    "`tick` ${x} $p$",
    "😀 é ﬁ \u2028 中文字",
    "'; DROP",
    "# not a heading",
    "- not a list",
    "1. not a number",
    "*stars* _lines_ ~~gone~~",
    "[[link]] [a](b) | bar",
    "> quote",
    "{brace} %% %s",
)


def make_concept(concept_id, title, week=None, track=None, kind="concept", aliases=(), summary="It is a thing."):
    span = Span(f"notes/{concept_id}.md", 3, 3, summary)
    return Concept(concept_id, title, tuple(aliases), summary, week, track, kind, (span,))


def make_relation(source, target, kind="prerequisite_of", quote="because"):
    return Relation(source, target, kind, "authored", 1.0, (Span(f"notes/{target}.md", 9, 9, quote),))


def make_graph(count, weeks=8, words=("Very", "long", "concept", "name")):
    """A graph in which each concept needs two or three earlier ones; `weeks` is 0 for none."""
    concepts = [
        make_concept(
            f"c{i:04}", f"{' '.join(words[: 1 + i % len(words)])} {i}", i * weeks // count + 1 if weeks else None
        )
        for i in range(count)
    ]
    relations = [
        make_relation(f"c{i * 7 // 8 - step:04}", f"c{i:04}")
        for i in range(8, count)
        for step in range(1 + i % 3)
        if 0 <= i * 7 // 8 - step < i
    ]
    return GraphRows(concepts, relations)
