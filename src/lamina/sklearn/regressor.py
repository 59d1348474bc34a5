"""A regressor: one or several numbers per row."""

from typing import Any, final

import numpy as np
from sklearn.base import RegressorMixin

from lamina.sklearn.estimator import AbstractLaminaEstimator
from lamina.sklearn.targets import Targets, number_targets


@final
class LaminaRegressor(RegressorMixin, AbstractLaminaEstimator):
    """A network that answers numbers, inside the range that the training had."""

    def predict(self, X: Any) -> np.ndarray:
        """Return the numbers.

        Args:
            X: Rows, as for `fit`.

        Returns:
            float64 in the shape of y: [rows] or [rows, targets].
        """
        rows = self._rows(X)
        values = self._model().predictions(rows).values
        return values[:, 0] if self._is_flat else values

    def _targets(self, y: Any, taken: list[str]) -> Targets:
        return number_targets(y, taken, estimator=type(self).__name__)

    def _settle(self, targets: Targets) -> None:
        self._is_flat = targets.is_flat

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
