"""Times are read as polars reads them, in every way of writing that is known."""

import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.data.modalities.datetime import _read
from lamina.runtime.times import FORMATS, date_of, days_from, read_time, way_of, weekday

MOMENTS = st.datetimes(datetime.datetime(1000, 1, 1), datetime.datetime(9999, 12, 31))


def _spelt(moment: datetime.datetime, way: str, fraction: str) -> str:
    way = way.replace("%.f", fraction).replace("%:z", "+05:30").replace("%z", "-0800")
    # Years before 1000 have no four digits on every system; these have.
    return moment.strftime(way)


@pytest.mark.parametrize("way", FORMATS)
def test_every_way_is_read_as_polars_reads_it(way) -> None:
    texts = []

    @settings(max_examples=25, deadline=None, database=None)
    @given(
        MOMENTS,
        st.sampled_from(["", ".5", ".123456", ".1234567891"]),
        st.integers(0, 30),
        st.sampled_from(["", "0", "9", " ", "-", "/", "T", ":", "Z", "+", "\u2003", "x"]),
        st.integers(0, 2),
    )
    def make(moment, fraction, place, letter, kind) -> None:
        text = _spelt(moment, way, fraction)
        if kind == 1:
            text = text[:place] + letter + text[place:]
        if kind == 2:
            text = text[:place] + letter + text[place + 1 :]
        texts.append(text.strip())

    make()
    expected = _read(pl.Series(texts, dtype=pl.String), way).cast(pl.Int64).to_list()
    found = [read_time(text, way_of(way)) for text in texts]
    assert list(zip(texts, found)) == list(zip(texts, expected))
    assert any(moment is not None for moment in found)


@given(st.dates())
def test_days_are_counted_as_python_counts_them(date) -> None:
    days = (date - datetime.date(1970, 1, 1)).days
    assert days_from(date.year, date.month, date.day) == days
    assert date_of(days) == (date.year, date.month, date.day)
    assert weekday(days) == date.isoweekday()


def test_years_beyond_those_of_python() -> None:
    # 400 years have 146,097 days.
    assert days_from(12_370, 1, 1) == 26 * 146_097
    assert date_of(days_from(-5_000, 3, 1)) == (-5_000, 3, 1)
    assert read_time("+12370-01-01", way_of("%Y-%m-%d")) == 26 * 146_097 * 86_400_000_000
    assert read_time("+999999999999-01-01", way_of("%Y-%m-%d")) is None


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("2023-02-29", "%Y-%m-%d"),
        ("0999-01-01", "%Y-%m-%d"),
        ("2020-01-01 24:00", "%Y-%m-%d %H:%M"),
        ("21991231", "%Y%m%d"),
        ("Mon, 02 Jan 2023 00:00:00 +2500", "%a, %d %b %Y %H:%M:%S %z"),
        ("Mon, 01 Jan 2023 00:00:00 +0000", "%a, %d %b %Y %H:%M:%S %z"),
    ],
)
def test_what_is_no_time(text, way) -> None:
    assert read_time(text, way_of(way)) is None


def test_the_second_sixty_is_the_next_minute() -> None:
    way = way_of("%Y-%m-%d %H:%M:%S%.f")
    assert read_time("2016-12-31 23:59:60", way) == read_time("2017-01-01 00:00:00", way)
