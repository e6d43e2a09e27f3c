"""What the shipped course promises, file by file: its shape, its counts, and answers to the sprint's questions."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from graph.schema import WEEK_KIND, Vault
from graph.store import NetworkxStore
from ingest.frontmatter import parse_front_matter
from ingest.markdown import parse_note
from ingest.plain_text import plain_text
from ingest.vault import build_vault, read_sources
from rag.embed import MiniLMEmbedder
from rag.relate import reason_of
from workspace import SHIPPED_CONTENT, Workspace

SECTIONS = ["How it works", "Trade-offs", "Where it breaks", "Numbers worth knowing", "In an interview", "Connections"]
QUESTION_SECTIONS = ["Position", "Trade-off", "Failure mode", "Number", "Follow-ups", "Connections"]
WEEK_SECTIONS = ["Focus", "Learning goals", "Key connections", "Resources", "Practice", "Checkpoint", "Connections"]
TRACKS = {
    "data-structures", "algorithms", "system-design", "data-engineering",
    "ml-and-llms", "rag", "agents", "behavioural", "synthesis",
}  # fmt: skip
QUESTIONS = [
    "Walk me through how you'd build a RAG system from scratch. What are the failure modes at each step?",
    "When would you use a bi-encoder vs a cross-encoder? What's the production pattern?",
    "Your LLM system's quality has degraded in production. How do you diagnose it?",
    "How does fine-tuning differ from RAG? When would you choose one over the other?",
    "What is NDCG and when do you use it instead of accuracy?",
    "Explain how an agent can fail even when the underlying LLM is working correctly.",
    "What is training-serving skew and how do feature stores prevent it?",
    "You're using LLM-as-judge for evaluation. What biases should you control for?",
    "How does KV cache reduce LLM inference latency?",
    "What does temperature do to an LLM's output distribution? When do you set it to 0?",
    "How does BERT's masked language modeling differ from GPT's causal language modeling?",
    "You want to fine-tune a sentence transformer for medical retrieval. What training data and loss function?",
    "How does speculative decoding improve throughput without degrading quality?",
    "A canary deployment reveals a regression for a specific user segment. What does this tell you about routing?",
    "How would you detect that your embedding model has drifted for your domain?",
    "You need to search 10M documents with filtering by category and date. Which vector database and why?",
    "Explain the difference between data drift, concept drift, and label drift.",
    "How does LoRA reduce fine-tuning memory cost without reducing model expressiveness significantly?",
    "What is a two-tower model and why does it dominate large-scale retrieval?",
    "Your cross-encoder reranker is accurate but too slow for your latency SLA. What's the fix?",
]


def notes(folder: str) -> list[Path]:
    return sorted((SHIPPED_CONTENT / folder).glob("*.md"))


def lines_of(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").split("\n")


def sections(path: Path) -> list[str]:
    return [line[3:].strip() for line in lines_of(path) if line.startswith("## ")]


def words(path: Path) -> int:
    lines = lines_of(path)
    return len(plain_text("\n".join(lines[parse_front_matter(lines).body_line - 1 :])).split())


@cache
def vault() -> Vault:
    return build_vault(read_sources(SHIPPED_CONTENT), MiniLMEmbedder().count_tokens)


def test_the_counts() -> None:
    kinds = [concept.kind for concept in vault().concepts]
    assert kinds.count("concept") >= 200
    assert kinds.count("comparison") >= 30
    assert kinds.count("question") == 20
    assert kinds.count(WEEK_KIND) == 8
    assert sum(resource.kind != "link" for resource in vault().resources) >= 60
    assert sum("> In plain words:" in path.read_text() for path in notes("concepts")) >= 60


@pytest.mark.parametrize("path", notes("concepts"), ids=lambda path: path.stem)
def test_a_concept_note(path: Path) -> None:
    front = parse_front_matter(lines_of(path))
    assert front.error is None
    assert {"title", "week", "track"} <= set(front.values)
    assert int(str(front.values["week"])) in range(1, 9)
    assert front.values["track"] in TRACKS
    assert sections(path) == SECTIONS
    assert 200 <= words(path) <= 600


@pytest.mark.parametrize("path", notes("comparisons"), ids=lambda path: path.stem)
def test_a_comparison(path: Path) -> None:
    found = sections(path)
    assert parse_front_matter(lines_of(path)).values["kind"] == "comparison"
    assert sum(section.startswith("Choose ") and section.endswith(" when") for section in found) == 2
    assert {"Trade-offs", "Where it breaks", "Connections"} <= set(found)
    assert 200 <= words(path) <= 600


@pytest.mark.parametrize("path", sorted((SHIPPED_CONTENT / "sprint").glob("q*.md")), ids=lambda path: path.stem)
def test_a_sprint_question(path: Path) -> None:
    assert parse_front_matter(lines_of(path)).values["kind"] == "question"
    assert sections(path) == QUESTION_SECTIONS


@pytest.mark.parametrize("path", notes("weeks"), ids=lambda path: path.stem)
def test_a_week(path: Path) -> None:
    assert set(WEEK_SECTIONS) <= set(sections(path))


def test_the_sprint_is_whole() -> None:
    stems = {path.stem for path in notes("sprint")}
    assert {"one-week-out", "three-days-out", "one-day-out", "two-hours-out"} <= stems
    assert {
        "cluster-rag",
        "cluster-agents",
        "cluster-evaluation",
        "cluster-production",
        "cluster-nlp-foundations",
    } <= stems
    assert {"numbers-sheet", "what-interviewers-penalise"} <= stems
    rows = re.findall(r"^\|.+\|.+\|.+\|", (SHIPPED_CONTENT / "sprint" / "numbers-sheet.md").read_text(), re.MULTILINE)
    assert len(rows) >= 40


def test_every_connection_gives_its_reason() -> None:
    without = [
        (note.name, item.start_line)
        for note in SHIPPED_CONTENT.rglob("*.md")
        for item in parse_note(lines_of(note), parse_front_matter(lines_of(note)).body_line).items
        if item.headings and item.headings[-1] == "Connections" and len(reason_of(item.text).split()) < 4
    ]
    assert not without


def test_notes_are_joined_across_weeks() -> None:
    week = {concept.id: concept.week for concept in vault().concepts}
    typed = [r for r in vault().relations if r.origin == "authored" and not r.target.startswith("week-")]
    across = sum(week[r.source] != week[r.target] for r in typed)
    assert across / len(typed) > 0.3


def test_every_concept_is_reached_from_the_first_two_weeks_or_from_a_declared_root() -> None:
    graph = NetworkxStore(vault().concepts, vault().relations)
    assert graph.cycles() == []
    by_id = {concept.id: concept for concept in vault().concepts}
    roots = {path.stem for path in notes("concepts") if parse_front_matter(lines_of(path)).values.get("root") == "true"}
    grounds = roots | {concept.id for concept in by_id.values() if concept.week in {1, 2}}
    adrift = [
        concept.id
        for concept in by_id.values()
        if concept.kind in {"concept", "comparison"} and not grounds & {concept.id, *graph.prerequisites(concept.id)}
    ]
    assert adrift == []
    assert all(not graph.prerequisites(root) for root in roots)


@pytest.mark.parametrize("question", QUESTIONS)
def test_a_sprint_question_is_answered_from_two_notes(course: Workspace, question: str) -> None:
    answer = course.ask(question)
    assert answer.status == "answered"
    assert len({citation.path for citation in answer.citations}) >= 2
    assert "**Trade-off:**" in answer.text
    assert "**Where it breaks:**" in answer.text
