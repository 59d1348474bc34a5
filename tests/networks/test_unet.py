"""The U-Net."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.unet import UNetConfig

SPEC = InputSpec("x", "image", ("x",), (3, 24, 32))


def test_stages_halve_the_resolution() -> None:
    config = UNetConfig(widths=(8, 12, 16), depths=(1, 2, 1), step=2)
    model = config.build([SPEC], [OutputSpec("y", 3)])
    sizes = []
    for stage in model.down:
        stage.register_forward_hook(lambda *call: sizes.append(tuple(call[2].shape[1:])))
    model({"x": torch.zeros(2, 3, 24, 32, dtype=torch.uint8)})
    assert sizes == [(8, 12, 16), (12, 6, 8), (16, 3, 4)]


def test_what_is_far_away_counts() -> None:
    torch.manual_seed(0)
    model = UNetConfig(widths=(8, 12), depths=(1, 1)).build([SPEC], [OutputSpec("y", 3)]).eval()
    images = torch.randint(0, 256, (1, 3, 24, 32)).float().requires_grad_()
    model({"x": images})["y"][0, 0, 0, 0, 0].backward()
    # Filters reach a few pixels; the pooled context reaches the other corner.
    assert images.grad[0, :, -1, -1].abs().sum() > 0


@pytest.mark.parametrize(
    "wrong", [{"widths": (8,)}, {"step": 0}, {"depth_up": 0}, {"dropout": 1.0}]
)
def test_wrong_settings(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        UNetConfig(**wrong)
