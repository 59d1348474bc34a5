"""Small functions whose right explanation is known, shared by the tests of explanations."""

import torch
from torch import nn

from lamina.explanation.features import Columns, Patches, Words
from lamina.explanation.question import Place, Question, ask


def linear(weights: list[float], sample: list[float], references: list[list[float]]) -> Question:
    """A weighted sum: each column contributes weight × (value − mean of its references)."""
    strengths = torch.tensor(weights)
    columns = Columns(torch.arange(len(weights)), torch.tensor(references))
    return ask(lambda x: x @ strengths, torch.tensor([sample]), features=[columns])


def perceptron(num_inputs: int = 8) -> Question:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(num_inputs, 24), nn.Tanh(), nn.Linear(24, 3)).eval()
    return ask(network, torch.randn(1, num_inputs), output=1)


class Convolutions(nn.Module):
    """Two convolutions and the mean: [batch, 3, height, width] to two numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(3, 6, 3, padding=1)
        self.second = nn.Conv2d(6, 4, 3, padding=1, stride=2)
        self.last = nn.Linear(4, 2)

    def forward(self, pictures):
        seen = self.second(torch.tanh(self.first(pictures)))
        return self.last(torch.relu(seen).mean(dim=(2, 3)))


def convolutions(side: int = 8, patch: int = 2) -> Question:
    torch.manual_seed(1)
    network = Convolutions().eval()
    return ask(
        network,
        torch.randn(1, 3, side, side),
        output=0,
        features=[Patches(patch, torch.zeros(3))],
    )


class Reader(nn.Module):
    """The sum of a number per word, through an embedding: word ids [batch, length]."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(10, 4, padding_idx=0)
        self.last = nn.Linear(4, 1, bias=False)

    def forward(self, ids):
        return self.last(self.embedding(ids).sum(dim=1))


def reader(ids: list[int]) -> Question:
    torch.manual_seed(2)
    network = Reader().eval()
    return ask(network, torch.tensor([ids]), features=[Words()], places={0: Place("embedding")})


def worth(question: Question) -> torch.Tensor:
    """What each word adds to the sum of a `reader`."""
    network = question.network
    assert isinstance(network, Reader)
    return network.last(network.embedding(question.inputs["0"]))[0, :, 0].detach()
