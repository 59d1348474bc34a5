"""A text as the answer to a text: translation, correction, transliteration, summaries."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

from torch import Tensor

from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.text import Text
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.evaluation.baseline_texts import BASELINES
from lamina.tasks.base import modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.text_to_text import text_to_text_recipe
from lamina.tasks.writing import AbstractWriting, texts_of

MOST_TOKENS = 512
"""Most byte pairs of a text where the user names no number; the rest is cut off."""


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
        is_usual = options.max_length == ModalityOptions().max_length
        length = MOST_TOKENS if is_usual and tokens != "bytes" else options.max_length
        return dataclasses.replace(options, tokens=tokens, max_length=length, is_joint=True)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return text_to_text_recipe(facts)

    def measured(self, likelihood: Tensor) -> Tensor:
        """Return the nats of each answer, and those of all tokens, for label smoothing.

        Args:
            likelihood: float [batch, 4].

        Returns:
            float [batch, 2].
        """
        return likelihood[:, 0::3]

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return that the answers are texts; how they are sought, the network says.

        Args:
            schema: The fitted schema.
        """
        target = schema.targets[0].name
        modality = modality_of(schema, target)
        assert isinstance(modality, Text)
        return {"name": "texts", "target": target, "pieces": list(modality.words)}

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
