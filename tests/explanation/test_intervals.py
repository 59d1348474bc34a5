"""Intervals of means."""

import math

import numpy as np

from lamina.explanation.intervals import mean_interval


def test_an_interval_is_about_as_wide_as_normal_theory_says():
    values = np.random.default_rng(0).normal(2.0, 1.0, 400)
    found = mean_interval(values)
    assert found.value == values.mean()
    half = 1.96 * values.std() / 20
    assert abs(found.high - found.low - 2 * half) < 0.1 * half
    assert mean_interval(values) == found


def test_it_holds_the_truth_about_nineteen_times_in_twenty():
    chance = np.random.default_rng(1)
    held = 0
    for _ in range(300):
        found = mean_interval(chance.normal(size=60))
        held += found.low <= 0 <= found.high
    assert 0.90 <= held / 300 <= 0.98


def test_one_value_has_no_interval():
    assert math.isnan(mean_interval(np.array([1.0])).low)
    assert math.isnan(mean_interval(np.array([])).value)
