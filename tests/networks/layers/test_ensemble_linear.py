"""Linear layers of several members."""

import torch
from torch.nn import functional as F

from lamina.networks.layers.ensemble_linear import EnsembleLinear


def test_each_member_is_a_linear_layer() -> None:
    layer = EnsembleLinear(4, 3, num_members=5)
    inputs = torch.randn(2, 5, 4)
    outputs = layer(inputs)
    for member in range(5):
        wanted = F.linear(inputs[:, member], layer.weight[member].T, layer.bias[member])
        torch.testing.assert_close(outputs[:, member], wanted)
