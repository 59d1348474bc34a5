"""A transformer: rows to what the last hidden layer makes of them."""

from typing import Any, final

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils.multiclass import type_of_target

from lamina.core.errors import ConfigError
from lamina.sklearn.estimator import AbstractLaminaEstimator
from lamina.sklearn.targets import Targets, class_targets, number_targets

_TASKS = ("auto", "classification", "regression")


@final
class LaminaTransformer(ClassNamePrefixFeaturesOutMixin, TransformerMixin, AbstractLaminaEstimator):
    """Representations that a network learns while it learns to answer y.

    Use it before a simple model, to search for similar rows, or to draw a map of them. Of a network
    of several members the representation is the mean over them.

    Args:
        task: "classification", "regression", or "auto", which takes y as numbers where it has
            fractions and as classes or labels else.
        **parameters: As of the other estimators.
    """

    def __init__(
        self,
        *,
        task: str = "auto",
        time: str | float | None = None,
        steps: int | None = None,
        columns: Any = None,
        settings: Any = None,
        validation_fraction: float | None = None,
        random_state: Any = None,
    ) -> None:
        super().__init__(
            time=time,
            steps=steps,
            columns=columns,
            settings=settings,
            validation_fraction=validation_fraction,
            random_state=random_state,
        )
        self.task = task

    def transform(self, X: Any) -> np.ndarray:
        """Return the representation of each row.

        Args:
            X: Rows, as for `fit`.

        Returns:
            float32 [rows, features].
        """
        rows = self._rows(X)
        return self._model().features(rows)

    def _targets(self, y: Any, taken: list[str]) -> Targets:
        if self.task not in _TASKS:
            raise ConfigError(f"task must be {', '.join(_TASKS)}, got {self.task!r}.")
        is_number = self.task == "regression"
        if self.task == "auto" and y is not None:
            is_number = type_of_target(y, input_name="y").startswith("continuous")
        ask = number_targets if is_number else class_targets
        return ask(y, taken, estimator=type(self).__name__)

    def _settle(self, targets: Targets) -> None:
        del targets
        model = self._held.predictor.model
        self._n_features_out = model.out_features

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.required = True
        tags.transformer_tags.preserves_dtype = []
        return tags
