"""Networks that write, as graphs that a search outside of them runs step by step.

A graph cannot hold a search whose length depends on what it finds. So the network is cut where the
search asks it: what was read, then one step after the other. What it remembers goes in and comes
out as tensors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, final

import torch
from torch import Tensor, nn

from lamina.networks.decoder_base import AbstractMemory

MEMORY = "memory_{}"
"""Name of what a step is given of the steps before."""

KEPT = "kept_{}"
"""Name of the same when it comes out."""


@dataclass(frozen=True, slots=True)
class Port:
    """One tensor that goes into a graph."""

    name: str
    """Its name."""
    example: Tensor
    """A value to trace with; each free size of it is 2 or more."""
    free: tuple[int, ...]
    """Dimensions of any size."""


@dataclass(frozen=True, slots=True)
class StepGraph:
    """One graph of a network that writes."""

    module: nn.Module
    """Tensors in the order of the ports to a tuple of tensors."""
    inputs: tuple[Port, ...]
    """What goes in."""
    outputs: tuple[str, ...]
    """Names of what comes out."""


@dataclass(frozen=True, slots=True)
class Stepwise:
    """A network that writes, as graphs and what a search must know of them."""

    graphs: Mapping[str, StepGraph]
    """By name; the first is the one that is asked at every step."""
    document: Mapping[str, Any]
    """JSON-like: the name of a row of `lamina.runtime.writers.table`, and what that wants."""
    answers_at_once: bool = False
    """Whether a single graph could answer, too, where nothing has to be written on."""


@final
class MemoryForm:
    """What a network remembers, as tensors of a graph.

    Args:
        memories: Of an example, after some steps.
    """

    def __init__(self, memories: Sequence[AbstractMemory]) -> None:
        self._counts = [len(memory.tensors()) for memory in memories]
        self._kept = [(memory, one) for memory in memories for one in memory.tensors()]

    def ports(self) -> tuple[Port, ...]:
        """Return the tensors that go into a step."""
        return tuple(
            Port(MEMORY.format(place), tensor.detach().contiguous(), _free(memory))
            for place, (memory, tensor) in enumerate(self._kept)
        )

    def outputs(self) -> tuple[str, ...]:
        """Return the names of the same where they come out of a step."""
        return tuple(KEPT.format(place) for place in range(len(self._kept)))

    @property
    def grows(self) -> bool:
        """Whether any of it grows with what is read."""
        return any(memory.length_dim is not None for memory, _ in self._kept)

    def restore(
        self,
        memories: Sequence[AbstractMemory],
        tensors: Sequence[Tensor],
        begins: Tensor | None = None,
    ) -> None:
        """Put tensors back into memories.

        Args:
            memories: New ones.
            tensors: As they came out of the step before.
            begins: Places at the front of those that grow that hold nothing, int64 [rows].
        """
        rest = list(tensors)
        dims = [memory.length_dim for memory, _ in self._kept]
        are_of_one_length(tensors, dims)
        for memory, count in zip(memories, self._counts, strict=True):
            memory.restore(rest[:count])
            memory.begins = begins if memory.length_dim is not None else None
            rest = rest[count:]

    def to_document(self) -> list[dict[str, Any]]:
        """Return the shape of each tensor where nothing was read yet, 0 in free dimensions.

        "rows" and "length" are the numbers of these dimensions; the last is None where nothing
        grows with what is read.
        """
        found = []
        for memory, tensor in self._kept:
            free = _free(memory)
            shape = [0 if dim in free else size for dim, size in enumerate(tensor.shape)]
            found.append({"shape": shape, "rows": memory.rows_dim, "length": memory.length_dim})
        return found


def kept(memories: Sequence[AbstractMemory]) -> tuple[Tensor, ...]:
    """Return all tensors that memories keep.

    Args:
        memories: After some steps.
    """
    return tuple(tensor for memory in memories for tensor in memory.tensors())


def are_of_one_length(tensors: Sequence[Tensor], dims: Sequence[int | None]) -> None:
    """Tell a tracer that tensors have one length, so that it computes masks of it once.

    Args:
        tensors: Any.
        dims: The dimension of each that counts it; None for those that have none.
    """
    if not torch.compiler.is_exporting():
        return
    lengths = [one.shape[dim] for one, dim in zip(tensors, dims, strict=True) if dim is not None]
    for length in lengths[1:]:
        torch._check(length == lengths[0])


def _free(memory: AbstractMemory) -> tuple[int, ...]:
    rows, length = memory.rows_dim, memory.length_dim
    return (rows,) if length is None else (rows, length)
