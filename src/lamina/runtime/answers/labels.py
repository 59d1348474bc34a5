"""Any number of labels: tags in one column, or yes and no in a column each."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer

_THRESHOLD = 0.5


@final
class Labels(AbstractForm):
    """The labels with a probability of at least one half, and the probability of every label.

    Args:
        targets: Name of the tags column, or names of the yes/no columns.
        labels: The labels; of yes/no columns, their names.
        is_joined: Whether the target is a tags column.
    """

    name: ClassVar[str] = "labels"

    def __init__(
        self, targets: tuple[str, ...], labels: tuple[str, ...], *, is_joined: bool
    ) -> None:
        self._labels, self._is_joined = labels, is_joined
        if is_joined:
            decisions = [Answer(name=targets[0], kind="tags", target=targets[0])]
            of = dict.fromkeys(labels, targets[0])
        else:
            decisions = [Answer(name=t, kind="truth", target=t, label=t) for t in targets]
            of = dict(zip(labels, targets))
        self._answers = (
            *decisions,
            *(
                Answer(
                    name=beside(f"probability_{label}", targets),
                    kind="probability",
                    target=of[label],
                    label=label,
                )
                for label in labels
            ),
        )
        self._names = [answer.name for answer in self._answers]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "targets", "labels" and "is_joined".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of labels")
        targets, labels = fields.texts("targets", least=1), fields.texts("labels", least=1)
        is_joined = fields.boolean("is_joined")
        if len(targets) > 1 if is_joined else targets != labels:
            raise fields.refusal("targets", targets, "one name, or those of the labels")
        return cls(targets, labels, is_joined=is_joined)

    @property
    def num_columns(self) -> int:
        """One probability per label."""
        return len(self._labels)

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The labels, and the probability of each."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the labels of each row.

        Args:
            values: float64 [rows, labels], probabilities.
        """
        found = []
        for row in values.tolist():
            decided = [value >= _THRESHOLD for value in row]
            if self._is_joined:
                joined = ";".join(label for label, on in zip(self._labels, decided) if on)
                found.append(dict(zip(self._names, (joined, *row))))
            else:
                found.append(dict(zip(self._names, (*decided, *row))))
        return found
