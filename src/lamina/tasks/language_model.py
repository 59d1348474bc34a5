"""What comes next: a model of texts that scores them token by token, and writes."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, final

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
from lamina.evaluation.predictions import Predictions
from lamina.networks.language_model import LanguageModelConfig
from lamina.runtime.answers.likelihoods import NAMES, figures
from lamina.tasks.base import AbstractTask, Loss
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.language import OVERLAP, language_recipe

OUTPUT = "likelihood"
"""Name of the output."""

BYTES_LIMIT = 8_000_000
"""Texts of fewer bytes are cut into bytes, larger ones into byte pairs."""

_MOST_TOKENS = 1 << 24


@final
class LanguageModel(AbstractTask):
    """The likelihood of a text, given nothing."""

    name: ClassVar[str] = "language_model"
    objectives: ClassVar[tuple[str, ...]] = ("next_token",)
    metrics: ClassVar[tuple[str, ...]] = ("nats_per_token", "bits_per_byte", "perplexity")
    watched: ClassVar[tuple[str, ...]] = ("nats_per_token", "bits_per_byte")
    has_targets: ClassVar[bool] = False

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: it has one text and nothing to predict.

        Args:
            schema: The schema.
        """
        inputs = schema.inputs
        if schema.targets or len(inputs) != 1 or inputs[0].modality != "text":
            return ""
        return f"there is the text {inputs[0].name!r} and nothing to predict from it"

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return that texts are cut without loss: into bytes, or byte pairs where there are many.

        Args:
            options: What the user said.
            num_bytes: About the size of the raw rows.
            schema: Not used.
        """
        del schema
        tokens = options.tokens
        if tokens == "words":
            tokens = "bytes" if num_bytes < BYTES_LIMIT else "byte_pairs"
        return dataclasses.replace(options, tokens=tokens, max_length=_MOST_TOKENS)

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
        name, network = _column(dataset.schema), recipe.network
        if not isinstance(dataset.inputs[name], Ragged):
            raise ConfigError(
                "a language model needs its tokens in memory. Set data.storage to memory."
            )
        assert isinstance(network, LanguageModelConfig)
        stride = max(1, network.context // OVERLAP) if purpose == "learn" else network.context
        found = stretches_of(dataset, name, rows, length=network.context + 1, stride=stride)
        return Part(found, torch.arange(len(found), device=found.device))

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: nats, tokens and bytes of a text.

        Args:
            schema: The fitted schema.
        """
        del schema
        return (OutputSpec(OUTPUT, 3),)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return language_recipe(facts)

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
            answers: float [rows, answers, 3].
        """
        return answers.mean(dim=1)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return nats, tokens and bytes.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        del schema
        return Predictions("likelihoods", outputs[OUTPUT].double().numpy())

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the one thing that can be explained: how surprising the text is.

        Args:
            schema: The fitted schema.
        """
        del schema
        return NAMES[:1]

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return bits per byte: the greater, the more surprising the text.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        del schema
        found = outputs[OUTPUT]
        return found[:, :1] / found[:, 2:].clamp(min=1.0) / float(np.log(2.0))

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return the name of the figure, and its unit.

        Args:
            schema: The fitted schema.
            choice: Number of the choice.
        """
        del schema
        return NAMES[choice], "bits per byte"

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return nats, tokens and bytes as one graph of tensors.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
            temperature: Not used: likelihoods have none.
        """
        del schema, temperature
        return outputs[OUTPUT].double()

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return that the answers are likelihoods.

        Args:
            schema: The fitted schema.
        """
        del schema
        return {"name": "likelihoods"}

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
        """Return bits per byte, nats per token, perplexity and tokens of each text.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        del schema
        rows = [figures(row) for row in predictions.values.tolist()]
        return pl.DataFrame(rows, schema=dict.fromkeys(NAMES, pl.Float64), orient="row")


def _column(schema: Schema) -> str:
    return input_name(schema.inputs[0].name)
