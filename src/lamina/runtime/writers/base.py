"""What every way of writing offers: encoded inputs of rows to the numbers of their answers."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.errors import DataError
from lamina.runtime.writers.steps import Run


class AbstractWriter(ABC):
    """Asks the graphs of a network step by step."""

    name: ClassVar[str]
    """Name in documents."""
    graphs: ClassVar[Mapping[str, tuple[str, ...]]]
    """Graphs that it asks; of each, the outputs that it must have beside what is remembered."""

    @classmethod
    @abstractmethod
    def from_document(cls, fields: Fields, graphs: Mapping[str, Run]) -> Self:
        """Return the writer of a document.

        Args:
            fields: The document, from a file that may be damaged.
            graphs: What runs each graph, by name.

        Raises:
            BundleError: A value is missing or cannot be.
        """

    @abstractmethod
    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the numbers of rows, float64 [rows, columns].

        Args:
            inputs: Encoded inputs by name; there is one, int64 [rows, length].
        """

    def weigh(self, inputs: Mapping[str, np.ndarray], text: Sequence[int]) -> np.ndarray:
        """Return the log-probability of each token of an answer and of its end.

        Args:
            inputs: Encoded inputs by name, as for an answer.
            text: The tokens of the answer, without marks.

        Returns:
            float64 [rows, tokens + 1].

        Raises:
            DataError: Its answers are no texts.
        """
        del inputs
        raise DataError(f"a text of {len(text)} tokens is no answer of this model.")
