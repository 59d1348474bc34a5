"""Recurrent network that writes: LSTM, GRU or simple cells, layer on layer.

Source: Hochreiter and Schmidhuber 1997, "Long short-term memory"; Zaremba et al. 2014,
arXiv:1409.2329 (dropout between layers only); Press and Wolf 2017, arXiv:1608.05859 (one table for
tokens read and scored); Gal and Ghahramani 2016, arXiv:1512.05287 (one mask for all places, whole
tokens dropped); Merity et al. 2017, arXiv:1708.02182 (weights from state to state dropped).
Differs: one rate for vectors and layers, no activation penalties, and the rule of training is the
plan's, not averaged SGD.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, cast, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.table import look_up
from lamina.networks.decoder_base import AbstractDecoder, AbstractDecoderConfig, AbstractMemory
from lamina.networks.hints import Hint
from lamina.networks.layers.dropout import EmbeddingDropout, SequenceDropout, check_rate
from lamina.networks.layers.recurrent import CELLS, as_known, read, read_partly


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentDecoderConfig(AbstractDecoderConfig):
    """Settings of the recurrent network."""

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    depth: int = 2
    """Layers."""
    width: int = 256
    """Units of each layer, and numbers per token."""
    dropout: float = 0.0
    """Share of token vectors and layer outputs dropped while training, the same features at every
    place of a text; in [0, 1)."""
    embedding_dropout: float = 0.0
    """Share of the vocabulary dropped while training, all places of a token at once; in [0, 1)."""
    weight_dropout: float = 0.0
    """Share of the weights from state to state dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        check_rate("embedding_dropout", self.embedding_dropout)
        check_rate("weight_dropout", self.weight_dropout)
        look_up(CELLS, self.cell, what="recurrent cell")
        if min(self.depth, self.width) < 1:
            raise ConfigError(
                f"depth and width must be at least 1, got {self.depth!r} and {self.width!r}. "
                "Try 2 and 256."
            )

    @override
    def build(self, vocabulary_size: int) -> "RecurrentDecoder":
        return RecurrentDecoder(self, vocabulary_size)


class State:
    """State of one recurrent layer after the tokens that it has read."""

    rows_dim: ClassVar[int] = 1
    length_dim: ClassVar[int | None] = None

    def __init__(self) -> None:
        self.begins: Tensor | None = None
        self.values: tuple[Tensor, ...] = ()

    def select(self, index: Tensor) -> None:
        """Keep some rows of the batch.

        Args:
            index: int64 [rows].
        """
        self.values = tuple(value.index_select(1, index) for value in self.values)

    def tensors(self) -> tuple[Tensor, ...]:
        """Return the state, [1, batch, width] each: of an LSTM two of them."""
        return self.values

    def restore(self, tensors: Sequence[Tensor]) -> None:
        """Keep what another memory kept.

        Args:
            tensors: The state; zeros where nothing was read.
        """
        self.values = tuple(tensors)


@final
class RecurrentDecoder(AbstractDecoder):
    """Scores of the next token at each place, given the tokens up to it.

    Args:
        config: Its settings.
        vocabulary_size: Tokens there are.

    Shape:
        tokens int64 [batch, length] → [batch, length, vocabulary_size].

    Source:
        arXiv:1409.2329.
    """

    def __init__(self, config: RecurrentDecoderConfig, vocabulary_size: int) -> None:
        super().__init__()
        self.width = config.width
        self.embedding = nn.Embedding(vocabulary_size, config.width)
        nn.init.uniform_(self.embedding.weight, -0.1, 0.1)
        self.bias = nn.Parameter(torch.zeros(vocabulary_size))
        self.embedding_dropout = EmbeddingDropout(config.embedding_dropout, vocabulary_size)
        self.dropout = SequenceDropout(config.dropout)
        self.weight_dropout = config.weight_dropout
        cell = look_up(CELLS, config.cell, what="recurrent cell")
        self.layers = nn.ModuleList(
            cell(config.width, config.width, batch_first=True) for _ in range(config.depth)
        )

    def parameter_hints(self) -> dict[str, Hint]:
        """Return that recurrent weights are no plain matrices: several gates lie in one."""
        names = [name for name, _ in self.layers.named_parameters()]
        return {f"layers.{name}": Hint(matrix=False) for name in names}

    def for_export(self) -> "RecurrentDecoder":
        """Return the same function in cells that every format of exported models knows."""
        same = copy.copy(self)
        same._modules = dict(self._modules)
        same.layers = nn.ModuleList(as_known(cast(nn.RNNBase, layer)) for layer in self.layers)
        return same

    @override
    def new_memories(self) -> tuple[AbstractMemory, ...]:
        return tuple(State() for _ in self.layers)

    @override
    def states(self, tokens: Tensor, memories: Sequence[AbstractMemory] | None = None) -> Tensor:
        sequence = self.dropout(self.embedding_dropout(self.embedding(tokens), tokens))
        for place, layer in enumerate(self.layers):
            memory = None if memories is None else memories[place]
            assert memory is None or isinstance(memory, State)
            assert isinstance(layer, nn.RNNBase)
            state, is_whole = as_state(memory), not self.training or self.weight_dropout == 0.0
            sequence, last = (
                read(layer, sequence, state)
                if is_whole
                else read_partly(layer, sequence, state, dropped=self.weight_dropout)
            )
            if memory is not None:
                memory.values = last if isinstance(last, tuple) else (last,)
            if torch.compiler.is_exporting():
                # Exporters take the length of the example for that of what a cell gives; picked
                # place by place, it is as long as what is read.
                places = torch.arange(tokens.shape[1], device=tokens.device)[None, :, None]
                sequence = sequence.gather(1, places.expand(*tokens.shape, self.width))
            sequence = self.dropout(sequence)
        return sequence

    @override
    def scores(self, states: Tensor) -> Tensor:
        return F.linear(states, self.embedding.weight, self.bias)


def as_state(memory: State | None) -> Any:
    """Return a state as torch wants it: a pair for LSTM cells, else one tensor.

    Args:
        memory: The state; None for zeros.
    """
    if memory is None or not memory.values:
        return None
    return memory.values if len(memory.values) > 1 else memory.values[0]
