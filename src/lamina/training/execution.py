"""How a model is computed on this machine: threads, arithmetic and memory layout.

The same record is used in the loop and in prediction, so that both compute the same function.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Literal

import torch
from torch import Tensor, nn

from lamina.core.errors import TrainingError

_CPU_MEMORY = "can't allocate memory"


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


def half_as_many(rows: int, error: RuntimeError) -> int:
    """Return how many samples to try at once after an error, half as many as failed.

    Args:
        rows: Samples that were computed at once.
        error: What came of it; what is not a lack of memory is raised again.

    Raises:
        TrainingError: It was a single sample.
    """
    if not isinstance(error, torch.OutOfMemoryError) and _CPU_MEMORY not in str(error):
        raise error
    if rows <= 1:
        raise TrainingError(
            "memory runs out even with one sample at a time. Use a smaller network, "
            "smaller pictures or shorter texts."
        ) from error
    return rows // 2


def free_memory(device: torch.device) -> None:
    """Give back what a failed attempt left behind; call it outside the handler of its error.

    Args:
        device: Where it was made.
    """
    if device.type == "cuda":
        torch.cuda.empty_cache()


def _channels_last(value: Tensor) -> Tensor:
    if value.dim() != 4:
        return value
    return value.contiguous(memory_format=torch.channels_last)
