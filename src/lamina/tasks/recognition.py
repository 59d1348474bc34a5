"""Who or what it is, also of those never seen: rows to vectors, close where the identity is one.

Source: Schroff et al. 2015, "FaceNet", arXiv:1503.03832 (one vector for verification, recognition
and search); Deng et al. 2019, "ArcFace", arXiv:1801.07698.
"""

import dataclasses
import time
from collections.abc import Mapping
from typing import Any, ClassVar, final

import numpy as np
import polars as pl
import torch
from torch import Tensor
from torch.nn import functional as F

from lamina.core.records import JOINED, Batch, OutputSpec
from lamina.data.augmentation import is_image
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.baselines import BaselineResult
from lamina.evaluation.predictions import Predictions
from lamina.evaluation.verification_baselines import principal_vectors
from lamina.networks.angular import AngularHeadConfig
from lamina.networks.model import ModelConfig
from lamina.objectives.members import mean_over_members
from lamina.tasks.base import AbstractTask, Loss, beside, class_names, modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.recognition import recognition_recipe

WIDTH = AngularHeadConfig().width
"""Numbers of an embedding where the plan does not say otherwise."""

MAX_SIZE = 56
"""Longest side of pictures in pixels, where the user says nothing: with some hundred faces to learn
from, more pixels tell fewer of those never seen apart (see docs/log.md)."""


@final
class Recognition(AbstractTask):
    """An embedding per row, and the nearest identity that training showed.

    Args:
        width: Numbers of an embedding; that of the plan's head.
    """

    name: ClassVar[str] = "recognition"
    objectives: ClassVar[tuple[str, ...]] = ("angular_margin", "triplet_center", "cross_entropy")
    metrics: ClassVar[tuple[str, ...]] = (
        "equal_error_rate",
        "rank_1",
        "verification_auc",
        "accepted_at_1_percent",
    )
    watched: ClassVar[tuple[str, ...]] = ("verification_auc", "rank_1")
    gives_embeddings: ClassVar[bool] = True
    wants: ClassVar[str] = "It needs one target of the modality identity. "

    def __init__(self, width: int = WIDTH) -> None:
        self._width = width

    def asked_by(self, recipe: Recipe) -> AbstractTask:
        """Return the task with the width of the recipe's head.

        Args:
            recipe: The plan's parts.
        """
        network = recipe.network
        head = network.head if isinstance(network, ModelConfig) else None
        return Recognition(head.width if isinstance(head, AngularHeadConfig) else self._width)

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return that pictures are seen at a size at which few of them teach most.

        Args:
            options: What the user said.
            num_bytes: Not used.
            schema: Not used.
        """
        del num_bytes, schema
        is_usual = options.max_size == ModalityOptions().max_size
        return dataclasses.replace(options, max_size=MAX_SIZE) if is_usual else options

    def suits(self, schema: Schema) -> str:
        """Return why the targets of a schema ask this question; empty if they do not.

        Args:
            schema: The schema.
        """
        if [target.modality for target in schema.targets] != ["identity"]:
            return ""
        return f"the target {schema.targets[0].name!r} holds identities, of which others will come"

    def outputs(self, schema: Schema) -> tuple[OutputSpec, ...]:
        """Return what a network must answer: an embedding, and a cosine per known identity.

        Args:
            schema: The fitted schema.
        """
        spec = schema.output_specs()[0]
        return (OutputSpec(spec.name, self._width + spec.size),)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return recognition_recipe(facts)

    def baselines(
        self, known: Part, part: Part, like: Predictions
    ) -> tuple[BaselineResult, ...] | None:
        """Return how the rows are told apart by their numbers alone, without a network.

        Args:
            known: Training samples.
            part: The samples to answer.
            like: The network's own answers to them.
        """
        del like
        began = time.perf_counter()
        vectors = principal_vectors(_flat(known), _flat(part))
        if vectors is None:
            return ()
        values = np.concatenate([np.zeros((len(vectors), 2)), vectors], axis=1)
        note = f"cosines of {vectors.shape[1]} principal components of {len(known):,} training rows"
        seconds = time.perf_counter() - began
        answers = Predictions("embeddings", values)
        return (BaselineResult("principal_components", answers, len(known), note, seconds),)

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise: it reads the cosines with the centres.

        Args:
            recipe: The plan's parts.
            schema: The fitted schema.
            class_counts: Not used: identities are to count alike.
        """
        del class_counts
        name, width = schema.targets[0].name, self._width
        objective = recipe.objective.build(class_counts=None)

        def loss(outputs: Mapping[str, Tensor], batch: Batch) -> Tensor:
            cosines = outputs[name][..., width:]
            return mean_over_members(objective, cosines, batch.targets[name])

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the mean of several answers.

        Args:
            answers: float [rows, answers, width + identities].
        """
        return answers.mean(dim=1)

    def predictions(self, outputs: Mapping[str, Tensor], schema: Schema) -> Predictions:
        """Return embeddings of length 1 behind the nearest known identity and its cosine.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        values = self.values(outputs, schema, temperature=1.0)
        return Predictions("embeddings", values.numpy())

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the identities that training showed.

        Args:
            schema: The fitted schema.
        """
        return class_names(schema, schema.targets[0].name)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the cosine with the centre of each known identity.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
        """
        return outputs[schema.targets[0].name][:, self._width :]

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return that the row is like an identity, and "cosine".

        Args:
            schema: The fitted schema.
            choice: Number of the identity.
        """
        return f"{schema.targets[0].name} is like {self.choices(schema)[choice]}", "cosine"

    def chosen(self, predictions: Predictions) -> np.ndarray:
        """Return the nearest known identity.

        Args:
            predictions: The answers.
        """
        return predictions.values[:, 0].astype(np.int64)

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return the nearest known identity, its cosine, and the embedding, as one graph.

        Args:
            outputs: Combined outputs by target.
            schema: The fitted schema.
            temperature: Not used: cosines have none.
        """
        del temperature
        found = outputs[schema.targets[0].name].double()
        best, place = found[:, self._width :].max(dim=1, keepdim=True)
        vectors = F.normalize(found[:, : self._width], dim=1)
        return torch.cat([place.to(found.dtype), best, vectors], dim=1)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return the identities and the width of embeddings.

        Args:
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        known = list(class_names(schema, name))
        return {"name": "embeddings", "target": name, "known": known, "width": self._width}

    def truth(
        self, targets: Mapping[str, Tensor], schema: Schema, *, num_samples: int
    ) -> np.ndarray:
        """Return the numbers of identities, float64 [rows, 1].

        Args:
            targets: Encoded targets of the data set.
            schema: The fitted schema.
            num_samples: Not used: the targets say it.
        """
        del num_samples
        return targets[schema.targets[0].name].double().numpy()[:, None]

    def answers(self, predictions: Predictions, schema: Schema) -> pl.DataFrame:
        """Return the nearest known identity, how like it is, and the embedding.

        Args:
            predictions: The answers.
            schema: The fitted schema.
        """
        name = schema.targets[0].name
        nearest = torch.from_numpy(predictions.values[:, 0])
        vectors = predictions.values[:, 2:].astype(np.float32)
        return pl.DataFrame(
            {
                name: modality_of(schema, name).decode(nearest),
                beside("similarity", [name]): predictions.values[:, 1],
                beside("embedding", [name]): pl.Series(
                    vectors, dtype=pl.Array(pl.Float32, vectors.shape[1])
                ).arr.to_list(),
            }
        )


def _flat(part: Part) -> np.ndarray | None:
    """Return all inputs of samples as numbers side by side; None where one has a free length."""
    rows = []
    for some in part.index.split(1024):
        inputs = part.samples.batch(some).inputs
        if not all(name in JOINED or is_image(values) for name, values in inputs.items()):
            return None
        flat = [inputs[name].cpu().flatten(1).float() for name in sorted(inputs)]
        rows.append(torch.cat(flat, dim=1))
    return torch.cat(rows).nan_to_num().numpy() if rows else None
