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
    assert "'prerequisite_of b'" in problem.message


def test_each_cycle_is_reported():
    rows = [
        *(relation("a", "prerequisite_of", "b"), relation("b", "prerequisite_of", "a")),
        *(relation("c", "prerequisite_of", "d"), relation("d", "prerequisite_of", "c")),
    ]
    problems = lint_graph([concept(i) for i in "abcd"], rows)
    assert [p.code for p in problems] == ["prerequisite_cycle"] * 2


def test_a_concept_that_only_its_week_knows_is_a_warning():
    rows = [relation("a", "part_of", "week-1")]
    (problem,) = lint_graph([concept("a"), concept("week-1", "week")], rows)
    assert (problem.path, problem.line, problem.severity, problem.code) == ("a.md", 4, "warning", "unlinked_concept")
    assert "'A'" in problem.message


def test_part_of_another_concept_links():
    assert lint_graph([concept("a"), concept("b")], [relation("a", "part_of", "b")]) == []
