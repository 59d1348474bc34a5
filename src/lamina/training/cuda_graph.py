"""Gradients of batches of one shape as a CUDA graph: the GPU repeats a recording of its work.

A small network on a GPU waits for Python, which starts some hundred kernels per step. A recording
starts them all at once. It repeats exactly what was done while recording: shapes, and every number
that Python worked out (the progress that layers were told, the scale of the loss), stay as they
were. Masks drawn inside must come from PyTorch's own generator, not from `core.random.draws`,
whose generators are made by Python. Without a GPU the same object computes step by step.

Source: Gray 2019, "Getting started with CUDA graphs"; `torch.cuda.graph`, whole-network capture.
"""

from collections.abc import Callable, Sequence
from typing import final

import torch
from torch import Tensor, nn

from lamina.core.errors import ConfigError
from lamina.core.records import Batch

Accumulate = Callable[[Batch], Tensor]
"""Adds the gradients of a batch to the parameters and returns the sum of its losses."""

_WARM_UPS = 3


@final
class GradientGraph:
    """Sets the gradients of a batch; recorded once, where the parameters are on a GPU.

    Args:
        accumulate: Adds the gradients of a batch and returns the sum of the losses.
        parameters: What gets gradients.
        buffers: What `accumulate` changes beside them, such as running statistics; put back after
            the recording.
        sample: A batch of the shape that all further ones have, on the device of the parameters.

    Raises:
        ConfigError: There is no parameter to learn.
    """

    def __init__(
        self,
        accumulate: Accumulate,
        parameters: Sequence[nn.Parameter],
        buffers: Sequence[Tensor],
        sample: Batch,
    ) -> None:
        self._accumulate = accumulate
        self._parameters = [p for p in parameters if p.requires_grad]
        if not self._parameters:
            raise ConfigError("no parameter requires a gradient. Unfreeze a part of the network.")
        self._graph: torch.cuda.CUDAGraph | None = None
        if self._parameters[0].device.type == "cuda":
            self._record(buffers, sample)

    @property
    def is_recorded(self) -> bool:
        """Whether a recording is repeated, not each step computed anew."""
        return self._graph is not None

    def __call__(self, batch: Batch) -> Tensor:
        """Set the gradients to those of a batch; earlier ones are dropped.

        Args:
            batch: The samples.

        Returns:
            The sum of the losses; on a GPU it is overwritten by the next call.

        Raises:
            ConfigError: The shapes are not those of the recording.
        """
        if self._graph is None:
            for parameter in self._parameters:
                parameter.grad = None
            return self._accumulate(batch)
        self._fill(batch)
        # Another recording may have left its own gradients there.
        for parameter, gradient in zip(self._parameters, self._gradients, strict=True):
            parameter.grad = gradient
        self._graph.replay()
        return self._loss

    def _record(self, buffers: Sequence[Tensor], sample: Batch) -> None:
        kept = [buffer.clone() for buffer in buffers]
        self._batch = Batch(
            {name: value.clone() for name, value in sample.inputs.items()},
            {name: value.clone() for name, value in sample.targets.items()},
            sample.index.clone(),
        )
        # Libraries choose their kernels and take their memory before the recording, on a stream of
        # its own, as torch.cuda.graph asks for.
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(_WARM_UPS):
                self._forget()
                self._accumulate(self._batch)
        torch.cuda.current_stream().wait_stream(side)
        self._forget()
        self._graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self._graph):
            self._loss = self._accumulate(self._batch)
        self._gradients = [parameter.grad for parameter in self._parameters]
        for buffer, value in zip(buffers, kept, strict=True):
            buffer.copy_(value)
        self._forget()

    def _fill(self, batch: Batch) -> None:
        mine = {**self._batch.inputs, **self._batch.targets, "row numbers": self._batch.index}
        theirs = {**batch.inputs, **batch.targets, "row numbers": batch.index}
        for name, value in mine.items():
            if theirs[name].shape != value.shape:
                raise ConfigError(
                    f"{name!r} has shape {list(theirs[name].shape)}, and the graph was recorded "
                    f"with {list(value.shape)}. Leave out incomplete batches (drop_last)."
                )
            value.copy_(theirs[name], non_blocking=True)

    def _forget(self) -> None:
        for parameter in self._parameters:
            parameter.grad = None
