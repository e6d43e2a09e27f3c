"""Ask: questions answered from the notes, every sentence with a source that opens at the quoted lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from app_pages.components.citation_links import page_links
from app_pages.inspector import show_inspector
from app_pages.remarks_html import made_by_html, notices_html, read_as_html, remark_html
from app_pages.render import answer_html, chips_html, citation_html, concept_resolver
from app_pages.session import current_workspace, select_concept, settings
from graph.errors import PrepgraphError
from graph.schema import Answer, Citation
from workspace import Workspace, language_model_config, open_ledger, turn_of

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
        opening = st.empty()  # cleared at once when a question comes, not when its answer is complete
        if not messages and not asked:
            with opening.container():
                asked = _suggestion(opened)
            if asked:
                opening.empty()
        for number, message in enumerate(messages):
            _show_message(opened, number, message)
        if asked and asked.strip():
            place = st.empty()
            messages.append(_answered(opened, asked.strip(), messages, place))
            with place.container():
                _show_message(opened, len(messages) - 1, messages[-1])
        _show_footer(messages)


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
        if not settings().llm
        else f"{opened.report.documents} documents, {opened.report.concepts} concepts. Answers are written by "
        f"{settings().llm} from passages of the notes, which are sent to it. Only sentences that the passages "
        "support are shown; a number opens the lines that a sentence rests on."
    )
    chosen = None
    for question in _suggested_questions(opened):
        if st.button(question, key=f"suggest-{question}"):
            chosen = question
    return chosen


def _suggested_questions(opened: Workspace) -> list[str]:
    """Questions about the concepts with the most relations: they fit any folder of notes."""
    facts = opened.graph.facts()
    hubs, pairs = facts.hubs[:2], facts.contrasts[:2]
    concepts = opened.graph.concepts_by_id([*hubs, *(end for pair in pairs for end in pair)])
    questions = [f"What is {concepts[c].title}, and where does it break?" for c in hubs]
    questions += [f"{concepts[a].title} or {concepts[b].title}: when would you use which?" for a, b in pairs]
    return questions[:_SUGGESTIONS]


def _answered(
    opened: Workspace, question: str, before: Sequence[_Message], place: st.delta_generator.DeltaGenerator
) -> _Message:
    """Shows the answer at a place while it grows. Not by `st.write_stream`, whose Markdown would read `$…$` and
    `:red[…]` in what a model writes, and fetch images.
    """
    with place.container():
        with st.chat_message("user"):
            st.text(question)
        with st.chat_message("assistant"), st.spinner("Looking it up …"):
            growing = st.empty()
            for answer in opened.ask_stream(question, conversation=[turn_of(message.answer) for message in before]):
                growing.html(answer_html(answer, message=None))
    return _Message(answer, {c.number: _passage_of(answer, c, opened) for c in answer.citations})


def _passage_of(answer: Answer, citation: Citation, opened: Workspace) -> str:
    """The whole passage that a citation's quote stands in."""
    chunks = [result.chunk for result in answer.results]
    chunks += opened.corpus.by_path.get(citation.path, ())
    fitting = (c.text for c in chunks if c.document_id == citation.path and citation.quote in c.text)
    return next(fitting, citation.quote)


def _show_message(opened: Workspace, number: int, message: _Message) -> None:
    answer = message.answer
    with st.chat_message("user"):
        st.text(answer.question)
    with st.chat_message("assistant"), st.container(key=f"answer-{number}"):
        for remark in (read_as_html(answer), notices_html(answer), answer_html(answer, number), made_by_html(answer)):
            if remark:
                st.html(remark)
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
        show_inspector(opened, number, answer)


def _show_footer(messages: list[_Message]) -> None:
    """What language models cost today, and a way to begin anew: a follow-up is read with the question before it."""
    if not messages:
        return
    if spent := _spent_today():
        st.html(remark_html(spent))
    if st.button("New conversation", key="new-conversation"):
        messages.clear()
        st.rerun()


def _spent_today() -> str:
    try:
        config, ledger = language_model_config(settings()), open_ledger(settings())
        if config is None:
            return ""
        cap = f" of the ${ledger.cap:.4f} allowed" if ledger.cap is not None else ""
        return f"Spent on language models today (UTC): ${ledger.spent_today():.4f}{cap}."
    except PrepgraphError as fault:
        return str(fault)


show()
