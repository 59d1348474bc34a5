"""A text as the answer to a text: translation, correction, transliteration, summaries."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar, final

from torch import Tensor

from lamina.core.records import Batch
from lamina.data.modalities.base import ModalityOptions
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.baseline_texts import BASELINES
from lamina.networks.answers import LIKELIHOOD
from lamina.tasks.base import Loss
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.text_to_text import text_to_text_recipe
from lamina.tasks.writing import AbstractWriting, texts_of

MOST_TOKENS = 512
"""Most tokens of a text; the rest is cut off."""


@final
class TextToText(AbstractWriting):
    """A text, from another."""

    name: ClassVar[str] = "text_to_text"
    objectives: ClassVar[tuple[str, ...]] = ("next_token",)
    metrics: ClassVar[tuple[str, ...]] = ("bleu", "chrf", "exact_match", "character_error_rate")
    wants: ClassVar[str] = "It needs one text to read and one to write. "
    reads: ClassVar[str] = "text"

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

    def simple_answers(self, known: Part, part: Part) -> Mapping[str, tuple[Sequence[str], str]]:
        """Return the texts themselves, and the answers to the most similar texts known.

        Args:
            known: Training samples.
            part: The samples to answer.
        """
        asked = texts_of(part, is_target=False)
        texts, answers = (texts_of(known, is_target=is_target) for is_target in (False, True))
        return {
            name: (entry.value(texts, answers, asked), entry.summary)
            for name, entry in BASELINES.items()
        }
