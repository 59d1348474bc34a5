import numpy as np
import pytest
from sklearn import metrics as reference

from lamina.evaluation.predictions import Predictions
from lamina.evaluation.regression import (
    coverage,
    coverage_error,
    mae,
    mape,
    median_absolute_error,
    pinball_loss,
    r2,
    rmse,
)
from tests.evaluation.conftest import make_numbers, make_quantiles


@pytest.mark.parametrize("num_targets", [1, 3])
@pytest.mark.parametrize("num_rows", [10, 151])
def test_parity_with_sklearn(num_targets, num_rows):
    predictions, targets = make_numbers(num_rows, num_targets)
    values = predictions.values
    wanted = {
        rmse: reference.root_mean_squared_error(targets, values),
        mae: reference.mean_absolute_error(targets, values),
        r2: reference.r2_score(targets, values),
        median_absolute_error: reference.median_absolute_error(targets, values),
        mape: reference.mean_absolute_percentage_error(targets, values),
    }
    for metric, value in wanted.items():
        assert float(metric(predictions, targets)) == pytest.approx(value), metric.__name__


def test_pinball_parity_and_coverage():
    predictions, targets = make_quantiles()
    wanted = np.mean(
        [
            reference.mean_pinball_loss(targets[:, 0], predictions.values[:, i], alpha=level)
            for i, level in enumerate(predictions.levels)
        ]
    )
    assert float(pinball_loss(predictions, targets)) == pytest.approx(wanted)
    inside = (targets[:, 0] >= predictions.values[:, 0]) & (
        targets[:, 0] <= predictions.values[:, -1]
    )
    assert float(coverage(predictions, targets)) == inside.mean()
    assert float(coverage_error(predictions, targets)) == pytest.approx(abs(inside.mean() - 0.9))


def test_weights_repeat_rows():
    predictions, targets = make_numbers(40, 2)
    counts = np.random.default_rng(3).integers(0, 3, 40)
    index = np.repeat(np.arange(40), counts)
    for metric in (rmse, mae, r2, median_absolute_error, mape):
        weighted = metric(predictions, targets, weights=counts[None].astype(float))
        repeated = float(metric(predictions.rows(index), targets[index]))
        assert weighted[0] == pytest.approx(repeated), metric.__name__


def test_flat_target_has_no_r2():
    predictions = Predictions("numbers", np.array([[1.0], [2.0]]))
    assert np.isnan(float(r2(predictions, np.array([[3.3], [3.3]]))))


@pytest.mark.parametrize("targets", [[[-1.0], [1.0]], [[0.0], [1.0]], [[1e-9], [5.0]]])
def test_percentage_error_only_where_it_means_something(targets):
    predictions = Predictions("numbers", np.array([[1.0], [2.0]]))
    assert np.isnan(float(mape(predictions, np.array(targets))))
