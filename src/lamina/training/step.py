"""One step: a full batch becomes one change of the weights.

The batch is cut into the processes' rows and those into micro-batches; losses are summed and
divided by the samples of the full batch, and masks are keyed to its rows, so that every cut gives
the same result. Batch statistics (batch normalisation) are the one exception: they see a
micro-batch only.
"""

from collections.abc import Sequence
from typing import final

import torch
from torch import Tensor, nn

from lamina.core.random import draws
from lamina.core.records import Batch
from lamina.training.config import TrainingConfig
from lamina.training.execution import free_memory, half_as_many
from lamina.training.optimizers import set_rate
from lamina.training.processes import Processes
from lamina.training.rules.base import AbstractRule
from lamina.training.samples import SampleOrder
from lamina.training.state import TrainingState


@final
class Stepper:
    """Takes steps.

    Args:
        state: What is trained.
        samples: The samples of each step.
        rule: How weights change for a batch.
        config: Clipping, schedules, size of a micro-batch.
        seed: Seed of the run.
        processes: This process among all.
    """

    def __init__(
        self,
        state: TrainingState,
        samples: SampleOrder,
        rule: AbstractRule,
        config: TrainingConfig,
        *,
        seed: int,
        processes: Processes,
    ) -> None:
        self._state = state
        self._samples = samples
        self._rule = rule
        self._config = config
        self._seed = seed
        self._processes = processes
        self._parameters = [p for p in state.model.parameters() if p.requires_grad]
        self._buffers = list(state.model.buffers())
        self._device = self._parameters[0].device
        self._is_alone = processes.count == 1
        self._listeners = [m for m in state.model.modules() if hasattr(m, "set_progress")]
        self.wish = 0.0
        """Above 0: this process wishes to stop; after a step, the sum over processes."""

    def take(self) -> int:
        """Take one step and return how many samples its full batch has."""
        state, counters = self._state, self._state.counters
        self._samples.set_progress(counters.progress())
        batch, first, full = self._samples.own_batch(counters.step)
        is_careful = counters.step < counters.careful_until
        buffers = [buffer.clone() for buffer in self._buffers] if is_careful else []
        loss = self._gradients(batch.to(self._device), first, full)
        if not self._is_alone:
            loss = self._reduce(loss)
        if is_careful and not self._is_finite(loss):
            for buffer, value in zip(self._buffers, buffers, strict=True):
                buffer.copy_(value)
            counters.skipped_in_row += 1
            counters.skipped += 1
            counters.step += 1
            return full
        if self._config.clip is not None:
            nn.utils.clip_grad_norm_(self._parameters, self._config.clip)
        self._set_rates()
        for optimizer in state.optimizers:
            optimizer.step()
        if state.average is not None:
            state.average.update(counters.step)
        state.loss_sum += loss
        counters.loss_rows += full
        counters.skipped_in_row = 0
        counters.step += 1
        return full

    def rate(self) -> float:
        """Return the first group's learning rate at this step."""
        return float(self._state.optimizers[0].param_groups[0]["lr"])

    def _set_rates(self) -> None:
        counters = self._state.counters
        progress = counters.progress()
        set_rate(
            self._state.optimizers,
            rate=self._config.schedule.factor(progress) * counters.rate_factor,
            decay=self._config.decay_schedule.factor(progress),
        )

    def _gradients(self, batch: Batch, first: int, full: int) -> Tensor:
        """Fill the gradients, in smaller pieces where memory runs out; return the sum of losses."""
        counters = self._state.counters
        for module in self._listeners:
            module.set_progress(counters.progress())  # type: ignore[operator]
        rows = len(batch)
        while True:
            size = min(counters.micro_rows or rows, rows)
            try:
                return self._accumulate(batch, first, full, max(1, size))
            except RuntimeError as error:
                counters.micro_rows = half_as_many(size, error)
            # Outside the handler, so that the failed attempt's tensors are free by now.
            free_memory(self._device)

    def _accumulate(self, batch: Batch, first: int, full: int, size: int) -> Tensor:
        for parameter in self._parameters:
            parameter.grad = None
        rows, step = len(batch), self._state.counters.step
        if size >= rows > 0:
            with draws(self._seed, step, start=first, batch_size=full):
                return self._rule.accumulate(batch, scale=1.0 / full)
        losses: list[Tensor] = []
        for start in range(0, rows, size):
            piece = batch.rows(start, min(start + size, rows))
            with draws(self._seed, step, start=first + start, batch_size=full):
                losses.append(self._rule.accumulate(piece, scale=1.0 / full))
        return torch.stack(losses).sum() if losses else torch.zeros((), device=self._device)

    def _reduce(self, loss: Tensor) -> Tensor:
        extra = torch.stack([loss.float(), loss.new_tensor(self.wish, dtype=torch.float32)])
        sums = self._processes.sum_gradients(self._parameters, extra)
        self.wish = float(sums[1])
        return sums[0]

    def _is_finite(self, loss: Tensor) -> bool:
        gradients = [p.grad for p in self._parameters if p.grad is not None]
        return bool(torch.isfinite(loss)) and _all_finite(gradients)


def _all_finite(tensors: Sequence[Tensor]) -> bool:
    return not tensors or bool(torch.isfinite(nn.utils.get_total_norm(tensors)))
