"""Attention that looks back only, with a memory of what was read before.

Source: Vaswani et al. 2017, arXiv:1706.03762, section 3.2.3; queries and keys of unit size as in
Henry et al. 2020, arXiv:2010.04245. Differs: sizes are root mean squares, times 1.2, as in
nanochat, so that no scale has to be learned.
"""

from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional as F
from typing_extensions import override

from lamina.networks.layers.attention import attend, check_heads
from lamina.networks.layers.embeddings import Rotary

SHARPNESS = 1.2
"""Factor on queries and keys, which are of size 1 each otherwise."""

_FIRST_ROOM = 64


class Memory:
    """Keys and values of the positions that one layer has read.

    Room is doubled when it is used up, so that reading a text one token at a time copies each of
    its keys twice at most.
    """

    rows_dim: ClassVar[int] = 0
    length_dim: ClassVar[int | None] = 2

    def __init__(self) -> None:
        self.begins: Tensor | None = None
        self.length = 0
        self._keys: Tensor | None = None
        self._values: Tensor | None = None

    def append(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Return the keys and values of all positions so far, these included.

        Args:
            keys: [batch, heads, length, features].
            values: Likewise.
        """
        if torch.compiler.is_exporting():
            return self._append_in_graph(keys, values)
        start, self.length = self.length, self.length + keys.shape[2]
        self._keys = _with_room(self._keys, keys, self.length)
        self._values = _with_room(self._values, values, self.length)
        self._keys[:, :, start : self.length] = keys
        self._values[:, :, start : self.length] = values
        return self._keys[:, :, : self.length], self._values[:, :, : self.length]

    def select(self, index: Tensor) -> None:
        """Keep some rows of the batch, in the order given, each any number of times.

        Args:
            index: int64 [rows].
        """
        if self._keys is not None and self._values is not None:
            self._keys = self._keys.index_select(0, index)
            self._values = self._values.index_select(0, index)

    def tensors(self) -> tuple[Tensor, ...]:
        """Return keys and values, [batch, heads, length, features] each."""
        if self._keys is None or self._values is None:
            return ()
        return self._keys[:, :, : self.length], self._values[:, :, : self.length]

    def restore(self, tensors: Sequence[Tensor]) -> None:
        """Keep what another memory kept.

        Args:
            tensors: Keys and values.
        """
        self._keys, self._values = tensors
        self.length = self._keys.shape[2]

    def _append_in_graph(self, keys: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
        """Do the same in a graph, which knows no room that is written into."""
        if self._keys is not None and self._values is not None:
            keys = torch.cat([self._keys, keys], dim=2)
            values = torch.cat([self._values, values], dim=2)
        self._keys, self._values, self.length = keys, values, keys.shape[2]
        return keys, values


class CausalAttention(nn.Module):
    """Each position gathers from itself and those before it.

    Args:
        width: Features per position.
        num_heads: Heads; must divide the width into an even number of features each.

    Raises:
        ConfigError: The heads do not divide the width so.

    Shape:
        sequence [batch, length, width] → the same.

    Source:
        arXiv:1706.03762, section 3.2.3; arXiv:2010.04245. Differs: see the file header.
    """

    def __init__(self, width: int, num_heads: int) -> None:
        super().__init__()
        check_heads(width, num_heads)
        self.num_heads = num_heads
        self.positions = Rotary(width // num_heads)
        self.query_key_value = nn.Linear(width, 3 * width, bias=False)
        self.output = nn.Linear(width, width, bias=False)
        nn.init.zeros_(self.output.weight)

    @override
    def forward(self, sequence: Tensor, memory: Memory | None = None) -> Tensor:
        batch, length, width = sequence.shape
        features = width // self.num_heads
        heads = self.query_key_value(sequence).view(batch, length, 3 * self.num_heads, features)
        # Of four dimensions, not five, so that graphs need no operator to drop one again.
        query_key, value = heads.transpose(1, 2).split([2 * self.num_heads, self.num_heads], dim=1)
        start = 0 if memory is None else memory.length
        begins = None if memory is None else memory.begins
        own = start if begins is None else start - begins
        query, key = self.positions(of_one_size(query_key), start=own).chunk(2, dim=1)
        if memory is not None:
            key, value = memory.append(key, value)
        mask = causal_mask(length, start, sequence.device, begins)
        gathered = attend(query, key, value, mask, largest=largest_score(features))
        outputs: Tensor = self.output(gathered.transpose(1, 2).reshape(batch, length, width))
        return outputs


def of_one_size(heads: Tensor) -> Tensor:
    """Return queries or keys of one size, the root of their mean square being `SHARPNESS`.

    Args:
        heads: [..., features].
    """
    features = heads.shape[-1:]
    return F.rms_norm(heads, features, heads.new_full(features, SHARPNESS))


def largest_score(features: int) -> float:
    """Return the size that no product of a query and a key exceeds, since both have one size.

    Args:
        features: Features per head.
    """
    return SHARPNESS**2 * features**0.5


def causal_mask(
    length: int, start: int, device: torch.device, begins: Tensor | None = None
) -> Tensor | None:
    """Return where each position may look, bool [rows, 1, length, start + length]; None: anywhere.

    Args:
        length: Positions that look.
        start: Positions before them, which all of them see.
        device: Where to.
        begins: First positions that hold nothing, int64 [rows]; None for none, and for one row.
    """
    if not torch.compiler.is_exporting() and length == 1 and begins is None:
        return None
    places = torch.arange(start + length, device=device)
    mask = (places <= places[start:, None])[None, None]
    return mask if begins is None else mask & (places >= begins[:, None])[:, None, None]


def _with_room(kept: Tensor | None, new: Tensor, length: int) -> Tensor:
    """Return a tensor with room for so many positions that begins with what was kept."""
    if kept is not None and kept.shape[2] >= length:
        return kept
    room = max(_FIRST_ROOM, 2 * length)
    larger = new.new_empty(*new.shape[:2], room, new.shape[3])
    if kept is not None:
        larger[:, :, : kept.shape[2]] = kept
    return larger
