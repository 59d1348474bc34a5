"""Figures of a text that a network has measured: what likelihoods and fill-ins have in common."""

from abc import abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar, Self

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer


class AbstractTextFigures(AbstractForm):
    """Sums over the tokens of a text as figures that people compare."""

    names: ClassVar[tuple[str, ...]]
    """Columns of an answer."""
    columns: ClassVar[int]
    """Sums per text that the graph gives."""

    @staticmethod
    @abstractmethod
    def figures(row: list[float]) -> tuple[float | None, ...]:
        """Return the figures of a text, None where it has none.

        Args:
            row: Its sums.
        """

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With nothing but the name.

        Raises:
            BundleError: It is no document.
        """
        Fields(document, f"an answer of {cls.name.replace('_', '-')}")
        return cls()

    @property
    def num_columns(self) -> int:
        """Sums per text."""
        return self.columns

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The figures."""
        return tuple(Answer(name=name, kind="number", target=name) for name in self.names)

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the figures of each row.

        Args:
            values: float64 [rows, columns].
        """
        return [dict(zip(self.names, self.figures(row))) for row in values.tolist()]
