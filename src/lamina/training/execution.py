"""How a model is computed on this machine: threads, arithmetic and memory layout.

The same record is used in the loop and in prediction, so that both compute the same function.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn


@dataclass(frozen=True, kw_only=True, slots=True)
class Execution:
    """How a model is computed."""

    threads: int | None = None
    """Threads of an operation on the CPU; None leaves PyTorch's number."""
    dtype: Literal["float32", "bfloat16"] = "float32"
    """Arithmetic of matrix products; weights and losses stay float32."""
    channels_last: bool = False
    """Pictures and filters have their channels innermost in memory."""

    @contextmanager
    def active(self, model: nn.Module) -> Iterator[None]:
        """Set threads and the model's memory layout, and put the threads back at the end.

        Args:
            model: The model, whose weights keep their values.
        """
        before = torch.get_num_threads()
        if self.threads is not None and self.threads != before:
            torch.set_num_threads(self.threads)
        self.prepare(model)
        try:
            yield
        finally:
            if torch.get_num_threads() != before:
                torch.set_num_threads(before)

    def prepare(self, model: nn.Module) -> None:
        """Set the model's memory layout; do this before anything keeps its tensors.

        Args:
            model: The model, whose weights keep their values.
        """
        if self.channels_last:
            model.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, model: nn.Module, inputs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the model's outputs as float32.

        Args:
            model: The model.
            inputs: By name.
        """
        if self.channels_last:
            inputs = {name: _channels_last(value) for name, value in inputs.items()}
        if self.dtype == "float32":
            return model(inputs)
        device = next(iter(inputs.values())).device.type
        with torch.autocast(device, dtype=torch.bfloat16):
            outputs = model(inputs)
        return {name: value.float() for name, value in outputs.items()}


def _channels_last(value: Tensor) -> Tensor:
    if value.dim() != 4:
        return value
    return value.contiguous(memory_format=torch.channels_last)
