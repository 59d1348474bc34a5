"""Forecasts: a linear map with a learned cycle for few long series, a mixer for many.

A linear map over a long look-back, behind reversible normalisation, is within a few percent of all
that is known on long series and learns in seconds. Many series together hold enough to learn what
is not linear, which the mixer adds to the linear forecast.

Source: Zeng et al. 2023, arXiv:2205.13504; Lin et al. 2024, arXiv:2409.18479; Kraus et al. 2024,
arXiv:2410.16928.
"""

from lamina.core.errors import DataError
from lamina.data.series_facts import SeriesFacts
from lamina.networks.forecasters.base import AbstractBackboneConfig
from lamina.networks.forecasters.linear import LinearForecasterConfig
from lamina.networks.forecasters.mixer import MixerForecasterConfig
from lamina.networks.forecasters.whole import ForecasterConfig
from lamina.objectives.regression import PinballConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.training.config import TrainingConfig, ValidationConfig
from lamina.training.optimizers import AdamWConfig
from lamina.training.schedules import LinearConfig

LEVELS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95)
"""Quantiles that are forecast: the median, and the ends of a 90 % interval."""

MANY_SERIES = 20
"""So many series hold enough for a mixer."""

_LONGEST_HORIZON = 48
_LONGEST_LOOK_BACK = 384
_FEWEST_STEPS, _MOST_STEPS = 200, 3_000


def forecast_recipe(facts: Facts) -> Recipe:
    """Return the recipe for forecasts.

    Args:
        facts: What the planner knows.

    Raises:
        DataError: The rows are no series in time.
    """
    series = facts.series
    if series is None:
        raise DataError(
            "a forecast needs series in time with steps of one length, and the rows make none. "
            "Name the column of the times with --time-column and, in a table of several series, "
            "the one that tells them apart with --series; gather rows to regular steps first."
        )
    horizon, horizon_why = _horizon(facts, series)
    look_back = _look_back(series, horizon)
    backbone, why = _backbone(series)
    is_linear = isinstance(backbone, LinearForecasterConfig)
    batch_size = 64 if is_linear else 128
    windows = max(1, facts.num_rows)
    steps = min(_MOST_STEPS, max(_FEWEST_STEPS, 5 * windows // batch_size))
    return Recipe(
        network=ForecasterConfig(
            horizon=horizon,
            look_back=look_back,
            period=series.period,
            step=series.frequency.name,
            known=tuple(dict.fromkeys((*facts.known, *series.static))),
            backbone=backbone,
        ),
        objective=PinballConfig(quantiles=LEVELS),
        training=TrainingConfig(
            batch_size=batch_size,
            steps=steps,
            optimizer=AdamWConfig(rate=0.001 if is_linear else 0.002, weight_decay=0.0),
            schedule=LinearConfig(warmup=0.05),
            clip=1.0,
            validation=ValidationConfig(
                every=max(0.05, steps / 8 / max(1, windows / batch_size)),
                metric="crps" if facts.num_validation_rows else None,
                is_maximised=False,
            ),
        ),
        answering=AnsweringConfig(batch_size=512),
        max_epochs=10.0,
        reasons={
            "network": why,
            "network.horizon": horizon_why,
            "network.look_back": f"a horizon of {horizon:,} steps, cycles of {series.period:,}, "
            f"series of about {series.median_length:,}",
            "network.period": series.told,
            "network.step": "most neighbouring rows are that far apart",
            "objective": "its minima are the quantiles: the median and a 90 % interval among them",
            "training.steps": f"{windows:,} origins whose windows overlap: a few passes are enough",
        },
    )


def _horizon(facts: Facts, series: SeriesFacts) -> tuple[int, str]:
    if facts.horizon is not None:
        return facts.horizon, "asked for with --horizon"
    most = max(1, min(_LONGEST_HORIZON, series.median_length // 10))
    if series.period > 1:
        return min(series.period, most), "one cycle, for none was asked for"
    return min(12, most), "none was asked for"


def _look_back(series: SeriesFacts, horizon: int) -> int:
    wanted = max(4 * horizon, 8 * series.period, 96)
    return max(1, min(wanted, _LONGEST_LOOK_BACK, series.median_length // 3))


def _backbone(series: SeriesFacts) -> tuple[AbstractBackboneConfig, str]:
    if series.num_series >= MANY_SERIES:
        return MixerForecasterConfig(), (
            f"{series.num_series:,} series: enough to learn what a linear forecast leaves"
        )
    return LinearForecasterConfig(), (
        f"{series.num_series:,} series: a linear map with a learned cycle is quick and hard to beat"
    )
