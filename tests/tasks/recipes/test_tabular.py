"""The recipe for tables: which way to learn for which rows and columns."""

import numpy as np
import pytest

from lamina.core.hardware import Hardware
from lamina.core.records import InputSpec, OutputSpec
from lamina.networks.number_linear import NumberLinearConfig
from lamina.networks.number_neighbours import NumberNeighboursConfig
from lamina.networks.number_piecewise import NumberPiecewiseConfig
from lamina.tasks.facts import Facts
from lamina.tasks.recipes.choose import choose_recipe
from lamina.tasks.recipes.tabular import tabular_recipe
from lamina.training.optimizers import AdamWConfig, MuonConfig

MACHINE = Hardware(
    processor="any", num_cores=2, memory_bytes=1 << 34, accelerator="", has_fast_bfloat16=True
)


def facts(num_rows: int, columns, *, num_classes: int = 0, num_validation_rows: int = 500) -> Facts:
    names = tuple(columns) if not isinstance(columns, int) else tuple(map(str, range(columns)))
    quantiles = np.tile(np.linspace(-1, 1, 65, dtype=np.float32), (len(names), 1))
    return Facts(
        num_rows=num_rows,
        num_validation_rows=num_validation_rows,
        inputs=(InputSpec("number", "number", names, (len(names),), quantiles=quantiles),),
        outputs=(OutputSpec("y", max(num_classes, 1)),),
        class_counts=(num_rows // num_classes,) * num_classes if num_classes else (),
        hardware=MACHINE,
    )


@pytest.mark.parametrize(
    ("given", "bins", "optimizer"),
    [
        (facts(27_000, 14, num_classes=2), 48, MuonConfig),
        (facts(3_600, 5, num_classes=2), 48, MuonConfig),
        (facts(14_000, 9), 48, AdamWConfig),
        (facts(2_800, 8), 16, AdamWConfig),
        (facts(150, 4, num_classes=3), 16, AdamWConfig),
    ],
)
def test_the_way_follows_rows_and_columns(given, bins, optimizer) -> None:
    recipe = tabular_recipe(given)
    numbers = recipe.network.encoders["number"]
    assert isinstance(numbers, NumberPiecewiseConfig)
    assert numbers.num_bins == bins
    assert isinstance(recipe.training.optimizer, optimizer)


def test_many_columns_for_few_rows_stay_as_they_are() -> None:
    recipe = tabular_recipe(facts(1_360, 216, num_classes=10))
    assert isinstance(recipe.network.encoders["number"], NumberLinearConfig)


@pytest.mark.parametrize(
    ("given", "place"),
    [
        (facts(14_000, ["Longitude", "Latitude", "rooms"]), ("Longitude", "Latitude")),
        (facts(14_000, ["rooms", "lat", "lng"]), ("lng", "lat")),
        (facts(14_000, ["Longitude", "rooms"]), None),
        (facts(14_000, ["lat", "lon", "latitude"]), None),
        (facts(14_000, ["lon", "lat"], num_classes=4), None),
    ],
)
def test_places_on_the_map_are_asked_for_neighbours(given, place) -> None:
    numbers = tabular_recipe(given).network.encoders["number"]
    found = numbers.columns if isinstance(numbers, NumberNeighboursConfig) else None
    assert found == place


@pytest.mark.parametrize("num_rows", [10, 60, 900, 5_000, 2_000_000])
@pytest.mark.parametrize("num_classes", [0, 3])
def test_every_size_of_table_trains_some_whole_epochs(num_rows, num_classes) -> None:
    training = tabular_recipe(facts(num_rows, 12, num_classes=num_classes)).training
    assert training.epochs >= 5
    assert training.total_steps(num_rows) >= 5


@pytest.mark.parametrize(
    ("task", "num_classes", "metric"),
    [
        ("regression", 0, "rmse"),
        ("classification", 3, "accuracy"),
        ("quantile_regression", 0, "pinball_loss"),
        ("multi_label", 0, None),
    ],
)
def test_the_metric_of_the_task_keeps_the_best_weights(task, num_classes, metric) -> None:
    given = facts(3_000, 8, num_classes=num_classes)
    validation = choose_recipe(given, task=task).training.validation
    assert validation.metric == metric
    assert validation.is_maximised == (metric == "accuracy")
    few = facts(3_000, 8, num_classes=num_classes, num_validation_rows=20)
    assert choose_recipe(few, task=task).training.validation.metric is None
