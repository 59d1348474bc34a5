"""How well a masked language model fills in the tokens of each text."""

import math
from typing import ClassVar, final

from lamina.runtime.answers.text_figures import AbstractTextFigures


@final
class FillIns(AbstractTextFigures):
    """Nats, tokens, bytes and hits of a text as figures that people compare."""

    name: ClassVar[str] = "fill_ins"
    names: ClassVar[tuple[str, ...]] = ("nats_per_token", "fill_accuracy", "perplexity", "tokens")
    columns: ClassVar[int] = 4

    @staticmethod
    def figures(row: list[float]) -> tuple[float | None, ...]:
        """Return nats per token, share found, perplexity and tokens; None where a text has none.

        Args:
            row: Nats, tokens, bytes and hits.
        """
        nats, tokens, _, hits = row
        if tokens < 1:
            return None, None, None, tokens
        mean = nats / tokens
        return mean, hits / tokens, math.exp(min(mean, 700.0)), tokens
