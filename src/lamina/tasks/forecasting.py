"""What comes next, as quantiles of the next steps of series: one piece, since a task is one class.

A sample is an origin, the last known step of a forecast; what a network sees of it are windows of
the table (`data/windows.py`). Answers are rows of their own: the steps ahead.
"""

import dataclasses
import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import Batch, InputSpec, OutputSpec
from lamina.data.dataset import Dataset, encode_frame
from lamina.data.histories import HistoryRows, history_of
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.cells import as_text
from lamina.data.modalities.number import Number
from lamina.data.parts import Part, Purpose
from lamina.data.schema import Schema
from lamina.data.windows import (
    YARDSTICKS,
    WindowConfig,
    Windows,
    in_unit,
    known_references,
    window_owners,
    window_specs,
)
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.conformal import widening
from lamina.evaluation.forecasts import Forecasts
from lamina.evaluation.predictions import Predictions
from lamina.explanation.features import AbstractFeatures
from lamina.explanation.histories import ColumnWindows, CyclePlace, SteadyColumns
from lamina.networks.architecture import AbstractModel
from lamina.networks.forecasters.whole import Forecaster, ForecasterConfig
from lamina.objectives.regression import PinballConfig
from lamina.runtime.frequency import parse_frequency
from lamina.tasks.base import AbstractTask, Loss, unit_of
from lamina.tasks.base import in_unit as in_unit_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.forecasts import LEVELS, forecast_recipe
from lamina.tasks.simple_forecasts import simple_forecasts

_MOST_WINDOWS, _FEWEST_WINDOWS = 48, 8
"""Windows of the past that are attributed: of all columns together, and of each at least."""

_NUM_REFERENCES = 4


@final
class Forecasting(AbstractTask):
    """Quantiles of the next steps of one or several series.

    Args:
        network: The forecaster of the plan, which says how far to look back and ahead.
        levels: Which quantiles, rising, 0.5 among them.
    """

    name: ClassVar[str] = "forecasting"
    objectives: ClassVar[tuple[str, ...]] = ("pinball",)
    metrics: ClassVar[tuple[str, ...]] = (
        "crps",
        "scaled_mse",
        "scaled_mae",
        "mase",
        "smape",
        "interval_coverage",
        "interval_width",
    )
    watched: ClassVar[tuple[str, ...]] = ("crps", "scaled_mse")
    reads_targets: ClassVar[bool] = True
    wants: ClassVar[str] = "It needs numbers, and the column of their times (--time-column). "

    def __init__(
        self,
        network: ForecasterConfig = ForecasterConfig(),  # noqa: B008 - frozen
        levels: tuple[float, ...] = LEVELS,
    ) -> None:
        self._network, self._levels = network, levels

    def asked_by(self, recipe: Recipe) -> AbstractTask:
        """Return the task with the windows and levels of the recipe.

        Args:
            recipe: The plan's parts.
        """
        network, objective = recipe.network, recipe.objective
        return Forecasting(
            network if isinstance(network, ForecasterConfig) else self._network,
            objective.quantiles if isinstance(objective, PinballConfig) else self._levels,
        )

    def suits(self, schema: Schema) -> str:
        """Return an empty text: a forecast is asked for by name or horizon, never guessed.

        Args:
            schema: The schema.
        """
        del schema
        return ""

    def accepts(self, schema: Schema) -> bool:
        """Return whether all targets are numbers and there is a column of times.

        Args:
            schema: The schema.
        """
        are_numbers = all(target.modality == "number" for target in schema.targets)
        return are_numbers and bool(schema.targets) and schema.with_role("time") is not None

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return how columns are fitted: many series of one sign are learnt as logarithms.

        Their levels differ by orders of magnitude, and errors count as shares of them.

        Args:
            options: What the user said.
            num_bytes: About the size of the raw rows.
            schema: The schema as inferred.
        """
        del num_bytes
        has_many = schema is not None and schema.with_role("series") is not None
        if options.log_target != "auto" or not has_many:
            return options
        return dataclasses.replace(options, log_target="positive")

    def inputs(self, schema: Schema) -> tuple[InputSpec, ...]:
        """Return what a network is given of a window.

        Args:
            schema: The fitted schema.
        """
        return window_specs(schema, self._windows)

    @property
    def _windows(self) -> WindowConfig:
        network = self._network
        return WindowConfig(
            horizon=network.horizon,
            look_back=network.look_back,
            period=network.period,
            frequency=parse_frequency(network.step),
            known=network.known,
        )

    def part(
        self, dataset: Dataset, rows: Tensor, recipe: Recipe, *, purpose: Purpose = "answer"
    ) -> Part:
        """Return the origins whose whole future lies in the rows.

        Args:
            dataset: Encoded rows with their times.
            rows: int64, row numbers.
            recipe: The plan's parts.
            purpose: What they are for.

        Raises:
            DataError: There is no such origin to learn from.
        """
        del recipe
        windows = Windows(dataset, self._windows)
        found = windows.samples(rows).to(windows.device)
        if len(rows) and not len(found):
            kind = "training " if purpose == "learn" else ""
            raise DataError(
                f"no stretch of {self._network.horizon} steps ahead with a past fits into "
                f"{len(rows):,} {kind}rows: the series are shorter "
                "than the horizon there. Ask for a smaller --horizon, or give longer series."
            )
        return Part(windows, found)

    def features(self, schema: Schema) -> Mapping[str, AbstractFeatures]:
        """Return windows of each past column, the columns known ahead, and the place in the cycle.

        Args:
            schema: The fitted schema.
        """
        config = self._windows
        reads_others = self._network.backbone.reads_others
        past, known = window_owners(schema, config, reads_others=reads_others)
        each = max(_FEWEST_WINDOWS, _MOST_WINDOWS // len(set(past)))
        found: dict[str, AbstractFeatures] = {
            "past": ColumnWindows(past, math.ceil(config.look_back / each))
        }
        if known:
            references = known_references(schema, config, _NUM_REFERENCES)
            found["known"] = SteadyColumns(known, references)
        if config.period > 1:
            places = (torch.arange(_NUM_REFERENCES) + 0.5) * config.period / _NUM_REFERENCES
            found["phase"] = CyclePlace(f"place in the cycle of {config.period:,}", places.long())
        return found

    def explained(self, dataset: Dataset, rows: Tensor, recipe: Recipe) -> Part:
        """Return the origins of some rows: of one row itself, of several those that `part` gives.

        Args:
            dataset: Encoded rows with their times.
            rows: int64, row numbers.
            recipe: The plan's parts.

        Raises:
            DataError: The one row is no known step of a series.
        """
        if len(rows) != 1:
            return self.part(dataset, rows, recipe)
        windows = Windows(dataset, self._windows)
        origins = rows.to(windows.device)
        if not windows.is_origin(origins).all():
            raise DataError(
                f"row {int(rows[0])} is no known step of a series: its time or its target is "
                "missing, or a later row has the same time. Name the row after which the forecast "
                "begins."
            )
        return Part(windows, origins)

    def chosen(self, predictions: Predictions) -> np.ndarray:
        """Return the first target for every origin.

        Args:
            predictions: The answers.
        """
        return np.zeros(predictions.num_rows, dtype=np.int64)

    def asked(self, dataset: Dataset, recipe: Recipe) -> Part:
        """Return the last known step of each series.

        Args:
            dataset: Encoded rows.
            recipe: The plan's parts.

        Raises:
            DataError: No series has a known step.
        """
        del recipe
        windows = Windows(dataset, self._windows)
        origins = windows.last_origins()
        if not len(origins):
            raise DataError(
                "a forecast needs the past of the targets, and no row has a known one. Give the "
                "last steps of each series; rows of the future may follow with empty targets."
            )
        return Part(windows, origins)

    def histories(
        self, frame: pl.DataFrame, schema: Schema, rows: Tensor | None = None
    ) -> HistoryRows:
        """Return the past of each origin whose whole future lies in some rows.

        Args:
            frame: Raw rows of the table.
            schema: The fitted schema.
            rows: int64, row numbers of them; None for all.
        """
        dataset = encode_frame(schema, frame, with_targets=True)
        windows = Windows(dataset, self._windows)
        found = windows.samples(dataset.usable(rows))
        reads_others = self._network.backbone.reads_others
        return HistoryRows(Part(windows, found), frame, reads_others=reads_others)

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: each level of each step, per target.

        Args:
            schema: The fitted schema.
        """
        size = self._network.horizon * len(self._levels)
        return tuple(OutputSpec(target.name, size) for target in schema.targets)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return forecast_recipe(facts)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the pinball loss over all steps, levels and targets.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: there are no classes.
        """
        names = [target.name for target in schema.targets]
        objective = recipe.objective.build(class_counts=class_counts)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            parts = [objective(outputs[name], batch.targets[name]) for name in names]
            return torch.stack(parts).mean(dim=0)

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the mean of several answers.

        Args:
            answers: float [rows, answers, steps × levels].
        """
        return answers.mean(dim=1)

    def settle(self, model: AbstractModel, part: Part, outputs: Mapping[str, Tensor]) -> None:
        """Widen the intervals so that they hold their share of the validation origins.

        Args:
            model: The forecaster.
            part: The validation origins.
            outputs: Its combined outputs for them.
        """
        targets = part.targets()
        names = [name for name in targets if name != YARDSTICKS]
        truth = np.stack([targets[name].numpy() for name in names], axis=2)
        shape = (len(part), self._network.horizon, len(self._levels))
        values = np.stack([outputs[name].numpy().reshape(shape) for name in names], axis=2)
        one = np.ones((len(part), len(names)))
        found = widening(Forecasts(np.sort(values, axis=3), self._levels, one, one), truth)
        assert isinstance(model, Forecaster)
        with torch.no_grad():
            model.spread.copy_(torch.from_numpy(found.factors).T)

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return what simple methods forecast at the same origins.

        Args:
            known: Not used: they learn from all steps before the first origin.
            part: The origins to answer.
            like: The network's own answers to them.
        """
        del known
        return simple_forecasts(part, like)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return the levels of each step in the unit of its target, rising.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        shape = (-1, self._network.horizon, len(self._levels))
        columns = [
            in_unit(outputs[target.name].double().cpu().numpy().reshape(shape), target)
            for target in schema.targets
        ]
        values = np.sort(np.stack(columns, axis=2), axis=3)
        return Predictions("forecasts", values.reshape(len(values), -1), self._levels)

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return what can be explained: the mean of the steps, per target.

        Args:
            schema: The fitted schema.
        """
        return tuple(target.name for target in schema.targets)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the mean of the medians of all steps, in the unit that `claim` names.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        middle, step = self._levels.index(0.5), len(self._levels)
        found = [
            in_unit_of(outputs[target.name][:, middle::step], schema, target.name).mean(dim=1)
            for target in schema.targets
        ]
        return torch.stack(found, dim=1)

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return the target, and its unit.

        Args:
            schema: The fitted schema.
            choice: Number of the target.
        """
        name = schema.targets[choice].name
        return f"{name} over the horizon", unit_of(schema, name)

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return the levels of each step in the unit of its target, rising, as one graph.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
            temperature: Not used: numbers have none.
        """
        del temperature
        fitted = [target.fitted for target in schema.targets]
        targets = [own for own in fitted if isinstance(own, Number)]
        assert len(targets) == len(fitted), "targets of forecasts are numbers"
        # All targets at once: an exported graph pays for operators, not for numbers.
        joined = torch.cat([outputs[target.name] for target in schema.targets], dim=1)
        steps = joined.unflatten(1, (len(targets), self._network.horizon, len(self._levels)))
        # A sort whose length is known: graphs would look the length of `sort` up in every call.
        # Scales rise, and so keep the order.
        numbers = steps.topk(len(self._levels), dim=3, largest=False).values.double()
        scales, centers = (
            numbers.new_tensor(own)[:, None, None]
            for own in ([own.scale for own in targets], [own.center for own in targets])
        )
        numbers = numbers * scales + centers
        is_log = [own.transform == "log" for own in targets]
        if any(is_log):
            powers = numbers.clamp(max=700.0).exp()
            which = torch.tensor(is_log, device=numbers.device)[:, None, None]
            numbers = powers if all(is_log) else torch.where(which, powers, numbers)
        return numbers.transpose(1, 2).flatten(1)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return targets, levels, horizon, and the columns of times and series.

        Args:
            schema: The fitted schema.
        """
        history = history_of(schema, self._windows, reads_others=True)
        return {
            "name": "forecasts",
            "targets": list(history.targets),
            "levels": list(self._levels),
            "horizon": history.horizon,
            "time": history.time,
            "series": history.series,
        }

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the future in the unit of the targets, and behind it the yardsticks.

        Args:
            targets: Encoded futures by target, and the yardsticks.
            schema: The fitted schema.
            num_samples: How many origins there are.

        Returns:
            float64 [origins, steps + 2, targets], as `Predictions` says.
        """
        del num_samples
        future = [in_unit(targets[c.name].numpy(), c) for c in schema.targets]
        return np.concatenate([np.stack(future, axis=2), targets[YARDSTICKS].numpy()], axis=1)

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the medians of each origin, a list per target.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        shape = (predictions.num_rows, -1, len(schema.targets))
        middle = predictions.decided().reshape(shape)
        return pl.DataFrame(
            {c.name: middle[:, :, place].tolist() for place, c in enumerate(schema.targets)}
        )

    def replies(
        self, predictions: Predictions, part: Part, frame: pl.DataFrame, schema: Schema
    ) -> pl.DataFrame:
        """Return the steps ahead as rows: series, time, and for each target median and levels.

        Args:
            predictions: The answers.
            part: The origins they answer.
            frame: The raw rows that asked for them.
            schema: Not used: the windows have it.
        """
        del schema
        windows = part.samples
        assert isinstance(windows, Windows)
        horizon, rows = self._network.horizon, part.rows().numpy()
        columns: dict[str, Any] = {}
        series = windows.schema.with_role("series")
        if series is not None:
            names = as_text(frame[series.name])[rows]
            columns[series.name] = np.repeat(names.to_numpy(), horizon)
        moment = windows.schema.with_role("time")
        assert moment is not None, "windows have times"
        assert windows.dataset.times is not None
        times = windows.dataset.times.cpu().numpy()[rows]
        later = windows.config.frequency.later
        moments = [later(float(t), step) for t in times for step in range(1, horizon + 1)]
        columns[moment.name] = _as_cells(moments, is_number=moment.modality == "number")
        shape = (len(rows) * horizon, len(windows.channels), len(predictions.levels))
        values = predictions.values.reshape(shape)
        middle = predictions.levels.index(0.5)
        for place, name in enumerate(windows.channels):
            columns[name] = values[:, place, middle]
            for number, level in enumerate(predictions.levels):
                columns[f"{name}_q{level * 100:g}"] = values[:, place, number]
        return pl.DataFrame(columns)


def _as_cells(moments: list[float], *, is_number: bool) -> pl.Series:
    if not is_number:
        return pl.Series([round(moment * 1e6) for moment in moments]).cast(pl.Datetime("us"))
    found = pl.Series(moments, dtype=pl.Float64)
    return found.cast(pl.Int64) if bool((found == found.round(0)).all()) else found
