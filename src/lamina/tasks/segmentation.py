"""The class of every pixel of a picture.

Source: Long et al. 2015, "Fully convolutional networks for semantic segmentation",
arXiv:1411.4038.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.errors import ConfigError, DataError
from lamina.core.records import Batch, OutputSpec
from lamina.data.modalities.mask import Mask
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.mask_baselines import MASK_BASELINES
from lamina.evaluation.predictions import Predictions
from lamina.runtime.answers.masks import mask_answer, mask_in_picture, mask_names
from lamina.tasks.base import Loss, mean_logits, modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import AnsweringConfig, Recipe
from lamina.tasks.recipes.segmentation import segmentation_recipe
from lamina.tasks.windowed import AbstractWindowed

_TOGETHER = 64


@final
class Segmentation(AbstractWindowed):
    """One of several classes for each pixel.

    Args:
        overlap: Share of a window that the next one covers again, where pictures are so seen.
    """

    name: ClassVar[str] = "segmentation"
    objectives: ClassVar[tuple[str, ...]] = ("pixel_classes",)
    metrics: ClassVar[tuple[str, ...]] = ("mean_iou", "pixel_accuracy", "frequency_weighted_iou")
    watched: ClassVar[tuple[str, ...]] = ("mean_iou", "pixel_accuracy")
    wants: ClassVar[str] = "It needs one picture and one target of masks. "
    joins_encoders: ClassVar[bool] = False
    longest_side: ClassVar[int] = 256

    def __init__(self, overlap: float = AnsweringConfig().overlap) -> None:
        self._overlap = overlap

    def asked_by(self, recipe: Recipe) -> "Segmentation":
        """Return the task with the overlap of the recipe.

        Args:
            recipe: The plan's parts.
        """
        return Segmentation(recipe.answering.overlap)

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: masks are to be predicted.

        Args:
            schema: The schema.
        """
        if [target.modality for target in schema.targets] != ["mask"]:
            return ""
        return f"the target {schema.targets[0].name!r} holds the class of every pixel"

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: a logit for each class and pixel.

        Args:
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        own = _mask(schema)
        return (OutputSpec(name, len(own.classes), places=(own.height, own.width)),)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return segmentation_recipe(facts)

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return what places and colours say without a network.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        if not len(known) or not len(part):
            return ()
        results = []
        for name, entry in MASK_BASELINES.items():
            began = time.perf_counter()
            found = entry.value(
                lambda: _pairs(known), lambda: (own for own, _ in _pairs(part)), like.num_classes
            )
            answers = Predictions("masks", found, num_classes=like.num_classes)
            note = f"{entry.summary[:-1]}; fitted on {len(known):,} training rows"
            seconds = time.perf_counter() - began
            results.append(BaselineResult(name, answers, len(known), note, seconds))
        return tuple(results)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise; classes are weighted by their share of training pixels.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: a row has no class of its own.

        Raises:
            ConfigError: Answers are to be averaged over pictures that are shifted.
        """
        del class_counts
        most = 1 if recipe.augmentation.flip == "none" else 2
        if recipe.answering.views > most:
            raise ConfigError(
                f"masks are averaged over the picture and, where augmentation.flip is not none, "
                f"its mirror image, got {recipe.answering.views} views. Set answering.views to "
                f"{most}."
            )
        name = schema.targets[0].name
        objective = recipe.objective.build(class_counts=torch.tensor(_mask(schema).shares))

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            found: Tensor = objective(outputs[name], batch.targets[name])
            return found

        return loss

    def seen_back(self, answers: Tensor, view: int) -> Tensor:
        """Return the answer to the mirrored picture mirrored again.

        Args:
            answers: float [..., height, width].
            view: 0 for the picture, 1 for its mirror image.
        """
        return answers.flip(-1) if view else answers

    def combine(self, answers: Tensor) -> Tensor:
        """Return log-probabilities of the mean of several answers.

        Args:
            answers: float [rows, answers, classes, height, width].
        """
        moved = answers.movedim(2, -1)
        return mean_logits(moved, dim=1).movedim(-1, 1)

    def kept(self, combined: Tensor) -> Tensor:
        """Return the most probable class of each pixel, uint8 [rows, pixels].

        Args:
            combined: float [rows, classes, height, width].
        """
        return combined.argmax(dim=1).flatten(1).to(torch.uint8)

    def scores(self, combined: Tensor) -> Tensor:
        """Return the probability of each class, whose mean over windows is the answer.

        Args:
            combined: float [windows, classes, height, width].
        """
        return combined.float().softmax(dim=1)

    def usual_class(self, schema: Schema) -> int:
        """Return the class that most pixels of training pictures have.

        Args:
            schema: The fitted schema.
        """
        return int(np.argmax(_mask(schema).shares))

    def of_picture(self, values: np.ndarray, schema: Schema) -> pl.DataFrame:
        """Return the mask of one picture, and the share of each class.

        Args:
            values: uint8 [height, width].
            schema: The fitted schema.
        """
        names = mask_names(schema.targets[0].name, _mask(schema).classes)
        return _table([mask_answer(values, names)], names)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return the class of each pixel.

        Args:
            outputs: What was kept, or combined outputs.
            schema: The fitted schema.
        """
        found = outputs[schema.targets[0].name]
        kept = found if found.dtype == torch.uint8 else self.kept(found)
        return Predictions("masks", kept.numpy(), num_classes=len(_mask(schema).classes))

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the classes.

        Args:
            schema: The fitted schema.
        """
        return _mask(schema).classes

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the mean log-odds of each class over all pixels.

        Args:
            outputs: Combined outputs: float [rows, classes, height, width].
            schema: The fitted schema.
        """
        logs = torch.log_softmax(outputs[schema.targets[0].name], dim=1)
        rest = torch.log1p(-logs.exp().clamp(max=1 - 1e-6))
        return (logs - rest).mean(dim=(2, 3))

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return that pixels show a class, and "mean log-odds of all pixels".

        Args:
            schema: The fitted schema.
            choice: Number of the class.
        """
        name = self.choices(schema)[choice]
        return f"{schema.targets[0].name} shows {name}", "mean log-odds of all pixels"

    def chosen(self, predictions: Predictions) -> np.ndarray:
        """Return the class that most pixels have.

        Args:
            predictions: The answers.
        """
        size = predictions.num_classes
        counts = [np.bincount(row, minlength=size) for row in predictions.values]
        return np.array([own.argmax() for own in counts], dtype=np.int64)

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return the class of each pixel as one graph; of windows, what their overlaps share.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
            temperature: Not used: it changes no class.
        """
        del temperature
        if _mask(schema).framing == "windows":
            return self.scores(outputs[schema.targets[0].name]).flatten(1).double()
        return outputs[schema.targets[0].name].argmax(dim=1).flatten(1).double()

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return that answers are masks, and of which classes.

        Args:
            schema: The fitted schema.
        """
        own = _mask(schema)
        return {
            "name": "masks",
            "target": schema.targets[0].name,
            "classes": list(own.classes),
            "picture": schema.inputs[0].name,
            "height": own.height,
            "width": own.width,
            "overlap": self._overlap if own.framing == "windows" else None,
        }

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the right classes, uint8 [samples, pixels].

        Args:
            targets: Encoded targets of samples.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        return targets[schema.targets[0].name].flatten(1).numpy()

    def in_pictures(
        self, predictions: Predictions, sizes: Sequence[tuple[int, int] | None], schema: Schema
    ) -> pl.DataFrame:
        """Return masks, and the share of each class.

        Args:
            predictions: The answers.
            sizes: Width and height of the picture of each; None for those of the network's picture.
            schema: The fitted schema.
        """
        own = _mask(schema)
        masks = predictions.values.reshape(-1, own.height, own.width)
        names = mask_names(schema.targets[0].name, own.classes)
        rows = [
            mask_answer(mask if size is None else mask_in_picture(mask, size), names)
            for mask, size in zip(masks, sizes)
        ]
        return _table(rows, names)


def _table(rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> pl.DataFrame:
    """Return answers as a table."""
    runs = pl.Struct({part: pl.List(pl.Int64) for part in ("size", "classes", "counts")})
    kinds = {name: runs if place == 0 else pl.Float64 for place, name in enumerate(names)}
    return pl.DataFrame(rows, schema=kinds)


def _mask(schema: Schema) -> Mask:
    found = modality_of(schema, schema.targets[0].name)
    if not isinstance(found, Mask):
        raise DataError(
            f"target {schema.targets[0].name!r} holds no masks. Say that it does with "
            f"--as {schema.targets[0].name}=mask."
        )
    return found


def _pairs(part: Part) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Yield the pictures of samples with their masks."""
    for some in part.index.split(_TOGETHER):
        batch = part.samples.batch(some)
        (picture,) = batch.inputs.values()
        (mask,) = batch.targets.values()
        yield picture.cpu().numpy(), mask.cpu().numpy()
