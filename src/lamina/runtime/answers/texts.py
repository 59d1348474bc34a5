"""A written text, from the tokens that a search found."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.pieces import Pieces
from lamina.runtime.signature import Answer
from lamina.runtime.tracing import Trace, words_of_tokens
from lamina.runtime.writers.base import AbstractWriter


@final
class Texts(AbstractForm):
    """The text of each row, and how sure the network is of it.

    Args:
        target: Name of the target.
        pieces: Pieces of the vocabulary; the first is the mark before every text.
    """

    name: ClassVar[str] = "texts"

    def __init__(self, target: str, pieces: Sequence[str]) -> None:
        self._pieces = Pieces(pieces)
        self._answers = text_answers(target)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target" and "pieces".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of texts")
        return cls(fields.text("target"), fields.texts("pieces", least=1))

    @property
    def num_columns(self) -> None:
        """As many as the longest text has tokens, and two."""
        return None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The text, and its nats per token."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the text of each row.

        Args:
            values: float64 [rows, 2 + length]: nats, tokens, then the tokens, padded with 0 or NaN.

        Raises:
            BundleError: A token has no piece.
        """
        tokens = self._tokens(values)
        found = []
        for (nats, count), row in zip(values[:, :2].tolist(), tokens.tolist()):
            cells = self._pieces.text(row), nats / max(1.0, count)
            found.append({answer.name: cell for answer, cell in zip(self._answers, cells)})
        return found

    def trace(
        self,
        row: Mapping[str, Any],
        values: np.ndarray,
        graph: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    ) -> Trace:
        """Return the text of a row, and how it is measured given other rows.

        Args:
            row: Not used: the text is made of its own words.
            values: Numbers of the row, float64 [columns].
            graph: What wrote it.

        Raises:
            BundleError: It measures no texts, or a token has no piece.
        """
        del row
        if not isinstance(graph, AbstractWriter):
            raise BundleError("the search for texts is missing: the file is damaged.")
        tokens = [token for token in self._tokens(values[None])[0].tolist() if token]
        parts, groups = words_of_tokens(tokens, self._pieces)

        def weigh(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
            logs = graph.weigh(inputs, tokens)
            return np.concatenate([logs.sum(axis=1, keepdims=True), logs], axis=1)

        return Trace(self._pieces.text(tokens), parts, groups, weigh)

    def _tokens(self, values: np.ndarray) -> np.ndarray:
        """Return the tokens that numbers hold, int64 [rows, length], padded with 0."""
        tokens: np.ndarray = np.nan_to_num(values[:, 2:]).astype(np.int64)
        if tokens.size and not 0 <= tokens.min() <= tokens.max() < len(self._pieces):
            raise BundleError("the graph writes tokens that have no piece: the file is damaged.")
        return tokens


def text_answers(target: str) -> tuple[Answer, Answer]:
    """Return the columns of an answer that is a text.

    Args:
        target: Name of the target.
    """
    text, sure = answer_names(target)
    return (
        Answer(name=text, kind="text", target=target),
        Answer(name=sure, kind="number", target=target),
    )


def answer_names(target: str) -> tuple[str, str]:
    """Return the names of the columns of an answer: the text, its nats per token.

    Args:
        target: Name of the target.
    """
    return target, beside(f"{target}: nats per token", (target,))
