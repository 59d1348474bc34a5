"""Number: a quantity, scaled and smoothly clipped (see `lamina.data.modalities.number`)."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.cells import parse_number
from lamina.runtime.document import Fields
from lamina.runtime.modalities.base import AbstractReader, Read


@final
@dataclass(frozen=True, kw_only=True, slots=True)
class NumberReader(AbstractReader):
    """Reads numbers."""

    name: ClassVar[str] = "number"
    kind: ClassVar[str] = "number"

    center: float
    """Subtracted, after the logarithm if there is one."""
    scale: float
    """Divided by, above 0."""
    low: float
    """Least training value."""
    transform: str
    """"none" or "log"."""
    decimal: str
    """Decimal mark in cells that are text."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a number column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "a number")
        return cls(
            center=fields.number("center"),
            scale=fields.number("scale", above=0.0),
            low=fields.number("low"),
            transform=fields.text("transform", ("none", "log")),
            decimal=fields.text("decimal", (".", ",")),
        )

    def read(self, cells: Sequence[Any]) -> Read:
        """Return float32 [rows, 1], NaN where missing.

        Args:
            cells: Raw cells.
        """
        numbers = [parse_number(cell, decimal=self.decimal) for cell in cells]
        if len(numbers) <= _FEW:
            few = [[self._encode(number)] for number in numbers]
            return Read(np.array(few, dtype=np.float32).reshape(-1, 1))
        values = np.array(numbers, dtype=np.float64)
        if self.transform == "log":
            # What lies below all training values may be 0 or less: it counts as the smallest.
            values = np.log(np.maximum(values, self.low))
        with np.errstate(over="ignore"):  # what overflows is infinite, and cut
            scaled = np.clip((values - self.center) / self.scale, -_MOST, _MOST)
        return Read((scaled / np.sqrt(1.0 + (scaled / 3.0) ** 2)).astype(np.float32)[:, None])

    def _encode(self, number: float) -> float:
        """Return one number encoded: for a few, plain arithmetic is quicker than arrays."""
        if math.isnan(number):
            return math.nan
        if self.transform == "log":
            number = math.log(max(number, self.low))
        scaled = min(max((number - self.center) / self.scale, -_MOST), _MOST)
        return scaled / math.sqrt(1.0 + (scaled / 3.0) ** 2)


_FEW = 8
_MOST = 1e6
