"""Groups of convolutions over bands and frames."""

import pytest
import torch

from lamina.networks.layers.sound_maps import SoundGroups


@pytest.mark.parametrize("halvings", [1, 2, 3])
@pytest.mark.parametrize("frames", [1, 7, 16, 21])
def test_every_group_halves_bands_and_the_first_ones_frames(halvings, frames) -> None:
    groups = SoundGroups((4, 6, 8), "silu", num_bands=10, halvings=halvings).eval()
    maps, valid = groups(torch.randn(2, 10, frames), torch.ones(2, 1, frames, dtype=torch.bool))
    steps = -(-frames // 2**halvings)
    assert maps.shape == (2, groups.out_features, steps)
    assert groups.out_features == 8 * 2
    assert valid.shape == (2, 1, steps)


@pytest.mark.parametrize("halvings", [1, 2, 3])
def test_what_lies_behind_the_end_changes_nothing(halvings) -> None:
    torch.manual_seed(0)
    groups = SoundGroups((4, 6, 8), "silu", num_bands=10, halvings=halvings).eval()
    for name, value in groups.named_parameters():
        if name.endswith("norm.bias"):
            torch.nn.init.constant_(value, -1.0)  # below 0, where zeros behind the end would win
    logs = torch.zeros(1, 10, 24)
    logs[:, :, :13] = torch.randn(1, 10, 13)
    valid = (torch.arange(24) < 13)[None, None]
    long, ends = groups(logs, valid)
    short, _ = groups(logs[:, :, :13], valid[:, :, :13])
    torch.testing.assert_close(long[:, :, ends[0, 0]], short)
    assert not long[:, :, ~ends[0, 0]].any()
