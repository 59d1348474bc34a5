"""95 % intervals of metrics by the bootstrap.

All metrics share the same resamples, given to them as row counts. Accuracy-like shares of rows take
Wilson's interval instead, which is exact enough and honest at 0 and 1. Rank metrics over many
classes use their first-order spread (influence of each row). Beyond `max_rows` rows the resamples
are drawn from a random part, and the interval is narrowed by the root of the share taken.

Source: Efron 1987, "Better bootstrap confidence intervals" (BCa, with a grouped jackknife for the
acceleration); Wilson 1927; Field and Welsh 2007 (whole clusters are resampled); Politis and Romano
1994 (rescaled subsamples). Differs: a metric without any spread at its best value gets the lower
end of Wilson's interval, since "1.0 to 1.0" on thirty rows is not honest.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np

from lamina.core.random import derive
from lamina.core.records import Interval
from lamina.evaluation.metrics import Metric, metric_named, metrics_of, score
from lamina.evaluation.predictions import Predictions, check_targets

_LEVEL = 0.95
_Z = NormalDist().inv_cdf(0.5 + _LEVEL / 2)
_CHUNK_NUMBERS = 1_000_000
_EXACT_NUMBERS = 20_000_000
_JACKKNIFE_GROUPS = 100
_WILSON = ("accuracy", "subset_accuracy", "coverage")


@dataclass(frozen=True, kw_only=True, slots=True)
class BootstrapConfig:
    """How intervals are drawn."""

    num_resamples: int = 1000
    """Resamples drawn."""
    max_rows: int = 20_000
    """Rows resampled at most; more are thinned and the interval is rescaled."""
    seed: int = 0
    """Seed of the run."""


DEFAULT_BOOTSTRAP = BootstrapConfig()
"""A thousand resamples."""


def score_intervals(
    predictions: Predictions,
    targets: np.ndarray,
    *,
    names: tuple[str, ...] | None = None,
    groups: np.ndarray | None = None,
    config: BootstrapConfig = DEFAULT_BOOTSTRAP,
) -> dict[str, Interval]:
    """Return metrics with their 95 % intervals.

    Args:
        predictions: The answers.
        targets: The truth; shapes in `Predictions`.
        names: Which metrics; None for all that read this kind.
        groups: Entity of each row, [rows]; whole entities are resampled. None if rows are
            independent.
        config: How intervals are drawn.

    Returns:
        By name; the ends are NaN where the metric is not defined on most resamples.

    Raises:
        ConfigError: A metric is unknown or does not read this kind of predictions.
        DataError: The shapes disagree.
    """
    chosen = metrics_of(predictions.kind) if names is None else names
    truth = check_targets(predictions, targets)
    values = {name: score(name, predictions, truth) for name in chosen}
    if predictions.num_rows < 2:
        return {name: Interval(value, np.nan, np.nan) for name, value in values.items()}
    drawn = [n for n in chosen if not (n in _WILSON and groups is None) and not np.isnan(values[n])]
    samples = resample(predictions, truth, drawn, groups=groups, config=config) if drawn else {}
    result = {}
    for name, value in values.items():
        if name in samples:
            interval = samples[name].interval(value)
            result[name] = _widen(interval, metric_named(name), predictions.num_rows)
        elif np.isnan(value):
            result[name] = Interval(value, np.nan, np.nan)
        else:
            result[name] = wilson_interval(value, predictions.num_rows)
    return result


def wilson_interval(share: float, num_rows: int) -> Interval:
    """Return the 95 % interval of a share of independent rows.

    Args:
        share: Observed share, in [0, 1].
        num_rows: Rows observed.

    Source:
        Wilson 1927, "Probable inference".
    """
    if num_rows == 0:
        return Interval(share, np.nan, np.nan)
    spread = _Z**2 / num_rows
    centre = (share + spread / 2) / (1 + spread)
    half = _Z * np.sqrt(share * (1 - share) / num_rows + spread / (4 * num_rows)) / (1 + spread)
    # Rounding must not leave the share itself outside.
    low, high = max(0.0, centre - half), min(1.0, centre + half)
    return Interval(share, float(min(low, share)), float(max(high, share)))


@dataclass(frozen=True, slots=True)
class Resamples:
    """A metric on many resamples."""

    values: np.ndarray
    """float64 [resamples]."""
    jackknife: np.ndarray
    """float64 [groups]: the metric without each group of rows."""
    centre: float
    """The metric on the rows resampled."""
    shrink: float
    """By what the interval is narrower than the spread of the resamples: root of the share of
    rows that were resampled."""

    def interval(self, value: float) -> Interval:
        """Return the bias-corrected, accelerated 95 % interval around a value.

        Args:
            value: The metric on all rows.
        """
        defined = self.values[~np.isnan(self.values)]
        if defined.size < max(20, self.values.size / 2):
            return Interval(value, np.nan, np.nan)
        low, high = np.quantile(defined, _bca_levels(defined, self.jackknife, self.centre))
        return Interval(
            value,
            float(value + (low - self.centre) * self.shrink),
            float(value + (high - self.centre) * self.shrink),
        )


def resample(
    predictions: Predictions,
    targets: np.ndarray,
    names: list[str],
    *,
    groups: np.ndarray | None,
    config: BootstrapConfig,
) -> dict[str, Resamples]:
    """Return metrics on the same resamples of the rows.

    Args:
        predictions: The answers.
        targets: The truth, checked.
        names: Which metrics.
        groups: Entity of each row, or None.
        config: How resamples are drawn; a seed draws the same rows for any predictions.
    """
    rows, codes, share = _thin(predictions.num_rows, groups, config)
    part, truth = predictions.rows(rows), targets[rows]
    scorers = {name: _Scorer.of(metric_named(name), part, truth, config) for name in names}
    drawn: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for weights in _draw_weights(len(rows), codes, config):
        for name, scorer in scorers.items():
            drawn[name].append(scorer(weights))
    left_out: dict[str, list[np.ndarray]] = {name: [] for name in names}
    for weights in _jackknife_weights(len(rows), codes, config.seed):
        for name, scorer in scorers.items():
            left_out[name].append(scorer(weights))
    return {
        name: Resamples(
            np.concatenate(drawn[name]),
            np.concatenate(left_out[name]),
            scorers[name].centre,
            float(np.sqrt(share)),
        )
        for name in names
    }


@dataclass(frozen=True, slots=True)
class _Scorer:
    """A metric of fixed rows as a function of weights alone."""

    metric: Metric
    predictions: Predictions
    targets: np.ndarray
    centre: float
    influence: np.ndarray | None

    @classmethod
    def of(
        cls, metric: Metric, predictions: Predictions, targets: np.ndarray, config: BootstrapConfig
    ) -> "_Scorer":
        columns = 1 if predictions.num_columns == 2 else predictions.num_columns
        numbers = config.num_resamples * predictions.num_rows * columns
        linear = metric.influence is not None and numbers > _EXACT_NUMBERS
        influence = metric.influence(predictions, targets) if linear and metric.influence else None
        centre = float(metric.function(predictions, targets))
        return cls(metric, predictions, targets, centre, influence)

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        if self.influence is not None:
            return self.centre + weights @ self.influence
        return self.metric.function(self.predictions, self.targets, weights=weights)


def _thin(
    num_rows: int, groups: np.ndarray | None, config: BootstrapConfig
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return rows to resample, the cluster of each, and the share of clusters taken."""
    if groups is None:
        codes = np.arange(num_rows)
    else:
        codes = np.unique(np.asarray(groups), return_inverse=True)[1].reshape(-1)
    if num_rows <= config.max_rows:
        return np.arange(num_rows), codes, 1.0
    num_clusters = int(codes.max()) + 1
    wanted = max(2, int(num_clusters * config.max_rows / num_rows))
    random = np.random.default_rng(derive(config.seed, "bootstrap thin"))
    chosen = np.zeros(num_clusters, dtype=bool)
    chosen[random.permutation(num_clusters)[:wanted]] = True
    rows = np.flatnonzero(chosen[codes])
    return rows, np.unique(codes[rows], return_inverse=True)[1], wanted / num_clusters


def _draw_weights(
    num_rows: int, codes: np.ndarray, config: BootstrapConfig
) -> Iterator[np.ndarray]:
    """Yield row counts of resampled clusters, float64 [chunk, rows]."""
    num_clusters = int(codes.max()) + 1
    size = max(1, _CHUNK_NUMBERS // max(num_rows, 1))
    for start in range(0, config.num_resamples, size):
        count = min(size, config.num_resamples - start)
        random = np.random.default_rng(derive(config.seed, "bootstrap", start))
        picks = random.integers(0, num_clusters, size=(count, num_clusters), dtype=np.int64)
        picks += np.arange(count)[:, None] * num_clusters
        counts = np.bincount(picks.reshape(-1), minlength=count * num_clusters)
        weights = counts.reshape(count, num_clusters).astype(np.float64)
        yield weights if num_clusters == num_rows else weights[:, codes]


def _jackknife_weights(num_rows: int, codes: np.ndarray, seed: int) -> Iterator[np.ndarray]:
    """Yield weights that leave out one random group of clusters each."""
    num_clusters = int(codes.max()) + 1
    num_groups = min(_JACKKNIFE_GROUPS, num_clusters)
    random = np.random.default_rng(derive(seed, "jackknife"))
    group = (random.permutation(num_clusters) % num_groups)[codes]
    size = max(1, _CHUNK_NUMBERS // max(num_rows, 1))
    for start in range(0, num_groups, size):
        numbers = np.arange(start, min(start + size, num_groups))
        yield (group[None, :] != numbers[:, None]).astype(np.float64)


def _bca_levels(values: np.ndarray, jackknife: np.ndarray, centre: float) -> list[float]:
    """Return the two levels at which the resamples are cut."""
    plain = [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2]
    normal = NormalDist()
    below = ((values < centre).sum() + 0.5 * (values == centre).sum()) / values.size
    if not 0 < below < 1:
        return plain
    bias = normal.inv_cdf(float(below))
    gaps = jackknife[~np.isnan(jackknife)]
    gaps = gaps.mean() - gaps if gaps.size else gaps
    scale = (gaps**2).sum() ** 1.5
    acceleration = float((gaps**3).sum() / (6 * scale)) if scale > 0 else 0.0
    levels = []
    for level in plain:
        shifted = bias + normal.inv_cdf(level)
        stretch = 1 - acceleration * shifted
        levels.append(normal.cdf(bias + shifted / stretch) if stretch > 0 else level)
    return levels


def _widen(interval: Interval, metric: Metric, num_rows: int) -> Interval:
    """Give a share that is at its end and never varied the honest end of Wilson's interval."""
    if not metric.is_share or interval.high > interval.low or interval.value not in (0.0, 1.0):
        return interval
    honest = wilson_interval(interval.value, num_rows)
    return replace(interval, low=honest.low, high=honest.high)
