"""Pictures that move a channel."""

import torch
from torch import nn

from lamina.explanation.visualisation import VisualisationConfig, visualise


class Edges(nn.Module):
    """One channel for light, one for what is lighter on the right."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(1, 2, (1, 3), padding=(0, 1), bias=False)
        with torch.no_grad():
            self.layer.weight.copy_(torch.tensor([[[[0.0, 1.0, 0.0]]], [[[-1.0, 0.0, 1.0]]]]))

    def forward(self, pictures):
        return torch.relu(self.layer(pictures / 255 - 0.5)).flatten(1)


def test_each_channel_is_moved_by_its_own_picture():
    network = Edges().eval()
    options = {"shape": (1, 12, 12), "mean": torch.tensor([127.5])}
    found = visualise(network, "layer", (0, 1), **options)
    assert found.shape == (2, 1, 12, 12)
    assert 0 <= float(found.min()) <= float(found.max()) <= 255
    with torch.no_grad():
        before = network.layer(torch.zeros(1, 1, 12, 12)).mean(dim=(2, 3))[0]
        after = network.layer(found / 255 - 0.5).mean(dim=(2, 3))
    # Light is all light; and each picture moves its channel more than the other one does.
    assert float(found[0].mean()) > 180
    assert float(after[0, 0]) > float(before[0]) + 0.2
    assert float(after[0, 0]) > float(after[1, 0])
    assert torch.equal(visualise(network, "layer", (0, 1), **options), found)
    other = visualise(network, "layer", (0, 1), config=VisualisationConfig(seed=1), **options)
    assert not torch.equal(other, found)
