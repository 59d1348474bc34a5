"""The fast convolutional network."""

from dataclasses import replace

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.convnet import ConvNetConfig
from tests.networks.specs import image_spec


@pytest.mark.parametrize(("channels", "side"), [(1, 8), (3, 8), (1, 28), (3, 32), (3, 45)])
def test_any_size_from_eight_pixels_works(channels, side) -> None:
    network = ConvNetConfig(widths=(8, 16, 24)).build(image_spec(channels, side))
    pictures = torch.randint(0, 256, (2, channels, side, side), dtype=torch.uint8)
    assert network(pictures).shape == (2, 24)


def test_convolutions_begin_as_the_identity() -> None:
    network = ConvNetConfig(widths=(32, 16)).build(image_spec())
    pictures = torch.randn(1, 24, 6, 6)
    copied = network.groups[0].convolutions[0](pictures)
    torch.testing.assert_close(copied[:, :24], pictures)
    torch.testing.assert_close(network.groups[1].convolutions[0](copied), copied[:, :16])


def test_the_stem_whitens_and_only_its_bias_learns() -> None:
    network = ConvNetConfig(widths=(8,)).build(image_spec(3, 16))
    rows = torch.rand(64, 3, 16, 16).cumsum(dim=3) * 16
    pictures = rows.to(torch.uint8)
    with torch.no_grad():
        network.initialise(pictures, {})
        answers = network.stem(network.scale(pictures))[:, :6]
    flat = answers.permute(1, 0, 2, 3).flatten(1)
    # The strongest components, unlike the weakest, are not dampened by the epsilon.
    torch.testing.assert_close(flat @ flat.T / flat.shape[1], torch.eye(6), rtol=0.05, atol=0.05)
    assert not network.stem.weight.requires_grad
    assert network.stem.bias.requires_grad


def test_the_stem_comes_to_rest_and_its_values_stay() -> None:
    network = ConvNetConfig(widths=(8,), stem_share=0.5).build(image_spec(3, 16))
    pictures = torch.randint(0, 256, (4, 3, 16, 16), dtype=torch.uint8)
    torch.nn.init.uniform_(network.stem.bias)
    gradients, answers = [], []
    for progress in (0.0, 0.25, 0.5):
        network.zero_grad()
        network.set_progress(progress)
        answers.append(network(pictures))
        answers[-1].sum().backward()
        gradients.append(network.stem.bias.grad)
    torch.testing.assert_close(answers[1], answers[0])
    torch.testing.assert_close(answers[2], answers[0])
    # Half of its share is left at a quarter, where a straight schedule stands at three quarters.
    torch.testing.assert_close(gradients[1], gradients[0] * 0.5 / 0.75, rtol=1e-3, atol=1e-5)
    assert gradients[2] is None


def test_large_pictures_keep_maximum_and_mean_at_any_size() -> None:
    config = ConvNetConfig(widths=(8, 16), stem_size=4, stem_stride=2, pooling="max_mean")
    network = config.build(image_spec(3, 40))
    assert network.out_features == 32
    for side in (32, 40):
        pictures = torch.randint(0, 256, (2, 3, side, side), dtype=torch.uint8)
        features = network(pictures)
        assert features.shape == (2, 32)
        assert bool((features[:, :16] >= features[:, 16:]).all())


@pytest.mark.parametrize(("height", "width", "size", "stride"), [(8, 8, 2, 1), (21, 34, 4, 2)])
def test_all_places_can_be_kept(height: int, width: int, size: int, stride: int) -> None:
    config = ConvNetConfig(widths=(4, 8), stem_size=size, stem_stride=stride, pooling="places")
    spec = replace(image_spec(3, 8), shape=(3, height, width))
    network = config.build(spec).eval()
    pictures = torch.randint(0, 256, (2, 3, height, width), dtype=torch.uint8)
    features = network(pictures)
    assert features.shape == (2, network.out_features)
    # The greatest of all places is what else would be kept.
    highest = replace(config, pooling="max").build(spec).eval()
    highest.load_state_dict(network.state_dict())
    torch.testing.assert_close(features.view(2, 8, -1).amax(dim=2), highest(pictures))


def test_channels_last_gives_the_same_answer() -> None:
    network = ConvNetConfig(widths=(8, 16)).build(image_spec()).eval()
    pictures = torch.randint(0, 256, (2, 3, 16, 16), dtype=torch.uint8)
    before = network(pictures)
    network = network.to(memory_format=torch.channels_last)
    torch.testing.assert_close(network(pictures), before, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ConvNetConfig().build(image_spec(3, 7)), "sides of at least 8 pixels"),
        (lambda: ConvNetConfig(widths=()), "at least one group"),
        (lambda: ConvNetConfig(pooling="mean"), "pooling must be"),
        (lambda: ConvNetConfig(stem_share=2.0), "stem_share must be"),
        (lambda: ConvNetConfig(stem_stride=0), "stem_size and stem_stride"),
    ],
)
def test_wrong_settings_are_explained(make, message) -> None:
    with pytest.raises(ConfigError, match=message):
        make()
