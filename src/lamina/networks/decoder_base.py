"""What every network that writes offers: scores of the next token, a memory of what was read."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar, Protocol

from torch import Tensor, nn


class AbstractMemory(Protocol):
    """What one layer keeps of the tokens that it has read."""

    rows_dim: ClassVar[int]
    """Dimension of its tensors that counts the rows of the batch."""
    length_dim: ClassVar[int | None]
    """Dimension that counts the places read, as many in each layer; None where it does not grow."""
    begins: Tensor | None
    """Of one that grows: places at its front that hold nothing, int64 [rows], so that texts of
    different lengths lie side by side; None for none."""

    def select(self, index: Tensor) -> None:
        """Keep some rows of the batch, in the order given, each any number of times.

        Args:
            index: int64 [rows].
        """

    def tensors(self) -> tuple[Tensor, ...]:
        """Return what is kept, as graphs hand it on; nothing where nothing was read."""

    def restore(self, tensors: Sequence[Tensor]) -> None:
        """Keep what another memory kept.

        Args:
            tensors: As `tensors` gave them; of no length where nothing was read yet.
        """


class AbstractDecoder(nn.Module, ABC):
    """Scores of the next token at each place, given the tokens up to it."""

    width: int
    """Features per place."""

    @abstractmethod
    def new_memories(self) -> tuple[AbstractMemory, ...]:
        """Return one empty memory per layer, for texts that are read piece by piece."""

    @abstractmethod
    def states(self, tokens: Tensor, memories: Sequence[AbstractMemory] | None = None) -> Tensor:
        """Return what is known at each place, float [batch, length, width].

        Args:
            tokens: int64 [batch, length]; with memories, they go on where the last call ended.
            memories: What was read before; None for nothing.
        """

    @abstractmethod
    def scores(self, states: Tensor) -> Tensor:
        """Return the scores of every token, float [..., vocabulary].

        Args:
            states: float [..., width].
        """

    def forward(self, tokens: Tensor, memories: Sequence[AbstractMemory] | None = None) -> Tensor:
        """Return the scores of the next token at each place, float [batch, length, vocabulary].

        Args:
            tokens: int64 [batch, length].
            memories: What was read before; None for nothing.
        """
        return self.scores(self.states(tokens, memories))

    def next_scores(self, tokens: Tensor, memories: Sequence[AbstractMemory]) -> Tensor:
        """Return the scores of the token that follows the last one, float [batch, vocabulary].

        Args:
            tokens: int64 [batch, length]; they go on where the last call ended.
            memories: What was read before.
        """
        return self.scores(self.states(tokens, memories)[:, -1])


class AbstractDecoderConfig(ABC):
    """Config of a network that writes."""

    __slots__ = ()

    @abstractmethod
    def build(self, vocabulary_size: int) -> AbstractDecoder:
        """Return one with fresh weights.

        Args:
            vocabulary_size: Tokens there are.
        """
