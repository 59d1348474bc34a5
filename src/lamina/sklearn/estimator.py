"""What the three estimators share: their parameters, fitting, and reading X.

Source: the contract of an estimator, https://scikit-learn.org/stable/developers/develop.html; all
of scikit-learn's own `check_estimator` holds. Weights of samples are not taken: a sample is drawn
once per epoch, and a weight on its loss is not the same as seeing it several times.
"""

from abc import abstractmethod
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from sklearn.base import BaseEstimator
from sklearn.exceptions import NotFittedError as SklearnNotFittedError
from sklearn.utils import check_consistent_length, check_random_state
from sklearn.utils.validation import validate_data

from lamina.core.errors import ConfigError, DataError, NotFittedError
from lamina.core.files import write_atomically
from lamina.data.sources.frames import is_frame
from lamina.runs.folder import RunFolder
from lamina.runs.learn import learn
from lamina.runs.plan import Plan, write_plan
from lamina.runs.request import make_request
from lamina.sklearn.held import HeldModel
from lamina.sklearn.inputs import array_of, frame_of
from lamina.sklearn.targets import Targets


class EstimatorNotFittedError(SklearnNotFittedError, NotFittedError):
    """An estimator was asked before it was fitted: scikit-learn's error, and Lamina's."""


class AbstractLaminaEstimator(BaseEstimator):
    """A network that learns as `lamina.fit` does, without a test of its own.

    Args:
        time: Wall time of a fit, such as "30s"; None takes the steps that the recipe thinks right.
            With it a fit depends on the speed of the machine.
        steps: Steps of the optimizer; None as above.
        columns: Modality by column where its type does not say it, such as {"zip": "category"}.
            Columns of an array are x0, x1, ...
        settings: Values of the plan by name, such as {"network.trunk.depth": 2}.
        validation_fraction: Share of the rows, in [0, 1), that choose the best weights and
            calibrate probabilities; None chooses by size.
        random_state: Seed of everything random; None draws one from NumPy's global state.
    """

    def __init__(
        self,
        *,
        time: str | float | None = None,
        steps: int | None = None,
        columns: Mapping[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        validation_fraction: float | None = None,
        random_state: Any = None,
    ) -> None:
        self.time = time
        self.steps = steps
        self.columns = columns
        self.settings = settings
        self.validation_fraction = validation_fraction
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Any:
        """Train a network.

        Args:
            X: Rows: an array, a list of lists, or a frame of pandas, polars or another library.
                Missing cells may be NaN or null; columns of a frame may be of any type.
            y: Their targets.

        Returns:
            The estimator.

        Raises:
            DataError: The data cannot be learnt from.
            ConfigError: A parameter is wrong.
        """
        frame, said = self._read(X, is_new=True)
        targets = self._targets(y, frame.columns)
        check_consistent_length(np.empty(frame.height), targets.columns[0].to_numpy())
        columns = {name: kind for name, kind in zip(frame.columns, said) if kind}
        columns |= {column.name: targets.modality for column in targets.columns}
        request = make_request(
            frame.with_columns(targets.columns),
            target=tuple(column.name for column in targets.columns),
            columns=columns | dict(self._checked("columns", Mapping, "a mapping") or {}),
            time=self.time,
            seed=_seed(self.random_state),
            settings=self._settings(targets),
        )
        learnt = learn(request)
        self._held = HeldModel(learnt.predictor)
        self._names = tuple(frame.columns)
        self.n_iter_ = learnt.steps
        self._settle(targets)
        return self

    @property
    def plan_(self) -> Plan:
        """Every decision of the fit with its reason."""
        return self._model().predictor.plan

    def save(self, folder: Path | str) -> None:
        """Write plan and model as those of a run, which `lamina.load` and `lamina predict` take.

        Args:
            folder: Where to; made where missing.

        Raises:
            NotFittedError: The estimator is not fitted.
        """
        held, target = self._model(), RunFolder(Path(folder))
        target.model.mkdir(parents=True, exist_ok=True)
        for name, data in held.files.items():
            write_atomically(target.model / name, data)
        write_plan(self.plan_, target.plan)

    @abstractmethod
    def _targets(self, y: Any, taken: list[str]) -> Targets:
        """Return what y asks for.

        Args:
            y: As given to `fit`.
            taken: Names of the inputs.
        """

    def _settle(self, targets: Targets) -> None:
        """Set the attributes that tell of the targets.

        Args:
            targets: What y asked for.
        """

    def _model(self) -> HeldModel:
        if not self.__sklearn_is_fitted__():
            raise EstimatorNotFittedError(
                f"this {type(self).__name__} is not fitted yet. Call fit(X, y) first."
            )
        held: HeldModel = self._held
        return held

    def _rows(self, X: Any) -> pl.DataFrame:
        """Return new rows under the names of the training's columns."""
        self._model()
        frame, _ = self._read(X, is_new=False)
        return frame.rename(dict(zip(frame.columns, self._names)))

    def _read(self, X: Any, *, is_new: bool) -> tuple[pl.DataFrame, tuple[str, ...]]:
        least = 2 if is_new else 1
        if is_frame(X) and getattr(X, "ndim", 2) == 2:
            frame, said = frame_of(X)
            # scikit-learn reads the names of columns from frames that it knows.
            known = X if hasattr(X, "iloc") else frame
            validate_data(self, known, skip_check_array=True, reset=is_new)
            for what, count, wanted in (
                ("sample", frame.height, least),
                ("feature", frame.width, 1),
            ):
                if count < wanted:
                    raise DataError(
                        f"Found a frame with {count} {what}(s) (shape={frame.shape}) while a "
                        f"minimum of {wanted} is required by {type(self).__name__}."
                    )
            return frame, said
        array = validate_data(
            self,
            X,
            dtype=None,
            ensure_all_finite="allow-nan",
            ensure_min_samples=least,
            reset=is_new,
        )
        return array_of(array)

    def _settings(self, targets: Targets) -> dict[str, Any]:
        given = dict(self._checked("settings", Mapping, "a mapping") or {})
        if "task" in given:
            raise ConfigError(
                f"the task of a {type(self).__name__} is {targets.task}; take 'task' out of "
                "settings, or use another estimator."
            )
        own = {"training.steps": self.steps, "data.split.validation": self.validation_fraction}
        said = {name: value for name, value in own.items() if value is not None}
        return {"task": targets.task, **said, **given}

    def _checked(self, name: str, kind: type, wanted: str) -> Any:
        value = getattr(self, name)
        if value is not None and not isinstance(value, kind):
            raise ConfigError(f"{name} must be {wanted} or None, got {value!r}.")
        return value

    def __sklearn_is_fitted__(self) -> bool:
        return hasattr(self, "_held")

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def _seed(random_state: Any) -> int:
    if isinstance(random_state, (int, np.integer)) and not isinstance(random_state, bool):
        return int(random_state)
    return int(check_random_state(random_state).randint(np.iinfo(np.int32).max))
