"""Exponential smoothing (ETS) of many series at once, the model chosen by likelihood.

For every series all admissible models are tried: additive or multiplicative errors; no, linear or
damped trend; no, additive or multiplicative season. Their smoothing weights are searched on a grid
that is refined around the best, all series and candidates side by side; the model with the least
AICc answers.

Source: Hyndman, Koehler, Snyder and Grose 2002, "A state space framework for automatic forecasting
using exponential smoothing methods"; Hyndman, Koehler, Ord and Snyder 2008. Differs: the first
states come from the first cycles and are not searched for; weights are searched on a grid.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

_ROUNDS = (60, 24, 24)
_SMALLEST = 1e-12


@dataclass(frozen=True, slots=True)
class Model:
    """One form of exponential smoothing."""

    error: str
    """"A" (additive) or "M" (multiplicative)."""
    trend: str
    """"N" (none), "A" (additive) or "D" (damped)."""
    season: str
    """"N" (none), "A" (additive) or "M" (multiplicative)."""

    @property
    def name(self) -> str:
        """Its customary name, such as ETS(A,Ad,N)."""
        return f"ETS({self.error},{'Ad' if self.trend == 'D' else self.trend},{self.season})"

    def num_parameters(self, period: int) -> int:
        """Return how many numbers are chosen: weights, first states and the variance.

        Args:
            period: Steps of a cycle.
        """
        trend = {"N": 0, "A": 2, "D": 3}[self.trend]
        return 3 + trend + (0 if self.season == "N" else 1 + period - 1)


def models(*, has_season: bool, is_positive: bool) -> Iterator[Model]:
    """Yield the admissible models.

    Args:
        has_season: The series show a cycle.
        is_positive: All values are above 0, so that factors mean something.
    """
    for trend in "NAD":
        for season in "NAM" if has_season else "N":
            for error in "AM":
                # Additive errors beside a multiplicative season are unstable (Hyndman et al. 2008).
                if not is_positive and "M" in (error, season):
                    continue
                if (error, season) != ("A", "M"):
                    yield Model(error, trend, season)


@dataclass(frozen=True, slots=True)
class Smoothing:
    """A model with its weights for some series."""

    model: Model
    """The form."""
    weights: np.ndarray
    """float64 [4, series]: weights of level, trend and season, and the damping."""
    criterion: np.ndarray
    """float64 [series], AICc; infinite where the model does not fit."""


def fit(series: np.ndarray, model: Model, period: int, *, seed: int = 0) -> Smoothing:
    """Return a model with the likeliest weights for each series.

    Args:
        series: float [steps, series], NaN where unknown; shorter ones begin with NaN.
        model: The form.
        period: Steps of a cycle.
        seed: Seed of the candidates.
    """
    source = np.random.default_rng(seed)
    num_series = series.shape[1]
    candidates = _drawn(source.random((4, num_series, _ROUNDS[0])))
    best = np.empty((4, num_series))
    least = np.full(num_series, np.inf)
    spread = 0.5
    for round_number, count in enumerate(_ROUNDS):
        if round_number:
            spread *= 0.35
            moves = source.random((4, num_series, count)) - 0.5
            candidates = best[:, :, None] + spread * moves
        candidates = _admissible(candidates, model)
        deviance = _deviance(series, model, candidates, period)
        place = deviance.argmin(1)
        rows = np.arange(num_series)
        is_better = (deviance[rows, place] < least) | (round_number == 0)
        least = np.where(is_better, deviance[rows, place], least)
        best = np.where(is_better, candidates[:, rows, place], best)
    count = (~np.isnan(series)).sum(0)
    used = model.num_parameters(period)
    spare = count - used - 1
    penalty = np.where(spare > 0, 2 * used * count / np.maximum(spare, 1), np.inf)
    return Smoothing(model, best, least + penalty)


def forecast(
    series: np.ndarray, smoothing: Smoothing, period: int, origins: np.ndarray, horizon: int
) -> np.ndarray:
    """Return the forecasts of a fitted model at several origins, its states following the series.

    Args:
        series: float [steps, series], NaN where unknown.
        smoothing: The fitted model.
        period: Steps of a cycle.
        origins: int [origins], row of the last known step of each.
        horizon: Steps ahead.

    Returns:
        float64 [origins, horizon, series].
    """
    states = _States(series, smoothing.model, smoothing.weights[:, :, None], period)
    wanted, kept = set(origins.tolist()), {}
    for step in range(int(origins.max(initial=-1)) + 1):
        states.see(step)
        if step in wanted:
            kept[step] = states.copy()
    answers = np.empty((len(origins), horizon, series.shape[1]))
    for place, origin in enumerate(origins):
        answers[place] = kept[int(origin)].ahead(int(origin), horizon)
    return answers


def choose(series: np.ndarray, period: int, *, seed: int = 0) -> tuple[Smoothing, ...]:
    """Return all admissible models, fitted; each series takes the one of the least criterion.

    Args:
        series: float [steps, series], NaN where unknown.
        period: Steps of a cycle; 1 for none.
        seed: Seed of the candidates.
    """
    is_positive = bool((np.nan_to_num(series, nan=1.0) > 0).all())
    every = models(has_season=period > 1, is_positive=is_positive)
    return tuple(fit(series, model, period, seed=seed) for model in every)


def _drawn(uniform: np.ndarray) -> np.ndarray:
    """Return candidates [4, series, count]: most good weights are small, dampings near 1."""
    candidates = uniform**2
    candidates[3] = 0.8 + 0.18 * uniform[3]
    return candidates


def _admissible(candidates: np.ndarray, model: Model) -> np.ndarray:
    level = np.clip(candidates[0], 1e-4, 0.9999)
    trend = np.clip(candidates[1], 0.0, 1.0) if model.trend != "N" else 0.0 * level
    season = np.clip(candidates[2], 0.0, 1.0) if model.season != "N" else 0.0 * level
    damping = np.clip(candidates[3], 0.8, 0.98) if model.trend == "D" else 1.0 + 0.0 * level
    # Shares of the one-step error: the trend's at most the level's, the season's what is left.
    return np.stack([level, np.minimum(trend, level), np.minimum(season, 1 - level), damping])


def _deviance(series: np.ndarray, model: Model, candidates: np.ndarray, period: int) -> np.ndarray:
    """Return -2 log likelihood up to a constant, [series, candidates]."""
    states = _States(series, model, candidates, period)
    squares = np.zeros(candidates.shape[1:])
    logs = np.zeros(candidates.shape[1:])
    for step in range(len(series)):
        error, expected, is_known = states.see(step)
        squares += np.where(is_known, error**2, 0.0)
        if model.error == "M":
            logs += np.where(is_known, np.log(np.maximum(np.abs(expected), _SMALLEST)), 0.0)
    count = (~np.isnan(series)).sum(0)[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        deviance = count * np.log(np.maximum(squares, _SMALLEST)) - count * np.log(count) + 2 * logs
    return np.where(np.isfinite(deviance), deviance, np.inf)


class _States:
    """States of all series and candidates, [series, candidates] each."""

    def __init__(self, series: np.ndarray, model: Model, weights: np.ndarray, period: int) -> None:
        self.series, self.model, self.weights, self.period = series, model, weights, period
        shape = weights.shape[1:]
        self.start = (~np.isnan(series)).argmax(0)
        level, trend, season = _first_states(series, self.start, model, period)
        self.level = np.repeat(level[:, None], shape[1], axis=1)
        self.trend = np.repeat(trend[:, None], shape[1], axis=1)
        self.season = np.repeat(season[:, :, None], shape[1], axis=2)

    def see(self, step: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Take in one step; return the errors, what was expected and what is known."""
        model, (a, b, c, damping) = self.model, self.weights
        value = self.series[step][:, None]
        is_known = ~np.isnan(value)
        place = step % self.period
        slope = damping * self.trend
        base = self.level + slope
        season = self.season[place]
        expected = self._seasoned(base, season)
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            error = np.where(is_known, value - expected, 0.0)
            if model.error == "M":
                error = error / np.where(np.abs(expected) < _SMALLEST, _SMALLEST, expected)
            gain = expected * error if model.error == "M" else error
            # In the unit of the level: a multiplicative season stands between them.
            lifted = gain / np.where(season == 0, 1.0, season) if model.season == "M" else gain
            is_begun = (step >= self.start)[:, None]
            self.level = np.where(is_begun, base + a * lifted, self.level)
            if model.trend != "N":
                self.trend = np.where(is_begun, slope + b * lifted, self.trend)
            if model.season == "A":
                self.season[place] = season + c * gain
            elif model.season == "M":
                self.season[place] = season + c * gain / np.where(base == 0, 1.0, base)
        return error, expected, is_known

    def copy(self) -> "_States":
        """Return the states as they stand."""
        same = copy.copy(self)
        same.season = self.season.copy()
        return same

    def ahead(self, step: int, horizon: int) -> np.ndarray:
        """Return the next steps, [horizon, series], of the first candidate."""
        distances = np.arange(1, horizon + 1)
        reach = np.cumsum(self.weights[3][:, 0] ** distances[:, None], axis=0)
        base = self.level[:, 0] + reach * self.trend[:, 0]
        return self._seasoned(base, self.season[(step + distances) % self.period, :, 0])

    def _seasoned(self, base: np.ndarray, season: np.ndarray) -> np.ndarray:
        return base * season if self.model.season == "M" else base + season


def _first_states(
    series: np.ndarray, start: np.ndarray, model: Model, period: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return level [series], trend [series] and season [period, series] before the first step."""
    num_series = series.shape[1]
    level, trend = np.zeros(num_series), np.zeros(num_series)
    season = np.full((period, num_series), 1.0 if model.season == "M" else 0.0)
    for column in range(num_series):
        first = series[start[column] :, column]
        begin, places = first[: max(10, 3 * period)], start[column]
        if model.season != "N" and len(begin) >= 2 * period:
            cycles = len(begin) // period
            table = begin[: cycles * period].reshape(cycles, period)
            means = np.nanmean(table, axis=1, keepdims=True) if not np.isnan(table).all() else 0.0
            parts = (
                table / np.where(means == 0, 1.0, means) if model.season == "M" else table - means
            )
            fallback = 1.0 if model.season == "M" else 0.0
            shape = np.where(np.isnan(parts).all(0), fallback, _mean_known(parts))
            season[(places + np.arange(period)) % period, column] = shape
            long = np.tile(shape, cycles + 1)[: len(begin)]
            begin = begin / np.where(long == 0, 1.0, long) if model.season == "M" else begin - long
        known = np.flatnonzero(~np.isnan(begin))
        if model.trend == "N" or len(known) < 3:
            level[column] = begin[known].mean() if len(known) else 0.0
        else:
            slope, base = np.polyfit(known, begin[known], 1)
            level[column], trend[column] = base - slope, slope
    return level, trend, season


def _mean_known(parts: np.ndarray) -> np.ndarray:
    is_known = ~np.isnan(parts)
    return np.where(is_known, parts, 0.0).sum(0) / np.maximum(is_known.sum(0), 1)
