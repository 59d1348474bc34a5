"""A classifier: one class per row, or several labels of which each holds or not."""

from typing import Any, final

import numpy as np
import torch
from sklearn.base import ClassifierMixin

from lamina.data.modalities.category import Category
from lamina.sklearn.estimator import AbstractLaminaEstimator
from lamina.sklearn.targets import Targets, class_targets
from lamina.tasks.base import modality_of

_LEAST = np.finfo(np.float64).tiny
"""Least probability whose logarithm is taken."""


@final
class LaminaClassifier(ClassifierMixin, AbstractLaminaEstimator):
    """A network that answers classes with calibrated probabilities.

    Where y is a matrix of zeros and ones, [rows, labels], each column is a label of its own.
    """

    def _targets(self, y: Any, taken: list[str]) -> Targets:
        return class_targets(y, taken, estimator=type(self).__name__)

    def _settle(self, targets: Targets) -> None:
        self.classes_ = targets.classes
        self._labels, self._constant = targets.labels, targets.constant
        self._outputs: tuple[int, ...] = ()
        if targets.cells is not None:
            fitted = modality_of(self._held.predictor.schema, targets.columns[0].name)
            assert isinstance(fitted, Category)
            encoded = fitted.encode(targets.cells)
            # A class that fell out of the training rows has no output, and probability 0.
            known, number = ~encoded.failed, encoded.values
            assert isinstance(number, torch.Tensor)
            self._outputs = tuple(torch.where(known, number, -1).tolist())

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probability of each class, or of each label.

        Args:
            X: Rows, as for `fit`.

        Returns:
            float64 [rows, classes] in the order of `classes_`, or [rows, labels].
        """
        values = self._model_of(X)
        if self._labels:
            found = np.tile(np.array(self._constant, dtype=np.float64), (len(values), 1))
            found[:, self._labels] = values
            return found
        found = np.zeros((len(values), len(self.classes_)))
        known = [place for place, number in enumerate(self._outputs) if number >= 0]
        found[:, known] = values[:, [self._outputs[place] for place in known]]
        return found

    def predict_log_proba(self, X: Any) -> np.ndarray:
        """Return the logarithm of `predict_proba`.

        Args:
            X: Rows, as for `fit`.
        """
        return np.log(np.maximum(self.predict_proba(X), _LEAST))

    def decision_function(self, X: Any) -> np.ndarray:
        """Return log-odds: of the second of two classes, of each of several, or of each label.

        Args:
            X: Rows, as for `fit`.

        Returns:
            float64 [rows] of two classes, else [rows, classes] or [rows, labels].
        """
        share = np.clip(self.predict_proba(X), _LEAST, None)
        if self._labels:
            return np.log(share) - np.log(np.clip(1.0 - share, _LEAST, None))
        if len(self.classes_) == 2:
            return np.log(share[:, 1]) - np.log(share[:, 0])
        return np.log(share) - np.log(np.clip(1.0 - share, _LEAST, None))

    def predict(self, X: Any) -> np.ndarray:
        """Return the most probable class, or which labels hold.

        Args:
            X: Rows, as for `fit`.

        Returns:
            [rows] of `classes_`, or int64 [rows, labels] of zeros and ones.
        """
        share = self.predict_proba(X)
        if self._labels:
            return (share > 0.5).astype(np.int64)
        best: np.ndarray = self.classes_[share.argmax(axis=1)]
        return best

    def _model_of(self, X: Any) -> np.ndarray:
        rows = self._rows(X)
        return self._model().predictions(rows).values

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        return tags
