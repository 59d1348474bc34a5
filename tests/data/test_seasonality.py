import numpy as np
import pytest

from lamina.data.seasonality import explained, find_period

TIME = np.arange(600)
NOISE = np.random.default_rng(0).normal(size=(600, 3))


@pytest.mark.parametrize("candidates", [(), (6, 12, 24)])
def test_finds_the_cycle_under_trend_and_noise(candidates):
    series = 0.05 * TIME[:, None] + 3 * np.sin(2 * np.pi * TIME / 12)[:, None] + NOISE
    series[100:120, 0] = np.nan
    period, share = find_period(series, candidates)
    assert period == 12
    assert 0.6 < share < 0.95


def test_a_longer_period_must_explain_more():
    day, week = np.sin(2 * np.pi * TIME / 6), np.where(TIME // 6 % 7 < 5, 2.0, -2.0)
    series = (day + week)[:, None] + 0.3 * NOISE
    assert find_period(series, (6, 42))[0] == 42
    assert find_period(day[:, None] + 0.3 * NOISE, (6, 42))[0] == 6


def test_noise_walks_and_flat_series_have_none():
    assert find_period(NOISE)[0] == 1
    assert find_period(np.cumsum(NOISE, axis=0), (7, 12))[0] == 1
    assert find_period(np.ones((100, 1)), (7,)) == (1, 0.0)
    assert find_period(np.full((100, 1), np.nan), (7,)) == (1, 0.0)


def test_a_plain_cycle_explains_all_and_too_few_cycles_nothing():
    wave = np.sin(2 * np.pi * TIME / 12)
    assert explained(wave, 12) == pytest.approx(1.0)
    assert explained(wave[:50], 12) is None
    assert explained(wave, 1) is None
