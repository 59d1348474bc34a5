import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.runtime.series_grid import lay_out

TIMES = np.array([3.0, 1.0, 2.0, 10.0, 12.0, 2.0, np.nan])
SERIES = np.array([0, 0, 0, 1, 1, 0, 0])


def test_rows_find_their_places_by_hand():
    grid = lay_out(TIMES, SERIES, is_number=True)
    # Series 0: steps 1, 2 (rows 2 and 5; the later stays), 3. Series 1: steps 10, gap, 12.
    assert grid.row.tolist() == [1, 5, 0, 3, -1, 4]
    assert grid.place.tolist() == [2, 0, -1, 3, 5, 1, -1]
    assert grid.series.tolist() == [0, 0, 0, 1, 1, 1]
    assert grid.start.tolist() == [0, 3, 6]
    assert (grid.step - grid.step[0]).tolist() == [0, 1, 2, 9, 10, 11]
    assert (grid.num_gaps, grid.num_duplicates, grid.num_timeless) == (1, 1, 1)


def test_cells_are_laid_out():
    grid = lay_out(TIMES, SERIES, is_number=True)
    laid = grid.laid_out(np.arange(7.0)[:, None])[:, 0]
    assert laid[[0, 1, 2, 3, 5]].tolist() == [1, 5, 0, 3, 4]
    assert np.isnan(laid[4])


def test_the_order_of_rows_does_not_matter():
    source = np.random.default_rng(0)
    times = np.tile(np.arange(20.0), 3)
    series = np.repeat(np.arange(3), 20)
    order = source.permutation(60)
    grid, mixed = (
        lay_out(times, series, is_number=True),
        lay_out(times[order], series[order], is_number=True),
    )
    assert np.array_equal(order[mixed.row], grid.row)


def test_an_empty_series_has_no_place():
    grid = lay_out(np.array([1.0, 2.0]), np.array([1, 1]), is_number=True)
    assert grid.start.tolist() == [0, 0, 2]


def test_what_is_no_series_is_refused():
    with pytest.raises(DataError, match="no regular series"):
        lay_out(np.array([0.0, 1.0, 2.0, 1e6]), np.zeros(4, dtype=int), is_number=True)
    with pytest.raises(DataError, match="two different times"):
        lay_out(np.array([np.nan, np.nan]), np.zeros(2, dtype=int), is_number=True)
