"""What a progress bar says while notes are ingested, in the app and in the terminal."""

import io
import time

from rich.console import Console

from app_pages.session import progress_on
from command import terminal


class Bar:
    def __init__(self):
        self.texts, self.shares = [], []

    def progress(self, share, text):
        self.shares.append(share)
        self.texts.append(text)


def run(report):
    """A stage of 1,000 of which 900 were known before, and half of the rest is done."""
    report("read", 0, 20)
    report("read", 20, 20)
    report("embed", 0, 1_000)
    report("embed", 900, 1_000)
    for done in range(901, 951):
        time.sleep(0.005)
        report("embed", done, 1_000)


def test_the_app_tells_the_rate_and_the_time_left():
    bar = Bar()
    run(progress_on(bar))
    assert "20 of 20" in bar.texts[1]
    said = [text for text in bar.texts if "a second" in text]
    assert said
    for text in said:
        counted, rate, left = text.split(", ")[-3:]
        done = int(counted.split(": ")[1].split(" of ")[0])
        # Only what is new counts: at the rate of all 950, the rest would take no time.
        assert 0 < int(rate.split()[0]) <= 200
        assert int(left.split()[1]) <= (1_000 - done) / max(int(rate.split()[0]) - 0.5, 0.1) + 1
    assert bar.shares == sorted(bar.shares[:2]) + sorted(bar.shares[2:])


def test_the_terminal_tells_the_rate_and_the_time_left(monkeypatch):
    shown = io.StringIO()
    monkeypatch.setattr(terminal, "err", Console(file=shown, force_terminal=True, width=100))
    with terminal.progress() as report:
        run(report)
        time.sleep(0.3)
    text = shown.getvalue()
    assert "embed" in text
    assert "/s" in text
    assert "950/1000" in text
    assert "0:00:0" in text
