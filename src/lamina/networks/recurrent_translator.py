"""Recurrent network that reads one text and writes another, with attention to what it read.

Source: Bahdanau et al. 2015, arXiv:1409.0473 (both directions read, attention); Luong et al. 2015,
arXiv:1508.04025 (attention of the upper state by plain products, joined before the scores).
Differs: what was gathered is not fed into the next step, so that all steps of a layer are computed
at once while training.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast, final

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.core.errors import ConfigError
from lamina.core.table import look_up
from lamina.networks.decoder_base import AbstractMemory
from lamina.networks.hints import Hint
from lamina.networks.layers.dropout import Dropout, check_rate
from lamina.networks.layers.recurrent import CELLS, Recurrent, as_known, read
from lamina.networks.recurrent_decoder import State, as_state
from lamina.networks.translator_base import (
    AbstractReading,
    AbstractTranslator,
    AbstractTranslatorConfig,
)


@dataclass(frozen=True, kw_only=True, slots=True)
class RecurrentTranslatorConfig(AbstractTranslatorConfig):
    """Settings of the recurrent network."""

    cell: str = "lstm"
    """Name in the table of cells: rnn, lstm or gru."""
    depth: int = 2
    """Layers that read, and as many that write."""
    width: int = 256
    """Numbers per token, and units of each layer; even, half of them read backwards."""
    dropout: float = 0.2
    """Share of token vectors and layer outputs dropped while training, in [0, 1)."""

    def __post_init__(self) -> None:
        check_rate("dropout", self.dropout)
        look_up(CELLS, self.cell, what="recurrent cell")
        if self.depth < 1 or self.width < 2 or self.width % 2:
            raise ConfigError(
                "depth must be at least 1 and width even, got "
                f"{self.depth!r} and {self.width!r}. Try 2 and 256."
            )

    @override
    def build(self, num_read: int, num_written: int, *, is_shared: bool) -> "RecurrentTranslator":
        return RecurrentTranslator(self, num_read, num_written, is_shared=is_shared)


@dataclass(frozen=True, slots=True)
class Reading:
    """States at each place that was read."""

    states: Tensor
    """float [batch, read, width]."""
    keys: Tensor
    """float [batch, read, width], what the states are found by."""
    valid: Tensor
    """bool [batch, read]."""

    def select(self, index: Tensor) -> "Reading":
        """Return the reading of some rows.

        Args:
            index: int64 [rows].
        """
        return Reading(self.states[index], self.keys[index], self.valid[index])

    def tensors(self) -> tuple[Tensor, ...]:
        """Return states, keys, and where there is text."""
        return self.states, self.keys, self.valid

    @property
    def length_dims(self) -> tuple[int, ...]:
        """Dimension of each of these tensors that counts the places read."""
        return (1, 1, 1)


@final
class RecurrentTranslator(AbstractTranslator):
    """Reads one text and scores each next token of another.

    Args:
        config: Its settings.
        num_read: Tokens that can be read.
        num_written: Tokens that can be written.
        is_shared: Whether they are the same tokens.

    Shape:
        read int64 [batch, read], written int64 [batch, length] → [batch, length, num_written].

    Source:
        arXiv:1409.0473, arXiv:1508.04025; see the file header.
    """

    def __init__(
        self,
        config: RecurrentTranslatorConfig,
        num_read: int,
        num_written: int,
        *,
        is_shared: bool,
    ) -> None:
        super().__init__()
        width = self.width = config.width
        self.written = nn.Embedding(num_written, width)
        self.own_table = None if is_shared else nn.Embedding(num_read, width)
        for embedding in (self.written, self.own_table):
            if embedding is not None:
                nn.init.uniform_(embedding.weight, -0.1, 0.1)
        self.bias = nn.Parameter(torch.zeros(num_written))
        self.dropout = Dropout(config.dropout)
        self.readers = nn.ModuleList(
            Recurrent(config.cell, width, width // 2) for _ in range(config.depth)
        )
        cell = look_up(CELLS, config.cell, what="recurrent cell")
        self.layers = nn.ModuleList(
            cell(width, width, batch_first=True) for _ in range(config.depth)
        )
        self.first = nn.Linear(width, width)
        self.key = nn.Linear(width, width, bias=False)
        self.join = nn.Linear(2 * width, width)

    def parameter_hints(self) -> dict[str, Hint]:
        """Return that recurrent weights are no plain matrices: several gates lie in one."""
        both = (("readers", self.readers), ("layers", self.layers))
        return {
            f"{prefix}.{name}": Hint(matrix=False)
            for prefix, layers in both
            for name, _ in layers.named_parameters()
        }

    @override
    def read(self, tokens: Tensor) -> Reading:
        table = self.written if self.own_table is None else self.own_table
        valid = tokens > 0
        sequence = self.dropout(table(tokens))
        for layer in self.readers:
            sequence = self.dropout(layer(sequence, valid))
        return Reading(sequence, self.key(sequence), valid)

    @override
    def reading_of(self, tensors: Sequence[Tensor]) -> Reading:
        return Reading(*tensors)

    @override
    def new_memories(self, reading: AbstractReading) -> tuple[AbstractMemory, ...]:
        start = torch.tanh(self.first(self.gist(reading)))[None]
        memories = tuple(State() for _ in self.layers)
        for memory, layer in zip(memories, self.layers):
            is_pair = isinstance(layer, nn.LSTM)
            memory.values = (start, torch.zeros_like(start)) if is_pair else (start,)
        return memories

    def for_export(self) -> "RecurrentTranslator":
        """Return the same function in cells that every format of exported models knows."""
        same = copy.copy(self)
        same._modules = dict(self._modules)
        same.layers = nn.ModuleList(as_known(cast(nn.RNNBase, layer)) for layer in self.layers)
        return same

    @override
    def states(
        self,
        tokens: Tensor,
        reading: AbstractReading,
        memories: Sequence[AbstractMemory] | None = None,
    ) -> Tensor:
        assert isinstance(reading, Reading)
        sequence = self._upper(tokens, reading, memories)
        gathered = self._shares(sequence, reading).to(sequence.dtype) @ reading.states
        joined = torch.tanh(self.join(torch.cat([sequence, gathered], dim=2)))
        found: Tensor = self.dropout(joined)
        return found

    @override
    def scores(self, states: Tensor) -> Tensor:
        return F.linear(states, self.written.weight, self.bias)

    @override
    def looks(self, tokens: Tensor, reading: AbstractReading) -> Tensor:
        assert isinstance(reading, Reading)
        return self._shares(self._upper(tokens, reading, None), reading)

    def _upper(
        self, tokens: Tensor, reading: Reading, memories: Sequence[AbstractMemory] | None
    ) -> Tensor:
        """Return the states of the uppermost layer that writes, [batch, length, width]."""
        sequence = self.dropout(self.written(tokens))
        own = self.new_memories(reading) if memories is None else memories
        for layer, memory in zip(self.layers, own, strict=True):
            assert isinstance(memory, State)
            assert isinstance(layer, nn.RNNBase)
            sequence, last = read(layer, sequence, as_state(memory))
            memory.values = last if isinstance(last, tuple) else (last,)
            sequence = self.dropout(sequence)
        return sequence

    def _shares(self, sequence: Tensor, reading: Reading) -> Tensor:
        """Return how much each place gathers from each that was read, [batch, length, read]."""
        scores = (sequence * self.width**-0.5) @ reading.keys.transpose(1, 2)
        return scores.float().masked_fill(~reading.valid[:, None], float("-inf")).softmax(dim=2)
