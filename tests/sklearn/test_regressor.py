"""One or several numbers per row, in the shape that y had."""

import numpy as np
import pytest

from lamina.core.errors import DataError
from lamina.sklearn import LaminaRegressor
from tests.sklearn.small import QUICK, blobs


@pytest.mark.parametrize("shape", [(90,), (90, 1), (90, 2)])
def test_answers_have_the_shape_of_y(shape) -> None:
    X, _ = blobs()
    y = X[:, :2].reshape(180)[:90].reshape(shape) if shape != (90, 2) else X[:, :2]
    y = y if shape == (90, 2) else X[:, :1].reshape(shape)
    fitted = LaminaRegressor(steps=60, random_state=0).fit(X, y)
    found = fitted.predict(X)
    assert found.shape == shape
    assert found.dtype == np.float64
    assert fitted.score(X, y) > 0.7


def test_answers_stay_inside_the_range_of_the_training() -> None:
    X, _ = blobs()
    fitted = LaminaRegressor(**QUICK).fit(X, X[:, 0])
    far = fitted.predict(100 * X)
    assert far.max() <= X[:, 0].max()
    assert far.min() >= X[:, 0].min()


@pytest.mark.parametrize(
    ("value", "message"), [(np.nan, "Input y contains NaN"), (np.inf, "infinity"), ("x", "convert")]
)
def test_targets_that_are_no_numbers_are_refused(value, message) -> None:
    X, _ = blobs()
    y = [value, *X[1:, 0]]
    with pytest.raises(ValueError, match=message):
        LaminaRegressor(**QUICK).fit(X, y)


def test_one_value_for_all_rows_is_refused() -> None:
    with pytest.raises(DataError, match="nothing to learn"):
        LaminaRegressor(**QUICK).fit(blobs()[0], np.ones(90))
