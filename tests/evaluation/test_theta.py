import numpy as np
import pytest

from lamina.evaluation.theta import autocorrelations, seasonal_indices, shows_cycle, theta


def test_a_line_is_drawn_on():
    series = 3.0 + 2.0 * np.arange(40)
    answer = theta(series, 40, 1, np.array([19, 39]), 3)
    # The line answers itself; the bent series is the line too, whose smoothed level lags behind by
    # less than a hundredth of a step with the largest weight.
    assert answer[1] == pytest.approx((3 + 2 * np.array([40, 41, 42]) + 81) / 2, abs=0.05)
    assert answer[0] == pytest.approx((3 + 2 * np.array([20, 21, 22]) + 41) / 2, abs=0.05)


def test_three_steps_by_hand():
    # Line through (0, 1), (1, 4), (2, 4): slope 1.5, at step 0 1.5. Bent: 0.5, 5, 3.5.
    # Weight of least squared error: on the grid 0.99 gives errors 4.5 and -1.455; 0.79 gives 4.5
    # and -0.555 (level 4.055); 0.67 gives 4.5 and about 0: level 3.515 at 0.67, then 3.505.
    answer = theta(np.array([1.0, 4.0, 4.0]), 3, 1, np.array([2]), 1)
    assert answer[0, 0] == pytest.approx((1.5 + 1.5 * 3 + 3.5) / 2, abs=0.02)


def test_the_cycle_comes_back():
    time = np.arange(96)
    factors = np.array([0.8, 1.0, 1.2, 1.0])
    series = (100 + time) * factors[time % 4]
    answer = theta(series, 96, 4, np.array([95]), 8)[0]
    ahead = np.arange(96, 104)
    assert np.abs(answer / ((100 + ahead) * factors[ahead % 4]) - 1).max() < 0.05
    below = theta(series - 300, 96, 4, np.array([95]), 8)[0]
    assert np.abs(below - ((100 + ahead) * factors[ahead % 4] - 300)).max() < 20


def test_the_test_for_cycles():
    time = np.arange(60)
    noise = np.random.default_rng(0).normal(size=60)
    assert shows_cycle(np.sin(2 * np.pi * time / 12) + 0.1 * noise, 12)
    assert not shows_cycle(noise, 12)
    assert not shows_cycle(np.ones(60), 12)
    assert not shows_cycle(np.sin(2 * np.pi * time[:30] / 12), 12)


def test_autocorrelations_by_hand():
    # Centred: -1, 0, 1, 0; power 2; products one and two steps later: 0 and -1.
    assert autocorrelations(np.array([1.0, 2.0, 3.0, 2.0]), 2) == pytest.approx([0.0, -0.5])


@pytest.mark.parametrize("period", [3, 4])
def test_seasonal_indices_of_a_plain_cycle(period):
    cycle = np.arange(period) - (period - 1) / 2
    series = 5.0 * np.arange(6 * period) + np.tile(cycle, 6)
    assert seasonal_indices(series, period, is_factor=False) == pytest.approx(cycle, abs=1e-9)
    factors = 1 + cycle / 10
    grown = 7.0 * np.tile(factors, 6)
    assert seasonal_indices(grown, period, is_factor=True) == pytest.approx(factors)
