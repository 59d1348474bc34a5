"""One or several numbers in the unit of their targets."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer


@final
class Numbers(AbstractForm):
    """A number per target.

    Args:
        targets: Names of the targets.
    """

    name: ClassVar[str] = "numbers"

    def __init__(self, targets: tuple[str, ...]) -> None:
        self._names = targets

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "targets".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        return cls(Fields(document, "an answer of numbers").texts("targets", least=1))

    @property
    def num_columns(self) -> int:
        """One number per target."""
        return len(self._names)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The numbers."""
        return tuple(Answer(name=name, kind="number", target=name) for name in self._names)

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the numbers of each row.

        Args:
            values: float64 [rows, targets].
        """
        return [dict(zip(self._names, row)) for row in values.tolist()]
