"""What stands beside an answer, as HTML: how a follow-up was read, what went otherwise than wanted, what it cost."""

from __future__ import annotations

from html import escape

from graph.schema import Answer
from rag.remarks import EXTRACTIVE, dropped_remark, usage_remark


def remark_html(text: str) -> str:
    """A remark in small print."""
    return f'<p class="pg-remark">{escape(text)}</p>'


def read_as_html(answer: Answer) -> str:
    """The question with what it left unsaid put in; empty for one that stands alone."""
    if not answer.read_as:
        return ""
    return f'<p class="pg-remark">Read as: <em>{escape(answer.read_as)}</em></p>'


def notices_html(answer: Answer) -> str:
    """What failed and what to do about it, before an answer that is not the one wanted; empty without such."""
    if not answer.notices:
        return ""
    return f'<p class="pg-notice" role="status">{escape(" ".join(answer.notices))}</p>'


def made_by_html(answer: Answer) -> str:
    """How the answer was made, how many sentences were left out, tokens and cost."""
    if answer.status == "not_in_sources" and not answer.usage:
        return ""
    how = "Made of the notes' own sentences."
    if answer.mode != EXTRACTIVE and answer.citations:
        how = f"Written by {answer.mode}, each sentence checked against the passages that it cites."
    parts = [how]
    if answer.dropped:
        parts.append(dropped_remark(answer.dropped))
    if answer.usage:
        parts.append(usage_remark(answer.usage))
    return remark_html(" ".join(parts))
