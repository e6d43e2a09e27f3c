"""What there is to say about an answer besides its text: what went otherwise than wanted, and what it cost."""

from __future__ import annotations

from graph.schema import Answer, Usage

EXTRACTIVE = "extractive"  # the mode of an answer made of the notes' own sentences


def answer_remarks(answer: Answer) -> list[str]:
    """Notices, how many sentences were left out, and the cost of a language model, each a short sentence."""
    remarks = list(answer.notices)
    if answer.dropped:
        remarks.append(dropped_remark(answer.dropped))
    if answer.usage:
        remarks.append(usage_remark(answer.usage))
    return remarks


def dropped_remark(count: int) -> str:
    """How many sentences were left out."""
    sentences = "1 sentence was" if count == 1 else f"{count} sentences were"
    return f"{sentences} left out, as no source was found to hold."


def usage_remark(usage: Usage) -> str:
    """Tokens and cost of one answer, and whether they were counted or estimated."""
    counted = "estimated" if usage.estimated else "as counted by the provider"
    cost = "price unknown" if usage.cost is None else f"${usage.cost:.4f}"
    return f"{usage.model}: {usage.input_tokens:,} tokens read, {usage.output_tokens:,} written ({counted}), {cost}."
