"""The recipe for sounds."""

import dataclasses

from lamina.tasks.recipes.sounds import sound_recipe
from tests.tasks.made import facts


def test_less_time_gives_a_narrower_network_that_hears_often_enough() -> None:
    plenty = sound_recipe(facts("sound", num_rows=500, time_s=3600.0))
    little = sound_recipe(facts("sound", num_rows=50_000, time_s=60.0))
    assert plenty.network.encoders["sound"].widths > little.network.encoders["sound"].widths
    assert plenty.training.epochs == 30
    assert little.training.epochs < 10


def test_few_validation_rows_do_not_choose_weights() -> None:
    few = dataclasses.replace(facts("sound", num_rows=100), num_validation_rows=10)
    assert sound_recipe(few).training.validation.metric is None
    assert sound_recipe(facts("sound", num_rows=1000)).training.validation.metric == "log_loss"
