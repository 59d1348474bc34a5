"""What every modality of an exported model offers: raw cells to the array that the network sees.

Each is the counterpart of a file of `lamina.data.modalities`, made from the same document, and a
contract test holds the two equal for any cells.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np


@dataclass(frozen=True, slots=True)
class Read:
    """Cells of one column as arrays."""

    values: np.ndarray
    """One row per cell; of texts, words, series and sounds an object array of arrays, one per
    row: int64 token ids or [words, numbers], float32 [steps, channels], or int16 [samples]."""
    errors: Mapping[int, str] = field(default_factory=dict)
    """What is wrong with cells whose row cannot be answered, by row."""


class AbstractReader(ABC):
    """Reads the cells of one column; an instance is what was learnt from training rows."""

    name: ClassVar[str]
    """Name of the modality."""
    kind: ClassVar[str]
    """Kind of the network input that it is part of: "number", "category", "image", "text", "words",
    "series" or "sound"."""

    @classmethod
    @abstractmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the state from a document.

        Args:
            document: As the modality's `to_document` gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """

    @abstractmethod
    def read(self, cells: Sequence[Any]) -> Read:
        """Return raw cells as the network sees them; what cannot be read counts as missing.

        Args:
            cells: Raw cells, of any types.
        """
