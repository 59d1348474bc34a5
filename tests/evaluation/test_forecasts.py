import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.evaluation.forecasts import (
    Forecasts,
    crps,
    interval_coverage,
    interval_width,
    mase,
    scaled_mae,
    scaled_mse,
    seasonal_naive_error,
    smape,
)

LEVELS = (0.05, 0.5, 0.95)
NAN = float("nan")


def _one(values, truth, *, deviation=1.0, naive_error=1.0, levels=LEVELS):
    values = np.asarray(values, float).reshape(1, -1, 1, len(levels))
    yardstick = np.full((1, 1), 1.0)
    forecasts = Forecasts(values, levels, yardstick * deviation, yardstick * naive_error)
    return forecasts, np.asarray(truth, float).reshape(1, -1, 1)


def test_figures_by_hand():
    forecasts, truth = _one(
        [[0, 2, 4], [1, 3, 5], [0, 0, 0]], [3, 7, NAN], deviation=2.0, naive_error=4.0
    )
    # Errors -1 and -4; the third step is not known.
    assert scaled_mse(forecasts, truth) == pytest.approx(((1 / 2) ** 2 + (4 / 2) ** 2) / 2)
    assert scaled_mae(forecasts, truth) == pytest.approx((1 / 2 + 4 / 2) / 2)
    assert mase(forecasts, truth) == pytest.approx((1 / 4 + 4 / 4) / 2)
    assert smape(forecasts, truth) == pytest.approx((200 * 1 / 5 + 200 * 4 / 10) / 2)
    assert interval_coverage(forecasts, truth) == pytest.approx(0.5)
    assert interval_width(forecasts, truth) == pytest.approx(4 / 2)


def test_crps_of_the_median_is_the_absolute_error():
    forecasts, truth = _one([[2], [3]], [3, 7], levels=(0.5,))
    assert crps(forecasts, truth) == pytest.approx((1 + 4) / 2)


def test_crps_of_many_quantiles_is_that_of_the_distribution():
    # Of a uniform distribution on [0, 1] and truth y: y² - y + 1/3 (worked out by hand).
    levels = tuple((np.arange(199) + 1) / 200)
    forecasts, truth = _one([list(levels)] * 3, [0.0, 0.5, 1.0], levels=levels)
    wanted = np.mean([y * y - y + 1 / 3 for y in (0.0, 0.5, 1.0)])
    assert crps(forecasts, truth) == pytest.approx(wanted, abs=1e-3)


def test_two_zeros_are_no_error_and_flat_series_no_yardstick():
    forecasts, truth = _one([[0, 0, 0]], [0.0], naive_error=0.0)
    assert smape(forecasts, truth) == 0.0
    assert np.isnan(mase(forecasts, truth))


def test_weights_repeat_rows():
    source = np.random.default_rng(0)
    values = np.sort(source.normal(size=(5, 4, 2, 3)), axis=3)
    truth = source.normal(size=(5, 4, 2))
    truth[1, 2, 0] = NAN
    yardstick = 1 + source.random((5, 2))
    forecasts = Forecasts(values, LEVELS, yardstick, yardstick)
    counts = np.array([2, 0, 1, 1, 3])
    index = np.repeat(np.arange(5), counts)
    for metric in (
        scaled_mse, scaled_mae, mase, smape, crps, interval_coverage, interval_width,
    ):  # fmt: skip
        weighted = metric(forecasts, truth, weights=counts[None].astype(float))
        repeated = metric(forecasts.rows(index), truth[index])
        assert weighted[0] == pytest.approx(float(repeated)), metric.__name__


def test_seasonal_naive_error_by_hand():
    series = np.array([[1.0], [5.0], [2.0], [NAN], [6.0]])
    # Two steps apart: |2 - 1|, unknown, |6 - 2|.
    assert seasonal_naive_error(series, 2) == pytest.approx(2.5)
    assert np.isnan(seasonal_naive_error(series, 5)).all()


def test_wrong_shapes_are_refused():
    forecasts, truth = _one([[0, 2, 4]], [3])
    with pytest.raises(DataError, match="same origins"):
        scaled_mse(forecasts, truth[:, :, [0, 0]])
    with pytest.raises(DataError, match="levels"):
        Forecasts(np.zeros((1, 1, 1, 2)), (0.1, 0.9), np.ones((1, 1)), np.ones((1, 1)))
    with pytest.raises(DataError, match="deviations"):
        Forecasts(np.zeros((1, 1, 1, 1)), (0.5,), np.ones((2, 1)), np.ones((1, 1)))
    with pytest.raises(DataError, match="shape"):
        Forecasts(np.zeros((1, 1, 1, 2)), (0.5,), np.ones((1, 1)), np.ones((1, 1)))
