"""How likely a language model finds each text."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer

NAMES = ("bits_per_byte", "nats_per_token", "perplexity", "tokens")
"""Columns of an answer."""


@final
class Likelihoods(AbstractForm):
    """Nats, tokens and bytes of a text as figures that people compare."""

    name: ClassVar[str] = "likelihoods"

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With nothing but the name.

        Raises:
            BundleError: It is no document.
        """
        Fields(document, "an answer of likelihoods")
        return cls()

    @property
    def num_columns(self) -> int:
        """Nats, tokens and bytes."""
        return 3

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The figures."""
        return tuple(Answer(name=name, kind="number", target=name) for name in NAMES)

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the figures of each row.

        Args:
            values: float64 [rows, 3].
        """
        return [dict(zip(NAMES, figures(row))) for row in values.tolist()]


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
