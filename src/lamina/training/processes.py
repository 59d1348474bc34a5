"""Several processes that train one model, started by `torchrun`.

Every process holds the whole model and computes its own rows of each full batch. Gradients are
summed in one flat buffer, so the result is that of one process but for the order of additions. Only
the first process writes. With one process everything here does nothing.
"""

import json
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import torch
from torch import Tensor, distributed, nn

Made = TypeVar("Made")


@dataclass(frozen=True, slots=True)
class Processes:
    """This process among all."""

    rank: int = 0
    """Number of this process."""
    count: int = 1
    """How many processes there are."""

    @property
    def is_first(self) -> bool:
        """This process is the one that writes."""
        return self.rank == 0

    def rows(self, num_rows: int) -> tuple[int, int]:
        """Return the first row, and one past the last, that this process has of a full batch.

        Args:
            num_rows: Rows of the full batch.
        """
        return self.rank * num_rows // self.count, (self.rank + 1) * num_rows // self.count

    def sum_gradients(self, parameters: Sequence[nn.Parameter], extra: Tensor) -> Tensor:
        """Sum the gradients over processes in place, and a few more numbers on the way.

        A parameter without a gradient in every process keeps none.

        Args:
            parameters: In the same order in every process.
            extra: float32 numbers to sum, [count].

        Returns:
            The sums of `extra`.
        """
        if self.count == 1:
            return extra
        device = parameters[0].device
        has_gradient = torch.tensor([p.grad is not None for p in parameters], dtype=torch.float32)
        parts = [extra.to(device), has_gradient.to(device)]
        parts += [
            torch.zeros(p.numel(), device=device) if p.grad is None else p.grad.reshape(-1).float()
            for p in parameters
        ]
        buffer = torch.cat(parts)
        distributed.all_reduce(buffer)
        sums = buffer.split([len(part) for part in parts])
        for parameter, is_used, total in zip(parameters, sums[1].tolist(), sums[2:], strict=True):
            if is_used:
                # Into the parameter's own layout in memory, which fused optimizers assume.
                if parameter.grad is None:
                    parameter.grad = torch.empty_like(parameter)
                parameter.grad.copy_(total.view_as(parameter))
        return sums[0]

    def share(self, value: Any) -> Any:
        """Return the value of the first process in every process.

        Args:
            value: JSON-like; ignored but in the first process.
        """
        if self.count == 1:
            return value
        on_gpu = distributed.get_backend() == "nccl"
        device = torch.device("cuda", torch.cuda.current_device()) if on_gpu else "cpu"
        text = json.dumps(value).encode() if self.is_first else b""
        size = torch.tensor([len(text)], device=device)
        distributed.broadcast(size, src=0)
        data = torch.zeros(int(size), dtype=torch.uint8)
        if self.is_first:
            data = torch.frombuffer(bytearray(text), dtype=torch.uint8)
        data = data.to(device)
        distributed.broadcast(data, src=0)
        return json.loads(bytes(data.cpu().tolist()))

    def by_first(self, make: Callable[[], Made], take: Callable[[], Made]) -> Made:
        """Return what the first process makes on disk; the others wait, and take it.

        Args:
            make: Called in the first process.
            take: Called in the others, once it is made.
        """
        if not self.is_first:
            self.share(None)
            return take()
        made = make()
        self.share(None)
        return made

    def share_tensors(self, tensors: Sequence[Tensor]) -> None:
        """Overwrite tensors by those of the first process.

        Args:
            tensors: Of the same shapes in every process.
        """
        if self.count > 1:
            for tensor in tensors:
                distributed.broadcast(tensor.detach(), src=0)


def current_processes() -> Processes:
    """Return this process among all: one alone where no group was started."""
    if distributed.is_available() and distributed.is_initialized():
        return Processes(distributed.get_rank(), distributed.get_world_size())
    return Processes()


@contextmanager
def process_group() -> Iterator[Processes]:
    """Join the group that `torchrun` started, if it did, and leave it at the end."""
    if int(os.environ.get("WORLD_SIZE", "1")) == 1 or distributed.is_initialized():
        yield current_processes()
        return
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", "0")))
    distributed.init_process_group("nccl" if on_gpu else "gloo")
    try:
        yield current_processes()
        # Together to the end: a process that leaves early can break the others' last words.
        distributed.barrier()
    finally:
        distributed.destroy_process_group()
