"""The order of samples is a pure function, covers each epoch once, and splits over processes."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from lamina.core.records import Batch
from lamina.training.config import TrainingConfig
from lamina.training.processes import Processes
from lamina.training.samples import SampleOrder
from tests.training.tiny import TinyData

DATA = TinyData(300)
ALONE = Processes()


def order(index, batch_size, *, seed=0, processes=ALONE, transform=None, drop_last=False):
    config = TrainingConfig(batch_size=batch_size, drop_last=drop_last)
    return SampleOrder(DATA, index, config, seed=seed, processes=processes, transform=transform)


@given(st.integers(1, 60), st.integers(1, 70), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_each_epoch_has_each_sample_once(num_samples, batch_size, epoch):
    index = torch.arange(num_samples) * 3
    samples = order(index, batch_size)
    steps = range(epoch * samples.steps_per_epoch, (epoch + 1) * samples.steps_per_epoch)
    rows = torch.cat([samples.rows_of(step) for step in steps])
    assert torch.equal(rows.sort().values, index)


def test_order_depends_on_seed_and_epoch_only():
    index = torch.arange(50)
    first, second = order(index, 8), order(index, 8)
    second.rows_of(30)  # whatever was asked before
    assert torch.equal(first.rows_of(3), second.rows_of(3))
    assert not torch.equal(first.rows_of(0), first.rows_of(7))
    assert not torch.equal(first.rows_of(0), order(index, 8, seed=1).rows_of(0))


@pytest.mark.parametrize("mixes", [False, True])
@pytest.mark.parametrize("count", [2, 3, 9])
def test_processes_share_a_batch(count, mixes):
    def transform(batch, epoch):
        seen.append(len(batch))
        return batch

    transform.mixes_samples = mixes
    seen = []
    whole, first, full = order(torch.arange(20), 7).own_batch(1)
    assert (first, full) == (0, 7)
    parts = [
        order(torch.arange(20), 7, processes=Processes(rank, count), transform=transform).own_batch(
            1
        )
        for rank in range(count)
    ]
    assert torch.equal(torch.cat([batch.index for batch, _, _ in parts]), whole.index)
    assert all(full == 7 for _, _, full in parts)
    assert set(seen) == {7} if mixes else sum(seen) == 7


class Lengths(TinyData):
    """Samples of many lengths."""

    def by_length(self, index):
        return torch.argsort(index * 7919 % 101, stable=True)


def test_samples_of_one_length_share_a_batch_and_each_is_met_once():
    index, config = torch.arange(290), TrainingConfig(batch_size=8, groups_lengths=True)
    samples = SampleOrder(Lengths(300), index, config, seed=0, processes=ALONE, transform=None)
    first = [samples.rows_of(step) for step in range(samples.steps_per_epoch)]
    assert torch.equal(torch.cat(first).sort().values, index)
    spreads = [(rows * 7919 % 101).float().std() for rows in first[:-1]]
    assert max(spreads) < 8
    lengths = torch.stack([(rows * 7919 % 101).float().mean() for rows in first[:-1]])
    assert not torch.equal(lengths, lengths.sort().values)
    samples.rows_of(500)
    assert torch.equal(samples.rows_of(3), first[3])
    assert len(first[-1]) == 290 % 8


def test_incomplete_batches_can_be_dropped():
    assert order(torch.arange(20), 7, drop_last=True).steps_per_epoch == 2
    assert order(torch.arange(20), 7).steps_per_epoch == 3


@pytest.mark.parametrize("numbers", [(), (3,)])
def test_processes_share_one_length_of_texts(numbers):
    class Texts:
        """As many tokens as the row's number, padded to the longest of a batch."""

        def batch(self, index):
            width = int(index.max()) if len(index) else 1
            ids = (torch.arange(width) < index[:, None]).long()
            ids = ids.reshape(*ids.shape, *(1 for _ in numbers)).expand(*ids.shape, *numbers)
            return Batch({"x": ids}, {}, index)

    def own(rank, count):
        config, index = TrainingConfig(batch_size=10), torch.arange(1, 31)
        samples = SampleOrder(
            Texts(), index, config, seed=0, processes=Processes(rank, count), transform=None
        )
        return [samples.own_batch(step)[0].inputs["x"] for step in range(3)]

    for whole, first, second in zip(own(0, 1), own(0, 2), own(1, 2), strict=True):
        assert torch.equal(torch.cat([first, second]), whole)


def test_the_augmentation_is_told_how_far_the_training_is() -> None:
    class Told:
        mixes_samples = False

        def __init__(self) -> None:
            self.progress: list[float] = []

        def __call__(self, batch: Batch, epoch: int) -> Batch:
            return batch

        def set_progress(self, progress: float) -> None:
            self.progress.append(progress)

    told = Told()
    order(torch.arange(9), 3, transform=told).set_progress(0.25)
    order(torch.arange(9), 3).set_progress(0.5)
    assert told.progress == [0.25]
