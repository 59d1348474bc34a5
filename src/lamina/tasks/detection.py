"""What lies where in a picture.

Source: Lin et al. 2014, "Microsoft COCO", arXiv:1405.0312.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor

from lamina.core.boxes import filled_up
from lamina.core.errors import ConfigError, DataError
from lamina.core.records import Batch, OutputSpec
from lamina.data.modalities.boxes import Boxes
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.box_baselines import usual_boxes
from lamina.evaluation.predictions import Predictions
from lamina.networks.detector import DetectorConfig
from lamina.runtime.answers.boxes import (
    CORNERS,
    box_answer,
    box_names,
    boxes_in_picture,
    class_scores,
    named_boxes,
)
from lamina.runtime.boxes import candidates_in, kept_boxes
from lamina.tasks.base import Loss, modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.framed import AbstractFramed
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.detection import detection_recipe

_LEAST_LOGIT = -30.0


@final
class Detection(AbstractFramed):
    """Boxes with a class each.

    Args:
        candidates: Boxes that its network gives for a picture.
    """

    name: ClassVar[str] = "detection"
    objectives: ClassVar[tuple[str, ...]] = ("detection",)
    metrics: ClassVar[tuple[str, ...]] = ("map50", "map50_95", "map75")
    watched: ClassVar[tuple[str, ...]] = ("map50", "map50_95")
    wants: ClassVar[str] = "It needs one picture and one target of boxes. "
    longest_side: ClassVar[int] = 320
    size_step: ClassVar[int] = 32  # the step of the coarsest map

    def __init__(self, candidates: int = DetectorConfig().candidates) -> None:
        self._candidates = candidates

    def asked_by(self, recipe: Recipe) -> "Detection":
        """Return the task with as many candidates as the recipe's network gives.

        Args:
            recipe: The plan's parts.
        """
        network = recipe.network
        return Detection(network.candidates) if isinstance(network, DetectorConfig) else self

    def suits(self, schema: Schema) -> str:
        """Return why a schema asks this question: boxes are to be predicted.

        Args:
            schema: The schema.
        """
        if [target.modality for target in schema.targets] != ["boxes"]:
            return ""
        return f"the target {schema.targets[0].name!r} holds boxes in pictures"

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: boxes of so many classes.

        Args:
            schema: The fitted schema.
        """
        return (OutputSpec(schema.targets[0].name, len(_boxes(schema).classes)),)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return detection_recipe(facts)

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return the boxes that training pictures have most often, for every picture.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        if not len(known) or not len(part):
            return ()
        began = time.perf_counter()
        (truth,) = known.targets().values()
        usual = usual_boxes(filled_up(truth).numpy(), like.num_classes).reshape(1, -1)
        logits = np.full((1, like.num_classes), _LEAST_LOGIT)
        values = np.repeat(np.concatenate([logits, usual], axis=1), len(part), axis=0)
        answers = Predictions("boxes", values, num_classes=like.num_classes)
        seconds = time.perf_counter() - began
        note = f"the boxes that {len(known):,} training pictures have most often, for every picture"
        return (BaselineResult("usual_boxes", answers, len(known), note, seconds),)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise; it reads the answers of all places.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: a row has no class of its own.

        Raises:
            ConfigError: Answers are to be averaged over views.
        """
        if recipe.answering.views > 1:
            raise ConfigError(
                f"boxes of several views have no mean, got {recipe.answering.views} views. Set "
                "answering.views to 1."
            )
        name = schema.targets[0].name
        objective = recipe.objective.build(class_counts=class_counts)
        last = len(_boxes(schema).classes) - 1

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            target = filled_up(batch.targets[name])
            # Boxes of a class that is not known teach nothing.
            classes = torch.where(target[..., :1] > last, -1.0, target[..., :1])
            found: Tensor = objective(outputs[name], torch.cat((classes, target[..., 1:]), dim=2))
            return found

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the first of several answers: boxes have no mean.

        Args:
            answers: float [rows, answers, size].
        """
        return answers[:, 0]

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return the candidates with the strongest logit of each class before them.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        values = outputs[schema.targets[0].name].double().numpy()
        return Predictions("boxes", values, num_classes=len(_boxes(schema).classes))

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the classes.

        Args:
            schema: The fitted schema.
        """
        return _boxes(schema).classes

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the log-odds of the surest box of each class.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        return outputs[schema.targets[0].name][:, : len(_boxes(schema).classes)]

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return that there is a box of a class, and "log-odds of the surest box".

        Args:
            schema: The fitted schema.
            choice: Number of the class.
        """
        return f"{self.choices(schema)[choice]} is there", "log-odds of the surest box"

    def chosen(self, predictions: Predictions) -> np.ndarray:
        """Return the class of the surest box.

        Args:
            predictions: The answers.
        """
        return predictions.values[:, : predictions.num_classes].argmax(axis=1)

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return the candidates as one graph; those that overlap are left out behind it.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
            temperature: Not used: it changes no order.
        """
        del temperature
        return outputs[schema.targets[0].name].double()

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return that answers are boxes, and of which classes.

        Args:
            schema: The fitted schema.
        """
        own = _boxes(schema)
        return {
            "name": "boxes",
            "target": schema.targets[0].name,
            "classes": list(own.classes),
            "picture": schema.inputs[0].name,
            "height": own.height,
            "width": own.width,
            "candidates": self._candidates,
        }

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the right boxes, float64 [samples, most, 5].

        Args:
            targets: Encoded targets of samples.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        return filled_up(targets[schema.targets[0].name]).double().numpy()

    def in_pictures(
        self, predictions: Predictions, sizes: Sequence[tuple[int, int] | None], schema: Schema
    ) -> pl.DataFrame:
        """Return boxes, how many they are, and how sure the surest of each class is.

        Args:
            predictions: The answers.
            sizes: Width and height of the picture of each; None for those of the network's picture.
            schema: The fitted schema.
        """
        own = _boxes(schema)
        kept = kept_boxes(candidates_in(predictions.values, predictions.num_classes))
        scores = class_scores(predictions.values, predictions.num_classes).tolist()
        names = box_names(schema.targets[0].name, own.classes)
        rows = []
        for boxes, sure, size in zip(kept, scores, sizes):
            told = named_boxes(boxes, own.classes)
            if size is not None:
                told = boxes_in_picture(told, size, network=(own.height, own.width))
            rows.append(box_answer(told, sure, names))
        numbers = dict.fromkeys(("score", *CORNERS), pl.Float64)
        kind = pl.List(pl.Struct({"label": pl.String, **numbers}))
        return pl.DataFrame(rows, schema={names[0]: kind, **dict.fromkeys(names[1:], pl.Float64)})


def _boxes(schema: Schema) -> Boxes:
    found = modality_of(schema, schema.targets[0].name)
    if not isinstance(found, Boxes):
        raise DataError(
            f"target {schema.targets[0].name!r} holds no boxes. Give a folder in the layout of "
            "Pascal VOC, COCO or YOLO, or a table of boxes."
        )
    return found
