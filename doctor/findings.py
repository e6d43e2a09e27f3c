"""What a look at one part of Prepgraph comes to: its state, in words, and what to do about it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

_QUESTIONS = 5

Status = Literal["ok", "warning", "broken"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: what was found, and the next step where there is one."""

    name: str
    status: Status
    detail: str
    next_step: str = ""


def median_milliseconds(ask: Callable[[], object]) -> float:
    """The median time that a question to a server takes, of a few, once its connection is open."""
    times = []
    for _ in range(_QUESTIONS):
        started = time.perf_counter()
        ask()
        times.append(1_000 * (time.perf_counter() - started))
    return sorted(times)[_QUESTIONS // 2]
