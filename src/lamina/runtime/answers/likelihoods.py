"""How likely a language model finds each text."""

import math
from typing import ClassVar, final

from lamina.runtime.answers.text_figures import AbstractTextFigures


@final
class Likelihoods(AbstractTextFigures):
    """Nats, tokens and bytes of a text as figures that people compare."""

    name: ClassVar[str] = "likelihoods"
    names: ClassVar[tuple[str, ...]] = ("bits_per_byte", "nats_per_token", "perplexity", "tokens")
    columns: ClassVar[int] = 3

    @staticmethod
    def figures(row: list[float]) -> tuple[float | None, ...]:
        """Return bits per byte, nats per token, perplexity and tokens; None where a text has none.

        Args:
            row: Nats, tokens and bytes.
        """
        nats, tokens, size = row
        if tokens < 1 or size < 1:
            return None, None, None, tokens
        mean = nats / tokens
        return nats / size / math.log(2.0), mean, math.exp(min(mean, 700.0)), tokens
