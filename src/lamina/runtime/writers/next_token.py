"""A network that scores the next token: how likely texts are, and how they go on.

The counterpart of `lamina.networks.language_model` and `lamina.networks.generation` for exported
models.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import ClassVar, Self, final

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.sampling import SamplingConfig, draw_tokens, uniform
from lamina.runtime.writers.base import AbstractWriter
from lamina.runtime.writers.steps import Lines, MemoryShape, Run, memory_shapes

VALUES, SCORES = "values", "scores"
"""Names of what a step gives: nats, tokens and bytes of what was read, and the scores of what
follows."""

MOST_TOKENS = 4_096
"""Tokens that are measured at a time, so that memory stays bounded."""


@final
class NextToken(AbstractWriter):
    """Measures texts, and writes on.

    Args:
        step: Graph that reads tokens.
        shapes: What is remembered between steps.
        context: Tokens that are read at a time.
        is_running: Whether texts run on over rows, so that a mark ends none of them.
    """

    name: ClassVar[str] = "next_token"
    graphs: ClassVar[Mapping[str, tuple[str, ...]]] = {"step": (VALUES, SCORES)}

    def __init__(
        self, step: Run, shapes: tuple[MemoryShape, ...], *, context: int, is_running: bool
    ) -> None:
        self._step, self._shapes = step, shapes
        self.context = context
        """Tokens that are read at a time."""
        self.is_running = is_running
        """Whether texts run on over rows."""

    @classmethod
    def from_document(cls, fields: Fields, graphs: Mapping[str, Run]) -> Self:
        """Return the writer of a document.

        Args:
            fields: With "context", "is_running" and "memories".
            graphs: "step".

        Raises:
            BundleError: A value is missing or cannot be.
        """
        return cls(
            graphs["step"],
            memory_shapes(fields),
            context=fields.integer("context", least=1, most=1 << 24),
            is_running=fields.boolean("is_running"),
        )

    def __call__(self, inputs: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return nats, tokens and bytes of texts, float64 [rows, 3].

        Args:
            inputs: The texts, int64 [rows, length]; the first token is only read.
        """
        (tokens,) = inputs.values()
        stretches = self._stretches(tokens)
        rows = max(1, MOST_TOKENS // stretches.shape[1])
        parts = [
            self._lines(len(some)).read(some)[VALUES]
            for some in (stretches[at : at + rows] for at in range(0, len(stretches), rows))
        ]
        found = np.concatenate([np.zeros((0, 3)), *parts]).astype(np.float64)
        each = len(stretches) // max(1, len(tokens))
        return found.reshape(len(tokens), each, 3).sum(axis=1)

    def write_on(
        self,
        prompt: Sequence[int],
        *,
        num_texts: int,
        num_tokens: int,
        config: SamplingConfig,
        seed: int = 0,
        banned: Sequence[int] = (),
    ) -> Iterator[np.ndarray]:
        """Yield the tokens that follow, place by place.

        Args:
            prompt: Ids, at least one.
            num_texts: Texts that go on from it, side by side.
            num_tokens: Tokens to write.
            config: How they are drawn.
            seed: Decides what is drawn.
            banned: Tokens that are never drawn.

        Yields:
            int64 [texts].
        """
        rows = np.arange(num_texts)
        # Read once, however many texts go on from it.
        start = np.array([list(prompt)[-self.context :]], dtype=np.int64)
        lines = self._lines(1)
        scores = lines.read(start)[SCORES].repeat(num_texts, axis=0)
        lines.select(np.zeros(num_texts, dtype=np.int64))
        history = start.repeat(num_texts, axis=0)
        length = start.shape[1]
        for place in range(num_tokens):
            scores[:, list(banned)] = -np.inf
            drawn = draw_tokens(scores, config, uniform(seed, "token", place, rows))
            yield drawn
            if place + 1 == num_tokens:
                return
            tokens = drawn[:, None]
            history = np.concatenate([history, tokens], axis=1)[:, -self.context :]
            length += 1
            if length > self.context:
                # All that is remembered is full: the last half of it is read anew.
                lines, tokens = self._lines(num_texts), history[:, -max(1, self.context // 2) :]
                length = tokens.shape[1]
            scores = lines.read(tokens)[SCORES].copy()

    def _lines(self, rows: int) -> Lines:
        return Lines(self._step, self._shapes, rows)

    def _stretches(self, tokens: np.ndarray) -> np.ndarray:
        """Return int64 [rows * stretches, length]; the last of one is the first of the next."""
        length = tokens.shape[1]
        if length <= self.context + 1:
            return tokens
        count = -(-(length - 1) // self.context)
        padded = np.pad(tokens, ((0, 0), (0, count * self.context + 1 - length)))
        starts = np.arange(count) * self.context
        places = starts[:, None] + np.arange(self.context + 1)
        found: np.ndarray = padded[:, places].reshape(-1, self.context + 1)
        return found
