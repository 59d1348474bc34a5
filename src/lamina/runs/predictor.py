"""A trained model ready to answer: built from a bundle, or from a network just trained."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, final

import polars as pl
import torch
from torch import Tensor, nn
from typing_extensions import override

from lamina.core.bundle import Bundle, load_bundle, save_bundle
from lamina.core.config import from_document, to_document
from lamina.core.errors import BundleError, ConfigError, LaminaError
from lamina.core.hardware import default_device
from lamina.data.augmentation import views
from lamina.data.dataset import encode_frame
from lamina.data.parts import Part, Samples
from lamina.data.schema import Schema
from lamina.data.tiles import Tiles
from lamina.evaluation.calibration import apply_temperature
from lamina.evaluation.predictions import Predictions
from lamina.networks.answers import AbstractHearer
from lamina.networks.architecture import AbstractModel
from lamina.runs.hearing import heard_on, listener_of
from lamina.runs.plan import Plan, plan_from_document
from lamina.runs.sliding import slid_on
from lamina.runtime.transcription import Listener
from lamina.tasks.base import AbstractTask
from lamina.tasks.table import TASKS
from lamina.training.execution import Execution
from lamina.training.inference import Answering, answer


@dataclass(frozen=True, slots=True)
class Predictor:
    """The whole function from raw rows to answers."""

    plan: Plan
    """Every decision."""
    schema: Schema
    """Fitted."""
    model: AbstractModel
    """The network with its weights."""
    temperature: float
    """Divides the logits; 1 for numbers."""
    execution: Execution
    """How it is computed on this machine."""

    @property
    def task(self) -> AbstractTask:
        """The question it answers."""
        return TASKS[self.plan.task].value.asked_by(self.plan.recipe)

    @property
    def is_running(self) -> bool:
        """Whether its text runs on over rows, so that a mark between two of them ends nothing."""
        return bool(self.plan.data.reading.get("prose"))

    def outputs(
        self, samples: Samples, index: Tensor, *, is_final: bool = True
    ) -> dict[str, Tensor]:
        """Return combined raw outputs for some samples, float [samples, size] by target.

        Args:
            samples: Where they are fetched from, such as encoded rows.
            index: Their numbers.
            is_final: With all views of a picture; without them it is quicker.
        """
        config = self.plan.recipe.answering
        if is_final and isinstance(samples, Tiles):
            how = self._answering(self.task.scores, is_final=True)
            return slid_on(self.model, samples, index, how, overlap=config.overlap)
        how = self._answering(self.task.kept, is_final=is_final)
        if len(index) <= config.batch_size:
            return answer(self.model, samples, index, how)
        order = samples.by_length(index)
        found = answer(self.model, samples, index[order], how)
        back = torch.argsort(order).cpu()
        return {name: value[back] for name, value in found.items()}

    def _answering(self, last: Callable[[Tensor], Tensor], *, is_final: bool) -> Answering:
        """Return how the network answers, and what is made of combined answers at last."""
        config, task = self.plan.recipe.answering, self.task
        several = config.views > 1 and is_final

        def all_views(inputs: Mapping[str, Tensor]) -> Any:
            flip = self.plan.recipe.augmentation.flip != "none"
            return views(inputs, config.views, flip=flip)

        return Answering(
            combine=lambda answers: last(task.combine(answers)),
            execution=self.execution,
            batch_size=config.batch_size,
            views=all_views if several else None,
            seen_back=task.seen_back if several else None,
        )

    def features(self, samples: Samples, index: Tensor) -> Tensor:
        """Return what the heads see of some samples, float32 [samples, features].

        Of a network of several members it is the mean over them.

        Args:
            samples: Where they are fetched from, such as encoded rows.
            index: Their numbers.
        """
        how = Answering(
            combine=lambda answers: answers.mean(dim=1),
            execution=self.execution,
            batch_size=self.plan.recipe.answering.batch_size,
        )
        return answer(_Features(self.model), samples, index, how)["features"]

    def predictions(self, outputs: Mapping[str, Tensor]) -> Predictions:
        """Return calibrated predictions from combined outputs.

        Args:
            outputs: As `outputs` gives them.
        """
        found = self.task.predictions(outputs, self.schema)
        if self.temperature == 1.0:
            return found
        return apply_temperature(found, self.temperature)

    def predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Return one answer per row; cells are null where a row could not be read.

        A task that reads the past of its targets answers rows of its own: the steps ahead.

        Args:
            frame: Raw rows with the input columns.

        Raises:
            DataError: An input column is missing.
        """
        return pl.concat(map(self._predict, self.task.pieces(frame, self.schema)))

    def _predict(self, frame: pl.DataFrame) -> pl.DataFrame:
        task = self.task
        dataset = encode_frame(self.schema, frame, with_targets=task.reads_targets)
        part = task.asked(dataset, self.plan.recipe)
        outputs = self.heard(part, frame, self.outputs(part.samples, part.index))
        return task.replies(self.predictions(outputs), part, frame, self.schema)

    def heard(
        self, part: Part, frame: pl.DataFrame, outputs: dict[str, Tensor]
    ) -> dict[str, Tensor]:
        """Return outputs in which recordings longer than the network hears are heard to their end.

        Args:
            part: The samples that were answered.
            frame: The raw rows.
            outputs: As `outputs` gave them; those of most networks stay as they are.
        """
        if not isinstance(self.model, AbstractHearer):
            return outputs
        return heard_on(self.listener(), part, frame, outputs)

    def listener(self) -> Listener:
        """Return the model as what hears sounds of any length.

        Raises:
            ConfigError: It writes no transcripts.
        """
        return listener_of(self.model, self.task, self.schema, self.execution)

    def save(self, folder: Path) -> None:
        """Write the bundle.

        Args:
            folder: Where to.
        """
        save_bundle(folder, self.to_bundle())

    def to_bundle(self) -> Bundle:
        """Return all that is needed to build it again."""
        document = {
            "plan": self.plan.to_document(),
            "schema": self.schema.to_document(),
            "temperature": self.temperature,
            "execution": to_document(self.execution),
        }
        return Bundle(self.model.state_dict(), document)


@final
class _Features(nn.Module):
    """A model cut before its heads."""

    def __init__(self, model: AbstractModel) -> None:
        super().__init__()
        self.model = model

    @override
    def forward(self, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {"features": self.model.features(inputs)}


def load_predictor(folder: Path) -> Predictor:
    """Return the model in a bundle.

    Args:
        folder: Folder of the bundle.

    Raises:
        BundleError: It is missing, damaged, foreign or of a newer schema.
    """
    return build_predictor(load_bundle(folder), where=str(folder))


def build_predictor(bundle: Bundle, *, where: str) -> Predictor:
    """Return the model that a bundle holds.

    Args:
        bundle: As read.
        where: Name of the bundle for messages.

    Raises:
        BundleError: It holds no model that can be built.
    """
    document = bundle.document
    try:
        plan = plan_from_document(document["plan"])
        schema = Schema.from_document(document["schema"])
        execution = from_document(Execution, document["execution"], where="execution")
        temperature = float(document["temperature"])
        task = TASKS[plan.task].value.asked_by(plan.recipe)
        model = plan.recipe.network.build(task.inputs(schema), task.outputs(schema))
        model.load_state_dict(dict(bundle.tensors))
    except BundleError:
        raise
    except (LaminaError, KeyError, TypeError, ValueError, RuntimeError) as error:
        raise BundleError(f"{where} holds a model that cannot be built: {error}") from error
    if not 0 < temperature < 1e6:
        raise BundleError(f"{where} has temperature {temperature}, wanted above 0.")
    model.to(default_device()).eval()
    return Predictor(plan, schema, model, temperature, _fitting(execution))


def _fitting(execution: Execution) -> Execution:
    """Return the execution without what this machine does not have."""
    threads = torch.get_num_threads()
    if execution.threads is not None and execution.threads > threads:
        try:
            return from_document(
                Execution, {**to_document(execution), "threads": threads}, where="execution"
            )
        except ConfigError:
            return Execution()
    return execution
