"""What was said in a recording, found in the scores of every token at every step."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.answers.base import AbstractForm
from lamina.runtime.answers.texts import text_answers
from lamina.runtime.document import Fields
from lamina.runtime.errors import BundleError
from lamina.runtime.pieces import Pieces
from lamina.runtime.signature import Answer
from lamina.runtime.sound_windows import Score
from lamina.runtime.token_runs import TokenRuns
from lamina.runtime.tracing import Trace
from lamina.runtime.transcript_likelihood import log_likelihoods
from lamina.runtime.transcript_search import SearchSettings, transcript
from lamina.runtime.transcription import Listener


@final
class Transcripts(AbstractForm):
    """The likeliest text of each recording, and how sure the network is of it.

    Args:
        target: Name of the target.
        pieces: Pieces of the vocabulary; the first is the mark before every text.
        settings: How texts are looked for.
        language: Runs of tokens of the training transcripts.
        step: Samples of a step; None in files that were written before sounds of any length could
            be heard.
    """

    name: ClassVar[str] = "transcripts"

    def __init__(
        self,
        target: str,
        pieces: Sequence[str],
        settings: SearchSettings,
        language: TokenRuns,
        *,
        step: int | None = None,
    ) -> None:
        self._pieces = Pieces(pieces)
        self._settings, self._language, self._step = settings, language, step
        self._answers = text_answers(target)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Self:
        """Return the form from a document.

        Args:
            document: With "target", "pieces", "search", "language" and, since sounds of any length
                can be heard, "step".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        fields = Fields(document, "an answer of transcripts")
        return cls(
            fields.text("target"),
            fields.texts("pieces", least=1),
            SearchSettings.from_document(fields.value("search")),
            TokenRuns.from_document(fields.value("language")),
            step=fields.integer("step", least=1, most=1 << 24) if "step" in document else None,
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
        return [self.heard(*self._transcript(row)) for row in self._logs(values)]

    def trace(
        self,
        row: Mapping[str, Any],
        values: np.ndarray,
        graph: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    ) -> Trace:
        """Return the transcript of a row as a whole: where in time its words lie is not certain.

        Args:
            row: Not used.
            values: Numbers of the row, float64 [columns].
            graph: Scores sounds.
        """
        del row
        tokens, _ = self._transcript(self._logs(values[None])[0])

        def weigh(inputs: Mapping[str, np.ndarray]) -> np.ndarray:
            return log_likelihoods(self._logs(graph(inputs)), tokens)[:, None]

        return Trace(self._pieces.text(list(tokens)), (), (), weigh)

    def _logs(self, values: np.ndarray) -> np.ndarray:
        """Return the scores of every token at every step, float64 [rows, steps, tokens]."""
        size = len(self._pieces)
        return values.reshape(len(values), values.shape[1] // size, size)

    def _transcript(self, logs: np.ndarray) -> tuple[tuple[int, ...], float]:
        steps = logs[~np.isnan(logs[:, 0])]
        return transcript(steps, self._settings, self._language)

    def heard(self, tokens: Sequence[int], nats: float) -> dict[str, Any]:
        """Return the text of some tokens, and their nats per token.

        Args:
            tokens: Those of one sound.
            nats: How unlikely they are.
        """
        cells = self._pieces.text(tokens), nats / max(1, len(tokens))
        return {answer.name: cell for answer, cell in zip(self._answers, cells)}

    def listener(self, score: Score, *, rate: int, max_samples: int) -> Listener:
        """Return what hears sounds of any length.

        Args:
            score: Scores some samples.
            rate: Samples per second that the network hears.
            max_samples: Most samples that it hears at a time.

        Raises:
            BundleError: The file does not say how long a step is.
        """
        if self._step is None:
            raise BundleError(
                "this file was exported before recordings of any length could be heard. Export "
                "the run again."
            )
        return Listener(
            score=score,
            rate=rate,
            max_samples=max_samples,
            step=self._step,
            num_tokens=len(self._pieces),
            spell=self._pieces.bytes_of,
            settings=self._settings,
            language=self._language,
        )

    @property
    def hears_on(self) -> bool:
        """Whether recordings longer than the network hears at a time are heard to their end."""
        return self._step is not None
