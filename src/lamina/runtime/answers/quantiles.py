"""Quantiles of one number: the middle one, and one per level."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer


@final
class Quantiles(AbstractForm):
    """The quantile nearest to the median under the target's name, and one column per level.

    Args:
        target: Name of the target.
        levels: Levels of the quantiles, rising.
    """

    name: ClassVar[str] = "quantiles"

    def __init__(self, target: str, levels: tuple[float, ...]) -> None:
        self._levels = levels
        self._middle = int(np.abs(np.asarray(levels) - 0.5).argmin())
        named = [(f"{target}_q{level * 100:g}", level) for level in levels]
        self._answers = (
            Answer(name=target, kind="number", target=target),
            *(
                Answer(name=name, kind="quantile", target=target, level=level)
                for name, level in named
            ),
        )
        self._names = [answer.name for answer in self._answers]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target" and "levels".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of quantiles")
        levels = fields.numbers("levels")
        if not levels or list(levels) != sorted(set(levels)) or not 0 < levels[0] <= levels[-1] < 1:
            raise fields.refusal("levels", levels, "rising numbers in (0, 1)")
        return cls(fields.text("target"), levels)

    @property
    def num_columns(self) -> int:
        """One number per level."""
        return len(self._levels)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The middle quantile, and all of them."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the quantiles of each row.

        Args:
            values: float64 [rows, levels], rising in each row.
        """
        middle = self._middle
        return [dict(zip(self._names, (row[middle], *row))) for row in values.tolist()]
