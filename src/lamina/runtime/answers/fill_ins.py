"""How well a masked language model fills in the tokens of each text."""

import math
from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer

NAMES = ("nats_per_token", "fill_accuracy", "perplexity", "tokens")
"""Columns of an answer."""


@final
class FillIns(AbstractForm):
    """Nats, tokens, bytes and hits of a text as figures that people compare."""

    name: ClassVar[str] = "fill_ins"

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With nothing but the name.

        Raises:
            BundleError: It is no document.
        """
        Fields(document, "an answer of fill-ins")
        return cls()

    @property
    def num_columns(self) -> int:
        """Nats, tokens, bytes and hits."""
        return 4

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The figures."""
        return tuple(Answer(name=name, kind="number", target=name) for name in NAMES)

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the figures of each row.

        Args:
            values: float64 [rows, 4].
        """
        return [dict(zip(NAMES, figures(row))) for row in values.tolist()]


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
