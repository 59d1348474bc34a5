import numpy as np
import pytest

from lamina.evaluation.forecast_baselines import METHODS, SeriesData, with_levels

NAN = float("nan")


def _data(horizon=3):
    time = np.arange(120.0)
    noise = np.random.default_rng(0).normal(size=(120, 2))
    series = 50 + 10 * np.sin(2 * np.pi * time / 12)[:, None] + noise
    series[:30, 1] = NAN
    series[70, 0] = NAN
    return SeriesData(series, 100, 12, horizon)


def test_naive_by_hand():
    data = SeriesData(np.array([[1.0], [2.0], [NAN], [4.0]]), 4, 2, 3)
    origins = np.array([2, 3])
    assert METHODS["naive"].value(data, origins)[..., 0].tolist() == [[2, 2, 2], [4, 4, 4]]
    # One cycle is two steps: after step 3 come steps 2 (a gap, so step 1's value) and 3 again.
    seasonal = METHODS["seasonal_naive"].value(data, origins)[..., 0].tolist()
    assert seasonal == [[2, 2, 2], [2, 4, 2]]


@pytest.mark.parametrize("name", METHODS)
def test_methods_know_nothing_of_what_comes_after_the_origin(name):
    data = _data()
    origins = np.array([99, 104])
    changed = data.series.copy()
    changed[105:] = 1e3
    other = SeriesData(changed, data.num_fitted, data.period, data.horizon)
    method = METHODS[name].value
    assert np.array_equal(method(data, origins), method(other, origins))


@pytest.mark.parametrize("name", METHODS)
def test_levels_rise_around_the_point_forecast(name):
    data = _data()
    origins = np.array([99, 104, 110])
    levels = (0.05, 0.5, 0.95)
    values = with_levels(METHODS[name].value, data, origins, levels)
    assert values.shape == (3, 3, 2, 3)
    assert np.isfinite(values).all()
    assert (np.diff(values, axis=3) >= 0).all()
    assert np.allclose(values[..., 1], METHODS[name].value(data, origins))


def test_methods_that_know_cycles_beat_the_naive_one():
    data = _data(horizon=12)
    origins = np.arange(99, 107)
    truth = data.series[origins[:, None] + np.arange(1, 13)]
    errors = {
        name: np.abs(entry.value(data, origins) - truth).mean() for name, entry in METHODS.items()
    }
    assert errors["naive"] > 2 * max(errors[name] for name in ("seasonal_naive", "ets", "theta"))


def test_without_earlier_origins_the_levels_are_the_point():
    data = SeriesData(np.arange(4.0)[:, None], 4, 1, 6)
    values = with_levels(METHODS["naive"].value, data, np.array([3]), (0.1, 0.5, 0.9))
    assert (values == 3).all()
