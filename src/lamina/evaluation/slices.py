"""Where the model is weak: each class, and each part of the rows that a column cuts out.

Slices are ordered by the good end of their interval, so that the first ones are surely bad and not
merely small.

Source: Chung et al. 2019, "Slice Finder", in spirit; Wilson's and bootstrap intervals as in
`intervals`. Differs: only single columns, so that a reader can act on each line.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from lamina.core.errors import ConfigError
from lamina.core.random import derive
from lamina.core.records import Interval
from lamina.evaluation.intervals import (
    DEFAULT_BOOTSTRAP,
    BootstrapConfig,
    score_intervals,
    wilson_interval,
)
from lamina.evaluation.metrics import metric_named, score
from lamina.evaluation.predictions import Predictions, check_targets

_MAX_CATEGORIES = 20
_FEW_RESAMPLES = BootstrapConfig(num_resamples=400)


@dataclass(frozen=True, slots=True)
class ClassResult:
    """How one class fares."""

    name: str
    """Name of the class."""
    precision: Interval
    """Share of the rows answered so that are so; NaN where it is never answered."""
    recall: Interval
    """Share of the rows that are so that are answered so; NaN where it never occurs."""
    f1: Interval
    """Harmonic mean of both."""
    support: int
    """Rows that are so."""


@dataclass(frozen=True, slots=True)
class SliceResult:
    """How the model fares on a part of the rows."""

    column: str
    """Column that cuts the rows."""
    part: str
    """Which part, such as "red", "3.1 to 4.8" or "missing"."""
    num_rows: int
    """Rows in the part."""
    result: Interval
    """The metric on the part."""
    is_worse: bool
    """Whether the whole interval is worse than the metric on all rows."""


def per_class(
    predictions: Predictions,
    targets: np.ndarray,
    *,
    names: Sequence[str] | None = None,
    config: BootstrapConfig = DEFAULT_BOOTSTRAP,
) -> tuple[ClassResult, ...]:
    """Return precision, recall and F1 of each class or label with 95 % intervals.

    Args:
        predictions: Class or label probabilities.
        targets: The truth.
        names: Names of the classes; None for their numbers.
        config: How intervals are drawn.

    Raises:
        ConfigError: The predictions are neither classes nor labels.
        DataError: The shapes disagree.

    Source:
        Wilson 1927 for precision and recall; bootstrap of the four counts for F1.
    """
    if predictions.kind not in ("classes", "labels"):
        raise ConfigError(f"per-class results need classes or labels, got {predictions.kind}.")
    truth, decided = check_targets(predictions, targets), predictions.decided()
    results = []
    for number in range(predictions.num_columns):
        if predictions.kind == "classes":
            true, answered = truth == number, decided == number
        else:
            true, answered = truth[:, number] > 0.5, decided[:, number] > 0
        name = str(number) if names is None else str(names[number])
        results.append(_class_result(name, true, answered, derive(config.seed, "class", number)))
    return tuple(results)


def slice_results(
    predictions: Predictions,
    targets: np.ndarray,
    columns: Mapping[str, np.ndarray],
    *,
    metric: str,
    min_rows: int = 30,
    max_slices: int = 40,
    config: BootstrapConfig = _FEW_RESAMPLES,
) -> tuple[SliceResult, ...]:
    """Return a metric on parts of the rows, the surely worst first.

    Args:
        predictions: The answers.
        targets: The truth.
        columns: By name: raw values of the rows, [rows]; numbers are cut at their quartiles, others
            by value. None and NaN count as missing.
        metric: Name in METRICS.
        min_rows: Smallest part shown.
        max_slices: How many parts at most.
        config: How intervals are drawn.

    Raises:
        ConfigError: The metric is unknown or does not read these predictions.
        DataError: The shapes disagree.
    """
    truth = check_targets(predictions, targets)
    overall = score(metric, predictions, truth)
    sign = 1.0 if metric_named(metric).greater_is_better else -1.0
    found = []
    for column, values in columns.items():
        for part, inside in _parts(np.asarray(values)):
            count = int(inside.sum())
            if not min_rows <= count < predictions.num_rows:
                continue
            answers = predictions.rows(inside)
            result = score_intervals(answers, truth[inside], names=(metric,), config=config)[metric]
            best = result.high if sign > 0 else result.low
            if not np.isnan(best):
                found.append(
                    SliceResult(column, part, count, result, bool(sign * (overall - best) > 0))
                )
    found.sort(key=lambda item: sign * (item.result.high if sign > 0 else item.result.low))
    return tuple(found[:max_slices])


def _class_result(name: str, true: np.ndarray, answered: np.ndarray, seed: int) -> ClassResult:
    hits, support, answers = int((true & answered).sum()), int(true.sum()), int(answered.sum())
    nothing = Interval(float("nan"), float("nan"), float("nan"))
    precision = wilson_interval(hits / answers, answers) if answers else nothing
    recall = wilson_interval(hits / support, support) if support else nothing
    if not support and not answers:
        return ClassResult(name, precision, recall, nothing, support)
    wrong = support + answers - 2 * hits
    counts = np.array([hits, wrong, len(true) - hits - wrong]) / len(true)
    draws = np.random.default_rng(seed).multinomial(len(true), counts, size=1000)
    below = 2 * draws[:, 0] + draws[:, 1]
    spread = np.divide(2.0 * draws[:, 0], below, out=np.full(1000, np.nan), where=below > 0)
    defined = spread[~np.isnan(spread)]
    low, high = np.quantile(defined, [0.025, 0.975]) if defined.size else (np.nan, np.nan)
    value = 2 * hits / (2 * hits + wrong)
    if wrong == 0:
        low = wilson_interval(1.0, support).low
    return ClassResult(name, precision, recall, Interval(value, float(low), float(high)), support)


def _parts(values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the parts of a column with a mask of their rows."""
    if values.dtype.kind in "fiu":
        missing = np.isnan(values.astype(np.float64))
        yield "missing", missing
        yield from _number_parts(values.astype(np.float64), ~missing)
        return
    missing = np.array([value is None or value != value for value in values], dtype=bool)
    yield "missing", missing
    texts = np.array([str(value) for value in values], dtype=object)
    names, counts = np.unique(texts[~missing].astype(str), return_counts=True)
    for number in np.argsort(-counts, kind="stable")[:_MAX_CATEGORIES]:
        yield str(names[number]), (texts == names[number]) & ~missing


def _number_parts(values: np.ndarray, present: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    known = values[present]
    distinct = np.unique(known)
    if distinct.size <= 5:
        for value in distinct:
            yield f"{value:g}", present & (values == value)
        return
    edges = np.unique(np.quantile(known, [0, 0.25, 0.5, 0.75, 1]))
    for number, (low, high) in enumerate(pairwise(edges)):
        above = values >= low if number == 0 else values > low
        yield f"{low:.4g} to {high:.4g}", present & above & (values <= high)
