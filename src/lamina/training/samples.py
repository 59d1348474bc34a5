"""The samples of each step, as a pure function of (seed, epoch, step)."""

from collections.abc import Callable
from typing import Protocol, cast, final

import torch
from torch import Tensor

from lamina.core.random import permutation
from lamina.core.records import Batch
from lamina.training.config import TrainingConfig
from lamina.training.processes import Processes

Transform = Callable[[Batch, int], Batch]
"""Augmentation: a batch and its epoch to a batch. With an attribute `mixes_samples = True` it sees
the full batch in every process, because samples depend on each other (mixup). A method
`set_progress` is told before each step what share of the training is done."""


class Samples(Protocol):
    """Data that can be trained on."""

    def batch(self, index: Tensor) -> Batch:
        """Return the samples with these row numbers.

        Args:
            index: int64 [batch].
        """


class SortedSamples(Samples, Protocol):
    """Samples that know their lengths."""

    def by_length(self, index: Tensor) -> Tensor:
        """Return an order of some samples in which those of about one length follow each other.

        Args:
            index: int64 [samples], row numbers.
        """


POOL = 50
"""Batches among whose samples those of one length are looked for."""


@final
class SampleOrder:
    """The samples of each step.

    Args:
        data: Where samples come from.
        index: Row numbers of the training samples, int64 [samples].
        config: Batch size and what to do with an incomplete batch.
        seed: Seed of the run.
        processes: This process among all.
        transform: Augmentation, or None.
    """

    def __init__(
        self,
        data: Samples,
        index: Tensor,
        config: TrainingConfig,
        *,
        seed: int,
        processes: Processes,
        transform: Transform | None,
    ) -> None:
        self._data = data
        self._index = index
        self._batch_size = config.batch_size
        self._groups_lengths = config.groups_lengths
        self._seed = seed
        self._processes = processes
        self._transform = transform
        self._mixes = bool(getattr(transform, "mixes_samples", False))
        self._is_padded: bool | None = None
        self._order_epoch = -1
        self._order = index
        self.steps_per_epoch = config.steps_per_epoch(len(index))
        """Steps in one pass through the samples."""

    def set_progress(self, progress: float) -> None:
        """Tell the augmentation how far the training is.

        Args:
            progress: Share of the training that is done, in [0, 1].
        """
        listener = getattr(self._transform, "set_progress", None)
        if listener is not None:
            listener(progress)

    def rows_of(self, step: int) -> Tensor:
        """Return the row numbers of the full batch of a step, int64 [batch].

        Args:
            step: Steps done before it.
        """
        epoch, position = divmod(step, self.steps_per_epoch)
        if epoch != self._order_epoch:
            order = permutation(self._seed, "order", epoch, len(self._index))
            order = order.to(self._index.device)
            if self._groups_lengths:
                order = self._grouped(order, epoch)
            self._order, self._order_epoch = order, epoch
        start = position * self._batch_size
        # Row by row of a batch: a second list of all rows would take as much memory again.
        return self._index[self._order[start : start + self._batch_size]]

    def _grouped(self, order: Tensor, epoch: int) -> Tensor:
        """Return the order with batches of about one length, in pools, which stay mixed."""
        data = cast(SortedSamples, self._data)
        pools = [
            pool[data.by_length(self._index[pool])] for pool in order.split(POOL * self._batch_size)
        ]
        ordered = torch.cat(pools)
        whole = len(ordered) // self._batch_size * self._batch_size
        batches = ordered[:whole].view(-1, self._batch_size)
        turn = permutation(self._seed, "batches", epoch, len(batches)).to(ordered.device)
        # The incomplete batch stays last, so that every epoch has the same steps.
        return torch.cat([batches[turn].flatten(), ordered[whole:]])

    def own_batch(self, step: int) -> tuple[Batch, int, int]:
        """Return this process's rows of a step, its first row, and the rows of the full batch.

        Args:
            step: Steps done before it.
        """
        rows = self.rows_of(step)
        full = len(rows)
        if self._processes.count == 1:
            return self._prepared(rows, step), 0, full
        first, last = self._processes.rows(full)
        if self._mixes:
            return self._prepared(rows, step).rows(first, last), first, full
        return self._changed(self._own_rows(rows, first, last), step), first, full

    def _own_rows(self, rows: Tensor, first: int, last: int) -> Batch:
        """Return some samples of a batch, texts as long as the longest of the whole batch."""
        if self._is_padded is not True:
            own = self._data.batch(rows[first:last])
            self._is_padded = any(_may_be_padded(value) for value in own.inputs.values())
            if not self._is_padded:
                return own
        # Masks have the shape of the padded texts: with other lengths they would be others.
        return self._data.batch(rows).rows(first, last)

    def _prepared(self, rows: Tensor, step: int) -> Batch:
        return self._changed(self._data.batch(rows), step)

    def _changed(self, batch: Batch, step: int) -> Batch:
        if self._transform is None or len(batch) == 0:
            return batch
        return self._transform(batch, step // self.steps_per_epoch)


def _may_be_padded(value: Tensor) -> bool:
    """Return whether an input may be token ids; categories look alike, and are cheap as well."""
    return value.dim() > 1 and value.dtype == torch.int64
