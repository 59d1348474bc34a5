"""What was said in a recording, found in the scores of every token at every step."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.answers.texts import text_answers
from lamina.runtime.document import Fields
from lamina.runtime.pieces import Pieces
from lamina.runtime.signature import Answer
from lamina.runtime.token_runs import TokenRuns
from lamina.runtime.transcript_search import SearchSettings, transcript


@final
class Transcripts(AbstractForm):
    """The likeliest text of each recording, and how sure the network is of it.

    Args:
        target: Name of the target.
        pieces: Pieces of the vocabulary; the first is the mark before every text.
        settings: How texts are looked for.
        language: Runs of tokens of the training transcripts.
    """

    name: ClassVar[str] = "transcripts"

    def __init__(
        self, target: str, pieces: Sequence[str], settings: SearchSettings, language: TokenRuns
    ) -> None:
        self._pieces = Pieces(pieces)
        self._settings, self._language = settings, language
        self._answers = text_answers(target)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "pieces", "search" and "language".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of transcripts")
        return cls(
            fields.text("target"),
            fields.texts("pieces", least=1),
            SearchSettings.from_document(fields.value("search")),
            TokenRuns.from_document(fields.value("language")),
        )

    @property
    def num_columns(self) -> None:
        """As many as the longest recording has steps, times the tokens."""
        return None

    @property
    def answers(self) -> tuple[Answer, ...]:
        """The text, and its nats per token."""
        return self._answers

    def read(self, values: np.ndarray) -> list[dict[str, Any]]:
        """Return the text of each row.

        Args:
            values: float64 [rows, steps × tokens], NaN behind the end of a recording.
        """
        size, found = len(self._pieces), []
        for row in values.reshape(len(values), values.shape[1] // size, size):
            tokens, nats = transcript(row[~np.isnan(row[:, 0])], self._settings, self._language)
            cells = self._pieces.text(tokens), nats / max(1, len(tokens))
            found.append({answer.name: cell for answer, cell in zip(self._answers, cells)})
        return found
