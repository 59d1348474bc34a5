"""A network that scores the next token: how likely texts are, and how they go on.

The counterpart of `lamina.networks.language_model` and `lamina.networks.generation` for exported
models.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar, Self, final

import numpy as np

from lamina.runtime.document import Fields
from lamina.runtime.sampling import SamplingConfig
from lamina.runtime.writers.base import AbstractWriter
from lamina.runtime.writers.steps import BEGINS, SCORES, Lines, MemoryShape, Run, memory_shapes
from lamina.runtime.writers.strands import Draw, Strand, Strands

VALUES = "values"
"""Name of what a step measures: nats, tokens and bytes of what was read."""

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
        is_padded: Whether the graph knows of places that hold nothing.
    """

    name: ClassVar[str] = "next_token"
    graphs: ClassVar[Mapping[str, tuple[str, ...]]] = {"step": (VALUES, SCORES)}

    def __init__(
        self,
        step: Run,
        shapes: tuple[MemoryShape, ...],
        *,
        context: int,
        is_running: bool,
        is_padded: bool = False,
    ) -> None:
        self._step, self._shapes = step, shapes
        is_any = is_padded or all(shape.length is None for shape in shapes)
        self._strands = Strands(self._lines, has_any_lengths=is_any)
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
            # Older files join only rows of one length.
            is_padded="is_padded" in fields.names() and fields.boolean("is_padded"),
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

    def strand(
        self,
        prompt: Sequence[int],
        *,
        num_texts: int,
        num_tokens: int,
        config: SamplingConfig,
        seed: int = 0,
        banned: Sequence[int] = (),
    ) -> Strand:
        """Return texts that go on from a prompt, to be written place by place.

        Args:
            prompt: Ids, at least one.
            num_texts: Texts that go on from it, side by side.
            num_tokens: Tokens to write.
            config: How they are drawn.
            seed: Decides what is drawn.
            banned: Tokens that are never drawn.
        """
        return Strand(
            self._strands,
            # Read once, however many texts go on from it.
            list(prompt)[-self.context :],
            num_texts=num_texts,
            num_tokens=num_tokens,
            context=self.context,
            draw=Draw(config, seed, tuple(banned)),
        )

    def write_on(self, prompt: Sequence[int], **options: Any) -> Iterator[np.ndarray]:
        """Yield the tokens that follow, place by place.

        Args:
            prompt: Ids, at least one.
            **options: As those of `strand`.

        Yields:
            int64 [texts].
        """
        yield from self.strand(prompt, **options)

    def _lines(self, rows: int) -> Lines:
        return Lines(self._step, self._shapes, rows, {BEGINS: np.zeros(rows, dtype=np.int64)})

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
