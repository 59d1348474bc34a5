import math

import pytest
import torch
from torch import Tensor

from lamina.core.boxes import PLACE_WIDTH, SIDE_BINS
from lamina.core.errors import ConfigError
from lamina.objectives.detection import (
    DetectionConfig,
    distances,
    distribution_focal,
    quality_focal,
)


def output(*, batch: int = 2, classes: int = 2) -> Tensor:
    generator = torch.Generator().manual_seed(0)
    answers = torch.randn(batch, 12, 4 * SIDE_BINS + classes, generator=generator)
    x = 4 + 8 * torch.arange(12.0)
    places = torch.stack((x, torch.full((12,), 4.0), torch.full((12,), 8.0)), dim=1)
    return torch.cat((places.expand(batch, -1, -1), answers), dim=2)


TARGET = torch.tensor(
    [[[0.0, 0, 0, 30, 8], [1.0, 40, 0, 60, 8]], [[-1.0, -1, -1, -1, -1], [-1.0, 0, 0, 0, 0]]]
)


def test_quality_focal_by_hand() -> None:
    # At a logit of 0 and a quality of 1: ln 2 times the square of a half.
    found = quality_focal(torch.zeros(1), torch.ones(1))
    assert found.item() == pytest.approx(math.log(2) / 4)
    assert quality_focal(torch.zeros(1), torch.tensor([0.5])).item() == 0


def test_distribution_focal_by_hand() -> None:
    # Even logits: both neighbours have 1 / bins, whatever the share.
    even = torch.zeros(1, 4, SIDE_BINS)
    wanted = torch.tensor([[0.0, 1.25, 3.5, 14.99]])
    assert distribution_focal(even, wanted).item() == pytest.approx(math.log(SIDE_BINS))
    # The least is where the two neighbours share as the distance does.
    best = torch.full((1, 4, SIDE_BINS), -30.0)
    best[..., 2], best[..., 3] = math.log(0.75), math.log(0.25)
    found = distribution_focal(best, torch.full((1, 4), 2.25)).item()
    assert found == pytest.approx(-0.75 * math.log(0.75) - 0.25 * math.log(0.25), abs=1e-5)


def test_distances_are_steps_within_reach() -> None:
    places = torch.tensor([[20.0, 20.0, 8.0]])
    found = distances(places, torch.tensor([[4.0, 28.0, 36.0, 9999.0]]))
    assert found[0, :3].tolist() == [2.0, 0.0, 2.0]
    assert found[0, 3] < SIDE_BINS - 1


def test_each_picture_has_its_own_loss() -> None:
    objective = DetectionConfig().build()
    both = objective(output(), TARGET)
    assert both.shape == (2,)
    alone = torch.cat([objective(output()[i : i + 1], TARGET[i : i + 1]) for i in range(2)])
    assert torch.allclose(both, alone)


def test_pictures_without_boxes_push_all_scores_down() -> None:
    values = output().requires_grad_()
    DetectionConfig().build()(values, TARGET)[1].backward()
    assert values.grad is not None
    scores = values.grad[1, :, PLACE_WIDTH + 4 * SIDE_BINS :]
    assert bool((scores > 0).all())
    assert values.grad[1, :, : PLACE_WIDTH + 4 * SIDE_BINS].abs().sum() == 0


def test_no_row_of_boxes_at_all() -> None:
    assert torch.isfinite(DetectionConfig().build()(output(), TARGET[:, :0])).all()


def test_following_the_gradient_finds_the_boxes() -> None:
    objective = DetectionConfig().build()
    values = output(batch=1)
    places, answers = values[..., :PLACE_WIDTH], values[..., PLACE_WIDTH:].clone().requires_grad_()
    optimizer = torch.optim.Adam([answers], lr=0.1)
    losses = []
    for _ in range(150):
        loss = objective(torch.cat((places, answers), dim=2), TARGET[:1]).sum()
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert losses[-1] < 0.25 * losses[0]


@pytest.mark.parametrize("wrong", [{"box_weight": -1.0}, {"places": 0}, {"radius": -0.1}])
def test_wrong_settings_are_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        DetectionConfig(**wrong)  # type: ignore[arg-type]
