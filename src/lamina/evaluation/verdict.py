"""Does the network earn its keep? Its answers against the best simple model, in plain words."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lamina.evaluation.comparison import Comparison, compare, format_gain
from lamina.evaluation.intervals import DEFAULT_BOOTSTRAP, BootstrapConfig
from lamina.evaluation.metrics import direction, metric_named, score
from lamina.evaluation.predictions import Predictions


@dataclass(frozen=True, slots=True)
class Verdict:
    """How the network stands against the simple models."""

    beats_baselines: bool
    """Whether it is significantly better than the best of them."""
    best_baseline: str
    """Name of the best simple model; empty where there is none."""
    comparison: Comparison | None
    """Network against the best simple model."""
    sentence: str
    """The outcome in plain words."""


def judge(
    network: Predictions,
    baselines: Mapping[str, Predictions],
    targets: np.ndarray,
    *,
    metric: str,
    groups: np.ndarray | None = None,
    config: BootstrapConfig = DEFAULT_BOOTSTRAP,
) -> Verdict:
    """Compare a network with the best of some simple models on the same test rows.

    The best one is chosen by its score on these rows, which favours it slightly: the network gets
    no benefit of the doubt.

    Args:
        network: Answers of the network.
        baselines: Answers of the simple models by name, to the same rows.
        targets: The truth.
        metric: Name in METRICS.
        groups: Entity of each row; None if rows are independent.
        config: How resamples are drawn.

    Raises:
        ConfigError: The metric is unknown, ranks nothing or does not read these predictions.
        DataError: The answers are to different rows.
    """
    sign = direction(metric)
    scores = {name: sign * score(metric, answers, targets) for name, answers in baselines.items()}
    known = {name: value for name, value in scores.items() if not np.isnan(value)}
    if not known:
        return Verdict(False, "", None, "There was no simple model to compare the network with.")
    best = max(known, key=lambda name: known[name])
    words = best.replace("_", " ")
    result = compare(
        baselines[best],
        network,
        targets,
        metric=metric,
        names=(words, "the network"),
        groups=groups,
        config=config,
    )
    return Verdict(result.outcome == "better", best, result, _sentence(result, words, len(targets)))


def _sentence(result: Comparison, baseline: str, num_rows: int) -> str:
    gain, metric = result.gain, result.metric
    scale = 100.0 if metric_named(metric).is_share else 1.0
    if result.outcome == "better":
        return (
            f"The network beats {baseline}, the best simple model, by "
            f"{format_gain(gain.value, metric)} ({gain.low * scale:.3g} to "
            f"{gain.high * scale:.3g})."
        )
    if result.outcome == "worse":
        return (
            f"The network does not beat {baseline}: it is worse by "
            f"{format_gain(-gain.value, metric)} ({-gain.high * scale:.3g} to "
            f"{-gain.low * scale:.3g}). Use the simpler model."
        )
    if result.outcome == "no difference":
        return (
            f"The network does not beat {baseline}: the two are equal on {num_rows} test rows. "
            "Use the simpler model."
        )
    unit = " points" if scale > 1 else ""
    span = f" (difference {gain.low * scale:.3g} to {gain.high * scale:.3g}{unit})"
    if np.isnan(gain.low) or np.isnan(gain.high):
        span = ""
    return (
        f"It cannot be said whether the network beats {baseline}: the test part ({num_rows} rows) "
        f"is too small{span}. Until then prefer the simpler model."
    )
