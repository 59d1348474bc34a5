"""Which of several labels, any number of them: a tags column, or several yes/no columns."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.records import Batch, OutputSpec
from lamina.data.schema import Schema
from lamina.evaluation.calibration import TINY
from lamina.evaluation.predictions import Predictions
from lamina.objectives.members import mean_over_members
from lamina.tasks.base import AbstractTask, Loss, beside, label_names
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.choose import choose_recipe

MOST_ODDS = math.log(1e6)
"""Log-odds that no combined answer is beyond: a millionth."""


@final
class MultiLabel(AbstractTask):
    """Any number of labels per row."""

    name: ClassVar[str] = "multi_label"
    objectives: ClassVar[tuple[str, ...]] = ("multi_label",)
    metrics: ClassVar[tuple[str, ...]] = (
        "micro_f1",
        "macro_label_f1",
        "subset_accuracy",
        "mean_average_precision",
        "hamming_loss",
    )
    watched: ClassVar[tuple[str, ...]] = ("micro_f1", "hamming_loss")

    def suits(self, schema: Schema) -> str:
        """Return why the targets of a schema ask this question; empty if they do not.

        Args:
            schema: The schema.
        """
        if len(schema.targets) == 1 and schema.targets[0].modality == "tags":
            return f"the target {schema.targets[0].name!r} holds tags: {schema.targets[0].evidence}"
        if len(schema.targets) > 1 and all(t.modality == "boolean" for t in schema.targets):
            return f"the {len(schema.targets)} targets each say yes or no"
        return ""

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: a logit per label.

        Args:
            schema: The fitted schema.
        """
        if schema.targets[0].modality == "tags":
            return schema.output_specs()
        return tuple(OutputSpec(t.name, 1) for t in schema.targets)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return choose_recipe(facts, task=self.name)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the mean cross-entropy over labels.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: labels are not exclusive.
        """
        del class_counts
        names = [t.name for t in schema.targets]
        objective = recipe.objective.build(class_counts=None)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            logits = torch.cat([outputs[name] for name in names], dim=-1)
            labels = _labels(batch.targets, names)
            return mean_over_members(objective, logits, labels)

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the logits of the mean probabilities of several answers.

        Args:
            answers: float [rows, answers, labels], logits.
        """
        if answers.shape[1] == 1:
            return answers[:, 0]
        # Probabilities close to 0 and 1 lose most of their digits before a logarithm sees them.
        logits = answers.float()
        grown = F.softplus(logits)
        odds = torch.logsumexp(logits - grown, dim=1) - torch.logsumexp(-grown, dim=1)
        return odds.clamp(-MOST_ODDS, MOST_ODDS)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return label probabilities.

        Args:
            outputs: Combined logits by target.
            schema: The fitted schema.
        """
        logits = torch.cat([outputs[t.name] for t in schema.targets], dim=1).double()
        return Predictions("labels", torch.sigmoid(logits).numpy())

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the labels.

        Args:
            schema: The fitted schema.
        """
        return label_names(schema)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the log-odds of each label.

        Args:
            outputs: Combined logits by target.
            schema: The fitted schema.
        """
        return torch.cat([outputs[t.name] for t in schema.targets], dim=1)

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return that the label is there, and "log-odds".

        Args:
            schema: The fitted schema.
            choice: Number of the label.
        """
        label, target = self.choices(schema)[choice], schema.targets[0]
        what = f"{target.name} has {label}" if target.modality == "tags" else f"{label} is true"
        return what, "log-odds"

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return label probabilities as one graph of tensors.

        Args:
            outputs: Combined logits by target.
            schema: The fitted schema.
            temperature: Divides the log-odds.
        """
        logits = torch.cat([outputs[t.name] for t in schema.targets], dim=1).double()
        if temperature == 1.0:
            return torch.sigmoid(logits)
        # The log-odds are the logits, but for probabilities below the least that counts.
        most = -math.log(TINY)
        return torch.sigmoid(logits.clamp(-most, most) / temperature)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return the targets and the labels.

        Args:
            schema: The fitted schema.
        """
        return {
            "name": "labels",
            "targets": [target.name for target in schema.targets],
            "labels": list(label_names(schema)),
            "is_joined": schema.targets[0].modality == "tags",
        }

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return 0/1 labels, float64 [rows, labels].

        Args:
            targets: Encoded targets of the data set.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        return _labels(targets, [t.name for t in schema.targets]).double().numpy()

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the tags (or one yes/no column per target) and every label's probability.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        labels = label_names(schema)
        decided = predictions.decided().astype(bool)
        if schema.targets[0].modality == "tags":
            tags = [[label for label, on in zip(labels, row) if on] for row in decided]
            frame = pl.DataFrame({schema.targets[0].name: [";".join(t) for t in tags]})
        else:
            frame = pl.DataFrame({t.name: decided[:, i] for i, t in enumerate(schema.targets)})
        taken = frame.columns
        return frame.with_columns(
            pl.Series(beside(f"probability_{label}", taken), predictions.values[:, i])
            for i, label in enumerate(labels)
        )


def _labels(targets: Mapping[str, Tensor], names: list[str]) -> Tensor:
    """Return float [rows, labels] from a tags target or from class numbers of yes/no targets."""
    columns = [targets[name] for name in names]
    return torch.cat([c if c.dim() == 2 else c[:, None] for c in columns], dim=1).float()
