import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.evaluation.conformal import widening
from lamina.evaluation.forecasts import Forecasts, interval_coverage

LEVELS = (0.05, 0.5, 0.95)


def _made(rows, width, seed):
    source = np.random.default_rng(seed)
    truth = source.normal(size=(rows, 3, 2)) * np.array([1.0, 2.0, 3.0])[:, None]
    values = np.zeros((rows, 3, 2, 3)) + np.array([-width, 0.0, width])
    return Forecasts(values, LEVELS, np.ones((rows, 2)), np.ones((rows, 2))), truth


@pytest.mark.parametrize("width", [0.1, 20.0])
def test_intervals_keep_their_share_at_every_step(width):
    forecasts, truth = _made(1000, width, 0)
    later, later_truth = _made(4000, width, 1)
    mended = widening(forecasts, truth).apply(later)
    assert not 0.85 < interval_coverage(later, later_truth) < 0.95
    inside = (later_truth >= mended.values[..., 0]) & (later_truth <= mended.values[..., 2])
    assert np.allclose(inside.mean((0, 2)), 0.9, atol=0.02)
    assert np.array_equal(mended.middle(), later.middle())


def test_factor_by_hand():
    # Nine origins need 1 to 9 times the reach above; 0.9 × 10 / 9 = 1: the largest counts.
    values = np.zeros((9, 1, 1, 3)) + np.array([-1.0, 0.0, 1.0])
    forecasts = Forecasts(values, (0.1, 0.5, 0.9), np.ones((9, 1)), np.ones((9, 1)))
    truth = np.arange(1.0, 10.0).reshape(9, 1, 1)
    factors = widening(forecasts, truth).factors
    assert factors[0].tolist() == [1e-3, 1.0, 9.0]  # nothing lay below


def test_unknown_truth_leaves_things_as_they_are():
    forecasts, truth = _made(5, 1.0, 0)
    assert (widening(forecasts, np.full_like(truth, np.nan)).factors == 1).all()


def test_needs_an_origin():
    forecasts, truth = _made(5, 1.0, 0)
    with pytest.raises(DataError, match="held-out"):
        widening(forecasts.rows(np.arange(0)), truth[:0])
