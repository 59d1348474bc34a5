"""Samples of a part of the data."""

import torch

from lamina.data.dataset import encode_frame
from lamina.data.parts import Part
from lamina.data.schema import fit_schema, infer_schema
from tests.runs.tiny import table


def test_a_sample_is_a_row_where_nothing_else_is_said() -> None:
    frame = table(20)
    schema = fit_schema(infer_schema(frame, targets=["price"]), frame)
    part = Part(encode_frame(schema, frame), torch.tensor([3, 7]))
    assert len(part) == 2
    assert part.rows().tolist() == [3, 7]
    assert part.targets()["price"].shape == (2, 1)
