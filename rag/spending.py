"""Keeps what language models cost within a cap a day: each call is reserved at its worst before it is made.

The ledger is a SQLite file in the workspace, so the cap holds over restarts and between processes. A day is one in UTC.
A call that never came back stays counted at its worst: the provider may have charged for all of it.
"""

from __future__ import annotations

import json
import math
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from graph.errors import LanguageModelError, StorageError, UsageError

LEDGER_FILE = "spending.sqlite"
_PRICES_FILE = Path(__file__).with_name("prices.json")
_DATED = re.compile(r"[-@](?:\d{8}|\d{4}-\d{2}-\d{2})$|-latest$")
_BUSY_SECONDS = 30
_SCHEMA = """
CREATE TABLE IF NOT EXISTS calls (
    id INTEGER PRIMARY KEY,
    day TEXT NOT NULL,
    model TEXT NOT NULL,
    cost INTEGER NOT NULL, -- billionths of a dollar, the most that it may be until it is settled
    settled INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX IF NOT EXISTS calls_by_day ON calls (day);
"""

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Price:
    """US dollars per million tokens, and where the figure comes from."""

    input: float
    output: float
    source: str

    def cost(self, input_tokens: int, output_tokens: int) -> float:
        """US dollars for so many tokens."""
        return (input_tokens * self.input + output_tokens * self.output) / 1e6


def find_price(model: str, own: str | None = None) -> Price | None:
    """The price of `provider:model`: the user's own "in,out", else that of the table, None when neither has one.

    What Ollama runs on one's own machine costs nothing. A dated version has the price of its model.
    Raises UsageError when the user's own is not two numbers.
    """
    if own:
        return _own_price(own)
    if model.startswith("ollama:"):
        return Price(0.0, 0.0, "runs on your own machine")
    table, looked_up = _price_table()
    found = table.get(model) or table.get(_DATED.sub("", model))
    return Price(*found, f"list price looked up on {looked_up}") if found else None


def _own_price(text: str) -> Price:
    try:
        price_in, price_out = (float(part) for part in text.split(","))
    except ValueError:
        price_in = price_out = -1.0
    if not (0 <= price_in < 1e6 and 0 <= price_out < 1e6):
        raise UsageError(
            f"PREPGRAPH_LLM_PRICES is {text!r}; give dollars per million tokens read and written, such as 0.15,0.60."
        )
    return Price(price_in, price_out, "PREPGRAPH_LLM_PRICES")


@cache
def _price_table() -> tuple[dict[str, tuple[float, float]], str]:
    data = json.loads(_PRICES_FILE.read_text(encoding="utf-8"))
    return {model: (prices[0], prices[1]) for model, prices in data["prices"].items()}, data["looked_up"]


def _utc_now() -> datetime:
    return datetime.now(UTC)


def _billionths(dollars: float) -> int:
    """Whole numbers add up exactly; what is left over counts as one more, but for the noise of a float."""
    return math.ceil(round(dollars * 1e9, 3))


class Ledger:
    """What was spent in one workspace. Any number of processes and threads may use one file."""

    def __init__(self, folder: Path, cap: float | None = None, clock: Clock = _utc_now) -> None:
        self._path, self._cap, self._clock = folder / LEDGER_FILE, cap, clock

    @property
    def cap(self) -> float | None:
        """US dollars that a day may cost, or None for no bound."""
        return self._cap

    def spent_today(self) -> float:
        """US dollars of today's calls, unsettled ones at their worst."""
        if not self._path.exists():
            return 0.0
        with self._opened() as connection:
            return self._sum(connection) / 1e9

    def reserve(self, model: str, most: float | None) -> int:
        """Counts a call at the most that it can cost, in US dollars, and returns its number.

        Raises LanguageModelError when the cap would not hold, or cannot be kept because the price is unknown (None).
        """
        if most is None and self._cap is not None:
            raise LanguageModelError(
                f"The price of {model} is not known, so the cap of ${self._cap:.4f} a day could not be kept and it was "
                "not asked; set PREPGRAPH_LLM_PRICES to its dollars per million tokens read and written."
            )
        with self._opened() as connection:
            spent, worst = self._sum(connection), _billionths(most or 0.0)
            if self._cap is not None and spent + worst > _billionths(self._cap):
                raise LanguageModelError(
                    f"The language model was not asked: ${spent / 1e9:.4f} of the ${self._cap:.4f} for today (UTC) is "
                    f"spent and this answer might cost ${most:.4f}; raise PREPGRAPH_LLM_CAP or wait for tomorrow."
                )
            row = connection.execute(
                "INSERT INTO calls (day, model, cost) VALUES (?, ?, ?)", (self._day(), model, worst)
            )
            return int(row.lastrowid or 0)

    def settle(self, call: int, cost: float) -> None:
        """Puts what a call did cost, in US dollars, in place of its worst; 0 for one that was never answered."""
        with self._opened() as connection:
            connection.execute("UPDATE calls SET cost = ?, settled = 1 WHERE id = ?", (_billionths(cost), call))

    def _day(self) -> str:
        return self._clock().astimezone(UTC).date().isoformat()

    def _sum(self, connection: sqlite3.Connection) -> int:
        row = connection.execute("SELECT COALESCE(SUM(cost), 0) FROM calls WHERE day = ?", (self._day(),)).fetchone()
        return int(row[0])

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        """One transaction that holds the write lock from its start, so that reading and reserving are one step."""
        connection = None
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            connection = sqlite3.connect(self._path, timeout=_BUSY_SECONDS, isolation_level=None)
            connection.execute("BEGIN IMMEDIATE")
            for statement in _SCHEMA.split(";"):
                connection.execute(statement)
            yield connection
            connection.execute("COMMIT")
        except (sqlite3.Error, OSError) as fault:
            raise StorageError(
                f"What language models cost cannot be kept in {self._path} ({fault}); make it writable, or delete it "
                "to begin a new count."
            ) from fault
        finally:
            if connection is not None:
                connection.close()  # what was not committed is undone
