"""What was said in a recording, found in the scores of every token at every step."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm, beside
from lamina.runtime.byte_pairs import byte_characters
from lamina.runtime.document import Fields
from lamina.runtime.signature import Answer
from lamina.runtime.token_runs import TokenRuns
from lamina.runtime.transcript_search import SearchSettings, transcript

FIRST_PIECE = 2
"""Id of the first piece of the vocabulary."""


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
        known = {character: byte for byte, character in enumerate(byte_characters())}
        self._bytes = [
            bytes(known[c] for c in piece) if known.keys() >= set(piece) else b""
            for piece in pieces
        ]
        self._bytes[0] = b""
        self._settings, self._language = settings, language
        names = answer_names(target)
        self._answers = (
            Answer(name=names[0], kind="text", target=target),
            Answer(name=names[1], kind="number", target=target),
        )

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
        size, found = FIRST_PIECE + len(self._bytes), []
        for row in values.reshape(len(values), values.shape[1] // size, size):
            tokens, nats = transcript(row[~np.isnan(row[:, 0])], self._settings, self._language)
            text = b"".join(self._bytes[token - FIRST_PIECE] for token in tokens)
            sure = nats / max(1, len(tokens))
            found.append(
                {
                    self._answers[0].name: text.decode("utf-8", "replace"),
                    self._answers[1].name: sure,
                }
            )
        return found


def answer_names(target: str) -> tuple[str, str]:
    """Return the names of the columns of an answer: the text, its nats per token.

    Args:
        target: Name of the target.
    """
    return target, beside(f"{target}: nats per token", (target,))
