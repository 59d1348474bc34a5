"""Is one model better than another? Paired answers on the same test rows.

Both models are scored on the same resamples, so what makes a row hard for both cancels. Accuracy is
tested by McNemar's exact test, every other metric by the share of resamples on the other side of
zero.

Source: McNemar 1947; Efron and Tibshirani 1993, "An introduction to the bootstrap", chapter 16;
Koehn 2004 (paired resampling of test rows). Differs: the interval is bias-corrected.
"""

from dataclasses import dataclass
from math import comb, erfc, sqrt

import numpy as np

from lamina.core.errors import DataError
from lamina.core.records import Interval
from lamina.evaluation.intervals import DEFAULT_BOOTSTRAP, BootstrapConfig, Resamples, resample
from lamina.evaluation.metrics import direction, metric_named, score
from lamina.evaluation.predictions import Predictions, check_targets

_SIGNIFICANT = 0.05
_COARSE_SHARE = 0.01
_COARSE_RELATIVE = 0.02


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second model stands against the first on one metric."""

    metric: str
    """Name in METRICS."""
    gain: Interval
    """How much better the second is, in the unit of the metric; above zero is better, whichever
    way the metric runs."""
    p_value: float
    """Of no difference, two-sided; NaN where it cannot be said."""
    method: str
    """"McNemar's exact test" or "paired bootstrap"."""
    outcome: str
    """"better", "worse", "no difference" or "too small to tell"."""
    sentence: str
    """The outcome in plain words."""


def compare(
    first: Predictions,
    second: Predictions,
    targets: np.ndarray,
    *,
    metric: str,
    names: tuple[str, str] = ("A", "B"),
    groups: np.ndarray | None = None,
    config: BootstrapConfig = DEFAULT_BOOTSTRAP,
) -> Comparison:
    """Compare two models on the same test rows.

    Args:
        first: Answers of the first model.
        second: Answers of the second model to the same rows.
        targets: The truth; shapes in `Predictions`.
        metric: Name in METRICS.
        names: What to call the two in the sentence.
        groups: Entity of each row; whole entities are resampled. None if rows are independent.
        config: How resamples are drawn.

    Raises:
        ConfigError: The metric is unknown, ranks nothing or does not read these predictions.
        DataError: The two answer different rows, or the shapes disagree.
    """
    if (first.kind, first.num_rows) != (second.kind, second.num_rows):
        raise DataError(
            f"cannot compare {first.num_rows} rows of {first.kind} with {second.num_rows} rows of "
            f"{second.kind}; both models must answer the same test rows."
        )
    truth = check_targets(first, targets)
    sign = direction(metric)
    base = score(metric, first, truth)
    difference = sign * (score(metric, second, truth) - base)
    method = "paired bootstrap"
    gain, p_value = Interval(difference, np.nan, np.nan), np.nan
    if first.num_rows > 1 and not np.isnan(difference):
        pair = _paired(metric, first, second, truth, groups=groups, config=config)
        gain = pair.interval(difference) if sign > 0 else _negated(pair, difference)
        p_value = _bootstrap_p_value(pair, sign * difference)
        if metric == "accuracy" and groups is None:
            method, p_value = "McNemar's exact test", mcnemar(first, second, truth)
    outcome = _outcome(gain, p_value, metric, base)
    sentence = _sentence(outcome, gain, metric, names, first.num_rows)
    return Comparison(metric, gain, float(p_value), method, outcome, sentence)


def mcnemar(first: Predictions, second: Predictions, targets: np.ndarray) -> float:
    """Return the exact two-sided p-value that both models are right equally often.

    Args:
        first: Class probabilities of the first model.
        second: Class probabilities of the second model.
        targets: int [rows].

    Source:
        McNemar 1947, "Note on the sampling error of the difference between correlated proportions".
        Differs: the normal approximation beyond 2,000 rows on which the two disagree.
    """
    right_first, right_second = first.decided() == targets, second.decided() == targets
    only_first = int((right_first & ~right_second).sum())
    only_second = int((right_second & ~right_first).sum())
    total, fewer = only_first + only_second, min(only_first, only_second)
    if total == 0:
        return 1.0
    if total > 2000:
        # A tie must not be pushed past p = 1 by the correction for continuity.
        distance = max(abs(only_first - only_second) - 1, 0)
        return float(erfc(distance / sqrt(2 * total)))
    tail = sum(comb(total, k) for k in range(fewer + 1))
    return float(min(1.0, 2 * tail / 2**total))


def format_gain(gain: float, metric: str) -> str:
    """Return a size such as "0.8 points of accuracy" or "0.031 of rmse".

    Args:
        gain: Size in the unit of the metric.
        metric: Name in METRICS.
    """
    words = metric.replace("_", " ")
    if metric_named(metric).is_share:
        return f"{100 * gain:.1f} points of {words}"
    return f"{gain:.3g} of {words}"


def _paired(
    metric: str,
    first: Predictions,
    second: Predictions,
    targets: np.ndarray,
    *,
    groups: np.ndarray | None,
    config: BootstrapConfig,
) -> Resamples:
    one = resample(first, targets, [metric], groups=groups, config=config)[metric]
    two = resample(second, targets, [metric], groups=groups, config=config)[metric]
    return Resamples(
        two.values - one.values, two.jackknife - one.jackknife, two.centre - one.centre, one.shrink
    )


def _negated(pair: Resamples, gain: float) -> Interval:
    turned = pair.interval(-gain)
    return Interval(gain, -turned.high, -turned.low)


def _bootstrap_p_value(pair: Resamples, difference: float) -> float:
    values = pair.defined()
    if values is None:
        return float("nan")
    spread = difference + (values - pair.centre) * pair.shrink
    below, above = int((spread <= 0).sum()), int((spread >= 0).sum())
    return min(1.0, 2 * (min(below, above) + 1) / (values.size + 1))


def _outcome(gain: Interval, p_value: float, metric: str, base: float) -> str:
    if np.isnan(p_value) or np.isnan(gain.low):
        return "too small to tell"
    if p_value < _SIGNIFICANT:
        return "better" if gain.value > 0 else "worse"
    half = (gain.high - gain.low) / 2
    limit = _COARSE_SHARE if metric_named(metric).is_share else _COARSE_RELATIVE * abs(base)
    return "too small to tell" if half > limit else "no difference"


def _sentence(
    outcome: str, gain: Interval, metric: str, names: tuple[str, str], num_rows: int
) -> str:
    first, second = names
    scale = 100.0 if metric_named(metric).is_share else 1.0
    digits = (lambda x: f"{x:.1f}") if scale > 1 else (lambda x: f"{x:.3g}")
    if outcome in ("better", "worse"):
        sign = 1 if outcome == "better" else -1
        ends = sorted([sign * gain.low * scale, sign * gain.high * scale])
        return (
            f"{second} is {outcome} than {first} by {format_gain(sign * gain.value, metric)} "
            f"({digits(ends[0])} to {digits(ends[1])}); significant at 5 %."
        )
    if np.isnan(gain.low):
        return f"The test part ({num_rows} rows) is too small to tell {second} from {first}."
    span = f"{format_gain(gain.value, metric)} ({digits(gain.low * scale)} to "
    span += f"{digits(gain.high * scale)})"
    if outcome == "no difference":
        return f"No difference worth the name between {second} and {first}: {span}."
    return (
        f"The test part ({num_rows} rows) is too small to tell {second} from {first}: the "
        f"difference is {span}."
    )
