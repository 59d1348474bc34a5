"""Where the model is weak: each class, and each part of the rows that a column cuts out.

Slices are ordered by the good end of their interval, so that the first ones are surely bad and not
merely small.

Source: Chung et al. 2019, "Slice Finder", in spirit; Wilson's and bootstrap intervals as in
`intervals`. Differs: only single columns, so that a reader can act on each line; the interval of F1
is Wilson's of the share of hits among the rows that are so or are answered so, of which F1 is a
rising function.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

import numpy as np

from lamina.core.errors import ConfigError
from lamina.core.records import Interval
from lamina.evaluation.intervals import BootstrapConfig, score_intervals, share_interval
from lamina.evaluation.metrics import direction, score
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
    groups: np.ndarray | None = None,
) -> tuple[ClassResult, ...]:
    """Return precision, recall and F1 of each class or label with 95 % intervals.

    Args:
        predictions: Class or label probabilities.
        targets: The truth.
        names: Names of the classes; None for their numbers.
        groups: Entity of each row, [rows]; None if rows are independent.

    Raises:
        ConfigError: The predictions are neither classes nor labels.
        DataError: The shapes disagree.

    Source:
        Wilson 1927.
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
        results.append(_class_result(name, true, answered, groups))
    return tuple(results)


def slice_results(
    predictions: Predictions,
    targets: np.ndarray,
    columns: Mapping[str, np.ndarray],
    *,
    metric: str,
    min_rows: int = 30,
    max_slices: int = 40,
    groups: np.ndarray | None = None,
    config: BootstrapConfig = _FEW_RESAMPLES,
) -> tuple[SliceResult, ...]:
    """Return a metric on parts of the rows, the surely worst first.

    Args:
        predictions: The answers.
        targets: The truth.
        columns: By name: raw values of the rows, [rows]; numbers and times are cut at their
            quartiles, others by value. None, NaN and NaT count as missing.
        metric: Name in METRICS.
        min_rows: Smallest part shown.
        max_slices: How many parts at most.
        groups: Entity of each row, [rows]; whole entities are resampled. None if rows are
            independent.
        config: How intervals are drawn.

    Raises:
        ConfigError: The metric is unknown, ranks nothing or does not read these predictions.
        DataError: The shapes disagree.
    """
    truth = check_targets(predictions, targets)
    overall = score(metric, predictions, truth)
    sign = direction(metric)
    found = []
    for column, values in columns.items():
        for part, inside in _parts(np.asarray(values)):
            count = int(inside.sum())
            if not min_rows <= count < predictions.num_rows:
                continue
            result = score_intervals(
                predictions.rows(inside),
                truth[inside],
                names=(metric,),
                groups=None if groups is None else groups[inside],
                config=config,
            )[metric]
            best = result.high if sign > 0 else result.low
            if not np.isnan(best):
                found.append(
                    SliceResult(column, part, count, result, bool(sign * (overall - best) > 0))
                )
    found.sort(key=lambda item: sign * (item.result.high if sign > 0 else item.result.low))
    return tuple(found[:max_slices])


def _class_result(
    name: str, true: np.ndarray, answered: np.ndarray, groups: np.ndarray | None
) -> ClassResult:
    def share(is_hit: np.ndarray, among: np.ndarray) -> Interval:
        return share_interval(is_hit[among], groups=None if groups is None else groups[among])

    hits = share(true & answered, true | answered)
    f1 = Interval(*(2 * end / (1 + end) for end in (hits.value, hits.low, hits.high)))
    precision, recall = share(true, answered), share(answered, true)
    return ClassResult(name, precision, recall, f1, int(true.sum()))


def _parts(values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the parts of a column with a mask of their rows."""
    if values.dtype.kind == "M":
        yield from _time_parts(values)
        return
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


def _time_parts(values: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    missing = np.isnat(values)
    yield "missing", missing
    if missing.all():
        return
    whole = values.astype("datetime64[us]")
    first, last = whole[~missing].min(), whole[~missing].max()
    # Days tell the quarters of a week and more apart.
    unit: Literal["D", "s"] = "D" if last - first >= np.timedelta64(7, "D") else "s"
    for low, high, inside in _quarters(whole.astype(np.int64), ~missing):
        ends = np.array([round(low), round(high)]).astype("datetime64[us]")
        texts = np.datetime_as_string(ends, unit=unit, casting="unsafe")
        yield " to ".join(texts).replace("T", " "), inside


def _number_parts(values: np.ndarray, present: np.ndarray) -> Iterator[tuple[str, np.ndarray]]:
    distinct = np.unique(values[present])
    if distinct.size <= 5:
        for value in distinct:
            yield f"{value:g}", present & (values == value)
        return
    for low, high, inside in _quarters(values, present):
        yield f"{low:.4g} to {high:.4g}", inside


def _quarters(values: np.ndarray, present: np.ndarray) -> Iterator[tuple[float, float, np.ndarray]]:
    """Yield the ends of the quarters of what is present, with a mask of their rows."""
    edges = np.unique(np.quantile(values[present], [0, 0.25, 0.5, 0.75, 1]))
    for number, (low, high) in enumerate(pairwise(edges)):
        above = values >= low if number == 0 else values > low
        yield float(low), float(high), present & above & (values <= high)
