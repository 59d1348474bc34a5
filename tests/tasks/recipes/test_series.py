"""The recipe for series."""

from lamina.networks.fcn import FCNConfig
from lamina.networks.random_kernels import RandomKernelsConfig
from lamina.networks.ridge import RidgeHeadConfig
from lamina.tasks.recipes.series import series_recipe
from tests.tasks.made import facts


def test_few_series_get_kernels_that_are_not_learnt() -> None:
    recipe = series_recipe(facts("series", num_rows=100))
    assert isinstance(recipe.network.encoders["series"], RandomKernelsConfig)
    assert isinstance(recipe.network.head, RidgeHeadConfig)
    assert "100 series of 2 channels of about 80 steps" in recipe.reasons["network"]


def test_classes_are_told_from_changed_copies_too_and_numbers_are_not() -> None:
    classes = series_recipe(facts("series", num_rows=100)).augmentation
    assert classes.warp > 0
    assert classes.initial == 5
    assert series_recipe(facts("series", num_rows=1000)).augmentation.initial == 0
    # 300 series of 80 steps and 2 channels: 48,000 steps each time they are read.
    assert series_recipe(facts("series", num_rows=300, time_s=30.0)).augmentation.initial == 2
    numbers = series_recipe(facts("series", num_rows=100, num_classes=0)).augmentation
    assert numbers.initial == 0


def test_asked_for_a_size_a_convolutional_network_of_that_width_is_trained() -> None:
    recipe = series_recipe(facts("series", num_rows=100, size=24.0))
    assert recipe.network.encoders["series"] == FCNConfig(widths=(24, 48, 24))
    assert recipe.training.batch_size == 12
    assert recipe.training.epochs == 240.0
    assert recipe.augmentation.noise > 0
