"""What every form of an answer offers: the graph's numbers of a row to the cells of its answer.

A task says which form its answers have (`AbstractTask.form`); the numbers are those that metrics
read (`Predictions.values`): probabilities, or numbers in the unit of the target.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, ClassVar, Self

import numpy as np

from lamina.runtime.errors import DataError
from lamina.runtime.signature import Answer
from lamina.runtime.sliding import Sliding
from lamina.runtime.sound_windows import Score
from lamina.runtime.tracing import Trace
from lamina.runtime.transcription import Listener


class AbstractForm(ABC):
    """Turns the numbers of rows into answers."""

    name: ClassVar[str]
    """Name in documents."""

    @classmethod
    @abstractmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: As the task gave it, from a file that may be damaged.

        Raises:
            BundleError: A value is missing or cannot be.
        """

    @property
    @abstractmethod
    def num_columns(self) -> int | None:
        """Numbers per row that the graph gives; None where it is as many as the rows need."""

    @property
    @abstractmethod
    def answers(self) -> tuple[Answer, ...]:
        """The columns of an answer, in order."""

    @abstractmethod
    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the answers to rows, with plain Python values.

        Args:
            values: float64 [rows, columns].
        """

    def completed(
        self, answers: list[dict[str, Any]], rows: Sequence[Mapping[str, Any]]
    ) -> list[dict[str, Any]]:
        """Return the answers with what only raw rows can say; for most forms there is nothing.

        Args:
            answers: As `read` gives them.
            rows: The raw rows that they are answers to.
        """
        del rows
        return answers

    def trace(
        self,
        row: Mapping[str, Any],
        values: np.ndarray,
        graph: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    ) -> Trace:
        """Return the answer of free length to a row, and how it is measured given other rows.

        Args:
            row: Raw cells by column.
            values: Numbers of the row, float64 [columns].
            graph: Encoded inputs by name to such numbers of rows.

        Raises:
            DataError: The answers are neither texts nor tags of words.
        """
        del row, values, graph
        raise DataError(
            "the answers of this model are neither texts nor tags of words: ask it to predict."
        )

    @property
    def sliding(self) -> Sliding | None:
        """How windows lie in pictures that are answered so; None where a row is answered at once.

        What the graph gives is then the scores of a window.
        """
        return None

    def of_picture(
        self, picture: np.ndarray, score: Callable[[np.ndarray], np.ndarray]
    ) -> dict[str, Any]:
        """Return the answer to a picture that is seen in windows; most answers are to whole rows.

        Args:
            picture: uint8 [height, width, channels].
            score: Windows as the graph sees them to its numbers.

        Raises:
            DataError: The answers are not found in windows.
        """
        del score
        raise DataError(f"a picture of shape {list(picture.shape)} is not answered in windows.")

    @property
    def hears_on(self) -> bool:
        """Whether recordings longer than the network hears at a time are heard to their end."""
        return False

    def listener(self, score: Score, *, rate: int, max_samples: int) -> Listener:
        """Return what hears sounds of any length; most answers are not found in such scores.

        Args:
            score: Scores some samples.
            rate: Samples per second that the network hears.
            max_samples: Most samples that it hears at a time.

        Raises:
            DataError: The answers are no transcripts.
        """
        del score, rate, max_samples
        raise DataError(
            "this model writes no transcripts. Train one that does with: lamina fit "
            "recordings.csv --target text"
        )

    def heard(self, tokens: Sequence[int], nats: float) -> dict[str, Any]:
        """Return the answer that the tokens of a sound of any length are.

        Args:
            tokens: As a `listener` finds them.
            nats: How unlikely they are.

        Raises:
            DataError: The answers are no transcripts.
        """
        raise DataError(f"{len(tokens)} tokens of {nats:.1f} nats are no answer of this model.")


def beside(name: str, taken: Collection[str]) -> str:
    """Return a name for a column of answers that no target has.

    Args:
        name: The name wanted.
        taken: Names of the targets.
    """
    while name in taken:
        name += "_"
    return name
