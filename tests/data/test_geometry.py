"""Pictures and masks move together, by hand-made maps and by drawn ones."""

import numpy as np
import pytest
import torch

from lamina.core.random import sample_uniform
from lamina.core.records import Batch
from lamina.data.augmentation import AugmentationConfig, augment
from lamina.data.geometry import (
    VOID,
    drawn_maps,
    is_boxes,
    is_mask,
    moved_boxes,
    moved_masks,
    moved_pictures,
)

INDEX = torch.arange(64)
MASK = torch.arange(12, dtype=torch.uint8).view(1, 3, 4)


def draw(purpose: str, count: int) -> torch.Tensor:
    return sample_uniform(0, purpose, 0, INDEX, count)


def maps_of(**settings) -> torch.Tensor:
    return drawn_maps((30, 40), draw, torch.zeros(64, dtype=torch.bool), **settings)


def test_no_change_is_the_identity() -> None:
    maps = maps_of()
    assert torch.equal(maps, torch.eye(3)[:2].expand(64, 2, 3))
    picture = torch.randint(0, 256, (64, 3, 30, 40), dtype=torch.uint8)
    assert torch.equal(moved_pictures(picture, maps), picture)


def test_a_mirrored_mask() -> None:
    maps = drawn_maps((3, 4), draw, torch.tensor([True]))
    assert torch.equal(moved_masks(MASK, maps), MASK.flip(2))


def test_a_shifted_mask_has_void_where_it_came_from() -> None:
    # The new pixel shows what lies one column to its left and two rows above it.
    maps = torch.tensor([[[1.0, 0, -1], [0, 1, -2]]])
    expected = [[VOID] * 4, [VOID] * 4, [VOID, 0, 1, 2]]
    assert moved_masks(MASK, maps)[0].tolist() == expected
    picture = moved_pictures(MASK[:, None], maps)[0, 0]
    assert picture[2].tolist() == [128, 0, 1, 2]
    assert (picture[:2] == 128).all()


def test_twice_as_large_shows_each_pixel_twice() -> None:
    maps = torch.tensor([[[0.5, 0, 0], [0, 0.5, 0]]])
    assert moved_masks(MASK, maps)[0].tolist() == [[0, 0, 1, 1], [0, 0, 1, 1], [4, 4, 5, 5]]


@pytest.mark.parametrize("settings", [{"scale": 0.5}, {"crop": 0.3}])
def test_what_is_shown_larger_lies_inside_and_smaller_is_seen_whole(settings) -> None:
    maps = maps_of(**settings)
    corners = torch.tensor([[0.0, 0, 1], [40, 30, 1]]) @ maps.transpose(1, 2)
    left, top, right, bottom = (*corners[:, 0].unbind(1), *corners[:, 1].unbind(1))
    grown = (right - left) <= 40
    assert (left[grown] >= -1e-4).all()
    assert (right[grown] <= 40 + 1e-4).all()
    assert (top[grown] >= -1e-4).all()
    assert (bottom[grown] <= 30 + 1e-4).all()
    assert (left[~grown] <= 0).all()
    assert (right[~grown] >= 40).all()
    factor = (right - left) / 40
    least = settings.get("crop", 0.5) * 0.7
    assert factor.min() >= least
    if "scale" in settings:
        # As many are shown smaller as larger, by up to twice.
        assert factor.max() <= 2
        assert 16 < int(grown.sum()) < 48


def test_a_turn_keeps_the_middle_and_all_distances() -> None:
    maps = maps_of(turn=30.0)
    middle = maps @ torch.tensor([20.0, 15.0, 1.0])
    torch.testing.assert_close(middle, torch.tensor([20.0, 15.0]).expand(64, 2))
    torch.testing.assert_close(torch.linalg.det(maps[:, :, :2]), torch.ones(64))
    angles = torch.atan2(maps[:, 1, 0], maps[:, 0, 0]).rad2deg()
    assert 20 < angles.abs().max() <= 30


def test_a_mask_drawn_as_a_picture_moves_like_it() -> None:
    """A picture that shows its own mask still shows it after everything was moved."""
    rng = np.random.default_rng(0)
    coarse = torch.from_numpy(rng.integers(0, 2, (64, 6, 8), dtype=np.uint8))
    mask = coarse.repeat_interleave(10, 1).repeat_interleave(10, 2)
    picture = (mask * 255)[:, None].expand(-1, 3, -1, -1)
    config = AugmentationConfig(
        flip="random", translate=5, rotate=15, scale=0.4, crop=0.6, brightness=0.0
    )
    batch = Batch({"x": picture}, {"y": mask}, INDEX)
    moved = augment(batch, config, seed=3, epoch=1)
    seen, known = moved.inputs["x"][:, 0].int(), moved.targets["y"].int()
    is_known = known != VOID
    assert 0.5 < float(is_known.float().mean()) < 1
    # Interpolation blurs borders between squares: most pixels lie on neither side of them.
    agrees = ((seen > 127).int() == known)[is_known].float().mean()
    assert agrees > 0.97
    assert not torch.equal(moved.targets["y"], mask)


def test_moves_depend_on_the_sample_and_the_epoch_alone() -> None:
    config = AugmentationConfig(flip="random", scale=0.3, brightness=0.2)
    picture = torch.randint(0, 256, (6, 3, 12, 16), dtype=torch.uint8)
    mask = torch.randint(0, 5, (6, 12, 16), dtype=torch.uint8)
    assert is_mask(mask)
    index = torch.tensor([5, 9, 2, 40, 7, 1])
    whole = augment(Batch({"x": picture}, {"y": mask}, index), config, seed=1, epoch=2)
    part = Batch({"x": picture[2:4]}, {"y": mask[2:4]}, index[2:4])
    own = augment(part, config, seed=1, epoch=2)
    assert torch.equal(own.inputs["x"], whole.inputs["x"][2:4])
    assert torch.equal(own.targets["y"], whole.targets["y"][2:4])


def test_without_moves_masks_stay() -> None:
    config = AugmentationConfig(contrast=0.3)
    mask = torch.randint(0, 5, (64, 12, 16), dtype=torch.uint8)
    picture = torch.randint(0, 256, (64, 3, 12, 16), dtype=torch.uint8)
    moved = augment(Batch({"x": picture}, {"y": mask}, INDEX), config, seed=1, epoch=2)
    assert torch.equal(moved.targets["y"], mask)
    assert not torch.equal(moved.inputs["x"], picture)


def test_boxes_are_told_from_other_targets() -> None:
    assert is_boxes(torch.zeros(2, 3, 5))
    assert not is_boxes(torch.zeros(2, 3, 4))
    assert not is_boxes(torch.zeros(2, 3, 5, dtype=torch.uint8))


def test_boxes_move_by_hand() -> None:
    boxes = torch.tensor([[[1.0, 10, 5, 20, 15], [0.0, 0, 0, 4, 4], [torch.nan] * 5]])
    # The new pixel shows what lies 8 columns to its left and 2 rows above it.
    maps = torch.tensor([[[1.0, 0, -8], [0, 1, -2]]])
    found = moved_boxes(boxes, maps, (30, 40))
    assert found[0, :2].tolist() == [[1, 18, 7, 28, 17], [0, 8, 2, 12, 6]]
    assert found[0, 2, 0] == -1
    # Twice as large, and mirrored: x becomes 40 - 2 x.
    maps = torch.tensor([[[-0.5, 0, 20], [0, 0.5, 0]]])
    found = moved_boxes(boxes, maps, (30, 40))
    assert found[0, 0].tolist() == [1, 0, 10, 20, 30]
    assert found[0, 1].tolist() == [0, 32, 0, 40, 8]


def test_boxes_of_which_little_is_left_are_dropped() -> None:
    boxes = torch.tensor([[[0.0, 0, 0, 10, 10], [0.0, 0, 0, 20, 10]]])
    # Eight columns leave the picture: a fifth of one box is left, and more than half of the other.
    maps = torch.tensor([[[1.0, 0, 8], [0, 1, 0]]])
    found = moved_boxes(boxes, maps, (30, 40))
    assert found[0, :, 0].tolist() == [-1, 0]
    assert found[0, 1, 1:].tolist() == [0, 0, 12, 10]


def test_boxes_follow_what_is_drawn_in_the_picture() -> None:
    images = torch.zeros(16, 1, 60, 80, dtype=torch.uint8)
    images[:, :, 20:40, 30:60] = 255
    boxes = torch.tensor([0.0, 30, 20, 60, 40]).expand(16, 1, 5)
    config = AugmentationConfig(flip="random", translate=6, scale=0.3)
    whole = Batch({"image": images}, {"boxes": boxes}, torch.arange(16))
    moved = augment(whole, config, seed=0, epoch=0)
    for image, own in zip(moved.inputs["image"], moved.targets["boxes"]):
        rows, columns = torch.nonzero(image[0] > 190, as_tuple=True)
        if own[0, 0] < 0:
            continue
        seen = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
        assert own[0, 1:].tolist() == pytest.approx([float(side) for side in seen], abs=1.5)
