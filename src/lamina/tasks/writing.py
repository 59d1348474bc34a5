"""What tasks share whose answers are written texts.

Samples to learn from bring their answers along; the network measures them, and writes its own where
they are not given.
"""

import time
from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.records import OutputSpec
from lamina.data.answered import Answered
from lamina.data.dataset import Dataset
from lamina.data.modalities.text import Text
from lamina.data.parts import Part, Purpose
from lamina.data.schema import Schema
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.predictions import Predictions
from lamina.networks.answers import LIKELIHOOD, MARK
from lamina.runtime.answers.texts import answer_names
from lamina.tasks.base import modality_of
from lamina.tasks.free_length import AbstractFreeLength
from lamina.tasks.recipe import Recipe


class AbstractWriting(AbstractFreeLength):
    """A written text, from an input."""

    watched: ClassVar[tuple[str, ...]] = ("nats_per_token",)
    reads: ClassVar[str]
    """Modality of the input."""

    @abstractmethod
    def simple_answers(self, known: Part, part: Part) -> Mapping[str, tuple[Sequence[str], str]]:
        """Return answers of simple methods, and how they come about, by name.

        Args:
            known: Training samples.
            part: The samples to answer.
        """

    def accepts(self, schema: Schema) -> bool:
        """Return whether there is one input to read and one text to write.

        Args:
            schema: The schema.
        """
        kinds = [[c.modality for c in part] for part in (schema.inputs, schema.targets)]
        return kinds == [[self.reads], ["text"]]

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: a text is to be written.

        Args:
            schema: The schema.
        """
        if not self.accepts(schema):
            return ""
        return f"the target {schema.targets[0].name!r} is a text"

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

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: nats and tokens of its text, then its tokens.

        Args:
            schema: The fitted schema.
        """
        return tuple(OutputSpec(target.name, 2) for target in schema.targets)

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return what simple methods write.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        del like
        began = time.perf_counter()
        found = self.simple_answers(known, part)
        seconds = (time.perf_counter() - began) / max(1, len(found))
        return tuple(
            BaselineResult(
                name,
                Predictions("texts", np.zeros((len(part), 2)), texts=tuple(texts)),
                len(known),
                note,
                seconds,
            )
            for name, (texts, note) in found.items()
        )

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
        texts = spelt(modality_of(schema, target), outputs[target][:, 2:].long())
        return Predictions("texts", found[:, :2], texts=texts)

    def given(self, outputs: Mapping[str, Tensor], schema: Schema) -> Mapping[str, Tensor]:
        """Return the text that was written, as one to be measured.

        Args:
            outputs: Combined outputs for one row.
            schema: The fitted schema.
        """
        target = schema.targets[0].name
        tokens = outputs[target][:, 2:].long()
        kept = tokens[:, : max(1, int((tokens > 0).sum(dim=1).max()))]
        return {target: torch.cat([torch.full_like(kept[:, :1], MARK), kept], dim=1)}

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
        return np.array(spelt(modality_of(schema, name), targets[name]), dtype=object)

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the texts, and how sure the network is of each: nats per token.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        name, sure = answer_names(schema.targets[0].name)
        nats = predictions.values[:, 0] / np.maximum(predictions.values[:, 1], 1.0)
        return pl.DataFrame({name: pl.Series(predictions.texts, dtype=pl.String), sure: nats})


def spelt(modality: Any, tokens: Tensor) -> tuple[str, ...]:
    """Return the texts that ids spell.

    Args:
        modality: A fitted text.
        tokens: int64 [rows, length], padded with 0.
    """
    assert isinstance(modality, Text)
    rows = ([token for token in row if token > 0] for row in tokens.tolist())
    return tuple(map(modality.write, rows))


def texts_of(part: Part, *, is_target: bool) -> list[str]:
    """Return the texts of samples, spelt from their tokens.

    Args:
        part: Samples of encoded rows.
        is_target: Whether those written are wanted; else those read.
    """
    assert isinstance(part.samples, Dataset)
    schema = part.samples.schema
    column = (schema.targets if is_target else schema.inputs)[0]
    modality = modality_of(schema, column.name)
    found: list[str] = []
    for some in torch.split(part.index, 1024):
        batch = part.samples.batch(some)
        tokens = batch.targets if is_target else batch.inputs
        found += spelt(modality, next(iter(tokens.values())).cpu())
    return found
