"""Threads come back, layouts keep values, bfloat16 gives float32 outputs near the truth."""

import pytest
import torch
from torch import nn

from lamina.core.errors import TrainingError
from lamina.training.execution import Execution, half_as_many
from tests.training.tiny import TinyNet


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)

    def forward(self, inputs):
        self.was_channels_last = inputs["x"].is_contiguous(memory_format=torch.channels_last)
        return {"y": self.conv(inputs["x"]).mean((2, 3))}


def test_threads_are_set_and_put_back():
    before = torch.get_num_threads()
    with Execution(threads=before + 1).active(nn.Identity()):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


def test_channels_last_changes_the_layout_only():
    model, inputs = Net(), {"x": torch.randn(2, 3, 8, 8)}
    expected = model(inputs)["y"]
    execution = Execution(channels_last=True)
    with execution.active(model):
        outputs = execution.forward(model, inputs)
    assert model.was_channels_last
    assert torch.allclose(outputs["y"], expected, atol=1e-5)


def test_bfloat16_answers_in_float32():
    model, inputs = TinyNet().eval(), {"x": torch.randn(50, 4)}
    outputs = Execution(dtype="bfloat16").forward(model, inputs)["y"]
    assert outputs.dtype == torch.float32
    assert not torch.equal(outputs, model(inputs)["y"])
    assert torch.allclose(outputs, model(inputs)["y"], atol=0.05)


def test_memory_errors_halve_and_others_are_raised():
    error = torch.OutOfMemoryError("CUDA out of memory")
    assert half_as_many(9, error) == 4
    assert half_as_many(2, RuntimeError("DefaultCPUAllocator: can't allocate memory")) == 1
    with pytest.raises(TrainingError, match="even with one sample"):
        half_as_many(1, error)
    with pytest.raises(RuntimeError, match="shape"):
        half_as_many(8, RuntimeError("shape"))
