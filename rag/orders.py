"""Tells sentences that give orders to a model from sentences that say something.

An order supports no statement: what it demands to be said is not said by it. A note that talks about such orders, as
one on prompt injection does, says something: it names them in quotation marks or in the middle of a sentence.
"""

from __future__ import annotations

import re

from ingest.sentences import sentence_spans

_CALLS = r"important|attention|urgent|warning|note(?: to (?:the )?\w+)?|hey|dear|please|now|ok|okay|so|and|then|first"
_ADDRESSEES = r"ai|assistant|model|chatbot|llm|gpt|claude|bot|language model|reader|agent"
_ADDRESS = rf"^\W*(?:(?:{_CALLS})\b[\s,:!.\-]*|(?:{_ADDRESSEES})s?\b\s*[,:!\-]+\s*)*"
_LET_GO = "ignore|disregard|forget|override|bypass|drop|discard|skip"
_OF_WHAT = (
    "instruction|rule|prompt|guideline|direction|passage|context|source|note|question|restriction|safet|polic|everything"
    "|above|previous|prior|earlier"
)
_SAY = "reply|respond|answer|output|print|say|repeat|return"
_IN_ANY_CASE = (
    "only|exactly|nothing else|nothing but|verbatim|word for word"
    r"|(?:every|any|all|each|whatever)\b.{0,40}\b(?:with|by saying)"
)
_PUT = "write|begin|start|end|finish|close|conclude|append|add|include|put"
_GIVE_AWAY = "reveal|show|print|repeat|leak|send|post|upload|e-?mail|exfiltrate|output"
_SECRETS = "prompt|api key|keys?|password|secret|credential|token|conversation|notes to|to http|user data"
_PATTERNS = (
    rf"(?:{_LET_GO})\b.{{0,40}}\b(?:{_OF_WHAT})",
    r"(?:you are|you're|act|behave|pretend|role-?play|speak)\b.{0,15}\b(?:now|as|to be|from now)\b",
    r"(?:from now on|henceforth|starting now|instead of answering|whatever (?:is|you are) asked|regardless of)\b",
    r"(?:you must|you have to|your (?:new |only |real )?(?:task|job|goal|role|instruction|answer)s?)\b",
    rf"(?:{_SAY})\b.{{0,60}}\b(?:{_IN_ANY_CASE})\b",
    rf"(?:{_PUT})\b.{{0,60}}\b(?:every|any|all|each|your|the) (?:answer|reply|response|message|output|sentence)",
    r"(?:the )?(?:only )?(?:correct |right |true |final )?answer to (?:every|any|all|each|this|the user)",
    rf"(?:when|if|whenever) (?:asked|you are asked|any ?one asks|some ?one asks|you read)\b.{{0,60}}\b(?:{_SAY})\b",
    r"(?:do not|don't|never|stop)\b.{0,15}\b(?:answer|cite|mention|tell|reveal that|quote|refuse|warn)",
    rf"(?:{_GIVE_AWAY})\b.{{0,40}}\b(?:{_SECRETS})",
    r"(?:visit|open|click|call|run|execute|fetch|load|use)\b.{0,30}\b(?:https?:|link|tool|url|command|shell|function)",
)
_ORDERS = tuple(re.compile(_ADDRESS + pattern, re.IGNORECASE) for pattern in _PATTERNS)
_SPEAKERS = "system|assistant|user|developer|admin(?:istrator)?|root|operator"
_FORGED = re.compile(
    rf"^\W*(?:{_SPEAKERS})(?: (?:message|prompt|note|override|update))?\s*[:>\]]"
    r"|^\W*(?:new|updated|additional|revised|hidden|secret)\s+(?:system\s+)?"
    r"(?:instruction|rule|prompt|order|directive|task)s?\b"
    r"|<\|[a-z_]+\|>|\[/?INST\]|<</?SYS>>|^#{1,6}\s*(?:system|instructions?)\s*:?$|^-{2,}\s*(?:end|begin) of\b",
    re.IGNORECASE,
)


def is_order(sentence: str) -> bool:
    """Whether a sentence tells a model what to do, or pretends to come from one who may."""
    return bool(_FORGED.search(sentence)) or any(order.match(sentence) for order in _ORDERS)


def spans_that_say(markdown: str) -> list[tuple[int, int]]:
    """Start and end of each sentence, without the paragraphs that give an order: all of such a one serves it."""
    spans = sentence_spans(markdown)
    ordering = {_paragraph(markdown, start) for start, end in spans if is_order(markdown[start:end])}
    return [(start, end) for start, end in spans if _paragraph(markdown, start) not in ordering]


def _paragraph(text: str, at: int) -> int:
    return text.rfind("\n\n", 0, at)
