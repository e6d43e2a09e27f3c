"""The shipped course as a graph: complete, grounded in its files, without cycles, and joined across its weeks."""

import re

import pytest

from ingest.frontmatter import parse_front_matter
from ingest.plain_text import plain_text
from workspace import SHIPPED_CONTENT, check_folder

REASON = re.compile(r"\]\][^:]*:\s+(.+)", re.DOTALL)
FEWEST_CONCEPTS, FEWEST_WORDS = 60, 150
MOST_HOPS = 2

# The links across weeks that the syllabus names, in its own words.
LINKS = [
    ("data structures", "system design"),
    ("ML fundamentals", "LLM system architecture"),
    ("ML fundamentals", "RAG"),
    ("ML fundamentals", "AI agent"),
    ("ML fundamentals", "model serving"),
    ("scalability", "RAG"),
    ("system design", "RAG"),
    ("week 1", "week 2"),
    ("week 2", "week 3"),
    ("Big-O", "batch or streaming"),
    ("Big-O", "model serving"),
    ("trees", "distributed topologies"),
    ("graphs", "distributed topologies"),
    ("search algorithms", "retrieval"),
    ("queues", "Apache Kafka"),
    ("trees", "database index"),
    ("week 3", "LLM system architecture"),
    ("week 3", "data engineering"),
    ("data engineering", "RAG"),
    ("RAG", "tool use"),
    ("RAG", "AI agent"),
    ("agent orchestration", "AI agent"),
    *((f"week {number}", "story bank") for number in range(1, 7)),
    ("story bank", "mock interviews"),
]


def source_lines(path):
    return (SHIPPED_CONTENT / path).read_text(encoding="utf-8").split("\n")


def test_nothing_is_wrong_with_it():
    assert check_folder(SHIPPED_CONTENT) == ()


def test_every_week_has_its_note_and_its_concepts(course):
    weeks = {concept.week: concept for concept in course.graph.concepts() if concept.kind == "week"}
    assert set(weeks) == set(range(1, 9))
    for week in weeks.values():
        assert week.spans[0].path == f"weeks/week-{week.week}.md"
        assert sum(neighbour.side == "in" for neighbour in course.graph.neighbours(week.id)) >= 3


def test_there_are_enough_concept_notes_and_each_says_enough(course):
    concepts = [concept for concept in course.graph.concepts() if concept.kind == "concept"]
    assert len(concepts) >= FEWEST_CONCEPTS
    short = {}
    for concept in concepts:
        lines = source_lines(concept.spans[0].path)
        words = len(plain_text("\n".join(lines[parse_front_matter(lines).body_line - 1 :])).split())
        if words < FEWEST_WORDS:
            short[concept.id] = words
    assert short == {}


def test_everything_stands_in_its_file(course):
    spans = [
        *(span for concept in course.graph.concepts() for span in concept.spans),
        *(span for relation in course.graph.relations() for span in relation.evidence),
        *(resource.span for resource in course.graph.resources()),
    ]
    assert all(relation.evidence for relation in course.graph.relations())
    for span in spans:
        lines = source_lines(span.path)
        assert span.quote.strip()
        assert span.quote in "\n".join(lines[span.start_line - 1 : span.end_line])
    for chunk in course.corpus.chunks:
        lines = source_lines(chunk.document_id)
        assert chunk.text in "\n".join(lines[chunk.start_line - 1 : chunk.end_line])


def test_nothing_requires_itself_or_a_later_week(course):
    assert course.graph.cycles() == []
    week = {concept.id: concept.week for concept in course.graph.concepts()}
    later = [
        (relation.source, relation.target)
        for relation in course.graph.relations()
        if relation.kind == "prerequisite_of" and (week[relation.source] or 0) > (week[relation.target] or 99)
    ]
    assert later == []


def test_resources_are_found_like_notes(course):
    listed = [resource for resource in course.graph.resources() if resource.kind != "link"]
    assert listed
    assert all(resource.takeaway and resource.concept_ids for resource in listed)
    ids = {chunk.id for chunk in course.corpus.chunks}
    assert {f"{resource.span.path}#{resource.id}" for resource in listed} <= ids


@pytest.mark.parametrize(("source", "target"), LINKS, ids=lambda name: name.replace(" ", "-"))
def test_the_links_that_the_syllabus_names_are_explained(course, source, target):
    first, last = course.graph.resolve(source), course.graph.resolve(target)
    steps = course.graph.explain_path(first.id, last.id)
    assert 1 <= len(steps) <= MOST_HOPS
    authored = {(r.source, r.target, r.kind) for r in course.graph.relations() if r.origin == "authored"}
    for step in steps:
        assert step.direction == "forward"
        assert (step.source, step.target, step.kind) in authored
        reasons = [match[1] for span in step.evidence if (match := REASON.search(span.quote))]
        assert any(len(reason.split()) >= 5 for reason in reasons)
