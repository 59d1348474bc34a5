"""A small network, data and objective shared by the tests of training."""

import hashlib

import torch
from torch import Tensor, nn

from lamina.core.random import keyed_uniform
from lamina.core.records import Batch
from lamina.objectives.classification import cross_entropy


class KeyedDropout(nn.Module):
    def forward(self, value: Tensor) -> Tensor:
        if not self.training:
            return value
        return value * (keyed_uniform(tuple(value.shape), value.device) > 0.2) / 0.8


class TinyNet(nn.Module):
    def __init__(self, width: int = 16, classes: int = 3, seed: int = 0) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.body = nn.Sequential(nn.Linear(4, width), nn.ReLU(), KeyedDropout())
            self.head = nn.Linear(width, classes)

    def forward(self, inputs):
        return {"y": self.head(self.body(inputs["x"]))}


class TinyData:
    def __init__(self, num_rows: int = 100, seed: int = 1) -> None:
        source = torch.Generator().manual_seed(seed)
        self.x = torch.randn(num_rows, 4, generator=source)
        self.y = (self.x[:, :3] + 0.1).argmax(1)

    def batch(self, index: Tensor) -> Batch:
        return Batch({"x": self.x[index]}, {"y": self.y[index]}, index)


def objective(outputs, batch):
    return cross_entropy(outputs["y"], batch.targets["y"])


def weights_hash(model: nn.Module) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()


def largest_difference(first: nn.Module, second: nn.Module) -> float:
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    return max(float((a - b).detach().abs().max()) for a, b in pairs)
