"""The contract of a task, one question asked of data: one piece, since tasks keep all of it.

A task binds the schema's targets to outputs of a network, a loss, answers and metrics. It knows
nothing of files or runs. A new task is one file that keeps this contract and one row of `table.py`.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import ConfigError, NotFittedError
from lamina.core.records import Batch, InputSpec, OutputSpec
from lamina.data.dataset import Dataset
from lamina.data.histories import HistoryRows
from lamina.data.modalities.base import AbstractModality, ModalityOptions
from lamina.data.modalities.number import Number
from lamina.data.modalities.tags import Tags
from lamina.data.parts import Part, Purpose
from lamina.data.pictures import Pictures
from lamina.data.schema import Schema
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.predictions import Predictions
from lamina.explanation.features import AbstractFeatures
from lamina.networks.architecture import AbstractModel
from lamina.runtime.answers.base import beside
from lamina.tasks.facts import Facts
from lamina.tasks.placed import placed
from lamina.tasks.recipe import Recipe

__all__ = [
    "AbstractTask",
    "Loss",
    "beside",
    "class_names",
    "in_unit",
    "label_names",
    "mean_logits",
    "modality_of",
    "unit_of",
]

Loss = Callable[[Mapping[str, Tensor], Batch], Tensor]
"""Outputs of a network and the batch to one loss per sample, float [batch]."""


class AbstractTask(ABC):
    """One question asked of data."""

    name: ClassVar[str]
    """Name in plans."""
    objectives: ClassVar[tuple[str, ...]]
    """Losses that fit its outputs and targets, by name."""
    metrics: ClassVar[tuple[str, ...]]
    """Metrics reported; the first one ranks."""
    watched: ClassVar[tuple[str, ...]]
    """Metrics that are measured while training, the quickest that say enough."""
    reads_targets: ClassVar[bool] = False
    """Whether the past of the targets is looked at, so that new rows must bring it; the answers are
    then rows of their own (`replies`)."""
    wants: ClassVar[str] = ""
    """What else it needs of a schema, as a sentence with a blank behind; "" for nothing."""
    explains_given: ClassVar[bool] = False
    """Whether an answer is traced by giving it to the network, which measures it (`given`)."""
    gives_embeddings: ClassVar[bool] = False
    """Whether its answers are vectors made to be compared."""
    joins_encoders: ClassVar[bool] = True
    """Whether its networks have an encoder of an input alone, which another network may teach."""
    has_targets: ClassVar[bool] = True
    """Whether columns are to be predicted; else the inputs themselves are what is learnt."""

    @abstractmethod
    def suits(self, schema: Schema) -> str:
        """Return why the targets of a schema ask this question; empty if they do not.

        Args:
            schema: The schema.
        """

    def accepts(self, schema: Schema) -> bool:
        """Return whether this question can be asked of a schema by name.

        Args:
            schema: The schema.
        """
        return bool(self.suits(schema))

    def asked_by(self, recipe: Recipe) -> "AbstractTask":
        """Return the task in the form that a recipe asks for; most tasks have one form only.

        Args:
            recipe: The plan's parts.
        """
        del recipe
        return self

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return how columns are fitted for this question; most tasks leave that to the user.

        Args:
            options: What the user said.
            num_bytes: About the size of the raw rows.
            schema: The schema as inferred; None where it is not known.
        """
        del num_bytes, schema
        return options

    def framed(
        self, options: ModalityOptions, frame: pl.DataFrame, schema: Schema
    ) -> ModalityOptions:
        """Return how pictures are brought in, where rows decide that; most leave it to users.

        Args:
            options: What the user said.
            frame: Raw rows, all or a sample.
            schema: The schema as inferred.
        """
        del frame, schema
        return options

    def part(
        self, dataset: Dataset, rows: Tensor, recipe: Recipe, *, purpose: Purpose = "answer"
    ) -> Part:
        """Return the samples that some rows are; for most tasks a sample is a row.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers, on any device.
            recipe: The plan's parts.
            purpose: What they are for: samples to learn from may overlap.

        Raises:
            ConfigError: Pictures are not brought to one size, which few tasks can do with.
        """
        del recipe, purpose
        if any(isinstance(own, Pictures) for own in dataset.inputs.values()):
            raise ConfigError(
                f"the task {self.name} sees whole pictures, and data.fitting.framing is "
                '"windows". Set it to "crop" or "pad".'
            )
        return Part(dataset, rows.to(dataset.device))

    def num_samples(self, dataset: Dataset, rows: Tensor) -> int:
        """Return how many samples to learn from some rows are; for most tasks a sample is a row.

        Args:
            dataset: Encoded rows.
            rows: int64, row numbers.
        """
        del dataset
        return len(rows)

    def inputs(self, schema: Schema) -> tuple[InputSpec, ...]:
        """Return what a network is given of a sample; for most tasks the inputs of a row.

        Args:
            schema: The fitted schema.
        """
        return schema.input_specs()

    def asked_inputs(self, schema: Schema) -> tuple[InputSpec, ...]:
        """Return what a network is given when it is asked: its inputs, but no answers.

        Args:
            schema: The fitted schema.
        """
        answers = {target.name for target in schema.targets}
        every = self.inputs(schema)
        return tuple(spec for spec in every if spec.is_made or spec.name not in answers)

    def features(self, schema: Schema) -> Mapping[str, AbstractFeatures]:
        """Return what can be attributed of the inputs that the task makes; most make none.

        Args:
            schema: The fitted schema.
        """
        del schema
        return {}

    def explained(self, dataset: Dataset, rows: Tensor, recipe: Recipe) -> Part:
        """Return the samples that are explained of some rows; for most tasks the rows.

        Args:
            dataset: Encoded rows, with their targets where `reads_targets`.
            rows: int64, row numbers.
            recipe: The plan's parts.
        """
        del recipe
        return Part(dataset, rows.to(dataset.device))

    def asked(self, dataset: Dataset, recipe: Recipe) -> Part:
        """Return the samples that new rows ask for; for most tasks one for each that can be read.

        Args:
            dataset: Encoded rows, with their targets where `reads_targets`.
            recipe: The plan's parts.
        """
        del recipe
        return Part(dataset, dataset.usable(with_targets=False))

    def pieces(self, frame: pl.DataFrame, schema: Schema) -> Iterator[pl.DataFrame]:
        """Yield new rows as they are answered together; most tasks answer them all at once.

        Args:
            frame: Raw rows.
            schema: The fitted schema.
        """
        del schema
        yield frame

    def histories(
        self, frame: pl.DataFrame, schema: Schema, rows: Tensor | None = None
    ) -> HistoryRows | None:
        """Return the rows that ask an exported model for the samples of some rows of a table.

        Args:
            frame: Raw rows of the table.
            schema: The fitted schema.
            rows: int64, row numbers of them; None for all.

        Returns:
            Rows that are the past of a series each; None where a sample is a row of the table.
        """
        del frame, schema, rows
        return None

    def settle(  # noqa: B027 - most tasks have nothing to set
        self, model: AbstractModel, part: Part, outputs: Mapping[str, Tensor]
    ) -> None:
        """Set what validation samples teach a trained network; most tasks have nothing.

        Args:
            model: The network; changed in place.
            part: The validation samples.
            outputs: The network's combined outputs for them.
        """

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return simple answers to samples; None where those for rows of a table apply.

        Args:
            known: Training samples to learn from.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        del known, part, like
        return None

    @abstractmethod
    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer.

        Args:
            schema: The fitted schema.
        """

    @abstractmethod
    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """

    @abstractmethod
    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Training samples per class, where there are classes.
        """

    @abstractmethod
    def combine(self, answers: Tensor) -> Tensor:
        """Return one answer out of several: of members of a network, or of views of a picture.

        Args:
            answers: float [rows, answers, size], raw outputs of one head.

        Returns:
            float [rows, size], again as raw outputs (so that a temperature can divide them).
        """

    def seen_back(self, answers: Tensor, view: int) -> Tensor:
        """Return answers to a view of pictures as those to the pictures themselves.

        Most answers say nothing of places, and stay.

        Args:
            answers: Outputs of a network.
            view: Number of the view, in the order of `lamina.data.augmentation.views`.
        """
        del view
        return answers

    def scores(self, combined: Tensor) -> Tensor:
        """Return what is averaged where windows of a picture overlap; few tasks answer windows.

        Args:
            combined: As `combine` returns it.

        Returns:
            float32 [windows, classes, height, width].

        Raises:
            ConfigError: The task answers no windows.
        """
        raise ConfigError(f"the task {self.name} answers no windows, got {len(combined)} of them.")

    def kept(self, combined: Tensor) -> Tensor:
        """Return what is kept of the answers to a batch until they are read; mostly all of it.

        Args:
            combined: As `combine` returns it.

        Returns:
            Float, or uint8 for classes; [rows, ...].
        """
        return combined

    @abstractmethod
    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return combined outputs as predictions that metrics read.

        Args:
            outputs: float [rows, size] by target.
            schema: The fitted schema.
        """

    @abstractmethod
    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the parts of an answer that can be explained, one per column of the predictions.

        Args:
            schema: The fitted schema.
        """

    @abstractmethod
    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return one number per choice that is the greater, the more speaks for it.

        Differentiable, and not squeezed into a range, so that it moves with all that speaks for an
        answer, however sure that is.

        Args:
            outputs: Combined outputs by target, float [rows, size].
            schema: The fitted schema.

        Returns:
            float [rows, choices], such as log-odds.
        """

    @abstractmethod
    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return what a choice says, such as "income is >50K", and the unit of its evidence.

        Args:
            schema: The fitted schema.
            choice: Number of the choice.
        """

    def given(self, outputs: Mapping[str, Tensor], schema: Schema) -> Mapping[str, Tensor]:
        """Return what an explained network is given beside a row: an answer that it has written.

        Most answers are numbers of the network's own, and nothing is given.

        Args:
            outputs: Combined outputs for one row.
            schema: The fitted schema.
        """
        del outputs, schema
        return {}

    def stated(self, claim: str, predictions: Predictions) -> str:
        """Return what is explained of the answer to one row, in words.

        Args:
            claim: As `claim` gives it.
            predictions: The answer.
        """
        del predictions
        return claim

    def chosen(self, predictions: Predictions) -> np.ndarray:
        """Return the choice that is explained of each answer where nobody asks for another.

        Args:
            predictions: The answers.

        Returns:
            int64 [rows], the most probable one; of numbers the first, of quantiles the middle.
        """
        if predictions.kind in ("classes", "labels"):
            return predictions.values.argmax(axis=1)
        levels = np.asarray(predictions.levels or (0.5,))
        return np.full(predictions.num_rows, int(np.abs(levels - 0.5).argmin()), dtype=np.int64)

    @abstractmethod
    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return the numbers of the calibrated predictions as one graph of tensors.

        It is what `predictions` and the temperature give, in operations that an exported model can
        hold.

        Args:
            outputs: float [rows, size] by target, combined.
            schema: The fitted schema.
            temperature: Divides the logits; 1 for numbers.

        Returns:
            float64 [rows, columns], as `Predictions.values`.
        """

    @abstractmethod
    def form(self, schema: Schema) -> dict[str, Any]:
        """Return how `values` become answers: a document of one of `lamina.runtime.answers`.

        Args:
            schema: The fitted schema.
        """

    @abstractmethod
    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return encoded targets as metrics read them.

        Args:
            targets: Encoded targets of samples.
            schema: The fitted schema.
            num_samples: How many samples there are, which nothing else says without targets.
        """

    @abstractmethod
    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return predictions as a table for people and files.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """

    def replies(
        self, predictions: Predictions, part: Part, frame: pl.DataFrame, schema: Schema
    ) -> pl.DataFrame:
        """Return answers to new rows: for most tasks one per row, null where it cannot be read.

        Args:
            predictions: The answers.
            part: The samples they answer, as `asked` gave them.
            frame: The raw rows that asked for them.
            schema: The fitted schema.
        """
        return placed(self.answers(predictions, schema), part, frame.height)


def mean_logits(answers: Tensor, *, dim: int = 1) -> Tensor:
    """Return log-probabilities of the mean of softmax answers.

    Args:
        answers: float [rows, answers, classes], logits.
        dim: The dimension of the answers.

    Shape:
        [rows, classes].
    """
    if answers.shape[dim] == 1:
        return answers.squeeze(dim)
    logs = torch.log_softmax(answers.float(), dim=-1)
    return torch.logsumexp(logs, dim=dim) - float(np.log(answers.shape[dim]))


def in_unit(outputs: Tensor, schema: Schema, name: str) -> Tensor:
    """Return standardised numbers in the unit of their target, or its logarithm; differentiable.

    Args:
        outputs: float [rows, numbers].
        schema: The fitted schema.
        name: Name of the target.
    """
    fitted = modality_of(schema, name)
    return outputs * fitted.scale + fitted.center if isinstance(fitted, Number) else outputs


def unit_of(schema: Schema, name: str) -> str:
    """Return the unit that `in_unit` gives.

    Args:
        schema: The fitted schema.
        name: Name of the target.
    """
    fitted = modality_of(schema, name)
    is_log = isinstance(fitted, Number) and fitted.transform == "log"
    return f"logarithm of {name}" if is_log else name


def modality_of(schema: Schema, name: str) -> AbstractModality:
    """Return the fitted modality of a column.

    Args:
        schema: The fitted schema.
        name: Name of the column.

    Raises:
        NotFittedError: The schema was not fitted.
    """
    fitted = schema.column(name).fitted
    if fitted is None:
        raise NotFittedError(f"column {name!r} is not fitted. Fit the schema first.")
    return fitted


def label_names(schema: Schema) -> tuple[str, ...]:
    """Return the labels of a multi-label task in the order of the outputs.

    Args:
        schema: The fitted schema: one tags target, or several yes/no targets.
    """
    if schema.targets[0].modality == "tags":
        return class_names(schema, schema.targets[0].name)
    return tuple(target.name for target in schema.targets)


def class_names(schema: Schema, name: str) -> tuple[str, ...]:
    """Return the classes or labels of a target as texts, in the order of the outputs.

    Args:
        schema: The fitted schema.
        name: Name of the target.
    """
    modality = modality_of(schema, name)
    if isinstance(modality, Tags):
        return modality.levels
    cells = modality.decode(torch.arange(modality.output_size))
    return tuple(modality.show(cell) for cell in cells.to_list())
