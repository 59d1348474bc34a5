"""The recipe for pictures: which network, how often, and what is changed."""

from dataclasses import replace

import pytest
import torch

from lamina.core.hardware import Hardware
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.convnet import ConvNetConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.images import crop_side, image_recipe, seconds_per_picture
from tests.tasks.examples import image_facts

MACHINE = Hardware(
    processor="any", num_cores=2, memory_bytes=1 << 34, accelerator="", has_fast_bfloat16=True
)


def spec(channels: int, height: int, width: int | None = None) -> InputSpec:
    return InputSpec("photo", "image", ("photo",), (channels, height, width or height))


def facts(num_rows: int, pictures: InputSpec, time_s: float | None) -> Facts:
    return Facts(
        num_rows=num_rows,
        num_validation_rows=100,
        inputs=(pictures,),
        outputs=(OutputSpec("label", 10),),
        time_s=time_s,
        hardware=MACHINE,
    )


@pytest.mark.parametrize(
    ("num_rows", "pictures", "time_s", "widths"),
    [
        (54_000, spec(1, 28), 60.0, (16, 32, 64)),
        (54_000, spec(1, 28), 300.0, (32, 64, 128)),
        (45_000, spec(3, 32), 600.0, (64, 128, 256)),
        (3_000, spec(3, 80), 600.0, (32, 64, 128)),
        (1_400, spec(1, 8), None, (32,)),
    ],
)
def test_the_network_fits_rows_and_time(num_rows, pictures, time_s, widths) -> None:
    recipe = image_recipe(facts(num_rows, pictures, time_s))
    assert recipe.network.encoders["image"].widths == widths


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("sides", [(8, 8), (28, 28), (41, 60), (80, 60), (256, 256)])
@pytest.mark.parametrize("num_rows", [20, 2_000, 200_000])
def test_every_size_of_pictures_and_data_gives_a_network_that_answers(
    channels, sides, num_rows
) -> None:
    pictures = spec(channels, *sides)
    recipe = image_recipe(facts(num_rows, pictures, 30.0))
    assert recipe.training.steps_per_epoch(num_rows) >= 1
    model = recipe.network.build([pictures], [OutputSpec("label", 3)])
    side = crop_side(pictures) or min(sides)
    for height, width in (sides, (side, side)):
        inputs = torch.randint(0, 256, (2, channels, height, width), dtype=torch.uint8)
        assert model({"photo": inputs})["label"].shape == (2, 3)


def test_small_grey_pictures_are_not_mirrored_and_large_ones_are_cropped() -> None:
    grey = image_recipe(facts(54_000, spec(1, 28), 60.0))
    assert (grey.augmentation.flip, grey.augmentation.translate) == ("none", 2)
    assert grey.answering.views == 5
    coloured = image_recipe(facts(45_000, spec(3, 32), 600.0))
    assert (coloured.augmentation.flip, coloured.augmentation.translate) == ("alternating", 2)
    assert coloured.answering.views == 6
    large = image_recipe(facts(3_000, spec(3, 80), 600.0))
    assert (large.augmentation.crop, large.augmentation.crop_size) == (0.35, 64)
    photographs = image_recipe(facts(3_000, spec(1, 48), 600.0))
    assert photographs.augmentation.flip == "random"
    assert photographs.answering.views == 6
    assert large.augmentation.translate == 0
    assert large.max_epochs == 100


def test_little_time_leaves_pictures_as_they_are() -> None:
    brief = image_recipe(facts(54_000, spec(1, 28), 8.0))
    assert brief.augmentation.translate == 0
    assert brief.answering.views == 1
    assert brief.training.batch_size == 125
    assert brief.training.epochs < 3


def test_rates_follow_the_batch() -> None:
    rates = [
        image_recipe(facts(num_rows, spec(1, 28), 600.0)).training.optimizer
        for num_rows in (5_000, 54_000)
    ]
    assert rates[1].rest.rate == pytest.approx(2 * rates[0].rest.rate)
    assert rates[1].rate == pytest.approx(2**0.5 * rates[0].rate)


def test_time_per_picture_grows_with_the_network_and_shrinks_with_the_machine() -> None:
    small, large = ConvNetConfig(widths=(16, 32)), ConvNetConfig(widths=(64, 128))
    pictures = spec(3, 32)
    one = seconds_per_picture(small, pictures, MACHINE)
    assert one < seconds_per_picture(large, pictures, MACHINE)
    assert one < seconds_per_picture(small, spec(3, 36), MACHINE)
    alone = replace(MACHINE, num_cores=1)
    assert seconds_per_picture(small, pictures, alone) == pytest.approx(1.7 * one)
    plain = replace(MACHINE, has_fast_bfloat16=False)
    assert seconds_per_picture(small, pictures, plain) == pytest.approx(2.1 * one)
    assert seconds_per_picture(small, pictures, replace(MACHINE, accelerator="some")) < one


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("side", [8, 28, 32, 64, 100, 224])
def test_pictures_of_every_size_have_a_network(channels, side):
    for num_rows in (30, 1000, 60_000):
        facts = image_facts(channels, side, num_rows)
        recipe = choose_recipe(facts, task="classification")
        model = recipe.network.build(facts.inputs, facts.outputs)
        assert sum(p.numel() for p in model.parameters()) > 0
        assert recipe.augmentation.translate < max(2, side)
        assert recipe.training.batch_size <= max(32, num_rows)


def test_drawings_are_not_mirrored():
    assert choose_recipe(image_facts(1, 28), task="classification").augmentation.flip == "none"
    assert choose_recipe(image_facts(3, 32), task="classification").augmentation.flip != "none"
