"""Tests of augmentation: against plain loops, and the same for any split of a batch."""

import math

import pytest
import torch

from lamina.core.errors import ConfigError
from lamina.core.records import Batch
from lamina.data.augmentation import (
    AugmentationConfig,
    augment,
    crop,
    cut_out,
    drop_words,
    flips,
    is_image,
    is_text,
    most_views,
    move,
    turn,
    views,
)

EVERYTHING = AugmentationConfig(
    flip="random",
    translate=2,
    cutout=3,
    rotate=20,
    scale=0.1,
    brightness=0.2,
    contrast=0.2,
    word_dropout=0.3,
)


def batch(size=24, dtype=torch.uint8):
    source = torch.Generator().manual_seed(0)
    images = torch.randint(0, 256, (size, 3, 8, 6), generator=source).to(dtype)
    tokens = torch.randint(0, 9, (size, 7), generator=source)
    ids = torch.randint(0, 9, (size, 2), generator=source)
    index = torch.randperm(1000, generator=source)[:size]
    inputs = {"photo": images, "note": tokens, "category": ids, "number": torch.rand(size, 3)}
    return Batch(inputs, {"y": index % 4}, index)


@pytest.mark.parametrize("dtype", [torch.uint8, torch.float32])
def test_a_part_of_a_batch_becomes_what_it_becomes_in_the_whole(dtype):
    whole = batch(dtype=dtype)
    changed = augment(whole, EVERYTHING, seed=1, epoch=2)
    halves = [augment(whole.rows(a, b), EVERYTHING, seed=1, epoch=2) for a, b in ((0, 5), (5, 24))]
    for name in whole.inputs:
        assert torch.equal(torch.cat([half.inputs[name] for half in halves]), changed.inputs[name])
    assert changed.inputs["photo"].dtype == dtype


def test_it_depends_on_seed_and_epoch_only_and_leaves_other_inputs_alone():
    whole = batch()
    one = augment(whole, EVERYTHING, seed=1, epoch=0)
    assert torch.equal(
        one.inputs["photo"], augment(whole, EVERYTHING, seed=1, epoch=0).inputs["photo"]
    )
    for other in (
        augment(whole, EVERYTHING, seed=2, epoch=0),
        augment(whole, EVERYTHING, seed=1, epoch=1),
    ):
        assert not torch.equal(one.inputs["photo"], other.inputs["photo"])
        assert not torch.equal(one.inputs["note"], other.inputs["note"])
    assert torch.equal(one.inputs["category"], whole.inputs["category"])
    assert torch.equal(one.inputs["number"], whole.inputs["number"])
    assert torch.equal(one.targets["y"], whole.targets["y"])
    plain = augment(whole, AugmentationConfig(), seed=1, epoch=0)
    assert torch.equal(plain.inputs["photo"], whole.inputs["photo"])


def test_move_equals_a_plain_loop_over_a_padded_picture():
    images = batch().inputs["photo"].to(torch.float32)
    count = len(images)
    down = torch.arange(count) % 5 - 2
    right = torch.arange(count) % 3 - 1
    flipped = torch.arange(count) % 2 == 0
    padded = torch.nn.functional.pad(images, (3, 3, 3, 3), mode="reflect")
    moved = move(images, down, right, flipped)
    for i in range(count):
        one = padded[i].flip(2) if flipped[i] else padded[i]
        top, left = 3 - int(down[i]), 3 - int(right[i])
        assert torch.equal(moved[i], one[:, top : top + 8, left : left + 6])


def test_a_shift_beyond_the_picture_and_a_picture_of_one_pixel():
    dot = torch.ones(2, 1, 1, 1)
    far = torch.tensor([5, -5])
    assert torch.equal(move(dot, far, far, torch.tensor([True, False])), dot)
    row = torch.arange(3.0).view(1, 1, 1, 3)
    moved = move(row, torch.tensor([0]), torch.tensor([4]), torch.tensor([False]))
    # 2 1 0 1 2 1 0 ...: four steps right is a whole period.
    assert torch.equal(moved, row)


def test_alternating_flips_mirror_each_picture_every_other_epoch():
    index = torch.arange(1000)
    shown = [flips(index, way="alternating", seed=0, epoch=epoch) for epoch in range(4)]
    assert torch.equal(shown[0], ~shown[1])
    assert torch.equal(shown[0], shown[2])
    assert 400 < int(shown[0].sum()) < 600
    drawn = [flips(index, way="random", seed=0, epoch=epoch) for epoch in range(2)]
    assert 400 < int((drawn[0] ^ drawn[1]).sum()) < 600


def test_cutout_wipes_one_square_with_the_mean():
    images = torch.zeros(1, 1, 6, 6)
    images[0, 0, 0, 0] = 36.0
    cut = cut_out(images, 2, torch.tensor([2]), torch.tensor([3]))
    assert torch.nonzero(cut[0, 0] == 1).tolist() == [[2, 3], [2, 4], [3, 3], [3, 4]]
    edge = cut_out(images, 4, torch.tensor([-2]), torch.tensor([-2]))
    assert int((edge == 1).sum()) == 4


def test_turning_by_nothing_and_by_a_quarter():
    images = batch().inputs["photo"][:2, :, :6, :6]
    nothing = turn(images, torch.zeros(2), torch.ones(2))
    assert torch.equal(nothing, images)
    quarter = turn(images, torch.full((2,), math.pi / 2), torch.ones(2))
    assert torch.equal(quarter, torch.rot90(images, 1, (2, 3)))
    # Twice as large: the middle of a picture of one bright centre grows.
    dot = torch.zeros(1, 1, 9, 9)
    dot[0, 0, 4, 4] = 1.0
    large = turn(dot, torch.zeros(1), torch.tensor([2.0]))
    assert large.sum() > 2 * dot.sum()


def test_a_crop_of_everything_is_the_picture_and_others_are_parts_of_it():
    ramp = torch.arange(12.0).view(1, 1, 1, 12).expand(200, 1, 10, 12)
    whole = torch.tensor([[1.0, 0.5, 0.3, 0.8]]).expand(200, 4)
    torch.testing.assert_close(crop(ramp, whole, least=0.5, size=0), ramp)
    # Half the pixels: means of neighbours.
    half = crop(ramp[:1], whole[:1], least=0.5, size=5)
    torch.testing.assert_close(half[0, 0, 0], torch.tensor([0.5, 2.5, 4.5, 6.5, 8.5, 10.5]))
    draws = torch.rand(200, 4, generator=torch.Generator().manual_seed(0))
    parts = crop(ramp, draws, least=0.25, size=8)
    assert parts.shape == (200, 1, 8, 10)
    extent = (parts[:, 0, 0, -1] - parts[:, 0, 0, 0]) * 10 / 9 / 12
    # A quarter of the area at proportions of 4:3 to 3:4 is 0.43 to 0.58 of a side.
    assert 0.42 < float(extent.min()) < 0.6
    assert float(extent.max()) <= 1.0
    assert float(parts.min()) >= 0
    assert float(parts.max()) <= 11


def test_brightness_and_contrast_by_hand():
    flat = Batch({"p": torch.full((50, 1, 4, 4), 100.0)}, {}, torch.arange(50))
    lit = augment(flat, AugmentationConfig(brightness=0.5), seed=0, epoch=0).inputs["p"]
    means = lit.mean((1, 2, 3))
    assert means.min() >= 50
    assert means.max() <= 150
    assert means.std() > 10
    same = augment(flat, AugmentationConfig(contrast=0.5), seed=0, epoch=0).inputs["p"]
    torch.testing.assert_close(same, flat.inputs["p"])


def test_word_dropout_keeps_padding_and_its_share():
    tokens = torch.full((400, 20), 7)
    tokens[:, 15:] = 0
    dropped = drop_words(tokens, torch.arange(400), share=0.25, seed=0, epoch=0)
    assert (dropped[:, 15:] == 0).all()
    assert (dropped[:, :15] == 1).float().mean().item() == pytest.approx(0.25, abs=0.02)
    # A word's fate does not depend on how far the batch is padded.
    shorter = drop_words(tokens[:, :10], torch.arange(400), share=0.25, seed=0, epoch=0)
    assert torch.equal(shorter, dropped[:, :10])


def test_views_begin_with_the_input_and_its_mirror_image():
    inputs = batch().inputs
    found = views(inputs, 6)
    assert torch.equal(found[0]["photo"], inputs["photo"])
    assert torch.equal(found[1]["photo"], inputs["photo"].flip(3))
    # Two plain ones, named twice, weigh as much as the four shifted ones.
    assert found[2] is found[0]
    assert found[3] is found[1]
    assert len(found) == 8
    assert torch.equal(found[4]["photo"][:, :, :-1, :-1], inputs["photo"][:, :, 1:, 1:])
    assert all(torch.equal(view["note"], inputs["note"]) for view in found)
    unmirrored = views(inputs, 5, flip=False)
    assert sum(view is unmirrored[0] for view in unmirrored) == 4
    assert len(unmirrored) == 8
    assert len(views(inputs, 2)) == 2
    assert len(views({"note": inputs["note"]}, 4)) == 1
    with pytest.raises(ConfigError, match="from 1 to 6"):
        views(inputs, 7)


def test_kinds_of_inputs_are_told_apart():
    inputs = batch().inputs
    assert [name for name, v in inputs.items() if is_image(v)] == ["photo"]
    assert [name for name, v in inputs.items() if is_text(name, v)] == ["note"]


@pytest.mark.parametrize(
    "setting",
    [
        {"crop_size": 64},
        {"crop": 1.0},
        {"flip": "up"},
        {"translate": -1},
        {"scale": 1.0},
        {"mixup": 2.0},
        {"rotate": 200.0},
    ],
)
def test_settings_out_of_range_are_refused_by_name(setting):
    with pytest.raises(ConfigError, match=next(iter(setting))):
        AugmentationConfig(**setting)


def test_as_many_views_as_are_told_can_be_made():
    inputs = {"photo": torch.zeros(1, 1, 4, 4, dtype=torch.uint8)}
    for flip in (False, True):
        views(inputs, most_views(flip=flip), flip=flip)
        with pytest.raises(ConfigError, match="num_views must be from 1 to"):
            views(inputs, most_views(flip=flip) + 1, flip=flip)


def test_a_sound_changes_by_its_own_number_alone():
    config = AugmentationConfig(speed=0.2, shift=0.1)
    sounds = torch.randn(4, 50)
    whole = augment(Batch({"call": sounds}, {}, torch.arange(4)), config, seed=1, epoch=2)
    part = augment(Batch({"call": sounds[2:]}, {}, torch.arange(2, 4)), config, seed=1, epoch=2)
    torch.testing.assert_close(whole.inputs["call"][2:], part.inputs["call"], equal_nan=True)
    assert whole.inputs["call"].shape[1] == 63
    other = augment(Batch({"call": sounds}, {}, torch.arange(4)), config, seed=1, epoch=3)
    assert not torch.equal(whole.inputs["call"].nan_to_num(), other.inputs["call"].nan_to_num())


def test_a_series_swings_further_and_is_noisy_by_its_own_number_alone():
    config = AugmentationConfig(shift=0.1, amplitude=0.3, noise=0.1)
    series = torch.randn(4, 50, 2)
    series[1, 30:] = torch.nan
    whole = augment(Batch({"walk": series}, {}, torch.arange(4)), config, seed=1, epoch=2)
    part = augment(
        Batch({"walk": series[1:2, :30]}, {}, torch.tensor([1])), config, seed=1, epoch=2
    )
    found = whole.inputs["walk"]
    torch.testing.assert_close(found[1:2, :30], part.inputs["walk"])
    assert found[1, 30:].isnan().all()
    assert not found[1, :30].isnan().any()


def test_amplitude_and_noise_are_as_strong_as_they_say():
    index = torch.arange(500)
    ones = Batch({"walk": torch.ones(500, 40, 1)}, {}, index)
    found = augment(ones, AugmentationConfig(amplitude=0.3), seed=0, epoch=0).inputs["walk"]
    factors = found[:, 0, 0]
    assert (found == factors[:, None, None]).all()
    assert 0.7 <= factors.min() < 0.72
    assert 1.28 < factors.max() <= 1.3
    series = Batch({"walk": 5 * torch.randn(500, 40, 1)}, {}, index)
    noisy = augment(series, AugmentationConfig(noise=0.2), seed=0, epoch=0).inputs["walk"]
    added = (noisy - series.inputs["walk"]).std(dim=1) / series.inputs["walk"].std(dim=1)
    # Strengths are spread evenly from none to the most.
    assert added.min() < 0.02
    assert abs(added.mean() - 0.1) < 0.01
    assert added.max() < 0.3
