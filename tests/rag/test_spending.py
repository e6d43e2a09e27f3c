"""The cap on what language models cost: kept over restarts, between processes, and before a call is made."""

import multiprocessing
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest

from graph.errors import LanguageModelError, StorageError, UsageError
from rag.spending import LEDGER_FILE, Ledger, find_price

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


def ledger(folder, cap=None, now=NOON):
    return Ledger(folder, cap, lambda: now)


def test_a_call_counts_at_its_worst_until_it_is_settled(tmp_path):
    book = ledger(tmp_path, cap=1.0)
    call = book.reserve("m", 0.9)
    assert book.spent_today() == 0.9
    with pytest.raises(LanguageModelError, match=r"\$0\.9000 of the \$1\.0000.*PREPGRAPH_LLM_CAP"):
        book.reserve("m", 0.2)
    book.settle(call, 0.01)
    assert book.spent_today() == 0.01
    book.reserve("m", 0.2)


def test_the_cap_holds_over_a_restart_and_ends_with_the_day(tmp_path):
    ledger(tmp_path, 1.0).reserve("m", 0.9)
    with pytest.raises(LanguageModelError):
        ledger(tmp_path, 1.0).reserve("m", 0.2)
    tomorrow = NOON + timedelta(days=1)
    assert ledger(tmp_path, 1.0, tomorrow).spent_today() == 0
    ledger(tmp_path, 1.0, tomorrow).reserve("m", 0.2)


def test_a_day_is_one_in_utc(tmp_path):
    east = timezone(timedelta(hours=9))
    ledger(tmp_path, now=datetime(2026, 5, 4, 12, tzinfo=UTC)).reserve("m", 0.5)
    assert ledger(tmp_path, now=datetime(2026, 5, 5, 3, tzinfo=east)).spent_today() == 0.5
    assert ledger(tmp_path, now=datetime(2026, 5, 5, 9, tzinfo=east)).spent_today() == 0


def test_exactly_the_cap_may_be_spent(tmp_path):
    book = ledger(tmp_path, cap=0.5)
    book.reserve("m", 0.5)
    with pytest.raises(LanguageModelError):
        book.reserve("m", 0.000001)


def test_a_cap_of_nothing_lets_only_what_is_free_through(tmp_path):
    ledger(tmp_path, cap=0.0).reserve("m", 0.0)
    with pytest.raises(LanguageModelError):
        ledger(tmp_path, cap=0.0).reserve("m", 0.0001)


def test_without_a_price_a_cap_cannot_be_kept(tmp_path):
    with pytest.raises(LanguageModelError, match="PREPGRAPH_LLM_PRICES"):
        ledger(tmp_path, cap=1.0).reserve("openai:unheard-of", None)
    ledger(tmp_path).reserve("openai:unheard-of", None)


def reserve_many(folder):
    passed = 0
    for _ in range(20):
        try:
            ledger(folder, cap=1.0).reserve("m", 0.05)
            passed += 1
        except LanguageModelError:
            pass
    return passed


def test_processes_that_spend_at_once_stay_within_the_cap_together(tmp_path):
    with multiprocessing.get_context("spawn").Pool(3) as pool:
        passed = pool.map(reserve_many, [tmp_path] * 3)
    assert sum(passed) == 20
    assert ledger(tmp_path).spent_today() == pytest.approx(1.0)


def test_so_do_threads(tmp_path):
    with ThreadPoolExecutor(4) as threads:
        assert sum(threads.map(reserve_many, [tmp_path] * 4)) == 20


def test_a_ledger_that_cannot_be_kept_is_said(tmp_path):
    (tmp_path / LEDGER_FILE).write_bytes(b"no database at all, " * 100)
    with pytest.raises(StorageError, match="delete it"):
        ledger(tmp_path).reserve("m", 0.1)


@pytest.mark.parametrize(
    ("model", "prices"),
    [
        ("openai:gpt-4o-mini", (0.15, 0.6)),
        ("openai:gpt-4o-mini-2024-07-18", (0.15, 0.6)),
        ("anthropic:claude-haiku-4-5-20251001", (1.0, 5.0)),
        ("ollama:anything", (0.0, 0.0)),
    ],
)
def test_known_prices(model, prices):
    price = find_price(model)
    assert (price.input, price.output) == prices
    assert price.cost(1_000_000, 2_000_000) == pytest.approx(prices[0] + 2 * prices[1])


@pytest.mark.parametrize("model", ["openai:unheard-of", "openai-like:gpt-4o-mini", "anthropic:gpt-4o"])
def test_unknown_prices_are_not_guessed(model):
    assert find_price(model) is None


def test_ones_own_price_goes_before_the_table():
    price = find_price("openai:gpt-4o-mini", "3, 4.5")
    assert (price.input, price.output, price.source) == (3.0, 4.5, "PREPGRAPH_LLM_PRICES")


@pytest.mark.parametrize("text", ["3", "a,b", "1,2,3", "-1,2", "nan,1", "inf,1", ","])
def test_a_price_that_is_none_is_refused(text):
    with pytest.raises(UsageError, match=r"0\.15,0\.60"):
        find_price("openai:gpt-4o-mini", text)


def test_list_prices_carry_the_day_that_they_were_looked_up():
    assert "2026-" in find_price("openai:gpt-4o-mini").source
