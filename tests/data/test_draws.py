"""Tests of drawing whole units."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lamina.data import draws


@given(
    sizes=st.lists(st.integers(1, 6), min_size=1, max_size=40),
    wanted=st.integers(0, 60),
    kinds=st.integers(1, 3),
)
def test_units_are_taken_in_order_as_long_as_they_fit(sizes, wanted, kinds):
    stratum = np.sort(np.arange(len(sizes)) % kinds)
    goal = np.minimum(wanted, np.bincount(stratum, weights=sizes, minlength=kinds)).astype(int)
    leaders, size = np.arange(len(sizes)), np.array(sizes)
    chosen, is_full = draws._filled(leaders, stratum, size, goal)
    expected, left = [], goal.copy()
    for row in leaders:
        if sizes[row] <= left[stratum[row]]:
            left[stratum[row]] -= sizes[row]
            expected.append(row)
    assert is_full == (not left.any())
    taken = np.bincount(stratum[expected], minlength=kinds) if expected else np.zeros(kinds)
    for kind in range(kinds):
        own = chosen[stratum[chosen] == kind]
        if taken[kind] or not goal[kind]:
            assert own.tolist() == [row for row in expected if stratum[row] == kind]
        else:  # none fits: the smallest, unless it is the only one
            members = leaders[stratum == kind]
            assert own.tolist() == ([members[size[members].argmin()]] if len(members) > 1 else [])


def test_units_stay_whole_and_the_share_is_met():
    rows = np.arange(200)
    units = rows // 4 * 4
    chosen = draws.draw(rows, units, None, 0.25, 0)
    assert chosen.sum() == 48  # whole units of 4: twelve fit into 50
    assert np.unique(units[chosen]).size == 12
    assert (chosen == draws.draw(rows, units, None, 0.25, 0)).all()
    assert (chosen != draws.draw(rows, units, None, 0.25, 1)).any()


def test_equal_values_are_found():
    assert draws.first_equal(np.array([5, 3, 5, 3, 1])).tolist() == [0, 1, 0, 1, 4]
    assert draws.num_distinct(np.array([5, 3, 5, 3, 1])) == 3
    assert draws.num_distinct(np.zeros(0)) == 0
