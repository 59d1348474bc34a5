"""Number: a quantity, scaled and smoothly clipped (see `lamina.data.modalities.number`).

Targets whose past is looked at are scaled alone, as in training.
"""

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
    role: str = "input"
    """"input" or "target"."""

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: Of a number column.

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields({"role": "input", **document}, "a number")
        return cls(
            center=fields.number("center"),
            scale=fields.number("scale", above=0.0),
            low=fields.number("low"),
            transform=fields.text("transform", ("none", "log")),
            decimal=fields.text("decimal", (".", ",")),
            role=fields.text("role", ("input", "target")),
        )

    def read(self, cells: Sequence[Any]) -> Read:
        """Return float32 [rows, 1], NaN where missing.

        Args:
            cells: Raw cells.
        """
        if len(cells) <= _FEW and self.role == "input":
            few = [[self._encode(parse_number(cell, decimal=self.decimal))] for cell in cells]
            return Read(np.array(few, dtype=np.float32).reshape(-1, 1))
        values = self.moments(cells)
        if self.role == "target":
            return Read(self._scaled(values).astype(np.float32)[:, None])
        if self.transform == "log":
            # What lies below all training values may be 0 or less: it counts as the smallest.
            values = np.log(np.maximum(values, self.low))
        with np.errstate(over="ignore"):  # what overflows is infinite, and cut
            scaled = np.clip((values - self.center) / self.scale, -_MOST, _MOST)
        return Read((scaled / np.sqrt(1.0 + (scaled / 3.0) ** 2)).astype(np.float32)[:, None])

    def moments(self, cells: Sequence[Any]) -> np.ndarray:
        """Return cells as plain numbers, float64 [rows], NaN where missing.

        Args:
            cells: Raw cells.
        """
        return np.array([parse_number(cell, decimal=self.decimal) for cell in cells], np.float64)

    def _scaled(self, values: np.ndarray) -> np.ndarray:
        """Return numbers of a target, however far from those of training."""
        if self.transform == "log":
            values = np.log(np.where(values > 0, values, np.nan))
        with np.errstate(over="ignore"):  # what overflows is infinite, and cut
            return np.clip((values - self.center) / self.scale, -_FARTHEST, _FARTHEST)

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
_FARTHEST = 1e30
