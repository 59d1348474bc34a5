"""Gradients as a CUDA graph; without a GPU they are computed step by step, with the same result."""

import pytest
import torch
from torch import nn

from lamina.core.errors import ConfigError
from lamina.core.records import Batch
from lamina.training.cuda_graph import GradientGraph
from lamina.training.execution import Execution
from lamina.training.rules.backpropagation import BackpropagationConfig

DEVICES = [
    "cpu",
    pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")),
]


class Named(nn.Module):
    """A linear map behind a batch normalisation, with a named input and output."""

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm1d(3)
        self.linear = nn.Linear(3, 1)

    def forward(self, inputs):
        return {"y": self.linear(self.norm(inputs["x"]))}


def squared_error(outputs, batch):
    return (outputs["y"] - batch.targets["y"]).square().sum(1)


def make(device, model):
    rule = BackpropagationConfig().build(model, squared_error, execution=Execution())
    batches = [
        Batch({"x": torch.randn(8, 3)}, {"y": torch.randn(8, 1)}, torch.arange(8)).to(device)
        for _ in range(3)
    ]
    graph = GradientGraph(
        lambda batch: rule.accumulate(batch, scale=1 / 8),
        list(model.parameters()),
        list(model.buffers()),
        batches[0],
    )
    return graph, batches


@pytest.mark.parametrize("device", DEVICES)
def test_each_call_gives_the_gradients_of_its_batch_alone(device) -> None:
    model = Named().to(device)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    graph, batches = make(torch.device(device), model)
    for name, value in model.state_dict().items():
        assert torch.equal(value, before[name]), name
    for batch in batches:
        loss = float(graph(batch))
        gradients = [p.grad.clone() for p in model.parameters()]
        twin = Named().to(device)
        twin.load_state_dict(before)
        expected = squared_error(twin(batch.inputs), batch)
        (expected.sum() / 8).backward()
        assert loss == pytest.approx(float(expected.detach().sum()), rel=1e-5)
        for one, other in zip(gradients, twin.parameters(), strict=True):
            torch.testing.assert_close(one, other.grad)
    assert int(model.norm.num_batches_tracked) == 3
    assert graph.is_recorded == (device == "cuda")


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU")
def test_another_shape_is_refused() -> None:
    graph, batches = make(torch.device("cuda"), Named().cuda())
    with pytest.raises(ConfigError, match="recorded with"):
        graph(batches[0].rows(0, 4))


def test_a_frozen_model_is_refused() -> None:
    model = Named().requires_grad_(False)
    with pytest.raises(ConfigError, match="Unfreeze"):
        make(torch.device("cpu"), model)
