import torch

from lamina.networks.layers.feature_pyramid import FeaturePyramid
from lamina.networks.parts import MapSpec


def test_levels_have_one_width_and_the_size_of_their_maps() -> None:
    pyramid = FeaturePyramid((MapSpec(4, 8), MapSpec(6, 16)), 8, 3, activation="silu")
    # Of odd sizes, as encoders that round down give them.
    maps = [torch.randn(2, 4, 13, 10), torch.randn(2, 6, 6, 5)]
    levels = pyramid(maps)
    assert [tuple(level.shape) for level in levels] == [(2, 8, 13, 10), (2, 8, 6, 5), (2, 8, 3, 3)]


def test_every_level_knows_of_every_map() -> None:
    pyramid = FeaturePyramid((MapSpec(4, 8), MapSpec(6, 16)), 8, 2, activation="silu").eval()
    maps = [
        torch.randn(1, 4, 8, 8, requires_grad=True),
        torch.randn(1, 6, 4, 4, requires_grad=True),
    ]
    for level in pyramid(maps):
        gradients = torch.autograd.grad(level.square().sum(), maps, retain_graph=True)
        assert all(gradient.abs().sum() > 0 for gradient in gradients)
