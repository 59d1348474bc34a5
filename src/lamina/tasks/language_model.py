"""What comes next: a model of texts that scores them token by token, and writes."""

from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
from torch import Tensor

from lamina.data.schema import Schema
from lamina.networks.language_model import LanguageModelConfig
from lamina.runtime.answers.likelihoods import Likelihoods
from lamina.runtime.answers.text_figures import AbstractTextFigures
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.language import language_recipe
from lamina.tasks.running_text import OUTPUT, AbstractRunningText

BYTES_LIMIT = 8_000_000
"""Texts of fewer bytes are cut into bytes, larger ones into byte pairs."""


@final
class LanguageModel(AbstractRunningText):
    """The likelihood of a text, given nothing."""

    name: ClassVar[str] = "language_model"
    objectives: ClassVar[tuple[str, ...]] = ("next_token",)
    metrics: ClassVar[tuple[str, ...]] = ("nats_per_token", "bits_per_byte", "perplexity")
    watched: ClassVar[tuple[str, ...]] = ("nats_per_token", "bits_per_byte")
    measure: ClassVar[type[AbstractTextFigures]] = Likelihoods
    unit: ClassVar[str] = "bits per byte"
    num_ahead: ClassVar[int] = 1

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: it has one text and nothing to predict.

        Args:
            schema: The schema.
        """
        if not self.accepts(schema):
            return ""
        return f"there is the text {schema.inputs[0].name!r} and nothing to predict from it"

    def tokens(self, num_bytes: int) -> str:
        """Return that texts are cut into bytes, or byte pairs where there are many.

        Args:
            num_bytes: About the size of the raw rows.
        """
        return "bytes" if num_bytes < BYTES_LIMIT else "byte_pairs"

    def span(self, recipe: Recipe, *, is_learnt: bool) -> int:
        """Return how many tokens are read at a time.

        Args:
            recipe: The plan's parts.
            is_learnt: Whether they are to be learnt from, not measured.
        """
        network = recipe.network
        assert isinstance(network, LanguageModelConfig)
        return network.context if is_learnt else network.measured

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return language_recipe(facts)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return bits per byte: the greater, the more surprising the text.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        del schema
        found = outputs[OUTPUT]
        return found[:, :1] / found[:, 2:].clamp(min=1.0) / float(np.log(2.0))
