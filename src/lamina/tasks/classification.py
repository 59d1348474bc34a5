"""Which of several classes: binary and multi-class classification of any inputs."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.records import Batch, OutputSpec
from lamina.data.schema import Schema
from lamina.evaluation.calibration import TINY
from lamina.evaluation.predictions import Predictions
from lamina.objectives.members import mean_over_members
from lamina.tasks.base import AbstractTask, Loss, beside, class_names, mean_logits, modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.choose import choose_recipe


@final
class Classification(AbstractTask):
    """One class per row."""

    name: ClassVar[str] = "classification"
    objectives: ClassVar[tuple[str, ...]] = ("cross_entropy", "focal")
    metrics: ClassVar[tuple[str, ...]] = (
        "accuracy",
        "balanced_accuracy",
        "macro_f1",
        "roc_auc",
        "log_loss",
        "brier",
        "calibration_error",
        "average_precision",
        "mcc",
    )
    watched: ClassVar[tuple[str, ...]] = ("accuracy", "log_loss")

    def suits(self, schema: Schema) -> str:
        """Return why the targets of a schema ask this question; empty if they do not.

        Args:
            schema: The schema.
        """
        if len(schema.targets) != 1:
            return ""
        target = schema.targets[0]
        if target.modality not in ("category", "boolean"):
            return ""
        return f"the target {target.name!r} is a {target.modality}: {target.evidence}"

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: a logit per class.

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
        """Return the loss to minimise.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Training samples per class.
        """
        name = schema.targets[0].name
        objective = recipe.objective.build(class_counts=class_counts)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            return mean_over_members(objective, outputs[name], batch.targets[name])

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the log of the mean probabilities of several answers.

        Args:
            answers: float [rows, answers, classes], logits.
        """
        return mean_logits(answers)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return class probabilities.

        Args:
            outputs: Combined logits by target.
            schema: The fitted schema.
        """
        logits = outputs[schema.targets[0].name].double()
        return Predictions("classes", torch.softmax(logits, dim=1).numpy())

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the classes.

        Args:
            schema: The fitted schema.
        """
        return class_names(schema, schema.targets[0].name)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the log-odds of each class against all others together.

        Args:
            outputs: Combined logits by target.
            schema: The fitted schema.
        """
        logits = outputs[schema.targets[0].name]
        own = torch.eye(logits.shape[1], dtype=torch.bool, device=logits.device)
        others = logits.unsqueeze(1).masked_fill(own, -torch.inf)
        return logits - torch.logsumexp(others, dim=2)

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return that the target is this class, and "log-odds".

        Args:
            schema: The fitted schema.
            choice: Number of the class.
        """
        return f"{schema.targets[0].name} is {self.choices(schema)[choice]}", "log-odds"

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return class probabilities as one graph of tensors.

        Args:
            outputs: Combined logits by target.
            schema: The fitted schema.
            temperature: Divides the logits.
        """
        logits = outputs[schema.targets[0].name].double()
        if temperature == 1.0:
            return torch.softmax(logits, dim=1)
        logs = torch.log_softmax(logits, dim=1).clamp(min=math.log(TINY))
        return torch.softmax(logs / temperature, dim=1)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return the classes as cells and as text.

        Args:
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        fitted = modality_of(schema, name)
        cells = fitted.decode(torch.arange(fitted.output_size)).to_list()
        labels = list(class_names(schema, name))
        return {"name": "classes", "target": name, "cells": cells, "labels": labels}

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return class numbers, int64 [rows].

        Args:
            targets: Encoded targets of the data set.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        return targets[schema.targets[0].name].numpy()

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the class, its probability and the probability of every class.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        target = schema.targets[0]
        fitted = modality_of(schema, target.name)
        decided = torch.from_numpy(predictions.decided())
        frame = pl.DataFrame(
            {
                target.name: fitted.decode(decided),
                beside("probability", [target.name]): predictions.values.max(axis=1),
            }
        )
        if predictions.num_columns > 100:  # a thousand columns of probabilities help nobody
            return frame
        labels = class_names(schema, target.name)
        names = [beside(f"probability_{label}", [target.name]) for label in labels]
        return frame.with_columns(
            pl.Series(name, predictions.values[:, i]) for i, name in enumerate(names)
        )
