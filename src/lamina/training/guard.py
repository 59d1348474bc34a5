"""Recovery from losses and gradients that are not finite.

Every few steps the loss and the weights are looked at; if all is finite, a copy is kept in memory.
If not, the training goes back to that copy and takes the same steps again carefully: a batch whose
loss or gradient is not finite is skipped. Where several in a row are not, the weights are to blame:
back again, and half the rate from there on; likewise where no batch was to blame and the state is
bad again all the same. After many such events training gives up. Once a batch was skipped, all
later steps are careful ones.
"""

import math
from collections.abc import Callable
from typing import Any, final

import torch
from torch import Tensor, nn

from lamina.core.errors import TrainingError
from lamina.training.samples import SampleOrder
from lamina.training.state import TrainingState

INTERVAL = 100
"""Steps between two looks."""

NEVER = 1 << 62
"""A step that is never reached."""

_MAX_IN_ROW = 3
_MAX_HALVINGS = 8
_MAX_SKIPPED_SHARE = 0.1


@final
class Guard:
    """Keeps the last good state in memory.

    Args:
        state: What is trained.
        samples: To name the rows of a bad batch.
        report: Takes an event for the log.
    """

    def __init__(
        self,
        state: TrainingState,
        samples: SampleOrder,
        report: Callable[[dict[str, Any]], None],
    ) -> None:
        self._state = state
        self._samples = samples
        self._report = report
        self._skipped = state.counters.skipped
        self._kept: dict[str, Tensor] = {}
        self._step = 0
        self._loss_rows = 0
        self._went_back: tuple[int, int] | None = None
        self.steps_lost = 0
        """Steps that were taken in vain, over all returns."""
        self.keep()

    @torch.no_grad()
    def keep(self) -> None:
        """Keep a copy of the present state."""
        live = self._state.live_tensors()
        for name, value in live.items():
            kept = self._kept.get(name)
            if kept is None or kept.shape != value.shape:
                self._kept[name] = value.detach().clone()
            else:
                kept.copy_(value)
        self._step = self._state.counters.step
        self._loss_rows = self._state.counters.loss_rows

    def check(self, *, is_forced: bool = False) -> bool:
        """Look at the state where it is time, and go back where it is bad.

        Args:
            is_forced: Look now.

        Returns:
            Whether the state may be validated and saved: false after going back.

        Raises:
            TrainingError: It happened too often.
        """
        counters = self._state.counters
        if counters.skipped != self._skipped:
            self._note_skip()
            if counters.skipped_in_row >= _MAX_IN_ROW:
                counters.rate_factor *= 0.5
                self._go_back("several batches in a row were not finite: half the rate")
                return False
        if not is_forced and counters.step % INTERVAL:
            return True
        if self._is_good():
            self.keep()
            return True
        place = (self._step, counters.skipped)
        if self._went_back == place:
            # Careful steps found no bad batch, so the very same would happen for ever.
            counters.rate_factor *= 0.5
            self._go_back("weights were not finite again: half the rate")
        else:
            self._went_back = place
            self._go_back("loss or weights were not finite: the same steps again, carefully")
        return False

    def _is_good(self) -> bool:
        model = self._state.model
        values = [value.detach() for value in (*model.parameters(), *model.buffers())]
        floats = [value for value in values if value.is_floating_point()]
        norm = nn.utils.get_total_norm(floats)
        return bool(torch.isfinite(norm) & torch.isfinite(self._state.loss_sum))

    def _go_back(self, what: str) -> None:
        counters = self._state.counters
        failed = counters.step
        self._state.restore(self._kept)
        counters.step, counters.loss_rows = self._step, self._loss_rows
        counters.careful_until = max(counters.careful_until, failed)
        counters.skipped_in_row = 0
        counters.roll_backs += 1
        self.steps_lost += failed - self._step
        self._report(
            {
                "event": "roll back",
                "step": self._step,
                "failed_step": failed,
                "rate_factor": counters.rate_factor,
                "message": what,
            }
        )
        self._stop_if_often()

    def _note_skip(self) -> None:
        counters = self._state.counters
        self._skipped = counters.skipped
        counters.careful_until = NEVER
        rows = self._samples.rows_of(counters.step - 1)[:8].tolist()
        self._report(
            {
                "event": "skipped batch",
                "step": counters.step - 1,
                "rows": rows,
                "message": f"loss or gradient was not finite; the batch begins with rows {rows}",
            }
        )
        self._stop_if_often()

    def _stop_if_often(self) -> None:
        counters = self._state.counters
        halvings = round(-math.log2(counters.rate_factor))
        allowed = max(20, _MAX_SKIPPED_SHARE * counters.total_steps)
        if halvings > _MAX_HALVINGS or counters.skipped > allowed:
            raise TrainingError(
                f"loss or gradient was not finite: {counters.skipped} batches skipped and the "
                f"rate halved {halvings} times, last near step {counters.step}. Lower the "
                "learning rate, set clip to 1, or look for infinite values in the data."
            )
