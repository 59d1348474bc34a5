"""Cells to text and numbers: the same as whole columns in polars, for any cells."""

import datetime
import math

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lamina.data.modalities import cells as columns
from lamina.runtime import cells

TEXTS = st.one_of(
    st.text(max_size=12),
    st.from_regex(r"[+\-(]?[$€ ]?[0-9.,' %]{1,12}[)%]?( ?usd)?", fullmatch=True),
    st.floats().map(str),
    st.sampled_from([*cells.MISSING_MARKS, "NA", "Null", "NaN ", "1.0", "-0.0", "0.00", "1e5"]),
)


@settings(max_examples=400, deadline=None)
@given(st.lists(TEXTS, min_size=1, max_size=8), st.sampled_from([".", ","]))
@example(["1e400", "+nan", "inf", "1.e5", "e5", ".", "1_000", "٣.0", "1\x1f", "\x1f1"], ".")
@example(["1.234,5", "1.234", "12,5 €", "(3,5)", "1,2,3", "1 234,5", "- 5"], ",")
@example(["unKnown", "uſd 5", "5 USDx", "$5$", "5%%", "1'234'567.8", "1,234", "12,34"], ".")
def test_texts_are_read_as_polars_reads_them(texts, decimal) -> None:
    column = pl.Series("c", texts, dtype=pl.String)
    assert [cells.as_text(text) for text in texts] == columns.as_text(column).to_list()
    assert [cells.as_written(text) for text in texts] == columns.as_written(column).to_list()
    stripped = columns.as_text(column)
    assert [cells.without_missing(text) for text in stripped.to_list()] == columns.without_missing(
        stripped
    ).to_list()
    expected = columns.parse_numbers(column, decimal=decimal).values.fill_null(math.nan)
    found = [cells.parse_number(text, decimal=decimal) for text in texts]
    np.testing.assert_array_equal(found, expected.to_numpy())


@settings(max_examples=300, deadline=None)
@given(st.lists(st.floats(allow_subnormal=True), min_size=1, max_size=8))
@example([1e16, 1e-5, 1.25e-5, -1e-5, 9.9e-5, 1e-4, 5e-324, -0.0, 2.0**53, 1e22, -math.inf])
def test_numbers_are_spelt_as_polars_spells_them(numbers) -> None:
    column = pl.Series("c", numbers, dtype=pl.Float64)
    assert [cells.as_text(number) for number in numbers] == columns.as_text(column).to_list()
    expected = columns.parse_numbers(column, decimal=".").values.fill_null(math.nan)
    found = [cells.parse_number(number, decimal=".") for number in numbers]
    np.testing.assert_array_equal(found, expected.to_numpy())


@settings(max_examples=200, deadline=None)
@given(st.lists(st.floats(width=32), min_size=1, max_size=8))
@example([float(np.float32(x)) for x in (1e-4, 1e-5, 1.5e-4, 9.1e15, 1e16, 3e20, 1e-7, 16777216)])
def test_numbers_of_32_bits_have_their_own_text(numbers) -> None:
    column = pl.Series("c", numbers, dtype=pl.Float32)
    given_cells = np.array(numbers, dtype=np.float32)
    assert [cells.as_text(number) for number in given_cells] == columns.as_text(column).to_list()


@pytest.mark.parametrize(
    "values",
    [
        [True, False, None],
        [1, -5, 2**62, None],
        [datetime.datetime(2020, 1, 2, 3, 4, 5, 6), datetime.datetime(1960, 1, 1), None],
        [datetime.date(2020, 1, 2), None],
        [datetime.time(1, 2, 3), datetime.time(23, 59, 59), None],
    ],
    ids=["truth", "whole", "datetime", "date", "time"],
)
def test_other_cells_are_read_as_polars_reads_them(values) -> None:
    column = pl.Series("c", values)
    assert [cells.as_text(value) for value in values] == columns.as_text(column).to_list()
    expected = columns.parse_numbers(column).values.fill_null(math.nan)
    found = [cells.parse_number(value, decimal=".") for value in values]
    np.testing.assert_array_equal(found, expected.to_numpy())


def test_durations_are_read_in_seconds() -> None:
    values = [datetime.timedelta(days=-1, microseconds=7), datetime.timedelta(hours=3)]
    expected = columns.parse_numbers(pl.Series("c", values)).values.to_list()
    assert [cells.parse_number(value, decimal=".") for value in values] == expected


@pytest.mark.parametrize("cell", [b"1", [1], {"a": 1}, object(), np.zeros(2), 10**400, 1j])
def test_what_is_no_single_value_is_missing(cell) -> None:
    assert math.isnan(cells.parse_number(cell, decimal="."))
    assert cells.as_text(cell) is None or isinstance(cell, int)


def test_wrapped_values_are_unwrapped() -> None:
    assert cells.plain_cell(np.array(3.5)) == 3.5
    assert cells.plain_cell(np.datetime64("2020-01-02")) == datetime.datetime(2020, 1, 2)
    assert cells.plain_cell(np.datetime64("NaT")) is None
    assert cells.plain_cell(np.timedelta64(3, "s")) == datetime.timedelta(seconds=3)
    assert type(cells.plain_cell(np.str_("x"))) is str
    assert cells.plain_cell([1]) == [1]
