"""The contract of figures: what a cell that cannot be compared itself is like at a glance.

A picture, a recording or a series is never the same twice. What can be compared with training is
how bright or loud, how large or long it is. Training rows and those that a model is asked about are
measured by the same code.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from lamina.runtime.signature import Field


class AbstractFigures(ABC):
    """Measures the cells of one column.

    Args:
        field: The column; its figures may be missing still.
    """

    modality: ClassVar[str]
    """Name of the modality whose cells are measured."""
    is_slow: ClassVar[bool]
    """Whether a cell has to be decoded for it, so that only a sample of the rows is measured."""

    def __init__(self, field: Field) -> None:
        self.field = field

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The figures, in the order in which a person is shown them."""

    @abstractmethod
    def measure(self, cell: Any) -> Mapping[str, float] | None:
        """Return the figures of a cell; None where it is none or cannot be read.

        Args:
            cell: Raw.
        """
