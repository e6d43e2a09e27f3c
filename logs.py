"""Structured logs: one line an event on stderr, as JSON or as text, and none unless somebody switches them on.

    {"time": "2026-01-31T12:00:00.123Z", "level": "info", "event": "search", "process": 7, "milliseconds": 12.5, …}

A question's text is no field of any event unless it is asked for, and what was named as a secret never gets out.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal

Kind = Literal["", "json", "text"]
Level = Literal["debug", "info", "warning", "error"]
Progress = Callable[[str, int, int], None]

_in_force: list[tuple[str, ...]] = []  # what was configured last
_LOGGER = logging.getLogger("prepgraph")
_LOGGER.addHandler(logging.NullHandler())  # else warnings of a process that wants no logs would be printed
_LOGGER.propagate = False


def configure_logs(kind: Kind, level: Level = "info", secrets: Collection[str] = ()) -> None:
    """Switches the logs of this process on or off; `secrets` are replaced wherever they would stand in a line."""
    wanted = (kind, level, *secrets)
    if _in_force == [wanted]:
        return  # settings are loaded often, and a change of handlers might lose a line of another thread
    _in_force[:] = [wanted]
    for handler in _LOGGER.handlers[:]:
        _LOGGER.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr) if kind else logging.NullHandler()
    handler.setFormatter(_Formatter(kind == "json", [secret for secret in secrets if secret]))
    _LOGGER.addHandler(handler)
    _LOGGER.setLevel(level.upper() if kind else logging.CRITICAL)


def log_event(event: str, level: Level = "info", **fields: object) -> None:
    """Logs one event with its fields: numbers, texts, or lists and dicts of them."""
    _log(event, logging.getLevelNamesMapping()[level.upper()], fields)


@contextmanager
def timed_event(event: str, **fields: object) -> Iterator[dict[str, object]]:
    """Logs an event with the seconds that it took, or the fault that ended it; more fields may be put in meanwhile."""
    more: dict[str, object] = dict(fields)
    started = time.monotonic()
    try:
        yield more
    except Exception as fault:
        _log(
            event,
            logging.ERROR,
            {**more, "seconds": _since(started), "error": str(fault), "kind": type(fault).__name__},
        )
        raise
    _log(event, logging.INFO, {**more, "seconds": _since(started)})


def log_stages(progress: Progress | None) -> Progress:
    """A listener to the stages of an ingest that logs each with its count and seconds, and tells `progress` as well.

    A stage lasts until another begins; the last, "publish", is told when all is done.
    """
    running: list[tuple[str, int, float]] = []

    def listen(stage: str, done: int, total: int) -> None:
        if running and running[0][0] != stage:
            name, count, started = running.pop()
            log_event("ingest_stage", stage=name, count=count, seconds=_since(started))
        running[:] = [(stage, total, running[0][2] if running else time.monotonic())]
        if progress:
            progress(stage, done, total)

    return listen


def _log(event: str, level: int, fields: Mapping[str, object]) -> None:
    _LOGGER.log(level, event, extra={"fields": fields})


def _since(started: float) -> float:
    return round(time.monotonic() - started, 3)


class _Formatter(logging.Formatter):
    def __init__(self, as_json: bool, secrets: Collection[str]) -> None:
        super().__init__()
        self._as_json, self._secrets = as_json, sorted(secrets, key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        fields: dict[str, Any] = {
            "time": f"{moment}.{int(record.msecs):03d}Z",
            "level": record.levelname.lower(),
            "event": record.getMessage(),
            "process": record.process,
            **{name: self._hide(value) for name, value in getattr(record, "fields", {}).items()},
        }
        if self._as_json:
            return json.dumps(fields, ensure_ascii=True, default=lambda value: self._hide(str(value)))
        head = " ".join(str(fields.pop(name)) for name in ("time", "level", "event"))
        return " ".join([head, *(f"{name}={json.dumps(value, default=str)}" for name, value in fields.items())])

    def _hide(self, value: object) -> object:
        if isinstance(value, dict):
            return {key: self._hide(held) for key, held in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._hide(held) for held in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        text = str(value)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
