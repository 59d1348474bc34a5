from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from lamina.core.errors import ConfigError, DataError
from lamina.data.dataset import seconds_or_numbers
from lamina.runtime.frequency import Frequency, find_frequency, parse_frequency


def _seconds(*texts):
    return seconds_or_numbers(pl.Series(texts).str.to_datetime())


def _find(times, *, is_number=False):
    return find_frequency(times, np.zeros(len(times), dtype=np.int64), is_number=is_number)


@pytest.mark.parametrize(
    ("step", "name", "cycles"),
    [
        (timedelta(minutes=30), "30 minutes", (2, 48, 336, 17532)),
        (timedelta(hours=1), "1 hour", (24, 168, 8766)),
        (timedelta(days=1), "1 day", (7, 365)),
        (timedelta(days=7), "1 week", (52,)),
        (timedelta(seconds=90), "90 seconds", (40, 960, 6720, 350640)),
    ],
)
def test_steps_of_one_length(step, name, cycles):
    times = pl.Series([datetime(2020, 2, 27, 5) + step * i for i in (0, 1, 2, 5, 6, 7)])
    frequency = _find(seconds_or_numbers(times))
    assert frequency.name == name
    assert frequency.cycles() == cycles
    steps = frequency.steps(seconds_or_numbers(times))
    assert (steps - steps[0]).tolist() == [0, 1, 2, 5, 6, 7]


@pytest.mark.parametrize(
    ("months", "name", "cycles"), [(1, "1 month", (12,)), (3, "3 months", (4,)), (12, "1 year", ())]
)
def test_months_vary_in_length(months, name, cycles):
    counts = [months * i for i in range(9)]
    times = pl.Series([date(2019 + c // 12, 1 + c % 12, 28) for c in counts])
    frequency = _find(seconds_or_numbers(times))
    assert (frequency.name, frequency.cycles()) == (name, cycles)
    assert np.diff(frequency.steps(seconds_or_numbers(times))).tolist() == [1] * 8


def test_ends_of_months_stay_ends():
    start = float(_seconds("2023-12-31 12:00:00")[0])
    frequency = Frequency("month", 1)
    wanted = _seconds("2024-01-31 12:00:00", "2024-02-29 12:00:00", "2024-03-31 12:00:00")
    found = [frequency.later(start, count) for count in (1, 2, 3)]
    assert found == wanted.tolist()
    assert frequency.later(float(_seconds("2024-01-05 00:00:00")[0]), 1) == float(
        _seconds("2024-02-05 00:00:00")[0]
    )


def test_plain_numbers_and_shaky_clocks():
    numbers = np.array([10.0, 20.0, 30.0, 50.0, np.nan])
    frequency = _find(numbers, is_number=True)
    assert (frequency.name, frequency.cycles()) == ("10", ())
    assert frequency.later(50.0, 2) == 70.0
    steps = frequency.steps(numbers)
    assert (steps[:4] - steps[0]).tolist() == [0, 1, 2, 4]
    assert np.isnan(steps[4])
    shaky = np.array([0.0, 3600.0, 7200.0, 10795.0, 14400.0, 18000.0])
    assert np.diff(_find(shaky).steps(shaky)).tolist() == [1] * 5


def test_series_are_told_apart():
    times = np.array([0.0, 1.0, 0.5, 1.5])
    assert find_frequency(times, np.array([0, 0, 1, 1]), is_number=True).length == 1.0


def test_one_time_is_no_series():
    with pytest.raises(DataError, match="two different times"):
        _find(np.array([5.0, 5.0, np.nan]))


@pytest.mark.parametrize(
    "frequency",
    [
        Frequency("second", 90),
        Frequency("second", 86_400),
        Frequency("second", 0.5),
        Frequency("month", 3),
        Frequency("month", 12),
        Frequency("number", 2.5),
    ],
)
def test_names_come_back(frequency):
    assert parse_frequency(frequency.name) == frequency


@pytest.mark.parametrize("text", ["", "hour", "0 hours", "-1 day", "inf days", "1.5 months", "1 h"])
def test_what_is_no_step_is_refused(text):
    with pytest.raises(ConfigError, match="1 hour"):
        parse_frequency(text)
