import pytest
import torch

from lamina.core.boxes import (
    PLACE_WIDTH,
    SIDE_BINS,
    boxes_at,
    generalised_overlap,
    overlap,
    split_places,
)

FIRST = torch.tensor([0.0, 0.0, 4.0, 4.0])


@pytest.mark.parametrize(
    ("second", "plain", "general"),
    [
        # Shared 8, union 16 + 16 - 8 = 24, hull 6 × 4 = 24.
        ([2.0, 0.0, 6.0, 4.0], 8 / 24, 8 / 24),
        # Apart: hull 10 × 4, of which neither covers 40 - 32.
        ([6.0, 0.0, 10.0, 4.0], 0.0, -8 / 40),
        ([0.0, 0.0, 4.0, 4.0], 1.0, 1.0),
        ([2.0, 2.0, 2.0, 2.0], 0.0, 0.0),
    ],
)
def test_overlaps_by_hand(second: list[float], plain: float, general: float) -> None:
    other = torch.tensor(second)
    assert overlap(FIRST, other).item() == pytest.approx(plain)
    assert overlap(other, FIRST).item() == pytest.approx(plain)
    if other[0] != other[2]:
        assert generalised_overlap(FIRST, other).item() == pytest.approx(general)


def test_a_gradient_leads_boxes_that_do_not_meet_together() -> None:
    box = torch.tensor([6.0, 0.0, 10.0, 4.0], requires_grad=True)
    generalised_overlap(FIRST, box).backward()
    assert box.grad is not None
    assert box.grad[0] < 0


def test_sides_are_expected_distances_in_steps() -> None:
    sides = torch.full((1, 1, 4, SIDE_BINS), -100.0)
    for side, distance in enumerate((1, 2, 3, 0)):
        sides[0, 0, side, distance] = 100.0
    places = torch.tensor([[[20.0, 30.0, 8.0]]])
    assert boxes_at(places, sides).tolist() == [[[12.0, 14.0, 44.0, 30.0]]]


def test_an_output_is_parted_as_it_says() -> None:
    output = torch.arange(PLACE_WIDTH + 4 * SIDE_BINS + 2.0).view(1, 1, -1)
    places, sides, classes = split_places(output)
    assert places.flatten().tolist() == [0, 1, 2]
    assert sides.shape == (1, 1, 4, SIDE_BINS)
    assert classes.flatten().tolist() == [67, 68]
