"""y as target columns: classes, labels, or numbers."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from sklearn.utils import check_array, column_or_1d
from sklearn.utils.multiclass import check_classification_targets, type_of_target

from lamina.core.errors import DataError
from lamina.data.modalities.cells import MISSING_LEVELS, as_text, as_written, without_missing
from lamina.tasks.base import beside


@dataclass(frozen=True, slots=True)
class Targets:
    """What y asks for."""

    columns: tuple[pl.Series, ...]
    """Target columns, named."""
    modality: str
    """What each is."""
    task: str
    """The question."""
    classes: np.ndarray
    """Classes in their order, as y has them; places of the labels; empty for numbers."""
    cells: pl.Series | None = None
    """The cell that stands for each class."""
    labels: tuple[int, ...] = ()
    """Places in y of the labels that vary; the others are answered as they are."""
    constant: tuple[int, ...] = ()
    """For each place in y the label that all rows have, -1 where it varies."""
    is_flat: bool = True
    """Whether y has one dimension."""


def class_targets(y: Any, taken: Collection[str], *, estimator: str) -> Targets:
    """Return y as classes, or as labels where it is a matrix of zeros and ones.

    Args:
        y: Class of each row, or [rows, labels].
        taken: Names of the inputs.
        estimator: Its name, for messages.

    Raises:
        ValueError: y is missing, has cells that are missing, is continuous, or has one class.
    """
    _check_given(y, estimator)
    _check_present(y)
    check_classification_targets(y)
    kind = type_of_target(y, input_name="y")
    if kind == "multilabel-indicator":
        return _labels(y, taken)
    if kind == "multiclass-multioutput":
        raise DataError(
            f"{estimator} answers one class per row, or several labels of which each holds or "
            "not, and y has several columns of classes. Fit one estimator for each, as "
            "sklearn.multioutput.MultiOutputClassifier does."
        )
    name = _names(y, 1, taken)[0]
    values = column_or_1d(y, warn=True)
    if values.dtype.kind == "f":
        check_array(values, ensure_2d=False, input_name="y")
    classes, codes = np.unique(values, return_inverse=True)
    if len(classes) < 2:
        raise DataError(
            f"{estimator} needs samples of at least 2 classes in y, got 1 class: {classes[0]!r}."
        )
    cells = _class_cells(classes)
    return Targets((cells.gather(codes).alias(name),), "category", "classification", classes, cells)


def number_targets(y: Any, taken: Collection[str], *, estimator: str) -> Targets:
    """Return y as one or several numbers per row.

    Args:
        y: float [rows] or [rows, targets].
        taken: Names of the inputs.
        estimator: Its name, for messages.

    Raises:
        ValueError: y is missing, or has cells that are missing, infinite or no numbers.
    """
    _check_given(y, estimator)
    values = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
    table = values.reshape(len(values), -1)
    names = _names(y, table.shape[1], taken)
    columns = tuple(
        pl.Series(name, np.ascontiguousarray(table[:, i])) for i, name in enumerate(names)
    )
    return Targets(columns, "number", "regression", np.zeros(0), is_flat=values.ndim == 1)


def _labels(y: Any, taken: Collection[str]) -> Targets:
    table = np.asarray(y.todense() if hasattr(y, "todense") else y)
    if not np.isin(table, (0, 1)).all():
        raise DataError(
            f"labels in y must be 0 or 1, got {np.unique(table).tolist()}. For columns of classes "
            "fit one estimator each, as sklearn.multioutput.MultiOutputClassifier does."
        )
    table = table.astype(bool)
    names = _names(y, table.shape[1], taken)
    constant = tuple(-1 if len(set(c)) > 1 else int(c[0]) for c in table.T.tolist())
    varying = tuple(place for place, value in enumerate(constant) if value < 0)
    if len(varying) < 2:
        raise DataError(
            f"only {len(varying)} of {table.shape[1]} labels in y vary, and 2 are needed. Give one "
            "column of classes instead."
        )
    columns = tuple(pl.Series(names[i], np.ascontiguousarray(table[:, i])) for i in varying)
    places = np.arange(table.shape[1])
    return Targets(columns, "boolean", "multi_label", places, labels=varying, constant=constant)


def _class_cells(classes: np.ndarray) -> pl.Series:
    """Return a cell for each class: the class itself, unless reading would not keep it apart."""
    codes = pl.Series([f"class {place}" for place in range(len(classes))])
    try:
        cells = pl.Series(classes.tolist())
        text = as_text(cells)
    except (TypeError, ValueError, pl.exceptions.PolarsError):
        return codes
    is_kept = text.n_unique() == len(classes) and bool((text == as_written(cells)).all())
    return cells if is_kept and not without_missing(text, MISSING_LEVELS).null_count() else codes


def _check_given(y: Any, estimator: str) -> None:
    if y is None:
        raise ValueError(
            f"{estimator} requires y to be passed, but the target y is None. Give the targets."
        )


def _check_present(y: Any) -> None:
    values = np.asarray(y) if isinstance(y, (list, tuple)) else getattr(y, "values", y)
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if kind == "O" and values.ndim == 1 and any(c is None or c != c for c in values):
        raise DataError("Input y contains NaN: the class of a row is missing. Leave it out.")


def _names(y: Any, count: int, taken: Collection[str]) -> list[str]:
    """Return names for the targets: y's own where it has some, and none that an input has."""
    own = getattr(y, "columns", None) if count > 1 else [getattr(y, "name", None)]
    given = [str(name) if name else "" for name in (own if own is not None else [None] * count)]
    names: list[str] = []
    for place, name in enumerate(given):
        wanted = name or ("target" if count == 1 else f"target_{place}")
        names.append(beside(wanted, {*taken, *names}))
    return names
