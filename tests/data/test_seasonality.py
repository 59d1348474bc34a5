import numpy as np
import pytest

from lamina.data.seasonality import find_period, repeated

TIME = np.arange(600)
NOISE = np.random.default_rng(0).normal(size=(600, 3))


@pytest.mark.parametrize("candidates", [(), (6, 12, 24)])
def test_finds_the_cycle_under_trend_and_noise(candidates):
    series = 0.05 * TIME[:, None] + 3 * np.sin(2 * np.pi * TIME / 12)[:, None] + NOISE
    series[100:120, 0] = np.nan
    period, share = find_period(series, candidates)
    assert period == 12
    assert 0.6 < share < 0.95  # 4.5 of the variance is the wave, 1 the noise


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


def test_a_plain_cycle_repeats_and_too_few_cycles_say_nothing():
    wave = np.sin(2 * np.pi * TIME / 12)
    assert repeated(wave, 12, 12) == pytest.approx(1.0, abs=0.01)
    assert repeated(wave, 6, 12) == 0.0
    assert repeated(wave[:45], 12, 12) is None
    assert repeated(wave, 1, 12) is None
    assert repeated(np.full(100, 3.0), 12, 12) is None


def test_what_is_sluggish_has_no_cycle():
    sluggish = np.convolve(NOISE[:, 0], np.ones(40) / 40, mode="same")
    assert find_period(sluggish[:, None], (7,))[0] == 1


def test_what_is_known_need_not_reach_the_end():
    series = np.concatenate([np.sin(2 * np.pi * TIME / 12), np.full(9_000, np.nan)])
    assert find_period(series[:, None], (12,))[0] == 12


def test_cycles_that_drift_are_found():
    drifting = np.sin(2 * np.pi * TIME / 24 + TIME / 150)
    assert find_period(drifting[:, None] + 0.3 * NOISE, (24, 168))[0] == 24
