"""An embedding, with the nearest identity that training showed."""

from collections.abc import Mapping
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer


@final
class Embeddings(AbstractForm):
    """The nearest known identity, its cosine, and the embedding.

    Args:
        target: Name of the target.
        known: Identities that training showed.
        width: Numbers of an embedding.
    """

    name: ClassVar[str] = "embeddings"

    def __init__(self, target: str, known: tuple[str, ...], width: int) -> None:
        self._known = known
        self._width = width
        names = [target, beside("similarity", [target]), beside("embedding", [target])]
        self._names = names
        self._answers = (
            Answer(name=names[0], kind="class", target=target),
            Answer(name=names[1], kind="similarity", target=target),
            Answer(name=names[2], kind="vector", target=target),
        )

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "known" and "width".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of embeddings")
        return cls(
            fields.text("target"),
            fields.texts("known", least=2),
            fields.integer("width", least=1),
        )

    @property
    def num_columns(self) -> int:
        """The number of the identity, its cosine, and the embedding."""
        return 2 + self._width

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The nearest known identity, its cosine, and the embedding."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the answers to rows.

        Args:
            values: float64 [rows, 2 + width].
        """
        last = len(self._known) - 1
        return [
            dict(zip(self._names, (self._known[min(max(round(place), 0), last)], cosine, vector)))
            for (place, cosine, *vector) in values.tolist()
        ]
