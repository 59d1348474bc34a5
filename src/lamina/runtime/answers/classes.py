"""One of several classes, with the probability of each."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer

MAX_SHOWN = 100
"""Most classes whose probabilities are given one by one: a thousand columns help nobody."""


@final
class Classes(AbstractForm):
    """The most probable class, its probability, and that of every class.

    Args:
        target: Name of the target.
        cells: The classes as cells: text, whole numbers, numbers or truth values.
        labels: The classes as text.
    """

    name: ClassVar[str] = "classes"

    def __init__(self, target: str, cells: tuple[Any, ...], labels: tuple[str, ...]) -> None:
        self._cells = cells
        shown = labels if len(labels) <= MAX_SHOWN else ()
        taken = (target,)
        probability = Answer(name=beside("probability", taken), kind="probability", target=target)
        self._answers = (
            Answer(name=target, kind="class", target=target),
            probability,
            *(
                Answer(
                    name=beside(f"probability_{label}", taken),
                    kind="probability",
                    target=target,
                    label=label,
                )
                for label in shown
            ),
        )
        self._names = [answer.name for answer in self._answers]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "cells" and "labels".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of classes")
        cells = fields.items("cells", least=2)
        labels = fields.texts("labels", least=2)
        if len(labels) != len(cells) or not all(isinstance(c, _CELLS) for c in cells):
            raise fields.refusal("cells", cells, f"{len(labels)} texts, numbers or truth values")
        return cls(fields.text("target"), cells, labels)

    @property
    def num_columns(self) -> int:
        """One probability per class."""
        return len(self._cells)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The class, its probability and that of each class."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the most probable class of each row.

        Args:
            values: float64 [rows, classes], probabilities.
        """
        cells, names, is_shown = self._cells, self._names, len(self._names) > 2
        found = []
        for place, row in zip(values.argmax(1).tolist(), values.tolist()):
            answer = (cells[place], row[place], *row) if is_shown else (cells[place], row[place])
            found.append(dict(zip(names, answer)))
        return found


_CELLS = (str, int, float, bool)
