from datetime import datetime

import numpy as np
import pytest

from lamina.runtime.calendar import calendar_features, calendar_names
from lamina.runtime.frequency import Frequency


def _at(frequency, *moment):
    seconds = (datetime(*moment) - datetime(1970, 1, 1)).total_seconds()
    step = int(frequency.steps(np.array([0.0, seconds]))[1])
    names = calendar_names(frequency)
    return dict(zip(names, calendar_features(frequency, step, step + 1)[0].tolist(), strict=True))


def test_hours_and_weekdays_stand_where_they_belong():
    hourly = Frequency("second", 3600)
    evening = _at(hourly, 2024, 7, 1, 18)  # a Monday
    assert evening["hour sine"] == pytest.approx(-1.0, abs=1e-5)
    assert evening["weekday sine"] == pytest.approx(np.sin(2 * np.pi * 0.75 / 7), abs=1e-4)
    assert evening["season cosine"] == pytest.approx(-1.0, abs=0.01)
    assert _at(hourly, 2024, 7, 8, 18)["weekday cosine"] == pytest.approx(
        evening["weekday cosine"], abs=1e-4
    )


def test_months_have_a_year_of_twelve():
    monthly = Frequency("month", 1)
    assert _at(monthly, 2023, 4, 9)["season sine"] == pytest.approx(1.0, abs=1e-5)


@pytest.mark.parametrize(
    ("frequency", "count"),
    [
        (Frequency("second", 60), 6),
        (Frequency("second", 86_400), 4),
        (Frequency("second", 7 * 86_400), 2),
        (Frequency("month", 3), 2),
        (Frequency("month", 12), 0),
        (Frequency("number", 1), 0),
    ],
)
def test_only_cycles_longer_than_the_steps_count(frequency, count):
    assert len(calendar_names(frequency)) == count
    assert calendar_features(frequency, 5, 9).shape == (4, count)
