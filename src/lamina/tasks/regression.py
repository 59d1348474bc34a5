"""How much: one or several numbers per row."""

from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.records import Batch, OutputSpec
from lamina.data.schema import Schema
from lamina.evaluation.predictions import Predictions
from lamina.objectives.members import mean_over_members
from lamina.tasks.base import AbstractTask, Loss, in_unit, modality_of, unit_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.choose import choose_recipe


@final
class Regression(AbstractTask):
    """One or several numbers per row."""

    name: ClassVar[str] = "regression"
    objectives: ClassVar[tuple[str, ...]] = ("mse", "mae", "huber")
    metrics: ClassVar[tuple[str, ...]] = (
        "rmse",
        "mae",
        "r2",
        "median_absolute_error",
        "mape",
        "pearson",
        "spearman",
    )
    watched: ClassVar[tuple[str, ...]] = ("rmse", "r2")

    def suits(self, schema: Schema) -> str:
        """Return why the targets of a schema ask this question; empty if they do not.

        Args:
            schema: The schema.
        """
        if not schema.targets or any(t.modality != "number" for t in schema.targets):
            return ""
        names = ", ".join(repr(t.name) for t in schema.targets)
        return f"the target {names} is a number: {schema.targets[0].evidence}"

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: one standardised number per target.

        Args:
            schema: The fitted schema.
        """
        return schema.output_specs()

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return choose_recipe(facts, task=self.name)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise: the mean over targets, each standardised.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: there are no classes.
        """
        names = [target.name for target in schema.targets]
        objective = recipe.objective.build(class_counts=class_counts)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            parts = [mean_over_members(objective, outputs[n], batch.targets[n]) for n in names]
            return parts[0] if len(parts) == 1 else torch.stack(parts).mean(dim=0)

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the mean of several answers.

        Args:
            answers: float [rows, answers, 1].
        """
        return answers.mean(dim=1)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return numbers in the units of the targets.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        return Predictions("numbers", _decoded(outputs, schema))

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the targets.

        Args:
            schema: The fitted schema.
        """
        return tuple(target.name for target in schema.targets)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the numbers in the units of the targets, or their logarithms.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        parts = [in_unit(outputs[t.name], schema, t.name) for t in schema.targets]
        return torch.cat(parts, dim=1)

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return the target and its unit.

        Args:
            schema: The fitted schema.
            choice: Number of the target.
        """
        name = schema.targets[choice].name
        return name, unit_of(schema, name)

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return numbers in the units of the targets as one graph of tensors.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
            temperature: Not used: numbers have none.
        """
        del temperature
        columns = [modality_of(schema, t.name).amounts(outputs[t.name]) for t in schema.targets]
        return torch.cat(columns, dim=1)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return the targets.

        Args:
            schema: The fitted schema.
        """
        return {"name": "numbers", "targets": [target.name for target in schema.targets]}

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the numbers in their units, float64 [rows, targets].

        Args:
            targets: Encoded targets of the data set.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        return _decoded(targets, schema)

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return one column per target.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        return pl.DataFrame(
            {t.name: predictions.values[:, i] for i, t in enumerate(schema.targets)}
        )


def _decoded(values: Mapping[str, Tensor], schema: Schema) -> np.ndarray:
    columns = [
        modality_of(schema, t.name).decode(values[t.name]).cast(pl.Float64).to_numpy()
        for t in schema.targets
    ]
    return np.stack(columns, axis=1)
