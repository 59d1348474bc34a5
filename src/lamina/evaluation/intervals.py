"""95 % intervals of metrics by the bootstrap.

All metrics share the same resamples, given to them as row counts. Accuracy-like shares of rows take
Wilson's interval instead, which is exact enough and honest at 0 and 1. Rank metrics over many
classes use their first-order spread (influence of each row). Beyond `max_rows` rows the resamples
are drawn from a random part, and the interval is narrowed by the root of the share taken.

Source: Efron 1987, "Better bootstrap confidence intervals" (BCa, with a grouped jackknife for the
acceleration); Wilson 1927; Field and Welsh 2007 (whole clusters are resampled); Politis and Romano
1994 (rescaled subsamples). Differs: a metric without any spread at its best value gets the lower
end of Wilson's interval, since "1.0 to 1.0" on thirty rows is not honest; fewer than five clusters
give no interval; what sums distances from zero, and so grows on resamples, gets a basic interval.
"""

from collections.abc import Callable, Iterator
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
_FEWEST_CLUSTERS = 5  # the spread of fewer says nothing of the spread of others
_WILSON = ("accuracy", "subset_accuracy", "coverage")
_GROWING = ("calibration_error",)


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
        By name; the ends are NaN where the metric is not defined on most resamples, and where there
        are fewer than five rows or entities to resample.

    Raises:
        ConfigError: A metric is unknown or does not read this kind of predictions.
        DataError: The shapes disagree.
    """
    chosen = metrics_of(predictions.kind) if names is None else names
    truth = check_targets(predictions, targets)
    # How far a coverage is from its promise is read off the interval of the coverage.
    wanted = dict.fromkeys("coverage" if name == "coverage_error" else name for name in chosen)
    values = {name: score(name, predictions, truth) for name in dict.fromkeys((*chosen, *wanted))}
    num_clusters = predictions.num_rows if groups is None else len(np.unique(groups))
    drawn = [n for n in wanted if not (n in _WILSON and groups is None) and not np.isnan(values[n])]
    samples = (
        resample(predictions, truth, drawn, groups=groups, config=config)
        if drawn and predictions.num_rows > 1
        else {}
    )
    found = {}
    for name in wanted:
        value = values[name]
        if name in samples:
            interval = samples[name].interval(value, is_growing=name in _GROWING)
            found[name] = _widen(interval, metric_named(name), num_clusters)
        elif np.isnan(value) or predictions.num_rows < 2:
            found[name] = Interval(value, np.nan, np.nan)
        else:
            found[name] = wilson_interval(value, num_clusters)
    if "coverage_error" in chosen:
        found["coverage_error"] = _as_error(found["coverage"], predictions)
    return {name: found[name] for name in chosen}


def share_interval(is_hit: np.ndarray, *, groups: np.ndarray | None = None) -> Interval:
    """Return the 95 % interval of the share of rows that are so.

    Rows of one entity are alike, so that they tell less than as many independent ones: Wilson's
    interval is then taken at the number of independent rows that would spread as much.

    Args:
        is_hit: bool [rows].
        groups: Entity of each row, [rows]; None if rows are independent.

    Source:
        Korn and Graubard 1998, "Confidence intervals for proportions with small expected number of
        positive counts estimated from survey data". Differs: Wilson's interval; no quantiles of t.
    """
    num_rows = len(is_hit)
    share = float(np.mean(is_hit)) if num_rows else float("nan")
    if groups is None or not num_rows:
        return wilson_interval(share, num_rows)
    codes = np.unique(groups, return_inverse=True)[1].reshape(-1)
    num_clusters = int(codes.max()) + 1
    if num_clusters < _FEWEST_CLUSTERS:
        return Interval(share, np.nan, np.nan)
    sums = np.bincount(codes, weights=is_hit - share, minlength=num_clusters)
    spread = float((sums**2).sum()) * num_clusters / (num_clusters - 1) / num_rows**2
    # At an end nothing varies, and each entity counts once.
    effective = share * (1 - share) / spread if spread > 0 else num_clusters
    return wilson_interval(share, min(num_rows, effective))


def wilson_interval(share: float, num_rows: float) -> Interval:
    """Return the 95 % interval of a share of independent rows.

    Args:
        share: Observed share, in [0, 1].
        num_rows: Rows observed; a fraction where rows count in part.

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

    def defined(self) -> np.ndarray | None:
        """Return the resamples on which the metric is defined; None where they are too few."""
        values = self.values[~np.isnan(self.values)]
        is_few = values.size < max(20, self.values.size / 2)
        # The jackknife leaves out one cluster each, or one group of them where there are many.
        return None if is_few or self.jackknife.size < _FEWEST_CLUSTERS else values

    def interval(self, value: float, *, is_growing: bool = False) -> Interval:
        """Return the bias-corrected, accelerated 95 % interval around a value.

        Args:
            value: The metric on all rows.
            is_growing: The metric is larger on a resample than on the rows, as it is on the rows
                than in truth: its basic interval is returned, stretched to hold the value.
        """
        defined = self.defined()
        if defined is None:
            return Interval(value, np.nan, np.nan)
        if is_growing:
            first, last = np.quantile(defined, [(1 - _LEVEL) / 2, (1 + _LEVEL) / 2])
            low = value - (last - self.centre) * self.shrink
            high = value - (first - self.centre) * self.shrink
            return Interval(value, float(np.clip(low, 0, value)), float(max(high, value)))
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
    for weights in draw_weights(len(rows), codes, config):
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
    prepared: Callable[..., np.ndarray] | None

    @classmethod
    def of(
        cls, metric: Metric, predictions: Predictions, targets: np.ndarray, config: BootstrapConfig
    ) -> "_Scorer":
        columns = 1 if predictions.num_columns == 2 else predictions.num_columns
        numbers = config.num_resamples * predictions.num_rows * columns
        linear = metric.influence is not None and numbers > _EXACT_NUMBERS
        influence = metric.influence(predictions, targets) if linear and metric.influence else None
        prepared = metric.prepared(predictions, targets) if metric.prepared else None
        centre = float(prepared(None) if prepared else metric.function(predictions, targets))
        return cls(metric, predictions, targets, centre, influence, prepared)

    def __call__(self, weights: np.ndarray) -> np.ndarray:
        if self.influence is not None:
            return self.centre + weights @ self.influence
        if self.prepared is not None:
            return self.prepared(weights)
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
    wanted = max(_FEWEST_CLUSTERS, int(num_clusters * config.max_rows / num_rows))
    wanted = min(wanted, num_clusters)
    random = np.random.default_rng(derive(config.seed, "bootstrap thin"))
    chosen = np.zeros(num_clusters, dtype=bool)
    chosen[random.permutation(num_clusters)[:wanted]] = True
    rows = np.flatnonzero(chosen[codes])
    return rows, np.unique(codes[rows], return_inverse=True)[1], wanted / num_clusters


def draw_weights(num_rows: int, codes: np.ndarray, config: BootstrapConfig) -> Iterator[np.ndarray]:
    """Yield row counts of resampled clusters, float64 [chunk, rows].

    Args:
        num_rows: How many rows there are.
        codes: Cluster of each row, from 0.
        config: Resamples and seed.
    """
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


def _as_error(covered: Interval, predictions: Predictions) -> Interval:
    """Return the interval of the distance of a coverage from what its levels promise."""
    promised = predictions.levels[-1] - predictions.levels[0]
    value, *ends = (abs(end - promised) for end in (covered.value, covered.low, covered.high))
    is_inside = covered.low <= promised <= covered.high
    return Interval(value, 0.0 if is_inside else float(np.min(ends)), float(np.max(ends)))


def _widen(interval: Interval, metric: Metric, num_clusters: int) -> Interval:
    """Give a share that is at its end and never varied the honest end of Wilson's interval."""
    if not metric.is_share or interval.high != interval.low or interval.value not in (0.0, 1.0):
        return interval
    honest = wilson_interval(interval.value, num_clusters)
    return replace(interval, low=honest.low, high=honest.high)
