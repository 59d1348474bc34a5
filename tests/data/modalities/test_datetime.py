"""Tests of the date-time modality."""

import datetime

import numpy as np
import polars as pl
import pytest
import torch

from lamina.core.errors import DataError
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.datetime import DateTime, parse_times


def fit(column):
    return DateTime.fit(column, role="input", options=ModalityOptions())


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2011-01-02 05:06:07", (2011, 1, 2, 5, 6, 7)),
        ("2011-01-02T05:06:07Z", (2011, 1, 2, 5, 6, 7)),
        ("2011-01-02T05:06:07+02:00", (2011, 1, 2, 3, 6, 7)),
        ("2011-01-02 05:06", (2011, 1, 2, 5, 6)),
        ("2011-01-02", (2011, 1, 2)),
        ("2011/01/25", (2011, 1, 25)),
        ("25.01.2011", (2011, 1, 25)),
        ("01/25/2011", (2011, 1, 25)),
        ("25/01/2011", (2011, 1, 25)),
        ("1/25/11 3:04 PM", (2011, 1, 25, 15, 4)),
        ("Jan 5, 2020", (2020, 1, 5)),
        ("5 January 2020", (2020, 1, 5)),
        ("20200131", (2020, 1, 31)),
        ("2020-05", (2020, 5, 1)),
    ],
)
def test_formats(cell, time):
    column = pl.Series("t", [cell, "?", None])
    assert parse_times(column).values.to_list() == [
        datetime.datetime(*time[:3], *time[3:]),
        None,
        None,
    ]
    assert DateTime.recognise(column).score > 0.9


@pytest.mark.parametrize("cells", [["12", "13.5"], ["hello", "5 apples"], [None, "?"], ["10-20"]])
def test_what_is_no_time(cells):
    assert DateTime.recognise(pl.Series("t", cells)).score == 0


def test_day_and_month_are_told_apart_by_the_whole_column():
    days = pl.Series("t", ["01/02/2020", "02/02/2020", "13/02/2020"])
    assert [t.month for t in parse_times(days).values] == [2, 2, 2]
    # Both fit; the rows run through days, not through months.
    vague = parse_times(pl.Series("t", ["01/02/2020", "02/02/2020", "03/02/2020"]))
    assert [t.day for t in vague.values] == [1, 2, 3]
    assert vague.rival == "%m/%d/%Y"


def test_features_are_what_varies_worked_out_by_hand():
    noon_and_midnight = [datetime.datetime(2020, 1, 6, 0), datetime.datetime(2020, 1, 6, 12)]
    state = fit(pl.Series("t", noon_and_midnight))
    assert state.features == ("time", "hour sine", "hour cosine")
    edge = float(1 / np.sqrt(1 + 1 / 9))
    expected = torch.tensor([[-edge, 0.0, 1.0], [edge, 0.0, -1.0]])
    torch.testing.assert_close(state.encode(pl.Series(noon_and_midnight)).values, expected)
    assert state.input_spec("t").columns == ("t", "t", "t")
    assert state.quantiles.shape == (3, 65)


def test_weeks_months_and_years_are_features_where_they_vary():
    days = pl.Series("t", [datetime.date(2019, 1, 1), datetime.date(2021, 6, 5)])
    assert fit(days).features[:2] == ("time", "year")
    assert {"month sine", "weekday cosine"} <= set(fit(days).features)


def test_missing_times_are_nan_and_other_kinds_are_read():
    state = fit(pl.Series("t", [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)]))
    encoded = state.encode(pl.Series("t", ["2020-07-01", None, "nonsense"])).values
    assert not encoded[0].isnan().any()
    assert encoded[1:].isnan().all()
    clock = fit(pl.Series("t", [datetime.time(1), None, datetime.time(5)]))
    assert clock.features == ("time", "hour sine", "hour cosine")
    zoned = pl.Series([datetime.datetime(2020, 1, 1)]).dt.replace_time_zone("Asia/Tokyo")
    assert parse_times(zoned).values[0] == datetime.datetime(2019, 12, 31, 15)


def test_times_are_no_targets():
    column = pl.Series("t", [datetime.date(2020, 1, 1)])
    assert DateTime.recognise(column, role="target").score == 0
    with pytest.raises(DataError, match="cannot be predicted"):
        DateTime.fit(column, role="target", options=ModalityOptions())
    with pytest.raises(DataError, match="no cell of 1"):
        fit(pl.Series("t", ["nonsense"]))


@pytest.mark.parametrize(
    ("trained", "month"), [(["13/02/2020", "25/04/2020"], 4), (["02/13/2020", "04/25/2020"], 3)]
)
def test_what_a_time_means_does_not_depend_on_other_rows(trained, month):
    state = fit(pl.Series("t", trained))
    alone = state.encode(pl.Series(["03-04-2021"])).values
    for others in ["13-01-2021", "01-13-2021", "2021-05-06", "nonsense"]:
        beside = state.encode(pl.Series(["03-04-2021", others])).values
        assert torch.equal(beside[:1], alone)
    parsed = parse_times(pl.Series(["03-04-2021", None, "2021-05-06"]), format=state.format)
    assert [time and time.month for time in parsed.values] == [month, None, 5]
    assert not state.encode(pl.Series(["2021-05-06"])).values.isnan().any()


def test_cells_of_a_column_that_was_no_text_are_read_each_for_itself():
    state = fit(pl.Series("t", [datetime.date(2020, 1, 1), datetime.date(2021, 1, 1)]))
    alone = state.encode(pl.Series(["03/04/2020"])).values
    assert torch.equal(state.encode(pl.Series(["03/04/2020", "13/02/2020"])).values[:1], alone)
