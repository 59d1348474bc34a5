"""Series in the runtime."""

import json

import numpy as np
import polars as pl
import pytest

from lamina.runtime.errors import BundleError
from lamina.runtime.modalities.series import SeriesReader, as_steps, filled, shortened
from tests.runtime.modalities.states import assert_reads_the_same, fitted

ONE = pl.Series("walk", [[1.0, 2.0, None, 4.0], [3.0], None, [], [None, None]] * 3)
TWO = pl.Series("walk", [[[1.0, 5.0], [2.0, None], None, [4.0, 8.0]], [[0.0, 1.0]], [[1.0]], None])
TEXT = pl.Series("walk", ["[1, 2, null, 4]", "[3.5]", '[1, "a"]', "no list", None, "1 2;3,4"] * 2)


@pytest.mark.parametrize("column", [ONE, TWO, TEXT], ids=["one channel", "two channels", "texts"])
def test_cells_are_read_as_in_training(column) -> None:
    assert_reads_the_same(fitted("series", column), column)


def test_long_series_are_drawn_together_as_in_training() -> None:
    column = pl.Series("walk", [list(map(float, range(50))), [1.0, 2.0]])
    assert_reads_the_same(fitted("series", column, max_steps=7), column)


def test_arrays_and_lists_are_the_same_series() -> None:
    steps = np.arange(6.0).reshape(3, 2)
    for cell in (steps, steps.tolist(), json.dumps(steps.tolist()), tuple(map(tuple, steps))):
        np.testing.assert_array_equal(as_steps(cell), steps)
    np.testing.assert_array_equal(as_steps("1, 2\n3"), [[1], [2], [3]])


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        (None, "no series in the cell"),
        ("  ", "no series in the cell"),
        ("a b", "no list of numbers"),
        ("[1, 2", "no list of numbers"),
        ([], "shape"),
        ([[1, 2], [3]], "different numbers of channels"),
        ([1, "x"], "no number"),
        ([None], "no step of the series has a number"),
        ([float("inf")], "no step of the series has a number"),
        (3.5, "type float"),
        (np.zeros((2, 2, 2)), "shape"),
        ({"a": 1}, "type dict"),
        ("[" * 5000, "no list of numbers"),
    ],
)
def test_what_is_no_series_says_why(cell, problem) -> None:
    found = as_steps(cell)
    assert isinstance(found, str)
    assert problem in found


def test_gaps_are_filled_along_the_line_between_neighbours() -> None:
    nan = np.nan
    steps = np.array([[nan, nan], [1, nan], [nan, nan], [3, nan], [nan, nan]])
    whole = filled(steps, np.array([0.0, 7.0]))
    np.testing.assert_allclose(whole[:, 0], [1, 1, 2, 3, 3])
    np.testing.assert_allclose(whole[:, 1], 7)


def test_a_shortened_series_keeps_its_mean() -> None:
    steps = np.arange(10.0)[:, None]
    # Thirds of 10 steps: (0+1+2+3/3)/(10/3) = 1.2, and so on.
    np.testing.assert_allclose(shortened(steps, 3)[:, 0], [1.2, 4.5, 7.8])
    assert shortened(steps, 10) is steps


def test_another_number_of_channels_is_refused() -> None:
    reader = SeriesReader([0.0], [2.0], max_steps=9)
    read = reader.read([[4.0, 8.0], [[1.0, 2.0]]])
    assert read.values[0].tolist() == [[2.0], [4.0]]
    assert read.errors == {1: "has 2 channels, and the model takes 1"}


@pytest.mark.parametrize(
    "change", [{"deviation": [0.0]}, {"channels": 2}, {"max_steps": 0}, {"mean": ["a"]}]
)
def test_a_damaged_document_is_refused(change) -> None:
    document = {"channels": 1, "mean": [0.0], "deviation": [1.0], "num_steps": 3, "max_steps": 9}
    SeriesReader.from_document(document)
    with pytest.raises(BundleError, match=r"deviation|max_steps|mean"):
        SeriesReader.from_document(document | change)
