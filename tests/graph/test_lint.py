"""What is wrong with a graph as a whole, and at which line it would be mended."""

from graph.lint import lint_graph
from graph.schema import Concept, Relation, Span


def concept(concept_id, kind="concept"):
    return Concept(concept_id, concept_id.upper(), (), "", 1, None, kind, (Span(f"{concept_id}.md", 4, 4, "x"),))


def relation(source, kind, target, line=9, weight=1.0):
    return Relation(source, target, kind, "authored", weight, (Span(f"{target}.md", line, line, f"{kind} {source}"),))


def test_a_sound_graph_has_no_problems():
    assert lint_graph([concept("a"), concept("b")], [relation("a", "prerequisite_of", "b")]) == []


def test_a_cycle_is_an_error_at_its_weakest_line():
    rows = [
        relation("a", "prerequisite_of", "b", line=11),
        relation("b", "prerequisite_of", "c", line=12, weight=0.5),
        relation("c", "prerequisite_of", "a", line=13),
    ]
    (problem,) = lint_graph([concept("a"), concept("b"), concept("c")], rows)
    assert (problem.path, problem.line, problem.severity, problem.code) == ("c.md", 12, "error", "prerequisite_cycle")
    assert "A → B → C → A" in problem.message
    assert "the weakest edge is B → C" in problem.message
    assert "'prerequisite_of b'" in problem.message


def circle(*ids):
    return [relation(a, "prerequisite_of", b) for a, b in zip(ids, (*ids[1:], ids[0]), strict=True)]


def chains(relations, ids):
    return [p.message.split(": ")[1].split(";")[0] for p in lint_graph([concept(i) for i in ids], relations)]


def test_each_cycle_is_reported():
    assert chains([*circle(*"abc"), *circle(*"defg")], "abcdefg") == ["A → B → C → A", "D → E → F → G → D"]


def test_two_that_require_each_other_are_a_contradiction_and_no_cycle():
    assert chains(circle("a", "b"), "ab") == []
    assert chains([*circle("a", "b"), *circle("b", "c")], "abc") == []


def test_a_longer_circle_is_found_among_pairs():
    rows = [*circle("a", "b"), relation("b", "prerequisite_of", "c"), relation("c", "prerequisite_of", "a")]
    assert chains(rows, "abc") == ["A → B → C → A"]
    assert (
        len(chains([*rows, relation("a", "prerequisite_of", "c"), relation("c", "prerequisite_of", "b")], "abc")) == 1
    )


def test_a_concept_that_requires_itself_is_a_cycle():
    assert chains([relation("a", "prerequisite_of", "a")], "a") == ["A → A"]


def test_a_concept_that_only_its_week_knows_is_a_warning():
    rows = [relation("a", "part_of", "week-1")]
    (problem,) = lint_graph([concept("a"), concept("week-1", "week")], rows)
    assert (problem.path, problem.line, problem.severity, problem.code) == ("a.md", 4, "warning", "unlinked_concept")
    assert "'A'" in problem.message


def test_part_of_another_concept_links():
    assert lint_graph([concept("a"), concept("b")], [relation("a", "part_of", "b")]) == []
