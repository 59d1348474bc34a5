"""How much, with what uncertainty: quantiles of one number per row.

Source: Koenker and Bassett 1978, "Regression quantiles". Differs: all quantiles share one network
and are sorted in the answer, so that they never cross.
"""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
from torch import Tensor

from lamina.core.records import Batch, OutputSpec
from lamina.data.schema import Schema
from lamina.evaluation.predictions import Predictions
from lamina.objectives.members import mean_over_members
from lamina.objectives.regression import PinballConfig
from lamina.tasks.base import AbstractTask, Loss, in_unit, modality_of, unit_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.choose import QUANTILES, choose_recipe


@final
class QuantileRegression(AbstractTask):
    """Quantiles of one number per row.

    Args:
        levels: Which, rising, in (0, 1); those of the plan's objective.
    """

    name: ClassVar[str] = "quantile_regression"
    objectives: ClassVar[tuple[str, ...]] = ("pinball",)
    metrics: ClassVar[tuple[str, ...]] = (
        "pinball_loss",
        "coverage_error",
        "coverage",
        "rmse",
        "mae",
    )
    watched: ClassVar[tuple[str, ...]] = ("pinball_loss", "coverage")

    def __init__(self, levels: tuple[float, ...] = QUANTILES) -> None:
        self._levels = levels

    def asked_by(self, recipe: Recipe) -> AbstractTask:
        """Return the task with the levels of the recipe's objective.

        Args:
            recipe: The plan's parts.
        """
        objective = recipe.objective
        return QuantileRegression(
            objective.quantiles if isinstance(objective, PinballConfig) else self._levels
        )

    def suits(self, schema: Schema) -> str:
        """Return an empty text: this question is asked by name only, never guessed.

        Args:
            schema: The schema.
        """
        del schema
        return ""

    def accepts(self, schema: Schema) -> bool:
        """Return whether there is one target, and it is a number.

        Args:
            schema: The schema.
        """
        return [target.modality for target in schema.targets] == ["number"]

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: one standardised number per level.

        Args:
            schema: The fitted schema.
        """
        return (OutputSpec(schema.targets[0].name, len(self._levels)),)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return choose_recipe(facts, task=self.name)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the pinball loss over all levels.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: there are no classes.
        """
        name = schema.targets[0].name
        objective = recipe.objective.build(class_counts=class_counts)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            return mean_over_members(objective, outputs[name], batch.targets[name])

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the mean of several answers.

        Args:
            answers: float [rows, answers, levels].
        """
        return answers.mean(dim=1)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return quantiles in the unit of the target, rising in each row.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        fitted = modality_of(schema, name)
        columns = [
            fitted.decode(outputs[name][:, i]).cast(pl.Float64).to_numpy()
            for i in range(outputs[name].shape[1])
        ]
        return Predictions("quantiles", np.sort(np.stack(columns, axis=1), axis=1), self._levels)

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the levels, such as "0.5".

        Args:
            schema: The fitted schema.
        """
        del schema
        return tuple(f"{level:g}" for level in self._levels)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the quantiles in the unit of the target, or its logarithm, rising in each row.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        return in_unit(outputs[name].sort(dim=1).values, schema, name)

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return the target with the level, and its unit.

        Args:
            schema: The fitted schema.
            choice: Number of the level.
        """
        name = schema.targets[0].name
        return f"{name}, quantile {self._levels[choice]:g}", unit_of(schema, name)

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return quantiles in the unit of the target as one graph of tensors, rising in each row.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
            temperature: Not used: numbers have none.
        """
        del temperature
        name = schema.targets[0].name
        amounts = modality_of(schema, name).amounts(outputs[name])
        # A sort whose length is known: graphs would look the length of `sort` up in every call.
        return amounts.topk(len(self._levels), dim=1, largest=False).values

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return the target and the levels.

        Args:
            schema: The fitted schema.
        """
        levels = list(self._levels)
        return {"name": "quantiles", "target": schema.targets[0].name, "levels": levels}

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the numbers in their unit, float64 [rows, 1].

        Args:
            targets: Encoded targets of the data set.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        name = schema.targets[0].name
        decoded = modality_of(schema, name).decode(targets[name])
        return decoded.cast(pl.Float64).to_numpy()[:, None]

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the median under the target's name, and one column per level.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        columns = {name: predictions.decided()[:, 0]}
        for i, level in enumerate(predictions.levels):
            columns[f"{name}_q{level * 100:g}"] = predictions.values[:, i]
        return pl.DataFrame(columns)
