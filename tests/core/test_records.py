"""Batches can be cut into rows; intervals are read from documents."""

import math

import torch

from lamina.core.records import Batch, Interval


def _batch() -> Batch:
    return Batch(
        {"number": torch.arange(8.0).reshape(4, 2)}, {"y": torch.arange(4)}, torch.arange(10, 14)
    )


def test_rows_cuts_everything_alike() -> None:
    part = _batch().rows(1, 3)
    assert len(part) == 2
    assert part.inputs["number"].tolist() == [[2.0, 3.0], [4.0, 5.0]]
    assert part.targets["y"].tolist() == [1, 2]
    assert part.index.tolist() == [11, 12]


def test_to_the_same_device_is_the_same_batch() -> None:
    batch = _batch()
    assert batch.to(torch.device("cpu")) is batch


def test_an_interval_is_read_from_its_document() -> None:
    document = {"value": 1, "low": 0.5, "high": 2.0}
    assert Interval.from_document(document) == Interval(1.0, 0.5, 2.0)
    assert math.isnan(Interval.from_document({**document, "low": None}).low)
