import numpy as np

from lamina.runtime.windows import MOST_LEVELS, last_known, one_hot, told_apart


def test_levels_become_columns_and_missing_ones_zeros():
    found = one_hot(np.array([[1, 2], [0, 1], [3, 9]]), (2, 1))
    assert found.tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert one_hot(np.zeros((2, 0), dtype=np.int64), ()).shape == (2, 0)


def test_of_many_levels_the_first_are_told_apart():
    # An id of 0 is no level.
    assert told_apart(3) == 2
    assert told_apart(1_000) == MOST_LEVELS


def test_the_last_known_place_of_each_series():
    is_known = np.array([True, True, False, False, False, True])
    series = np.array([0, 0, 0, 1, 2, 2])
    assert last_known(is_known, series, 3).tolist() == [1, 5]
