"""The convolutional network for sound."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.networks.sound_convnet import SoundConvNetConfig
from lamina.testing.check_network import check_network
from tests.networks.specs import sound_spec

SMALL = SoundConvNetConfig(num_bands=16, widths=(4, 8))


def test_it_keeps_the_contract() -> None:
    check_network(SMALL)


def test_how_loud_it_was_does_not_count() -> None:
    network = SMALL.build(sound_spec()).eval()
    sound = torch.randn(2, 1600) * 0.1
    with torch.no_grad():
        torch.testing.assert_close(network(sound * 5), network(sound), atol=1e-3, rtol=0)


def test_a_recording_shorter_than_a_frame_is_heard() -> None:
    network = SMALL.build(sound_spec()).eval()
    with torch.no_grad():
        assert network(torch.randn(1, 3)).isfinite().all()


@pytest.mark.parametrize("length", [800, 1111, 1290, 1600, 1999])
def test_padding_changes_nothing_whatever_the_length(length) -> None:
    torch.manual_seed(0)
    network = SoundConvNetConfig(num_bands=16, widths=(4, 8, 8)).build(sound_spec()).eval()
    with torch.no_grad():
        for name, value in network.named_parameters():
            if name.endswith("norm.bias"):
                value.fill_(-1.0)  # below 0 at many places, where zeros behind the end would win
        sound = torch.randn(1, length)
        padded = torch.nn.functional.pad(sound, (0, 2500 - length), value=torch.nan)
        torch.testing.assert_close(network(padded), network(sound), atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("wrong", [{"widths": ()}, {"hidden_bands": 1.0}, {"dropout": -0.1}])
def test_wrong_settings_are_explained(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        SoundConvNetConfig(**wrong)
