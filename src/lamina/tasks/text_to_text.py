"""A text as the answer to a text: translation, correction, transliteration, summaries."""

import dataclasses
import time
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import Batch, InputSpec, OutputSpec
from lamina.data.answered import Answered
from lamina.data.dataset import Dataset
from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.text import Text
from lamina.data.parts import Part, Purpose
from lamina.data.schema import Schema
from lamina.evaluation.baseline_texts import BASELINES
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.predictions import Predictions
from lamina.networks.text_to_text import LIKELIHOOD
from lamina.tasks.base import AbstractTask, Loss, modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.text_to_text import text_to_text_recipe

MOST_TOKENS = 512
"""Most tokens of a text; the rest is cut off."""

_NO_EXPORT = (
    "texts are written token by token, which exported models do not know yet. Predict with the run "
    "itself: lamina predict RUN DATA."
)


@final
class TextToText(AbstractTask):
    """A text, from another."""

    name: ClassVar[str] = "text_to_text"
    objectives: ClassVar[tuple[str, ...]] = ("next_token",)
    metrics: ClassVar[tuple[str, ...]] = ("bleu", "chrf", "exact_match", "character_error_rate")
    watched: ClassVar[tuple[str, ...]] = ("nats_per_token",)
    is_explained: ClassVar[bool] = False
    wants: ClassVar[str] = "It needs one text to read and one to write. "

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: a text is to be predicted from a text.

        Args:
            schema: The schema.
        """
        if not self.accepts(schema):
            return ""
        return f"the target {schema.targets[0].name!r} is a text"

    def accepts(self, schema: Schema) -> bool:
        """Return whether there is one text to read and one to write.

        Args:
            schema: The schema.
        """
        kinds = [[c.modality for c in part] for part in (schema.inputs, schema.targets)]
        return kinds == [["text"], ["text"]]

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return that texts are cut into byte pairs, the same for both.

        Args:
            options: What the user said.
            num_bytes: Not used.
            schema: Not used.
        """
        del num_bytes, schema
        tokens = "byte_pairs" if options.tokens == "words" else options.tokens
        length = min(options.max_length, MOST_TOKENS) if tokens != "bytes" else options.max_length
        return dataclasses.replace(options, tokens=tokens, max_length=length, is_joint=True)

    def part(
        self, dataset: Dataset, rows: Tensor, recipe: Recipe, *, purpose: Purpose = "answer"
    ) -> Part:
        """Return rows, with their answers unless these are to be found.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers.
            recipe: The plan's parts.
            purpose: What they are for.
        """
        # Answers are sought while training only where one of their metrics is to choose.
        is_sought = purpose == "watch" and recipe.training.validation.metric in self.metrics
        samples = dataset if purpose == "answer" or is_sought else Answered(dataset)
        return Part(samples, rows.to(dataset.device))

    def inputs(self, schema: Schema) -> tuple[InputSpec, ...]:
        """Return what a network is given: the text, and the answer where it is known.

        Args:
            schema: The fitted schema.
        """
        target = schema.targets[0].name
        return (*schema.input_specs(), modality_of(schema, target).input_spec(target))

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: nats and tokens of its text, then its tokens.

        Args:
            schema: The fitted schema.
        """
        return tuple(OutputSpec(target.name, 2) for target in schema.targets)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return text_to_text_recipe(facts)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise: nats per token of the right answers.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: there are no classes.
        """
        del schema
        objective = recipe.objective.build(class_counts=class_counts)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            del batch
            found = outputs[LIKELIHOOD]
            value: Tensor = objective(found[:, 0::3], found[:, 1])
            return value

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the one answer that there is.

        Args:
            answers: float [rows, 1, size].

        Raises:
            DataError: There are several, and texts have no mean.
        """
        if answers.shape[1] != 1:
            raise DataError(f"written texts have no mean, got {answers.shape[1]} for each row.")
        return answers[:, 0]

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return simple answers: the text itself, and that to the most similar text known.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        del like
        asked, _ = _written(part)
        texts, answers = _written(known)
        results = []
        for name, entry in BASELINES.items():
            began = time.perf_counter()
            found = tuple(entry.value(texts, answers, asked))
            results.append(
                BaselineResult(
                    name,
                    Predictions("texts", np.zeros((len(part), 2)), texts=found),
                    len(texts),
                    entry.summary,
                    time.perf_counter() - began,
                )
            )
        return tuple(results)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return written answers, or the likelihood of the right ones where these were given.

        Args:
            outputs: Outputs of the network.
            schema: The fitted schema.
        """
        if LIKELIHOOD in outputs:
            return Predictions("likelihoods", outputs[LIKELIHOOD][:, :3].double().numpy())
        target = schema.targets[0].name
        found = outputs[target].double().numpy()
        texts = _spelt(modality_of(schema, target), outputs[target][:, 2:].long())
        return Predictions("texts", found[:, :2], texts=texts)

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return nothing: what a text rests on is not traced yet.

        Args:
            schema: The fitted schema.
        """
        del schema
        return ()

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Refuse: there are no choices.

        Args:
            outputs: Outputs of the network.
            schema: The fitted schema.

        Raises:
            DataError: Always.
        """
        del outputs, schema
        raise DataError("what a written text rests on is not traced yet.")

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Refuse: there are no choices.

        Args:
            schema: The fitted schema.
            choice: Number of the choice.

        Raises:
            DataError: Always.
        """
        del schema, choice
        raise DataError("what a written text rests on is not traced yet.")

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Refuse: exported models cannot write yet.

        Args:
            outputs: Outputs of the network.
            schema: The fitted schema.
            temperature: Not used.

        Raises:
            DataError: Always.
        """
        del outputs, schema, temperature
        raise DataError(_NO_EXPORT)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Refuse, as `values` does.

        Args:
            schema: The fitted schema.

        Raises:
            DataError: Always.
        """
        del schema
        raise DataError(_NO_EXPORT)

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the right answers as texts, object [samples]; zeros where likelihoods are asked.

        Args:
            targets: Encoded targets of samples; empty where these were given to the network.
            schema: The fitted schema.
            num_samples: How many samples there are.
        """
        if not targets:
            return np.zeros(num_samples)
        name = schema.targets[0].name
        return np.array(_spelt(modality_of(schema, name), targets[name]), dtype=object)

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the texts, and how sure the network is of each: nats per token.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        nats = predictions.values[:, 0] / np.maximum(predictions.values[:, 1], 1.0)
        return pl.DataFrame(
            {name: pl.Series(predictions.texts, dtype=pl.String), f"{name}: nats per token": nats}
        )


def _spelt(modality: Any, tokens: Tensor) -> tuple[str, ...]:
    assert isinstance(modality, Text)
    rows = ([token for token in row if token > 0] for row in tokens.tolist())
    return tuple(map(modality.write, rows))


def _written(part: Part) -> tuple[list[str], list[str]]:
    """Return texts and answers of samples, spelt from their tokens."""
    assert isinstance(part.samples, Dataset)
    schema = part.samples.schema
    both = (schema.inputs[0], schema.targets[0])
    found: tuple[list[str], list[str]] = ([], [])
    for some in torch.split(part.index, 1024):
        batch = part.samples.batch(some)
        for column, tokens, own in zip(both, (batch.inputs, batch.targets), found):
            own += _spelt(modality_of(schema, column.name), next(iter(tokens.values())).cpu())
    return found
