"""Ask: questions answered from the notes, every sentence with a source that opens at the quoted lines."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from app_pages.components.citation_links import page_links
from app_pages.render import answer_html, chips_html, citation_html, concept_resolver, results_html
from app_pages.session import current_workspace, select_concept
from graph.schema import WEEK_KIND, Answer, Citation
from workspace import Workspace

_SUGGESTIONS = 4


@dataclass(frozen=True)
class _Message:
    """A question, its answer, and the passages that it cites, kept so that a new generation changes no old answer."""

    answer: Answer
    passages: dict[int, str]


def show() -> None:
    """Draws the page."""
    opened = current_workspace()
    _follow_links()
    messages: list[_Message] = st.session_state.setdefault("messages", [])
    asked = st.chat_input("Ask anything that the notes could answer", key="question")
    with st.container(key="ask-page"):
        if not messages and not asked:
            asked = _suggestion(opened)
        for number, message in enumerate(messages):
            _show_message(opened, number, message)
        if asked and asked.strip():
            with st.spinner("Looking it up …"):
                messages.append(_answered(opened, asked.strip()))
            _show_message(opened, len(messages) - 1, messages[-1])


def _follow_links() -> None:
    followed = page_links(key="ask-links")
    if followed:
        select_concept(followed)
        st.switch_page("app_pages/explore.py", query_params={"concept": followed})


def _suggestion(opened: Workspace) -> str | None:
    """What the page says before the first question; returns a suggested question if one was clicked."""
    st.subheader("Ask the notes", anchor=False)
    st.caption(
        f"{opened.report.documents} documents, {opened.report.concepts} concepts. Answers are made of the notes' own "
        "sentences; a number opens the passage that a sentence stands in. What the notes don't say is not answered."
    )
    chosen = None
    for question in _suggested_questions(opened):
        if st.button(question, key=f"suggest-{question}"):
            chosen = question
    return chosen


def _suggested_questions(opened: Workspace) -> list[str]:
    """Questions about the concepts with the most relations: they fit any folder of notes."""
    graph = opened.graph
    concepts = {c.id: c for c in graph.concepts() if c.kind != WEEK_KIND}
    hubs = sorted(concepts, key=lambda c: (-len(graph.neighbours(c)), c))[:2]
    pairs = [r for r in graph.relations() if r.kind == "contrasts_with" and {r.source, r.target} <= set(concepts)]
    pairs.sort(key=lambda r: (-len(graph.neighbours(r.source)) - len(graph.neighbours(r.target)), r.source))
    questions = [f"What is {concepts[c].title}, and where does it break?" for c in hubs]
    questions += [
        f"{concepts[r.source].title} or {concepts[r.target].title}: when would you use which?" for r in pairs[:2]
    ]
    return questions[:_SUGGESTIONS]


def _answered(opened: Workspace, question: str) -> _Message:
    answer = opened.ask(question)
    return _Message(answer, {c.number: _passage_of(answer, c, opened) for c in answer.citations})


def _passage_of(answer: Answer, citation: Citation, opened: Workspace) -> str:
    """The whole passage that a citation's quote stands in."""
    chunks = [result.chunk for result in answer.results]
    chunks += [chunk for chunk in opened.corpus.chunks if chunk.document_id == citation.path]
    fitting = (c.text for c in chunks if c.document_id == citation.path and citation.quote in c.text)
    return next(fitting, citation.quote)


def _show_message(opened: Workspace, number: int, message: _Message) -> None:
    answer = message.answer
    with st.chat_message("user"):
        st.text(answer.question)
    with st.chat_message("assistant"), st.container(key=f"answer-{number}"):
        st.html(answer_html(answer, number))
        concepts = [found for i in answer.concepts[:6] if (found := opened.graph.concept(i))]
        if concepts:
            st.html(chips_html(concepts))
        if answer.citations:
            with st.expander(f"Sources ({len(answer.citations)})"):
                for citation in answer.citations:
                    with st.container(key=f"cite-{number}-{citation.number}"):
                        st.html(
                            citation_html(citation, message.passages[citation.number], concept_resolver(opened.graph))
                        )
        with st.expander(f"How it was found ({sum(answer.timings_ms.values()):.0f} ms)"):
            st.html(results_html(answer))
            if answer.dropped:
                st.caption(f"{answer.dropped} sentences had no source that holds and were left out.")


show()
