"""Times become the numbers of training."""

import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.datetime import DateTimeReader
from tests.runtime.modalities.states import assert_reads_the_same, fitted, reader_of

TEXTS = fitted(
    "datetime",
    pl.Series("x", ["2020-01-31 10:20:30", "2021-06-15 23:59:00", "2019-12-31 00:00:00"] * 3),
)
DAYS = fitted("datetime", pl.Series("x", ["31.01.2020", "15.06.2020", "01.02.2020"] * 3))
CELLS = st.none() | st.sampled_from(
    [
        *("2020-05-06", "06.05.2020", "05/06/2020", "5/13/20", "13/5/2020", "May 6, 2020"),
        *("2020-05-06T10:00:00Z", "2020-05-06 10:00:00+02:00", "20200506", "20200506.0", "2020-05"),
        *("", "nan", "never", "1588723200", "Wed, 06 May 2020 10:00:00 +0200", " 2020-05-06 "),
    ]
)


def test_the_states_differ() -> None:
    assert TEXTS.cycles == ("month", "weekday", "hour")
    assert DAYS.format == "%d.%m.%Y"
    assert "hour" not in DAYS.cycles


@settings(max_examples=100, deadline=None)
@given(st.lists(CELLS | st.text(max_size=8), min_size=1, max_size=8))
def test_any_texts(cells) -> None:
    for state in (TEXTS, DAYS):
        assert_reads_the_same(state, pl.Series("x", cells, dtype=pl.String))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.none() | st.datetimes(), min_size=1, max_size=8))
def test_any_moments(cells) -> None:
    assert_reads_the_same(TEXTS, pl.Series("x", cells, dtype=pl.Datetime("us")))


@pytest.mark.parametrize(
    "cells",
    [
        [datetime.date(2020, 1, 2), datetime.date(1950, 5, 6), None],
        [datetime.time(1, 2, 3, 4), datetime.time(23, 0), None],
        [5, 6, None],
        [0.5, None],
        [True, None],
    ],
    ids=["date", "time", "whole", "float", "truth"],
)
def test_cells_of_other_types(cells) -> None:
    for state in (TEXTS, DAYS):
        assert_reads_the_same(state, pl.Series("x", cells))


def test_zones_count() -> None:
    zone = datetime.timezone(datetime.timedelta(hours=2))
    cells = [datetime.datetime(2020, 5, 6, 1, 0, tzinfo=zone), None]
    assert_reads_the_same(TEXTS, pl.Series("x", cells), cells)
    here = reader_of(TEXTS).read([*cells, datetime.datetime(2020, 5, 5, 23, 0)]).values
    assert here[0].tolist() == here[2].tolist()


def test_states_that_cannot_be_are_refused() -> None:
    document = {**TEXTS.to_document(), "format": "%Q"}
    with pytest.raises(BundleError, match="format"):
        DateTimeReader.from_document(document)
