"""One picture out of four, with the boxes of each part."""

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import Batch
from lamina.data.mosaic import mosaic


def batch(size: int = 8) -> Batch:
    """Each picture is of one shade and full of small boxes, whose class is the sample."""
    shade = torch.arange(size, dtype=torch.uint8).view(-1, 1, 1, 1)
    images = shade.expand(size, 3, 20, 30).clone()
    corners = torch.cartesian_prod(torch.arange(0.0, 30, 5), torch.arange(0.0, 20, 5))
    boxes = torch.full((size, 25, 5), torch.nan)
    boxes[:, :24, 1:] = torch.cat((corners, corners + 5), dim=1)
    boxes[:, :24, 0] = torch.arange(size)[:, None]
    index = torch.arange(size) * 7 % 100
    return Batch({"image": images}, {"boxes": boxes}, index)


def test_boxes_lie_where_their_picture_is_seen() -> None:
    made = mosaic(batch(), share=1.0, seed=0, epoch=0)
    images, boxes = made.inputs["image"], made.targets["boxes"]
    for image, own in zip(images, boxes):
        real = own[own[:, 0] >= 0]
        assert len(set(real[:, 0].tolist())) == 4
        for label, x0, y0, x1, y1 in real.int().tolist():
            assert (image[0, y0:y1, x0:x1] == label).all()
        # Of a box that the cross cuts a quarter at most is lost on either side.
        areas = (real[:, 3:] - real[:, 1:3]).prod(dim=1)
        assert 0.8 * 20 * 30 < areas.sum() <= 20 * 30


def test_only_a_share_is_made_and_the_rest_stays() -> None:
    made = mosaic(batch(64), share=0.5, seed=0, epoch=0)
    labels = [set(own[own[:, 0] >= 0, 0].tolist()) for own in made.targets["boxes"]]
    counts = torch.tensor([len(own) for own in labels])
    assert set(counts.tolist()) == {1, 4}
    assert 16 < int((counts == 4).sum()) < 48
    alone = counts == 1
    assert torch.equal(made.inputs["image"][alone], batch(64).inputs["image"][alone])


def test_the_order_of_the_batch_does_not_matter() -> None:
    whole = batch()
    order = torch.tensor([3, 1, 0, 2, 7, 6, 5, 4])
    turned = Batch(
        {"image": whole.inputs["image"][order]},
        {"boxes": whole.targets["boxes"][order]},
        whole.index[order],
    )
    one, other = (mosaic(b, share=0.7, seed=1, epoch=2) for b in (whole, turned))
    assert torch.equal(one.inputs["image"][order], other.inputs["image"])
    assert torch.equal(one.targets["boxes"][order], other.targets["boxes"])


def test_a_single_picture_and_none_with_boxes() -> None:
    few = batch(1)
    assert mosaic(few, share=1.0, seed=0, epoch=0).inputs["image"].shape == (1, 3, 20, 30)
    empty = Batch(few.inputs, {"boxes": torch.full((1, 1, 5), torch.nan)}, few.index)
    assert (mosaic(empty, share=1.0, seed=0, epoch=0).targets["boxes"][..., 0] == -1).all()


def test_other_targets_are_refused() -> None:
    whole = batch()
    with pytest.raises(ConfigError, match=r"augmentation\.mosaic"):
        mosaic(Batch(whole.inputs, {"y": torch.zeros(8)}, whole.index), share=1.0, seed=0, epoch=0)
