"""What is said in a recording."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, final

from lamina.data.modalities.base import ModalityOptions
from lamina.data.modalities.text import Text
from lamina.data.parts import Part
from lamina.data.schema import Schema
from lamina.tasks.base import modality_of
from lamina.tasks.facts import Facts
from lamina.tasks.recipe import Recipe
from lamina.tasks.recipes.transcription import transcription_recipe
from lamina.tasks.writing import AbstractWriting, texts_of

MOST_SECONDS = 30
"""Most seconds of a recording that are learnt from, and that are heard at a time."""


@final
class Transcription(AbstractWriting):
    """The words of a recording."""

    name: ClassVar[str] = "transcription"
    objectives: ClassVar[tuple[str, ...]] = ("transcript",)
    metrics: ClassVar[tuple[str, ...]] = (
        "word_error_rate",
        "character_error_rate",
        "exact_match",
    )
    wants: ClassVar[str] = "It needs one recording to hear and one text to write. "
    reads: ClassVar[str] = "sound"

    def fitting(
        self, options: ModalityOptions, num_bytes: int, schema: Schema | None = None
    ) -> ModalityOptions:
        """Return that texts are cut into bytes, and recordings may be as long as sentences are.

        Args:
            options: What the user said.
            num_bytes: Not used.
            schema: Not used.
        """
        del num_bytes, schema
        tokens = "bytes" if options.tokens == "words" else options.tokens
        seconds = max(options.max_seconds, MOST_SECONDS)
        return dataclasses.replace(options, tokens=tokens, max_seconds=seconds)

    def plan(self, facts: Facts) -> Recipe:
        """Return the parts chosen for these facts, with reasons.

        Args:
            facts: What the planner knows.
        """
        return transcription_recipe(facts)

    def form(self, schema: Schema) -> dict[str, Any]:
        """Return that the answers are transcripts; how they are sought, the network says.

        Args:
            schema: The fitted schema.
        """
        target = schema.targets[0].name
        modality = modality_of(schema, target)
        assert isinstance(modality, Text)
        return {"name": "transcripts", "target": target, "pieces": list(modality.words)}

    def simple_answers(self, known: Part, part: Part) -> Mapping[str, tuple[Sequence[str], str]]:
        """Return the commonest transcript for every recording.

        Args:
            known: Training samples.
            part: The samples to answer.
        """
        commonest, count = Counter(texts_of(known, is_target=True)).most_common(1)[0]
        note = f"answers {commonest[:60]!r} always, which {count:,} training recordings say"
        return {"commonest text": ([commonest] * len(part), note)}
