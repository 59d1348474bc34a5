"""What every network that answers a text by a text offers: it reads one, and writes the other."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Protocol

from torch import Tensor, nn

from lamina.networks.decoder_base import AbstractMemory
from lamina.networks.layers.pooling import mean_pooling


class AbstractReading(Protocol):
    """What a network made of the texts that it read."""

    @property
    def states(self) -> Tensor:
        """Float [batch, length, width], what is known at each place."""

    @property
    def valid(self) -> Tensor:
        """Bool [batch, length], false behind the end of a text."""

    def select(self, index: Tensor) -> "AbstractReading":
        """Return the reading of some rows, in the order given, each any number of times.

        Args:
            index: int64 [rows].
        """

    def tensors(self) -> tuple[Tensor, ...]:
        """Return all that writing needs of it, rows first, as graphs hand it on."""

    @property
    def length_dims(self) -> tuple[int, ...]:
        """Dimension of each of these tensors that counts the places read."""


class AbstractTranslator(nn.Module, ABC):
    """Reads one text and scores each next token of another."""

    width: int
    """Features per place."""

    @abstractmethod
    def read(self, tokens: Tensor) -> AbstractReading:
        """Return what is made of texts.

        Args:
            tokens: int64 [batch, length], 0 is padding; at least one token each.
        """

    def gist(self, reading: AbstractReading) -> Tensor:
        """Return what was read as one vector per text, float [batch, width].

        Args:
            reading: As `read` gave it.
        """
        return mean_pooling(reading.states, reading.valid)

    @abstractmethod
    def reading_of(self, tensors: Sequence[Tensor]) -> AbstractReading:
        """Return a reading from its tensors.

        Args:
            tensors: As its `tensors` gave them.
        """

    @abstractmethod
    def new_memories(self, reading: AbstractReading) -> tuple[AbstractMemory, ...]:
        """Return one memory per layer, for texts that are written piece by piece.

        Args:
            reading: What was read, a row for each text; some layers begin with it.
        """

    @abstractmethod
    def states(
        self,
        tokens: Tensor,
        reading: AbstractReading,
        memories: Sequence[AbstractMemory] | None = None,
    ) -> Tensor:
        """Return what is known at each place that is written, float [batch, length, width].

        Args:
            tokens: int64 [batch, length]; with memories, they go on where the last call ended.
            reading: What was read, a row for each.
            memories: What was written before; None for nothing.
        """

    @abstractmethod
    def scores(self, states: Tensor) -> Tensor:
        """Return the scores of every token, float [..., vocabulary].

        Args:
            states: float [..., width].
        """

    @abstractmethod
    def looks(self, tokens: Tensor, reading: AbstractReading) -> Tensor:
        """Return how much each place written looks at each place read, each row adds up to 1.

        Args:
            tokens: int64 [batch, length], as written.
            reading: What was read, a row for each.

        Returns:
            float [batch, length, read].
        """


class AbstractTranslatorConfig(ABC):
    """Config of a network that answers a text by a text."""

    __slots__ = ()

    @abstractmethod
    def build(self, num_read: int, num_written: int, *, is_shared: bool) -> AbstractTranslator:
        """Return one with fresh weights.

        Args:
            num_read: Tokens that can be read.
            num_written: Tokens that can be written.
            is_shared: Whether they are the same tokens, so that one table of vectors will do.
        """
