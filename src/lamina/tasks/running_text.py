"""What tasks share that learn texts themselves, such as a language model: nothing else is given.

A sample is a stretch of the text that rows make up; its output is what was measured of it: nats,
tokens and bytes first.
"""

import dataclasses
from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import ConfigError
from lamina.core.records import Batch, OutputSpec
from lamina.data.dataset import Dataset
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part, Purpose
from lamina.data.ragged import Ragged
from lamina.data.schema import Schema, input_name
from lamina.data.stretches import stretches_of
from lamina.evaluation.predictions import MEASURED, Predictions
from lamina.runtime.answers.text_figures import AbstractTextFigures
from lamina.tasks.base import AbstractTask, Loss
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.language import OVERLAP

OUTPUT = "likelihood"
"""Name of the output."""

MOST_TOKENS = 1 << 24
"""Most tokens of a row: texts are cut into stretches, not cut off."""


class AbstractRunningText(AbstractTask):
    """How likely a text is, or parts of it."""

    has_targets: ClassVar[bool] = False
    joins_encoders: ClassVar[bool] = False
    measure: ClassVar[type[AbstractTextFigures]]
    """Form of its answers; its predictions are of the kind of that name."""
    unit: ClassVar[str]
    """Unit of what is explained."""
    num_ahead: ClassVar[int] = 0
    """Tokens of a stretch that are asked for and not read: the last, where the next is asked."""

    @abstractmethod
    def tokens(self, num_bytes: int) -> str:
        """Return what texts are cut into where nobody said.

        Args:
            num_bytes: About the size of the raw rows.
        """

    @abstractmethod
    def span(self, recipe: Recipe, *, is_learnt: bool) -> int:
        """Return how many tokens are read at a time.

        Args:
            recipe: The plan's parts.
            is_learnt: Whether they are to be learnt from, not measured.
        """

    def accepts(self, schema: Schema) -> bool:
        """Return whether there is one text and nothing to predict.

        Args:
            schema: The schema.
        """
        inputs = schema.inputs
        return not schema.targets and len(inputs) == 1 and inputs[0].modality == "text"

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return that texts are cut into what spells them.

        Args:
            options: What the user said.
            num_bytes: About the size of the raw rows.
            schema: Not used.
        """
        del schema
        tokens = self.tokens(num_bytes) if options.tokens == "words" else options.tokens
        return dataclasses.replace(options, tokens=tokens, max_length=MOST_TOKENS)

    def part(
        self, dataset: Dataset, rows: Tensor, recipe: Recipe, *, purpose: Purpose = "answer"
    ) -> Part:
        """Return stretches of the text that the rows make up.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers, rising.
            recipe: The plan's parts.
            purpose: What they are for: those to learn from overlap, so that a token is met at many
                places.

        Raises:
            ConfigError: The rows are not in memory.
        """
        is_learnt = purpose == "learn"
        span = self.span(recipe, is_learnt=is_learnt)
        stride = max(1, span // OVERLAP) if is_learnt else span
        name = input_name(dataset.schema.inputs[0].name)
        if not isinstance(dataset.inputs[name], Ragged):
            raise ConfigError(
                "a language model needs its tokens in memory. Set data.storage to memory."
            )
        length = span + self.num_ahead
        found = stretches_of(dataset, name, rows, length=length, stride=stride)
        return Part(found, torch.arange(len(found), device=found.device))

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: what is measured of a text.

        Args:
            schema: The fitted schema.
        """
        del schema
        return (OutputSpec(OUTPUT, MEASURED[self.measure.name]),)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: there are no classes.
        """
        del schema
        objective = recipe.objective.build(class_counts=class_counts)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            del batch
            found: Tensor = objective(outputs[OUTPUT][:, 0], outputs[OUTPUT][:, 1])
            return found

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the mean of several answers.

        Args:
            answers: float [rows, answers, columns].
        """
        return answers.mean(dim=1)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return what was measured.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        del schema
        return Predictions(self.measure.name, outputs[OUTPUT].double().numpy())

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the one thing that can be explained: how surprising the text is.

        Args:
            schema: The fitted schema.
        """
        del schema
        return self.measure.names[:1]

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return the name of the figure, and its unit.

        Args:
            schema: The fitted schema.
            choice: Number of the choice.
        """
        del schema
        return self.measure.names[choice], self.unit

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return what was measured as one graph of tensors.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
            temperature: Not used: likelihoods have none.
        """
        del schema, temperature
        return outputs[OUTPUT].double()

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return how what was measured becomes answers.

        Args:
            schema: The fitted schema.
        """
        del schema
        return {"name": self.measure.name}

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return zeros, float64 [samples]: a text is its own target.

        Args:
            targets: Empty.
            schema: The fitted schema.
            num_samples: How many samples there are.
        """
        del targets, schema
        return np.zeros(num_samples)

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the figures of each text.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        del schema
        rows = [self.measure.figures(row) for row in predictions.values.tolist()]
        names = dict.fromkeys(self.measure.names, pl.Float64)
        return pl.DataFrame(rows, schema=names, orient="row")
