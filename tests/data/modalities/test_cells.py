"""Tests of reading raw cells as text and numbers."""

import datetime

import polars as pl
import pytest

from lamina.data.modalities.cells import (
    MISSING_LEVELS,
    as_text,
    as_written,
    is_plain,
    parse_numbers,
    share_of,
    without_missing,
)


@pytest.mark.parametrize(
    ("cells", "numbers"),
    [
        (["1", " 2.5 ", "-3e2"], [1.0, 2.5, -300.0]),
        (["", "?", "NA", "n/a", "NaN", "null", "None", "-", None, "7"], [None] * 9 + [7.0]),
        (["1,234", "1,234,567.5", "12"], [1234.0, 1234567.5, 12.0]),
        (["1,5", "2,25", "3"], [1.5, 2.25, 3.0]),
        (["1.234,5", "12,25", "7"], [1234.5, 12.25, 7.0]),
        (["$1,200.50", "€ 3", "-$4"], [1200.5, 3.0, -4.0]),
        (["12 %", "3.5%"], [12.0, 3.5]),
        (["1 234", "12 345 678"], [1234.0, 12345678.0]),
        (["(1,200)", "5"], [-1200.0, 5.0]),
        (["inf", "1", "1e300"], [None, 1.0, None]),
    ],
)
def test_numbers_are_read_as_people_write_them(cells, numbers):
    assert parse_numbers(pl.Series("x", cells)).values.to_list() == numbers


def test_what_is_no_number_is_counted_and_shown():
    parsed = parse_numbers(pl.Series("x", ["1", "two", "two", "?"]))
    assert (parsed.num_present, parsed.num_numbers, parsed.foreign) == (3, 1, ("two",))


def test_a_known_decimal_comma_is_used_for_other_rows_too():
    # Alone, "1,234" reads as a thousand; in a column of decimal commas it does not.
    assert parse_numbers(pl.Series(["1,234"])).values.to_list() == [1234.0]
    assert parse_numbers(pl.Series(["1,234", "2"]), decimal=",").values.to_list() == [1.234, 2.0]


def test_columns_of_other_kinds_are_read_or_refused():
    assert parse_numbers(pl.Series([True, None])).values.to_list() == [1.0, None]
    assert parse_numbers(pl.Series([1.5, float("nan")])).values.to_list() == [1.5, None]
    seconds = parse_numbers(pl.Series([datetime.timedelta(minutes=1)]))
    assert seconds.values.to_list() == [60.0]
    assert parse_numbers(pl.Series([datetime.date(2020, 1, 1)])).num_numbers == 0
    assert parse_numbers(pl.Series([["a"]])).num_numbers == 0
    assert parse_numbers(pl.Series([None, None])).num_present == 0


def test_text_of_a_value_does_not_depend_on_its_type():
    assert as_text(pl.Series([1, 2])).to_list() == ["1", "2"]
    assert as_text(pl.Series([1.0, 2.5, None, float("nan")])).to_list() == ["1", "2.5", None, None]
    assert as_text(pl.Series([" 1 "])).to_list() == ["1"]
    assert as_text(pl.Series(["1.0", "-2.00", "0.0", "-0.0"])).to_list() == ["1", "-2", "0", "0"]
    others = ["1.5", "07.0", "1.0.0", "v1.0", "10.", ".0", None]
    assert as_text(pl.Series(others)).to_list() == others
    assert as_written(pl.Series([" 1.0 "])).to_list() == ["1.0"]
    assert as_text(pl.Series([True])).to_list() == ["true"]
    assert as_text(pl.Series(["a"], dtype=pl.Categorical)).to_list() == ["a"]


def test_levels_keep_none_and_dash_but_not_na():
    text = pl.Series(["None", "-", "NA", "?"])
    assert without_missing(text, MISSING_LEVELS).to_list() == ["None", "-", None, None]


def test_plain_and_share():
    assert is_plain(pl.Series([1]))
    assert not is_plain(pl.Series([b"x"]))
    assert share_of(pl.Series([True, False, None, True])) == 0.5
    assert share_of(pl.Series([], dtype=pl.Boolean)) == 0.0
