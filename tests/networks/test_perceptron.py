"""No trunk."""

import torch

from lamina.networks.perceptron import PerceptronConfig


def test_features_go_through() -> None:
    trunk = PerceptronConfig().build(3)
    features = torch.randn(2, 3)
    assert trunk(features) is features
    assert trunk.out_features == 3
