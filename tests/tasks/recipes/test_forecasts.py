import dataclasses

import pytest

from lamina.core.errors import DataError
from lamina.data.series_facts import SeriesFacts
from lamina.runtime.frequency import Frequency
from lamina.tasks.recipes.forecasts import MANY_SERIES, forecast_recipe
from tests.tasks.made import facts

SERIES = SeriesFacts(
    frequency=Frequency("second", 3600),
    period=24,
    repeated=0.8,
    num_series=1,
    median_length=5_000,
    num_gaps=0,
    num_duplicates=0,
    num_timeless=0,
)


def _recipe(series=SERIES, **rest):
    return forecast_recipe(dataclasses.replace(facts("number"), series=series, **rest))


def test_windows_follow_the_series_and_the_wish():
    network = _recipe(horizon=96).network
    assert (network.horizon, network.period, network.step) == (96, 24, "1 hour")
    assert network.look_back == 384
    assert _recipe().network.horizon == 24
    assert _recipe(dataclasses.replace(SERIES, period=1)).network.horizon == 12


@pytest.mark.parametrize("length", [1, 5, 40, 300])
def test_short_series_have_short_windows(length):
    network = _recipe(dataclasses.replace(SERIES, median_length=length)).network
    assert 1 <= network.look_back <= max(1, length // 3)
    assert 1 <= network.horizon <= max(1, length // 10)


def test_many_series_are_mixed_and_few_are_not():
    few, many = (
        _recipe(dataclasses.replace(SERIES, num_series=count))
        for count in (MANY_SERIES - 1, MANY_SERIES)
    )
    assert type(few.network.backbone).__name__ == "LinearForecasterConfig"
    assert type(many.network.backbone).__name__ == "MixerForecasterConfig"
    for recipe in (few, many):
        assert {"network", "network.horizon", "network.period", "objective"} <= set(recipe.reasons)


def test_static_columns_are_known_ahead():
    recipe = _recipe(dataclasses.replace(SERIES, static=("size",)), known=("holiday",))
    assert recipe.network.known == ("holiday", "size")


def test_without_validation_rows_no_weights_are_chosen():
    assert _recipe(num_validation_rows=0).training.validation.metric is None


def test_rows_that_are_no_series_are_refused():
    with pytest.raises(DataError, match="--time-column"):
        _recipe(None)
