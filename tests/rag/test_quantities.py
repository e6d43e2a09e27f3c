"""What a sentence measures, so that two of them can be compared."""

from __future__ import annotations

import pytest

from rag.quantities import quantities

DAY = 86400.0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is kept for 90 days.", {"duration": {90 * DAY}}),
        ("It is kept for two weeks.", {"duration": {14 * DAY}}),
        ("The hut has 24 beds.", {"bed": {24.0}}),
        ("It holds 1,500 litres, or 1.5 cubic metres.", {"litr": {1500.0}, "cubic": {1.5}}),
        ("It was opened in 1891, three years late.", {"year": {1891.0}, "duration": {3 * 31557600.0}}),
        ("2 million users", {"user": {2e6}}),
        ("It is fired at 1,050 °C.", {"°c": {1050.0}}),
        ("At most 60 km/h is allowed.", {"km/h": {60.0}}),
        ("It opens at six in the morning and closes at 18:30.", {"clock": {6.0, 18.3}}),
        ("One of them is half full.", {}),
        ("A few hundred cases are usual.", {}),
        ("It improved hit@5 to 0.9.", {"": {0.9}}),
        ("Use int8 or top-10 lists of GPT-4.", {}),
    ],
)
def test_values_by_what_they_measure(text, expected):
    assert quantities(text) == expected


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("daily", "every day"),
        ("twice a day", "2 times per day"),
        ("every other week", "every two weeks"),
        ("weekly", "once a week"),
    ],
)
def test_two_ways_to_say_how_often(first, second):
    assert quantities(f"It runs {first}.") == quantities(f"It runs {second}.") != {}
    assert quantities(f"It runs {first}.").keys() == {"frequency"}
