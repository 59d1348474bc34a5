"""What is missing here: a model of texts that fills in hidden tokens, for others to start from."""

import time
from collections.abc import Mapping
from typing import ClassVar, final

import numpy as np
from torch import Tensor

from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.data.stretches import Stretches
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.fill_baselines import FILLERS
from lamina.evaluation.predictions import Predictions
from lamina.networks.masked_language_model import MaskedLanguageModelConfig
from lamina.runtime.answers.fill_ins import FillIns
from lamina.runtime.answers.text_figures import AbstractTextFigures
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.masked import masked_recipe
from lamina.tasks.running_text import OUTPUT, AbstractRunningText


@final
class MaskedLanguageModel(AbstractRunningText):
    """The likelihood of each hidden token, given the text around it."""

    name: ClassVar[str] = "masked_language_model"
    objectives: ClassVar[tuple[str, ...]] = ("masked",)
    metrics: ClassVar[tuple[str, ...]] = ("nats_per_token", "fill_accuracy", "perplexity")
    watched: ClassVar[tuple[str, ...]] = ("nats_per_token", "fill_accuracy")
    measure: ClassVar[type[AbstractTextFigures]] = FillIns
    unit: ClassVar[str] = "nats per token"

    def suits(self, schema: Schema) -> str:
        """Return nothing: where nobody asks for it, a text is to be continued.

        Args:
            schema: The schema.
        """
        del schema
        return ""

    def tokens(self, num_bytes: int) -> str:
        """Return that texts are cut into byte pairs: hidden bytes are too easily told.

        Args:
            num_bytes: Not used.
        """
        del num_bytes
        return "byte_pairs"

    def span(self, recipe: Recipe, *, is_learnt: bool) -> int:
        """Return how many tokens are read at a time.

        Args:
            recipe: The plan's parts.
            is_learnt: Not used.
        """
        del is_learnt
        network = recipe.network
        assert isinstance(network, MaskedLanguageModelConfig)
        return network.context

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return what counting fills in.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        del like
        assert isinstance(known.samples, Stretches), "stretches of a text"
        seen, asked = _texts(known), _texts(part)
        results = []
        for name, entry in FILLERS.items():
            began = time.perf_counter()
            found = entry.value(seen, asked, known.samples.token_bytes)
            note = f"{entry.summary[:-1]}; counted in {len(known):,} training stretches"
            seconds = time.perf_counter() - began
            answers = Predictions(self.measure.name, found)
            results.append(BaselineResult(name, answers, len(known), note, seconds))
        return tuple(results)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return masked_recipe(facts)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return nats per token: the greater, the more surprising the text.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        del schema
        found = outputs[OUTPUT]
        return found[:, :1] / found[:, 1:2].clamp(min=1.0)


def _texts(part: Part) -> list[np.ndarray]:
    """Return the tokens of each sample without padding."""
    found: list[np.ndarray] = []
    for some in part.index.split(1024):
        (tokens,) = part.samples.batch(some).inputs.values()
        found += [row[row > 0] for row in tokens.cpu().numpy()]
    return found
