"""What tasks share whose answers are as long as they need: texts, transcripts, tags of words.

A network that is given the answer measures it, one that is not finds its own. What is explained is
the probability of the answer, which is given to the network while its input changes.
"""

from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor

from lamina.core.errors import DataError
from lamina.core.records import Batch, InputSpec
from lamina.data.schema import Schema
from lamina.evaluation.predictions import Predictions
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.base import AbstractTask, Loss, modality_of
from lamina.tasks.recipe import Recipe

MOST_SHOWN = 200
"""Most characters of an answer where it is named."""


class AbstractFreeLength(AbstractTask):
    """An answer of free length, from an input."""

    explains_given: ClassVar[bool] = True
    joins_encoders: ClassVar[bool] = False

    def inputs(self, schema: Schema) -> tuple[InputSpec, ...]:
        """Return what a network is given: the input, and the answer where it is known.

        Args:
            schema: The fitted schema.
        """
        target = schema.targets[0].name
        return (*schema.input_specs(), modality_of(schema, target).input_spec(target))

    def measured(self, likelihood: Tensor) -> Tensor:
        """Return what the objective reads of the likelihood: nats of each answer, float [batch].

        Args:
            likelihood: float [batch, 3 or 4], as `lamina.networks.answers` says.
        """
        return likelihood[:, 0]

    def loss(self, recipe: Recipe, schema: Schema, class_counts: Tensor | None) -> Loss:
        """Return the loss to minimise: how unlikely the right answers are.

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
            value: Tensor = objective(self.measured(found), found[:, 1])
            return value

        return loss

    def combine(self, answers: Tensor) -> Tensor:
        """Return the one answer that there is.

        Args:
            answers: float [rows, 1, size].

        Raises:
            DataError: There are several, and such answers have no mean.
        """
        if answers.shape[1] != 1:
            raise DataError(
                f"answers of free length have no mean, got {answers.shape[1]} for each row."
            )
        return answers[:, 0]

    def choices(self, schema: Schema) -> tuple[str, ...]:
        """Return the one thing that can be explained: why this answer and no other.

        Args:
            schema: The fitted schema.
        """
        return (schema.targets[0].name,)

    def evidence(self, outputs: Mapping[str, Tensor], schema: Schema) -> Tensor:
        """Return the log-probability of an answer that was given.

        Args:
            outputs: Combined outputs.
            schema: The fitted schema.
        """
        del schema
        return -outputs[LIKELIHOOD][:, :1]

    def claim(self, schema: Schema, choice: int) -> tuple[str, str]:
        """Return the name of the answer, and the unit of its evidence.

        Args:
            schema: The fitted schema.
            choice: Number of the choice.
        """
        return self.choices(schema)[choice], "log-probability"

    def stated(self, claim: str, predictions: Predictions) -> str:
        """Return the answer in quotes.

        Args:
            claim: Name of the target.
            predictions: The answer.
        """
        text = predictions.texts[0]
        shown = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
        return f"{claim} is “{shown}”"

    def values(
        self, outputs: Mapping[str, Tensor], schema: Schema, *, temperature: float
    ) -> Tensor:
        """Return the scores that a traced network gives, in which the runtime seeks the answer.

        Args:
            outputs: Outputs of the network, float [rows, places × scores].
            schema: The fitted schema.
            temperature: Not used: such answers have none.
        """
        del temperature
        return outputs[schema.targets[0].name].double()
