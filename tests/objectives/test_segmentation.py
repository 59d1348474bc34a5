"""Losses of masks, worked out by hand."""

import math

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.objectives.segmentation import (
    VOID,
    PixelClassesConfig,
    dice_loss,
    pixel_cross_entropy,
    pixel_weights,
)


def test_cross_entropy_of_known_pixels() -> None:
    logits = torch.zeros(1, 2, 1, 3)
    logits[0, 1, 0, 0] = math.log(3.0)  # chances 1/4, 3/4; elsewhere 1/2
    target = torch.tensor([[[1, 0, VOID]]])
    expected = (-math.log(3 / 4) - math.log(1 / 2)) / 2
    assert pixel_cross_entropy(logits, target).item() == pytest.approx(expected)
    weighted = pixel_cross_entropy(logits, target, weights=torch.tensor([3.0, 1.0]))
    expected = (-math.log(3 / 4) - 3 * math.log(1 / 2)) / 2
    assert weighted.item() == pytest.approx(expected)


def test_dice_by_hand() -> None:
    # Two pixels of class 0 with chances 1/2: 1 - (2·1 + 1) / (1 + 2 + 1); class 1 is not there.
    loss = dice_loss(torch.zeros(1, 2, 1, 3), torch.tensor([[[0, 0, VOID]]]))
    assert loss.item() == pytest.approx(1 - 3 / 4)


def test_the_right_answer_costs_nothing_and_void_alone_neither() -> None:
    target = torch.tensor([[[0, 1], [2, VOID]], [[VOID, VOID], [VOID, VOID]]], dtype=torch.uint8)
    logits = 40.0 * torch.nn.functional.one_hot(target.long() % 255, 3).movedim(-1, 1).float()
    losses = PixelClassesConfig().build()(logits, target)
    torch.testing.assert_close(losses, torch.zeros(2), atol=1e-5, rtol=0)


def test_weights_are_one_for_the_mean_pixel() -> None:
    counts = torch.tensor([90.0, 9.0, 1.0])
    for power in (0.0, 0.5, 1.0):
        weights = pixel_weights(counts, power)
        assert (weights * counts / 100).sum().item() == pytest.approx(1)
    assert pixel_weights(counts, 0.0).tolist() == pytest.approx([1, 1, 1])
    assert pixel_weights(torch.tensor([1.0, 0.0]), 1.0).max() <= 50


@pytest.mark.parametrize("wrong", [{"class_weight": 2}, {"dice": -1}, {"label_smoothing": 1}])
def test_wrong_settings(wrong) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        PixelClassesConfig(**wrong)
